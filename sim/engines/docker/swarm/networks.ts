import { parsePrefix } from '../../../base/address.ts';
import type { NetworkRequest } from '../network/create.ts';
import { conflict, invalid, notModelled, Refusal } from '../refusal.ts';
import type { Manager } from './manager.ts';
import { Fault, rank, type SwarmNetwork } from './objects.ts';

/** Makes a network of the whole swarm; its subnet may turn out to be taken, and then it stays without. */
export function createSwarmNetwork(manager: Manager, request: NetworkRequest): SwarmNetwork | Refusal {
  const { store } = manager;
  const name = request.Name ?? '';
  if (name.trim() === '') return invalid('invalid name: name is empty');
  const driver = request.Driver ?? 'overlay';
  if (!['overlay', 'bridge', 'macvlan', 'ipvlan'].includes(driver)) return new Refusal(404, `plugin "${driver}" not found`);
  if ('encrypted' in (request.Options ?? {})) return notModelled('an encrypted overlay network (IPsec)');
  if (request.EnableIPv6) return notModelled('an overlay network with IPv6');
  if (request.Ingress) return notModelled('an ingress network of your own');
  const configs = request.IPAM?.Config ?? [];
  if (configs.length > 1) return notModelled('an overlay network with several subnets');
  for (const { Subnet, IPRange } of configs) {
    if (Subnet && !parsePrefix(Subnet)) return invalid(`invalid network config:\ninvalid subnet ${Subnet}: invalid CIDR block notation`);
    if (IPRange) return notModelled('an overlay network with an ip-range');
  }
  if (nameTaken(manager, name)) return conflict(`network with name ${name} already exists`);
  const network: SwarmNetwork = {
    ...store.meta('network'),
    name,
    driver,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    ingress: false,
    options: request.Options ?? {},
    labels: request.Labels && Object.keys(request.Labels).length > 0 ? request.Labels : null,
    ipamConfig: configs,
  };
  store.networks.set(network.id, network);
  manager.allocator.network(network);
  manager.changed();
  return network;
}

function nameTaken({ store }: Manager, name: string): boolean {
  return [...store.networks.values()].some((network) => network.name === name);
}

/** Takes a network away, unless somebody uses it. */
export function removeSwarmNetwork(manager: Manager, network: SwarmNetwork): Refusal | undefined {
  if (network.ingress) return notModelled('removing the ingress network');
  const user = userOf(manager, network);
  if (user) {
    const fault = new Fault('FailedPrecondition', `network ${network.id} is in use by ${user}`);
    return new Refusal(400, fault.text);
  }
  manager.allocator.releaseNetwork(network);
  manager.store.networks.delete(network.id);
  manager.changed();
  return undefined;
}

/** A service or task that is on a network. */
export function userOf({ store }: Manager, network: SwarmNetwork): string | undefined {
  const uses = [...store.services.values()].find(({ spec }) => spec.TaskTemplate.Networks?.some(({ Target }) => Target === network.id));
  if (uses) return `service ${uses.id}`;
  const task = [...store.tasks.values()].find(
    (one) => rank(one.state) <= rank('running') && one.attachments.some((attachment) => attachment.network === network.id),
  );
  const attachment = [...store.attachments.values()].find((one) => one.network === network.id);
  return task ? `task ${task.id}` : attachment ? `task ${attachment.task}` : undefined;
}
