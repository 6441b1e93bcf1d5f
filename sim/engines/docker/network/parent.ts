import { strerror } from '../../../base/errno.ts';
import type { NetlinkError } from '../../../host/netlink/messages.ts';
import type { Engine } from '../engine.ts';
import { invalid, Refusal } from '../refusal.ts';
import { configureInterface, vethNames } from './interface.ts';
import type { Endpoint, Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';

/** The lower device of a macvlan or ipvlan network, as the driver found or made it. */
export interface Parent {
  name: string;
  /** The driver made it, a VLAN or a dummy, and takes it away with the network. */
  made: boolean;
  /** A dummy: nothing leads out of the network. */
  alone: boolean;
}

/** Finds `-o parent=…`: a device, `eth0.20` (a VLAN on eth0, made where it is missing), or, without one, a dummy that leads nowhere. */
export function prepareParent(engine: Engine, network: Network, dummyPrefix: string): Refusal | undefined {
  const { netlink } = engine;
  const name = network.options.parent ?? '';
  if (name === '') {
    const dummy = `${dummyPrefix}-${network.id.slice(0, 12)}`;
    network.parent = { name: dummy, made: true, alone: true };
    return makeLink(netlink.newLink({ kind: 'dummy', name: dummy }), `failed to create dummy link ${dummy}`) ?? raise(engine, dummy);
  }
  if (netlink.link(name)) {
    network.parent = { name, made: false, alone: false };
    return undefined;
  }
  const [, lower = '', vid = ''] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  const below = netlink.link(lower);
  if (vid === '') return invalid(`invalid subinterface vlan name ${name}, example formatting is eth0.10`);
  if (Number(vid) < 1 || Number(vid) > 4_094) return invalid(`vlan id must be between 1-4094, received: ${vid}`);
  if (!below) return invalid(`failed to find master interface ${lower} on the Docker host: Link not found`);
  network.parent = { name, made: true, alone: false };
  const failed = netlink.newLink({ kind: 'vlan', name, link: below.ifindex, data: { id: Number(vid) } });
  return makeLink(failed, `failed to create ${name} vlan link`) ?? raise(engine, name);
}

function raise(engine: Engine, name: string): undefined {
  const link = engine.netlink.link(name);
  if (link) engine.netlink.setLink(link.ifindex, { up: true });
}

export function removeParent(engine: Engine, network: Network): void {
  const link = network.parent?.made ? engine.netlink.link(network.parent.name) : undefined;
  if (link) engine.netlink.delLink(link.ifindex);
}

/** Whether containers reach anything beyond the network. */
export function leadsOut(network: Network): boolean {
  return !network.internal && !network.parent?.alone;
}

/** Makes a device on the parent, moves it into the container, and configures it there. It keeps its ifindex. */
export function joinParent(
  engine: Engine,
  endpoint: Endpoint,
  sandbox: Sandbox,
  device: { kind: 'macvlan' | 'ipvlan'; data: Record<string, string> },
): Refusal | undefined {
  const { netlink } = engine;
  const parent = netlink.link(endpoint.network.parent?.name ?? '');
  if (!parent) return new Refusal(500, `failed to find parent interface ${endpoint.network.parent?.name}`);
  const name = vethNames(engine, endpoint)();
  const failed = makeLink(netlink.newLink({ ...device, name, link: parent.ifindex }), `failed to create the ${device.kind} port`);
  if (failed) return failed;
  endpoint.veth = { outer: name, inner: name };
  const link = netlink.link(name);
  if (link) netlink.setLink(link.ifindex, { netns: sandbox.net });
  return configureInterface(engine, endpoint, sandbox, name, 'eth');
}

export function leaveParent(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void {
  const name = endpoint.device ?? endpoint.veth?.inner;
  const inside = name === undefined ? undefined : sandbox.netlink.link(name);
  if (inside) sandbox.netlink.delLink(inside.ifindex);
  // It never got into the container.
  const outside = endpoint.veth && engine.netlink.link(endpoint.veth.outer);
  if (outside) engine.netlink.delLink(outside.ifindex);
  delete endpoint.veth;
  delete endpoint.device;
}

function makeLink(error: NetlinkError | undefined, what: string): Refusal | undefined {
  return error && new Refusal(500, `${what}: ${strerror(error.errno).toLowerCase()}`);
}
