import { invalid, type Refusal } from '../refusal.ts';
import type { NetworkDriver } from './driver.ts';
import type { Network } from './network.ts';
import { joinParent, leadsOut, leaveParent, prepareParent, removeParent } from './parent.ts';

const MODES = ['bridge', 'private', 'vepa', 'passthru'];

/** The macvlan driver: containers stand on the parent's network with MAC addresses of their own. No rules, no published ports. */
export const macvlanDriver: NetworkDriver = {
  name: 'macvlan',
  scope: 'local',
  addressed: true,
  check: (_engine, network) => checkMode(network),
  create: (engine, network) => prepareParent(engine, network, 'dm'),
  remove: removeParent,
  join: (engine, endpoint, sandbox) => joinParent(engine, endpoint, sandbox, { kind: 'macvlan', data: { mode: modeOf(endpoint.network) } }),
  leave: leaveParent,
  wayOut: (network, family) => (leadsOut(network) ? (family === 4 ? network.ipam : network.ipam6)?.gateway : undefined),
};

function modeOf(network: Network): string {
  return network.options.macvlan_mode || 'bridge';
}

function checkMode(network: Network): Refusal | undefined {
  const mode = modeOf(network);
  if (MODES.includes(mode)) return undefined;
  return invalid(`requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`);
}
