import { invalid, type Refusal } from '../refusal.ts';
import type { NetworkDriver } from './driver.ts';
import type { Network } from './network.ts';
import { joinParent, leadsOut, leaveParent, prepareParent, removeParent } from './parent.ts';

const MODES = ['l2', 'l3', 'l3s'];
const FLAGS = ['bridge', 'private', 'vepa'];

/**
 * The ipvlan driver: containers stand on the parent's network with the parent's MAC. In the layer-3 modes there is no gateway to ask for:
 * the default route is the device.
 */
export const ipvlanDriver: NetworkDriver = {
  name: 'ipvlan',
  scope: 'local',
  addressed: true,
  ownMac: false,
  check: (_engine, network) => checkOptions(network),
  create: (engine, network) => prepareParent(engine, network, 'di'),
  remove: removeParent,
  join: (engine, endpoint, sandbox) => {
    const { network } = endpoint;
    const flag = flagOf(network);
    return joinParent(engine, endpoint, sandbox, {
      kind: 'ipvlan',
      data: { mode: modeOf(network), ...(flag === 'bridge' ? {} : { flags: flag }) },
    });
  },
  leave: leaveParent,
  wayOut(network, family) {
    const ipam = family === 4 ? network.ipam : network.ipam6;
    if (!ipam || !leadsOut(network)) return undefined;
    return modeOf(network) === 'l2' ? ipam.gateway : 'device';
  },
};

function modeOf(network: Network): string {
  return network.options.ipvlan_mode || 'l2';
}

function flagOf(network: Network): string {
  return network.options.ipvlan_flag || 'bridge';
}

function checkOptions(network: Network): Refusal | undefined {
  const [mode, flag] = [modeOf(network), flagOf(network)];
  if (!MODES.includes(mode)) return invalid(`requested ipvlan mode '${mode}' is not valid, 'l2' mode is the ipvlan driver default`);
  if (!FLAGS.includes(flag)) return invalid(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`);
  return undefined;
}
