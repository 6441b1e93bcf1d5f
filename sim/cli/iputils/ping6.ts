import { type IPv6, isLinkLocalIPv6, isMulticastIPv6 } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { type OpenIcmpSocket, openRawSocket } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { PingFailure, type Ready, unreachable } from './failure.ts';
import type { PingOptions } from './options.ts';

const IPPROTO_ICMPV6 = 58;

/** Everything that can fail before the first packet over IPv6 (ping/ping6_common.c `ping6_run`). */
export function* prepare6(
  process: Process,
  socket: OpenIcmpSocket,
  options: PingOptions,
  address: IPv6,
  program: string,
): Blocking<Ready<IPv6> | PingFailure> {
  const fatal = (what: string, errno: Errno) => new PingFailure(`${program}: ${what}: ${strerror(errno)}\n`);
  const { options: set } = socket;
  set.tos = options.tos;
  set.mark = options.mark ?? 0;
  const device = options.device ?? zoneOf(options.target);
  if (device !== undefined) {
    const link = openRtNetlink(process.namespaces.net).link(device);
    if (!link) return new PingFailure(`${program}: unknown iface: ${device}\n`);
    set.boundDevice = link.ifindex;
  }
  const source = options.source6 ?? (yield* findSource(process, options, set.boundDevice, address, program));
  if (source instanceof PingFailure) return source;
  const multicast = isMulticastIPv6(address);
  set.pathMtuDiscovery = options.pathMtuDiscovery ?? (multicast ? 'do' : 'want');
  const refused = options.strictSource ? socket.bind(source) : undefined;
  if (refused) return fatal('bind icmp socket', refused);
  set.receiveErrors = true;
  if (options.noLoop) set.multicastLoop = false;
  if (options.ttl !== undefined) {
    set.ttl = options.ttl;
    set.multicastTtl = options.ttl;
  }
  const unconnected = options.connect ? socket.connect(address) : undefined;
  if (unconnected) return fatal('connect failed', unconnected);
  return { destination: address, source, multicast };
}

/** The device in `fe80::1%eth0`. */
function zoneOf(target: string): string | undefined {
  return target.includes('%') ? target.slice(target.indexOf('%') + 1) : undefined;
}

/** Which source the kernel would use. For addresses of one link the real program's probe isn't connected, and its source is `::`. */
function* findSource(
  process: Process,
  options: PingOptions,
  boundDevice: number,
  address: IPv6,
  program: string,
): Blocking<IPv6 | PingFailure> {
  const source = staysOnLink(address) ? 0n : connectedSource(process, options, boundDevice, address, program);
  if (typeof source !== 'bigint' || options.device === undefined || hasAddress(process, boundDevice, source)) return source;
  yield* process.write(2, `${program}: Warning: source address might be selected on device other than: ${options.device}\n`);
  return source;
}

function connectedSource(process: Process, options: PingOptions, boundDevice: number, address: IPv6, program: string): IPv6 | PingFailure {
  const opened = openRawSocket(process, IPPROTO_ICMPV6, 6);
  if (typeof opened === 'string') return new PingFailure(`${program}: socket: ${strerror(opened)}\n`);
  const probe = opened.hold();
  probe.options.boundDevice = boundDevice;
  probe.options.mark = options.mark ?? 0;
  const failed = probe.connect(address);
  const source = typeof probe.local === 'bigint' ? probe.local : 0n;
  probe.release();
  return failed ? unreachable(program, failed) : source;
}

/** fe80::/10, and ff?2::/16, the groups of one link. */
export function staysOnLink(address: IPv6): boolean {
  return isLinkLocalIPv6(address) || (isMulticastIPv6(address) && ((address >> 112n) & 0xfn) === 2n);
}

function hasAddress(process: Process, ifindex: number, address: IPv6): boolean {
  return openRtNetlink(process.namespaces.net)
    .addresses(6)
    .some((known) => known.ifindex === ifindex && known.prefix.address === address);
}
