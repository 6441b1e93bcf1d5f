import { formatPrefix, type IP, type Prefix } from '../../../base/address.ts';
import { strerror } from '../../../base/errno.ts';
import { randomMac } from '../../../base/random.ts';
import type { NetlinkError } from '../../../host/netlink/messages.ts';
import type { Engine } from '../engine.ts';
import type { BridgeRules } from '../firewall.ts';
import { invalid, Refusal } from '../refusal.ts';
import { parseBridgeOptions } from './bridge-options.ts';
import type { NetworkDriver } from './driver.ts';
import { addAddress, configureInterface, vethNames } from './interface.ts';
import type { Endpoint, Network } from './network.ts';
import { closePorts, openPorts } from './publish.ts';
import { type Sandbox, writeSysctl } from './sandbox.ts';

/** The bridge driver (daemon/libnetwork/drivers/bridge): a bridge per network, a veth pair per endpoint, rules for both. */
export const bridgeDriver: NetworkDriver = {
  name: 'bridge',
  scope: 'local',
  addressed: true,
  check,
  hasGateway: (network, family) => optionsOf(network)[family === 4 ? 'mode4' : 'mode6'] !== 'isolated',
  create,
  remove,
  join,
  leave,
  wayOut: (network, family) => (network.internal ? undefined : (family === 4 ? network.ipam : network.ipam6)?.gateway),
  openPorts,
  closePorts,
};

function check(engine: Engine, network: Network): Refusal | undefined {
  const options = parseBridgeOptions(network.options, network.id);
  if (options instanceof Refusal) return options;
  if (!network.internal && (options.mode4 === 'isolated' || options.mode6 === 'isolated')) {
    return invalid("gateway mode 'isolated' can only be used for an internal network");
  }
  const other = engine.networks.list().find((candidate) => candidate.bridge?.bridge === options.bridge);
  if (other) {
    const named = (id: string): string => `${id} (${options.bridge})`;
    return new Refusal(
      403,
      `cannot create network ${named(network.id)}: conflicts with network ${named(other.id)}: networks have same bridge name`,
    );
  }
  network.bridge = { ...options, foreign: engine.netlink.link(options.bridge) !== undefined };
  return undefined;
}

export function optionsOf(network: Network): NonNullable<Network['bridge']> {
  if (!network.bridge) throw new Error(`${network.name} is not a bridge network`);
  return network.bridge;
}

/** Makes the bridge, gives it the gateway's addresses, sets it up, and writes its rules. */
function create(engine: Engine, network: Network): Refusal | undefined {
  const failed = makeBridge(engine, network) ?? allowForwarding(engine, network) ?? writeRules(engine, network);
  if (failed) remove(engine, network);
  return failed;
}

function makeBridge(engine: Engine, network: Network): Refusal | undefined {
  const { netlink } = engine;
  const { bridge: name, mtu, inhibit4 } = optionsOf(network);
  if (!netlink.link(name)) {
    const mac = randomMac(engine.random(`bridge/${network.name}/${network.id}/mac`));
    const failed = netlink.newLink({ kind: 'bridge', name, address: mac, mtu, txqlen: 0 });
    if (failed) return refused(`failed to create bridge ${name} via netlink`, failed);
  }
  const link = netlink.link(name);
  if (!link) return new Refusal(500, `Failed to find bridge ${name}`);
  // Router advertisements from containers must not configure the host.
  writeSysctl(engine.daemon, engine.host.kernel.init, `net/ipv6/conf/${name}/accept_ra`, '0');
  for (const address of gatewayPrefixes(network, inhibit4)) {
    const failed = addAddress(netlink, link.ifindex, address);
    if (failed && failed.errno !== 'EEXIST') return refused(`failed to add IPv4 address ${formatPrefix(address)} to bridge`, failed);
  }
  netlink.setLink(link.ifindex, { up: true });
  return undefined;
}

function gatewayPrefixes({ ipam, ipam6 }: Network, inhibit4: boolean): Prefix[] {
  return [
    ...(ipam?.gateway !== undefined && !inhibit4 ? [{ address: ipam.gateway, length: ipam.pool.subnet.length }] : []),
    ...(ipam6?.gateway !== undefined ? [{ address: ipam6.gateway, length: ipam6.pool.subnet.length }] : []),
  ];
}

/** The first network that needs it switches forwarding on; then nothing else is to be forwarded. */
function allowForwarding(engine: Engine, network: Network): undefined {
  const { init } = engine.host.kernel;
  const set = (name: string): void => {
    writeSysctl(engine.daemon, init, name, '1');
  };
  if (network.ipam && init.sysctl.get('net/ipv4/ip_forward') !== '1') {
    set('net/ipv4/ip_forward');
    engine.firewall?.dropForwarded(4);
  }
  if (network.ipam6 && init.sysctl.get('net/ipv6/conf/all/forwarding') !== '1') {
    set('net/ipv6/conf/default/forwarding');
    set('net/ipv6/conf/all/forwarding');
    engine.firewall?.dropForwarded(6);
  }
  return undefined;
}

/** What the firewall has to know of a network, by family. */
export function rulesOf(network: Network): { 4?: BridgeRules; 6?: BridgeRules } {
  const { bridge, interContainer, masquerade, mode4, mode6, hostAddress4, hostAddress6, trusted } = optionsOf(network);
  const common = { bridge, interContainer, masquerade, trusted, internal: network.internal };
  return {
    ...(network.ipam
      ? {
          4: {
            ...common,
            subnet: network.ipam.pool.subnet,
            mode: mode4,
            ...(hostAddress4 === undefined ? {} : { hostAddress: hostAddress4 }),
          },
        }
      : {}),
    ...(network.ipam6
      ? {
          6: {
            ...common,
            subnet: network.ipam6.pool.subnet,
            mode: mode6,
            ...(hostAddress6 === undefined ? {} : { hostAddress: hostAddress6 }),
          },
        }
      : {}),
  };
}

function writeRules(engine: Engine, network: Network): Refusal | undefined {
  for (const rules of Object.values(rulesOf(network))) {
    const failed = engine.firewall?.addBridge(rules);
    if (failed) return new Refusal(500, `Failed to Setup IP tables: ${failed}`);
  }
  return undefined;
}

function remove(engine: Engine, network: Network): void {
  for (const rules of Object.values(rulesOf(network))) engine.firewall?.removeBridge(rules);
  const { bridge, foreign } = optionsOf(network);
  const link = engine.netlink.link(bridge);
  if (link && !foreign) engine.netlink.delLink(link.ifindex);
}

/** Makes the veth pair, one end already in the container's namespace, plugs the other into the bridge, and configures the inner end. */
function join(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): Refusal | undefined {
  const { network } = endpoint;
  const { netlink } = engine;
  const { bridge: name, mtu, interfacePrefix } = optionsOf(network);
  const bridge = netlink.link(name);
  if (!bridge) return new Refusal(500, `adding interface ${name} to bridge: no such network interface`);
  const next = vethNames(engine, endpoint);
  // Both ends have names of the same make; the container's keeps its own only until it is renamed.
  const names = { outer: next(), inner: next() };
  const failed = netlink.newLink({
    kind: 'veth',
    name: names.outer,
    mtu,
    txqlen: 0,
    // An end at docker_gwbridge is made in the host and moved.
    peer: { name: names.inner, mtu, txqlen: 0, ...(endpoint.unlisted === undefined ? { netns: sandbox.net } : {}) },
  });
  if (failed) return refused(`failed to add the host (${names.outer}) <=> sandbox (${names.inner}) pair interfaces`, failed);
  endpoint.veth = names;
  const made = endpoint.unlisted === undefined ? undefined : netlink.link(names.inner);
  if (made) netlink.setLink(made.ifindex, { netns: sandbox.net });
  const outer = netlink.link(names.outer);
  if (outer) {
    netlink.setLink(outer.ifindex, { master: bridge.ifindex });
    netlink.setLink(outer.ifindex, { up: true });
  }
  return configureInterface(engine, endpoint, sandbox, names.inner, interfacePrefix) ?? protect(engine, endpoint);
}

function protect(engine: Engine, endpoint: Endpoint): Refusal | undefined {
  for (const [rules, address] of protectedAddresses(endpoint)) {
    const failed = engine.firewall?.addEndpoint(rules, address);
    if (failed) return new Refusal(500, failed);
  }
  return undefined;
}

function protectedAddresses({ network, address, address6 }: Endpoint): [BridgeRules, IP][] {
  const rules = rulesOf(network);
  return [
    ...(rules[4] && address ? [[rules[4], address.address] as [BridgeRules, IP]] : []),
    ...(rules[6] && address6 ? [[rules[6], address6.address] as [BridgeRules, IP]] : []),
  ];
}

/** Takes the inner end back into the host, where deleting the outer one ends both. */
function leave(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void {
  for (const [rules, address] of protectedAddresses(endpoint)) engine.firewall?.removeEndpoint(rules, address);
  const { veth } = endpoint;
  if (!veth) return;
  const inner = sandbox.netlink.link(endpoint.device ?? veth.inner);
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

function refused(what: string, error: NetlinkError): Refusal {
  return new Refusal(500, `${what}: ${strerror(error.errno).toLowerCase()}`);
}
