import { addressBits, formatIP, type IP, type IPv4 } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { type OpenIcmpSocket, openPingSocket, openRawSocket } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { type ResolutionError, type ResolvedName, resolutionErrorText, resolveName } from '../name-resolution.ts';
import { PingFailure, type Ready, unreachable } from './failure.ts';
import { headerOptions } from './header-options.ts';
import { type PingOptions, parsePing } from './options.ts';
import { prepare6, staysOnLink } from './ping6.ts';
import { isRaw, PingSession } from './session.ts';

/** ping(8) of iputils. */
export const ping: Command = { name: 'ping', paths: ['/usr/bin/ping', '/usr/bin/ping4', '/usr/bin/ping6'], run: runPing };

const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

function* runPing(process: Process): Blocking<number> {
  const program = process.argv[0]?.replace(/.*\//, '') ?? 'ping';
  const parsed = parsePing(process.argv.slice(1), program);
  const notes = 'options' in parsed ? parsed.notes : parsed;
  yield* process.write(2, notes.stderr);
  yield* process.write(1, notes.stdout);
  if (!('options' in parsed)) return parsed.status;
  const result = yield* pingTarget(process, parsed.options, program);
  if (typeof result === 'number') return result;
  yield* process.write(2, result.text);
  return result.status;
}

/** Tries the addresses of the name in turn; only the last one's failure to be reachable is final. */
function* pingTarget(process: Process, options: PingOptions, program: string): Blocking<number | PingFailure> {
  const resolved = yield* resolveName(process, options.target);
  const none = (error: ResolutionError) => new PingFailure(`${program}: ${options.target}: ${resolutionErrorText(error)}\n`);
  if (typeof resolved === 'string') return none(resolved);
  const addresses = resolved.addresses.filter(
    (address) => options.family === 0 || (addressBits(address) === 32 ? 4 : 6) === options.family,
  );
  if (addresses.length === 0) return none('EAI_ADDRFAMILY');
  let failure: PingFailure | undefined;
  for (const address of addresses) {
    const result = yield* pingAddress(process, options, { ...resolved, addresses: [address] }, program);
    if (typeof result === 'number' || !result.unreachable) return result;
    failure = result;
  }
  return failure as PingFailure;
}

function* pingAddress(process: Process, options: PingOptions, resolved: ResolvedName, program: string): Blocking<number | PingFailure> {
  const address = resolved.addresses[0] as IP;
  const socket4 = openEchoSocket(process);
  if (typeof socket4 === 'string') return notPermitted(program, socket4);
  const raw = isRaw(socket4);
  const socket = typeof address === 'bigint' ? openRawSocket(process, IPPROTO_ICMPV6, 6) : socket4;
  if (typeof socket === 'string') return notPermitted(program, socket);
  const fd = process.install(socket);
  if (options.verbose) yield* describe(process, raw, options, resolved, program);
  if (!raw && typeof address === 'bigint' && !options.target.includes('%') && staysOnLink(address)) {
    const use = '=> use: address%<ifname|scope-id>';
    yield* process.write(2, `${program}: Warning: IPv6 link-local address on ICMP datagram socket may require ifname or scope-id ${use}\n`);
  }
  const ready = yield* typeof address === 'bigint'
    ? prepare6(process, socket, options, address, program)
    : prepare(process, socket, options, address, program);
  if (ready instanceof PingFailure) {
    process.close(fd);
    return ready;
  }
  const six = typeof address === 'bigint';
  const session = new PingSession(process, socket, options, {
    program,
    name: resolved.name,
    destination: ready.destination,
    numeric: options.numeric || resolved.numeric,
    multicast: ready.multicast,
    raw,
    device: (ifindex) => openRtNetlink(process.namespaces.net).link(ifindex)?.name ?? String(ifindex),
  });
  const from = options.device !== undefined || options.strictSource ? `from ${formatIP(ready.source)} ${options.device ?? ''}: ` : '';
  const zone = six ? (resolved.name.match(/%.*/)?.[0] ?? '') : '';
  const sizes = six ? `${options.size} data bytes` : `${options.size}(${options.size + 28 + (options.header ? 40 : 0)}) bytes of data.`;
  yield* process.write(1, `PING ${resolved.name} (${formatIP(ready.destination)}${zone}) ${from}${sizes}\n`);
  return yield* session.run();
}

/** An ICMP datagram socket where the group range allows it, else a raw one (create_socket). */
function openEchoSocket(process: Process): OpenIcmpSocket | Errno {
  const datagram = openPingSocket(process);
  return typeof datagram === 'string' ? openRawSocket(process, IPPROTO_ICMP) : datagram;
}

function notPermitted(program: string, errno: Errno): PingFailure {
  const hint = errno === 'EPERM' ? `${program}: => missing cap_net_raw+p capability or setuid?\n` : '';
  return new PingFailure(`${program}: socktype: SOCK_RAW\n${program}: socket: ${strerror(errno)}\n${hint}`);
}

function* describe(process: Process, raw: boolean, options: PingOptions, resolved: ResolvedName, program: string): Blocking<void> {
  const type = raw ? 'SOCK_RAW' : 'SOCK_DGRAM';
  const six = options.family === 4 ? 'sock6.fd: -1 (socktype: 0)' : `sock6.fd: 4 (socktype: ${type})`;
  const hint = options.family === 4 ? 'AF_INET' : 'AF_UNSPEC';
  yield* process.write(2, `${program}: sock4.fd: 3 (socktype: ${type}), ${six}, hints.ai_family: ${hint}\n`);
  const family = typeof resolved.addresses[0] === 'bigint' ? 'AF_INET6' : 'AF_INET';
  yield* process.write(2, `${program}: ai->ai_family: ${family}, ai->ai_canonname: '${resolved.name}'\n`);
}

/** Everything that can fail before the first packet: device, source, route, options (ping/ping.c `ping4_run`). */
function* prepare(
  process: Process,
  socket: OpenIcmpSocket,
  options: PingOptions,
  address: IPv4,
  program: string,
): Blocking<Ready<IPv4> | PingFailure> {
  const fatal = (what: string, errno: Errno) => new PingFailure(`${program}: ${what}: ${strerror(errno)}\n`);
  const { options: set } = socket;
  set.tos = options.tos;
  set.mark = options.mark ?? 0;
  if (options.device !== undefined) {
    const link = openRtNetlink(process.namespaces.net).link(options.device);
    if (!link) return fatal(`SO_BINDTODEVICE ${options.device}`, 'ENODEV');
    set.boundDevice = link.ifindex;
  }
  let source = options.source;
  if (source === undefined) {
    const found = yield* findSource(process, options, set.boundDevice, address, program);
    if (found instanceof PingFailure) return found;
    source = found;
  }
  const multicast = options.broadcast || address >>> 28 === 0xe;
  set.pathMtuDiscovery = options.pathMtuDiscovery ?? (multicast ? 'do' : 'want');
  const refused = options.strictSource ? socket.bind(source) : undefined;
  if (refused) return fatal('bind', refused);
  set.receiveErrors = true;
  set.broadcast = options.broadcast;
  if (options.noLoop) set.multicastLoop = false;
  if (options.ttl === 0) return fatal('cannot set unicast time-to-live', 'EINVAL');
  if (options.ttl !== undefined) {
    set.ttl = options.ttl;
    set.multicastTtl = options.ttl;
  }
  if (options.onLink) set.dontRoute = true;
  const unfit = yield* putHeaderOptions(process, socket, options, address, program);
  if (unfit) return unfit;
  const destination = address === 0 ? source : address;
  const unconnected = options.connect ? socket.connect(destination) : undefined;
  if (unconnected) return fatal('connect failed', unconnected);
  return { destination, source, multicast };
}

/** -R, -T and source routes; the last are refused, since ping has given its privileges away by now. */
function* putHeaderOptions(
  process: Process,
  socket: OpenIcmpSocket,
  { header, hops: names }: PingOptions,
  address: IPv4,
  program: string,
): Blocking<PingFailure | undefined> {
  if (header === undefined) return undefined;
  const hops: IPv4[] = [];
  for (const name of names) {
    const resolved = yield* resolveName(process, name, 4);
    if (typeof resolved === 'string') return new PingFailure(`${program}: ${name}: ${resolutionErrorText(resolved)}\n`);
    hops.push(resolved.addresses[0] as IPv4);
  }
  if (header === 'source-route') hops.push(address);
  const failed = socket.setIpOptions(headerOptions(header, hops), false);
  if (!failed) return undefined;
  const what = header === 'record-route' || header === 'source-route' ? 'record route' : 'ts option';
  return new PingFailure(`${program}: ${what}: ${strerror(failed)}\n`);
}

/** Asks the kernel which source it would use by connecting a socket that is then thrown away. */
function* findSource(
  process: Process,
  options: PingOptions,
  boundDevice: number,
  address: IPv4,
  program: string,
): Blocking<IPv4 | PingFailure> {
  const opened = openEchoSocket(process);
  if (typeof opened === 'string') return notPermitted(program, opened);
  const probe = opened.hold();
  probe.options.boundDevice = boundDevice;
  probe.options.tos = options.tos;
  probe.options.mark = options.mark ?? 0;
  let failed = probe.connect(address === 0 ? LOOPBACK : address);
  if (failed === 'EACCES') {
    if (!options.broadcast) {
      probe.release();
      return new PingFailure(`${program}: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n`);
    }
    yield* process.write(2, 'WARNING: pinging broadcast address\n');
    probe.options.broadcast = true;
    failed = probe.connect(address);
  }
  const source = probe.local;
  probe.release();
  if (failed) return unreachable(program, failed);
  const chosen = typeof source === 'number' ? source : 0;
  if (options.device !== undefined && !hasAddress(process, boundDevice, chosen)) {
    yield* process.write(2, `${program}: Warning: source address might be selected on device other than: ${options.device}\n`);
  }
  return chosen;
}

const LOOPBACK = 0x7f00_0001;

function hasAddress(process: Process, ifindex: number, address: IPv4): boolean {
  return openRtNetlink(process.namespaces.net)
    .addresses(4)
    .some((known) => known.ifindex === ifindex && known.prefix.address === address);
}
