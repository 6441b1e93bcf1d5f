import type { IP, IPv4, Mac } from '../../../base/address.ts';
import { strerror } from '../../../base/errno.ts';
import { NamespaceFile } from '../../../host/inode.ts';
import type { NetlinkError } from '../../../host/netlink/messages.ts';
import type { RtNetlink } from '../../../host/netlink/rtnetlink.ts';
import type { NetNamespace } from '../../../kernel/netns.ts';
import type { Engine } from '../engine.ts';
import { hostDirectory } from '../host-files.ts';
import { Refusal } from '../refusal.ts';
import type { NetworkDriver } from './driver.ts';
import { addAddress, configureInterface, vethNames } from './interface.ts';
import type { Endpoint, Network } from './network.ts';
import { NETNS_DIRECTORY, type Sandbox, writeSysctl } from './sandbox.ts';

export const VXLAN_PORT = 4_789;

/** 1500 less what VXLAN puts around a frame. */
const MTU = 1_450;

/** What an overlay network has on this host. */
export interface Overlay {
  vni: number;
  mtu: number;
  /** Addresses that the swarm's managers gave to containers here, by container id. */
  reserved: Map<string, IPv4>;
  /** The namespace in which its bridge and its VXLAN device stand. */
  hidden?: { net: NetNamespace; netlink: RtNetlink };
  /** How many ports its bridge has had. */
  ports: number;
  /** Tells the swarm about an endpoint that came or went. */
  told(endpoint: Endpoint, event: 'join' | 'leave'): void;
  /** What other names and services the swarm knows here. */
  resolve(name: string, family: 4 | 6): IP[];
  nameOf(address: string): string | undefined;
}

/**
 * The overlay driver (daemon/libnetwork/drivers/overlay): in a namespace of its own a bridge and a VXLAN device whose entries the
 * swarm's gossip fills; a veth pair per endpoint. The way out is not here but at docker_gwbridge.
 */
export const overlayDriver: NetworkDriver = {
  name: 'overlay',
  scope: 'global',
  addressed: true,
  needsGateway: (network) => !network.internal,
  create,
  remove,
  join,
  leave,
};

export function overlayOf(network: Network): Overlay {
  if (!network.overlay) throw new Error(`${network.name} is not an overlay network`);
  return network.overlay;
}

/** Of an endpoint without one of its own: 02:42 and its address. */
export function overlayMac(address: IPv4): Mac {
  return 0x0242_0000_0000 + address;
}

function keyOf(network: Network): string {
  return `1-${network.id.slice(0, 10)}`;
}

function create(engine: Engine, network: Network): Refusal | undefined {
  const overlay = overlayOf(network);
  const { host } = engine;
  const net = host.kernel.newNamespace();
  host.pinNamespace(net);
  net.label = { kind: 'netns', name: keyOf(network) };
  hostDirectory(host, NETNS_DIRECTORY).add(keyOf(network), new NamespaceFile('net', net));
  const netlink = engine.openRtNetlink(net);
  overlay.hidden = { net, netlink };
  netlink.setLink(1, { up: true });
  writeSysctl(engine.daemon, net, 'net/ipv6/conf/default/disable_ipv6', '1');
  const failed = makeBridge(network) ?? makeVxlan(engine, network);
  if (failed) remove(engine, network);
  return failed;
}

function makeBridge(network: Network): Refusal | undefined {
  const { hidden, mtu } = overlayOf(network);
  if (!hidden || !network.ipam) return new Refusal(500, 'overlay network without addresses');
  const { netlink } = hidden;
  // Its address is the lowest of its ports', which it follows as long as nobody sets one.
  const failed = netlink.newLink({ kind: 'bridge', name: 'br0', txqlen: 0 });
  const link = netlink.link('br0');
  if (failed || !link) return refused('bridge creation in sandbox failed', failed);
  const { gateway, pool } = network.ipam;
  if (gateway !== undefined) addAddress(netlink, link.ifindex, { address: gateway, length: pool.subnet.length });
  netlink.setLink(link.ifindex, { mtu });
  netlink.setLink(link.ifindex, { up: true });
  return undefined;
}

/** Made in the host, where its datagrams come and go, and moved away. */
function makeVxlan(engine: Engine, network: Network): Refusal | undefined {
  const { hidden, mtu, vni } = overlayOf(network);
  const name = `vx-${vni.toString(16).padStart(6, '0')}-${network.id.slice(0, 5)}`;
  const failed = engine.netlink.newLink({
    kind: 'vxlan',
    name,
    mtu,
    txqlen: 0,
    data: { id: vni, port: VXLAN_PORT, learning: true, proxy: true, l2miss: true, l3miss: true },
  });
  const link = engine.netlink.link(name);
  if (failed || !link || !hidden) return refused(`error creating vxlan interface`, failed);
  const moved = engine.netlink.setLink(link.ifindex, { netns: hidden.net });
  if (moved) return refused('error moving vxlan interface', moved);
  const { netlink } = hidden;
  netlink.setLink(link.ifindex, { name: 'vxlan0' });
  netlink.setLink(link.ifindex, { master: netlink.link('br0')?.ifindex ?? 0 });
  netlink.setLink(link.ifindex, { up: true });
  return undefined;
}

function remove(engine: Engine, network: Network): void {
  const overlay = overlayOf(network);
  const { hidden } = overlay;
  if (!hidden) return;
  for (const name of ['vxlan0', 'br0']) {
    const link = hidden.netlink.link(name);
    if (link) hidden.netlink.delLink(link.ifindex);
  }
  hostDirectory(engine.host, NETNS_DIRECTORY).remove(keyOf(network));
  engine.host.unpinNamespace(hidden.net);
  delete overlay.hidden;
}

function join(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): Refusal | undefined {
  const { network } = endpoint;
  const overlay = overlayOf(network);
  const { hidden } = overlay;
  if (!hidden) return new Refusal(500, `network ${network.name} has no namespace`);
  const given = endpoint.container.networks.get(network.name)?.MacAddress ?? '';
  if (given === '' && endpoint.address) endpoint.mac = overlayMac(endpoint.address.address);
  const next = vethNames(engine, endpoint);
  const names = { outer: next(), inner: next() };
  const { netlink } = engine;
  // The container's end gets the lower number.
  const failed = netlink.newLink({
    kind: 'veth',
    name: names.outer,
    mtu: overlay.mtu,
    txqlen: 0,
    peer: { name: names.inner, mtu: overlay.mtu, txqlen: 0 },
  });
  const [outer, inner] = [netlink.link(names.outer), netlink.link(names.inner)];
  if (failed || !outer || !inner) return refused('error creating veth pair', failed);
  const port = `veth${overlay.ports++}`;
  endpoint.veth = { outer: port, inner: names.inner };
  netlink.setLink(outer.ifindex, { netns: hidden.net });
  hidden.netlink.setLink(outer.ifindex, { name: port });
  hidden.netlink.setLink(outer.ifindex, { master: hidden.netlink.link('br0')?.ifindex ?? 0 });
  hidden.netlink.setLink(outer.ifindex, { up: true });
  netlink.setLink(inner.ifindex, { netns: sandbox.net });
  const refusal = configureInterface(engine, endpoint, sandbox, names.inner, 'eth');
  if (!refusal) overlay.told(endpoint, 'join');
  return refusal;
}

function leave(_engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void {
  const overlay = overlayOf(endpoint.network);
  const inner = sandbox.netlink.link(endpoint.device ?? endpoint.veth?.inner ?? '');
  if (inner && endpoint.veth) sandbox.netlink.delLink(inner.ifindex);
  delete endpoint.veth;
  delete endpoint.device;
  overlay.told(endpoint, 'leave');
}

/** Where frames for another host's endpoint go, and who has its address: what gossip told (peerAdd). */
export function addPeer(network: Network, address: IPv4, mac: Mac, host: IPv4): void {
  const { hidden } = overlayOf(network);
  const link = hidden?.netlink.link('vxlan0');
  if (!hidden || !link) return;
  hidden.netlink.newNeighbour({ address, ifindex: link.ifindex, lladdr: mac, state: 'PERMANENT' }, 'replace');
  hidden.netlink.newFdb({ address: mac, ifindex: link.ifindex, self: true, state: 'permanent', destination: host }, 'replace');
}

export function removePeer(network: Network, address: IPv4, mac: Mac, host: IPv4): void {
  const { hidden } = overlayOf(network);
  const link = hidden?.netlink.link('vxlan0');
  if (!hidden || !link) return;
  hidden.netlink.delFdb({ address: mac, ifindex: link.ifindex, self: true, state: 'permanent', destination: host });
  hidden.netlink.delNeighbour({ address, ifindex: link.ifindex });
}

/** Of a network's options or the default. */
export function overlayMtu(options: Readonly<Record<string, string>>): number {
  return Number(options['com.docker.network.driver.mtu']) || MTU;
}

function refused(what: string, error: NetlinkError | undefined): Refusal {
  return new Refusal(500, `${what}: ${error ? strerror(error.errno).toLowerCase() : 'no such network interface'}`);
}
