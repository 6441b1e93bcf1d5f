import { formatIPv4, formatPrefix, type IPv4, type Prefix } from '../../../base/address.ts';
import { randomMac } from '../../../base/random.ts';
import type { NetlinkError } from '../../../host/netlink/messages.ts';
import type { RtNetlink } from '../../../host/netlink/rtnetlink.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { broadcastOf } from './ipam.ts';
import { bridgeName, type Endpoint, mtuOf, type Network } from './network.ts';
import { type Sandbox, writeSysctl } from './sandbox.ts';

/** The bridge driver (daemon/libnetwork/drivers/bridge): a bridge per network, a veth pair per endpoint, all through netlink. */

/** Makes the bridge, gives it the gateway's address and sets it up. */
export function createBridge(engine: Engine, network: Network): Refusal | undefined {
  const { netlink } = engine;
  const name = bridgeName(network);
  const mac = randomMac(engine.random(`bridge/${network.name}/${network.id}/mac`));
  if (!netlink.link(name)) {
    const failed = netlink.newLink({ kind: 'bridge', name, address: mac, mtu: mtuOf(network), txqlen: 0 });
    if (failed) return refused(`failed to create bridge ${name} via netlink`, failed);
  }
  const link = netlink.link(name);
  if (!link) return new Refusal(500, `Failed to find bridge ${name}`);
  // Router advertisements from containers must not configure the host.
  writeSysctl(engine.daemon, engine.host.kernel.init, `net/ipv6/conf/${name}/accept_ra`, '0');
  if (network.ipam) {
    const { pool, gateway } = network.ipam;
    const address = { address: gateway, length: pool.subnet.length };
    const failed = addAddress(netlink, link.ifindex, address);
    if (failed) return refused(`failed to add IPv4 address ${formatPrefix(address)} to bridge`, failed);
  }
  netlink.setLink(link.ifindex, { up: true });
  return undefined;
}

export function removeBridge(engine: Engine, network: Network): void {
  const link = engine.netlink.link(bridgeName(network));
  if (link) engine.netlink.delLink(link.ifindex);
}

/**
 * Makes the veth pair, one end already in the container's namespace, plugs the other into the bridge, and configures the inner
 * end: name, MAC, address, up, then the default route.
 */
export function plugIn(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): Refusal | undefined {
  const { network } = endpoint;
  const { netlink } = engine;
  const bridge = netlink.link(bridgeName(network));
  if (!bridge) return new Refusal(500, `bridge ${bridgeName(network)} is gone`);
  const names = freeVethNames(engine, endpoint);
  const mtu = mtuOf(network);
  const failed = netlink.newLink({
    kind: 'veth',
    name: names.outer,
    mtu,
    txqlen: 0,
    peer: { name: names.inner, mtu, txqlen: 0, netns: sandbox.net },
  });
  if (failed) return refused(`failed to add the host (${names.outer}) <=> sandbox (${names.inner}) pair interfaces`, failed);
  endpoint.veth = names;
  const outer = netlink.link(names.outer);
  if (outer) {
    netlink.setLink(outer.ifindex, { master: bridge.ifindex });
    netlink.setLink(outer.ifindex, { up: true });
  }
  return configureInner(engine, endpoint, sandbox, names.inner);
}

function configureInner(engine: Engine, endpoint: Endpoint, sandbox: Sandbox, temporaryName: string): Refusal | undefined {
  const inner = sandbox.netlink.link(temporaryName);
  if (!inner || !endpoint.address) return new Refusal(500, `interface ${temporaryName} is gone`);
  endpoint.device = sandbox.freeDeviceName();
  sandbox.netlink.setLink(inner.ifindex, { name: endpoint.device });
  if (endpoint.mac !== undefined) sandbox.netlink.setLink(inner.ifindex, { address: endpoint.mac });
  // A network without IPv6: not even a link-local address.
  writeSysctl(engine.daemon, sandbox.net, `net/ipv6/conf/${endpoint.device}/disable_ipv6`, '1');
  const failed = addAddress(sandbox.netlink, inner.ifindex, endpoint.address);
  if (failed) return refused(`failed to set IPv4 address ${formatPrefix(endpoint.address)}`, failed);
  const down = sandbox.netlink.setLink(inner.ifindex, { up: true });
  return down ? refused(`failed to set link up`, down) : undefined;
}

/** Takes the inner end back into the host, where deleting the outer one ends both. */
export function unplug(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void {
  const { veth } = endpoint;
  if (!veth) return;
  const inner = endpoint.device ? sandbox.netlink.link(endpoint.device) : undefined;
  if (inner) {
    sandbox.netlink.setLink(inner.ifindex, { up: false });
    sandbox.netlink.setLink(inner.ifindex, { name: veth.inner });
    sandbox.netlink.setLink(inner.ifindex, { netns: engine.host.kernel.init });
  }
  const outer = engine.netlink.link(veth.outer);
  if (outer) engine.netlink.delLink(outer.ifindex);
  delete endpoint.veth;
  delete endpoint.device;
}

/** Makes the default route of a sandbox lead through one endpoint's gateway, or nowhere. */
export function setDefaultRoute(sandbox: Sandbox, endpoint: Endpoint | undefined): Refusal | undefined {
  const anywhere = { address: 0, length: 0 };
  for (const route of sandbox.netlink.routes(4)) {
    if (route.table !== MAIN_TABLE || route.destination.length !== 0 || route.nexthops.length === 0) continue;
    sandbox.netlink.delRoute({
      family: 4,
      destination: anywhere,
      nexthops: route.nexthops.map(({ gateway, ifindex }) => ({ ...(gateway !== undefined ? { gateway } : {}), ifindex })),
    });
  }
  const gateway = endpoint && gatewayOf(endpoint.network);
  const device = endpoint?.device && sandbox.netlink.link(endpoint.device);
  if (gateway === undefined || !device) return undefined;
  const failed = sandbox.netlink.newRoute(
    { family: 4, destination: anywhere, nexthops: [{ gateway, ifindex: device.ifindex }], protocol: 'boot' },
    'add',
  );
  return failed ? refused(`failed to set gateway ${formatIPv4(gateway)}`, failed) : undefined;
}

const MAIN_TABLE = 254;

/** Containers of an internal network have no way out. */
export function gatewayOf(network: Network): IPv4 | undefined {
  return network.internal ? undefined : network.ipam?.gateway;
}

function addAddress(netlink: RtNetlink, ifindex: number, prefix: Prefix<IPv4>): NetlinkError | undefined {
  return netlink.newAddress({ ifindex, prefix, broadcast: broadcastOf(prefix) }, 'add');
}

/** Both ends start with names of the same make; the container's keeps its own only until it is renamed. */
function freeVethNames(engine: Engine, endpoint: Endpoint): { outer: string; inner: string } {
  const random = engine.random(`veth/${endpoint.container.name}/${endpoint.id}`);
  const next = (): string => {
    for (;;) {
      const name = `veth${random.hex(7)}`;
      if (!engine.netlink.link(name)) return name;
    }
  };
  return { outer: next(), inner: next() };
}

function refused(what: string, error: NetlinkError): Refusal {
  const detail: Partial<Record<string, string>> = {
    EEXIST: 'file exists',
    EADDRNOTAVAIL: 'cannot assign requested address',
    EINVAL: 'invalid argument',
  };
  return new Refusal(500, `${what}: ${detail[error.errno] ?? error.errno}`);
}
