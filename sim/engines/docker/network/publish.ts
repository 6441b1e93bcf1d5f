import { formatIP, type IP, parseIP } from '../../../base/address.ts';
import { strerror } from '../../../base/errno.ts';
import type { Process } from '../../../host/process.ts';
import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import type { BridgeRules, OpenPort } from '../firewall.ts';
import { Refusal } from '../refusal.ts';
import { optionsOf, rulesOf } from './bridge.ts';
import type { WayOut } from './driver.ts';
import type { Endpoint } from './network.ts';
import { bindHostPort, type ListeningSocket, startProxy } from './proxy.ts';

/** A port of a container that is open to the outside, as it is now. */
export interface PublishedPort {
  protocol: string;
  containerPort: number;
  containerAddress: IP;
  hostAddress: IP;
  /** 0 where the port is only opened for direct access (gateway mode `routed`). */
  hostPort: number;
  rules?: { bridge: BridgeRules; port: OpenPort };
  proxy?: Process;
}

/** What a container asks for: `-p`, or `-P` for an exposed port. */
interface Wanted {
  protocol: string;
  containerPort: number;
  containerAddress: IP;
  hostAddress: IP;
  /** A range; 0 and 0 let the Engine choose. */
  from: number;
  to: number;
  /** Only opened, not published on the host. */
  direct: boolean;
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** A range of host ports may be tried so often, where somebody else listens (portallocator's maxAllocateAttempts). */
const ATTEMPTS = 10;

/** Publishes a container's ports on the host, in the order of the bridge driver (port_mapping_linux.go `addPortMappings`). */
export function openPorts(engine: Engine, endpoint: Endpoint, families: WayOut): Refusal | undefined {
  const opened: PublishedPort[] = [];
  endpoint.ports = opened;
  const wanted = wantedPorts(endpoint, families).sort(compare);
  for (let at = 0; at < wanted.length; ) {
    const group = wanted.slice(at).filter((_, i, rest) => rest.slice(0, i + 1).every((other) => sameButHost(other, wanted[at] as Wanted)));
    at += group.length;
    const failed = openGroup(engine, endpoint, group, opened);
    if (!failed) continue;
    closePorts(engine, endpoint);
    return new Refusal(
      500,
      `driver failed programming external connectivity on endpoint ${endpoint.container.name} (${endpoint.id}): ${failed}`,
    );
  }
  return undefined;
}

/** Takes back what `openPorts` did; the last first. */
export function closePorts(engine: Engine, endpoint: Endpoint): void {
  for (const port of endpoint.ports ?? []) {
    port.proxy?.signal('SIGKILL');
    if (port.rules) engine.firewall?.closePort(port.rules.bridge, port.rules.port);
    if (port.hostPort !== 0) engine.networks.ports.release(port.hostAddress, port.protocol, port.hostPort);
  }
  delete endpoint.ports;
  for (const prefix of [endpoint.address, endpoint.address6]) if (prefix) forgetConnections(engine, prefix.address);
}

/** The next container with this address must not inherit translated connections (iptables.DeleteConntrackEntries). */
function forgetConnections(engine: Engine, address: IP): void {
  const { table } = engine.host.kernel.init.netfilter.conntrack;
  for (const connection of table.list()) {
    const { source, destination } = connection.replyDirection;
    if (source === address || destination === address) table.remove(connection);
  }
}

/** The ports of the request for the families that lead out here. */
function wantedPorts(endpoint: Endpoint, families: WayOut): Wanted[] {
  const wanted: Wanted[] = [];
  for (const [text, bindings] of portBindings(endpoint.container)) {
    const [port, protocol = 'tcp'] = text.split('/');
    for (const binding of bindings) {
      const [from = 0, to = from] = binding.HostPort === '' ? [0, 0] : binding.HostPort.split('-').map(Number);
      const asked = binding.HostIp === '' ? undefined : parseIP(binding.HostIp);
      const common = { protocol, containerPort: Number(port), from, to };
      wanted.push(...placesOf(endpoint, families, asked).map((place) => ({ ...common, ...place })));
    }
  }
  return wanted;
}

/** The host's and the container's address that a binding means, for each family. */
function placesOf(
  endpoint: Endpoint,
  families: WayOut,
  asked: IP | undefined,
): Pick<Wanted, 'hostAddress' | 'containerAddress' | 'direct'>[] {
  const { bindTo, mode4, mode6 } = optionsOf(endpoint.network);
  const given = asked ?? bindTo;
  const any = given === undefined || given === 0;
  const [inner4, inner6] = [families.ipv4 ? endpoint.address?.address : undefined, families.ipv6 ? endpoint.address6?.address : undefined];
  const places: Pick<Wanted, 'hostAddress' | 'containerAddress' | 'direct'>[] = [];
  if (inner4 !== undefined && typeof given !== 'bigint') {
    const direct = mode4 === 'routed';
    places.push({ hostAddress: direct ? 0 : (given ?? 0), containerAddress: inner4, direct });
  }
  // Without an IPv6 address in the container, docker-proxy carries what reaches the host by IPv6 to its IPv4 address.
  const target6 = inner6 ?? (families.ipv6ByProxy ? inner4 : undefined);
  if (target6 !== undefined && (typeof given === 'bigint' || (any && asked === undefined))) {
    const direct = inner6 !== undefined && mode6 === 'routed';
    places.push({ hostAddress: direct || typeof given !== 'bigint' ? 0n : given, containerAddress: target6, direct });
  }
  return places;
}

/** `-p` by container port, and with `-P` every exposed port that has none. */
function portBindings(container: Container): [string, readonly { HostIp: string; HostPort: string }[]][] {
  const { PortBindings, PublishAllPorts } = container.hostConfig;
  const ports = new Map(Object.entries(PortBindings));
  if (PublishAllPorts) {
    for (const port of Object.keys(container.config.ExposedPorts)) if (!ports.has(port)) ports.set(port, [{ HostIp: '', HostPort: '' }]);
  }
  return [...ports].map(([port, bindings]) => [port, bindings && bindings.length > 0 ? bindings : [{ HostIp: '', HostPort: '' }]]);
}

/** Fixed ports first, so that no range takes them; then by what they lead to; those that differ in the host's address come together. */
function compare(a: Wanted, b: Wanted): number {
  const range = (port: Wanted): number => (port.from === 0 || port.from !== port.to ? 1 : 0);
  return (
    range(a) - range(b) ||
    a.containerPort - b.containerPort ||
    (PROTOCOLS[a.protocol] ?? 0) - (PROTOCOLS[b.protocol] ?? 0) ||
    a.from - b.from ||
    a.to - b.to ||
    compareAddresses(a.hostAddress, b.hostAddress)
  );
}

/** IPv4 first. */
function compareAddresses(a: IP, b: IP): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function sameButHost(a: Wanted, b: Wanted): boolean {
  return a.direct === b.direct && a.containerPort === b.containerPort && a.protocol === b.protocol && a.from === b.from && a.to === b.to;
}

/** One container port on several addresses of the host: the same port on all of them. */
function openGroup(engine: Engine, endpoint: Endpoint, group: readonly Wanted[], opened: PublishedPort[]): string | undefined {
  const bound = group[0]?.direct ? group.map((port) => ({ port, hostPort: 0, socket: undefined })) : bindGroup(engine, group);
  if (typeof bound === 'string') return bound;
  let failed: string | undefined;
  for (const { port, hostPort, socket } of bound) {
    const { protocol, containerPort, containerAddress, hostAddress } = port;
    const made: PublishedPort = { protocol, containerPort, containerAddress, hostAddress, hostPort };
    opened.push(made);
    failed ??= writeRules(engine, endpoint, made);
    if (failed) socket?.release();
    else if (socket) {
      const proxy = startProxy(
        engine,
        protocol,
        { address: hostAddress, port: hostPort },
        { address: containerAddress, port: containerPort },
        socket,
      );
      if (typeof proxy === 'string') failed = proxy;
      else made.proxy = proxy;
    }
  }
  return failed;
}

function writeRules(engine: Engine, endpoint: Endpoint, made: PublishedPort): string | undefined {
  const { hostAddress, hostPort, containerAddress } = made;
  // From IPv6 to IPv4 there is only the proxy.
  if (hostPort !== 0 && typeof hostAddress !== typeof containerAddress) return undefined;
  const bridge = rulesOf(endpoint.network)[typeof containerAddress === 'number' ? 4 : 6];
  if (!bridge) return undefined;
  const port: OpenPort = { ...made, ...(hostPort === 0 ? {} : { host: { address: hostAddress, port: hostPort } }) };
  made.rules = { bridge, port };
  return engine.firewall?.openPort(bridge, port);
}

interface Bound {
  port: Wanted;
  hostPort: number;
  socket: ListeningSocket;
}

/** Reserves a port and binds it on every address; in a range the next one is tried when somebody else listens. */
function bindGroup(engine: Engine, group: readonly Wanted[]): Bound[] | string {
  const { protocol, from, to } = group[0] as Wanted;
  const [low = 32_768, high = 60_999] = engine.host.kernel.init.ipv4.portRange;
  const [first, last] = from === 0 ? [low, high] : [from, to];
  const addresses = group.map((port) => port.hostAddress);
  const { ports } = engine.networks;
  for (let attempt = 1; ; attempt++) {
    const hostPort = ports.request(addresses, protocol, first, last);
    if (typeof hostPort !== 'number') return hostPort.refused;
    const bound = bindAll(engine, group, hostPort);
    if (typeof bound !== 'string') return bound;
    for (const address of addresses) ports.release(address, protocol, hostPort);
    if (!bound.endsWith(': address already in use') || first === last || attempt === ATTEMPTS) return bound;
  }
}

function bindAll(engine: Engine, group: readonly Wanted[], hostPort: number): Bound[] | string {
  const bound: Bound[] = [];
  for (const port of group) {
    const { protocol, hostAddress, containerAddress, containerPort } = port;
    const socket =
      protocol === 'sctp' ? 'EPROTONOSUPPORT' : bindHostPort(engine, protocol === 'udp' ? 'udp' : 'tcp', hostAddress, hostPort);
    if (typeof socket !== 'string') {
      bound.push({ port, hostPort, socket });
      continue;
    }
    for (const other of bound) other.socket.release();
    if (socket === 'EPROTONOSUPPORT') {
      return `error starting userland proxy: failed to listen on ${joinHostPort(hostAddress, hostPort)}: protocol not supported`;
    }
    const reason = strerror(socket).toLowerCase();
    const inside = joinHostPort(containerAddress, containerPort);
    return `failed to bind host port for ${joinHostPort(hostAddress, hostPort)}:${inside}/${protocol}: ${reason}`;
  }
  return bound;
}

function joinHostPort(address: IP, port: number): string {
  return typeof address === 'bigint' ? `[${formatIP(address)}]:${port}` : `${formatIP(address)}:${port}`;
}
