import { formatIP, formatIPv4, type IPv4, ipv4Mask, networkOf, parseIPv4 } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { classLength } from '../../host/netlink/interface-ioctl.ts';
import type { RouteInfo, RouteSpec } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { TABLE_MAIN } from '../iproute2/names.ts';
import { flagLetters, readRoutes6, ROUTES6_FILE } from '../net-tools/routes6.ts';
import { nameOfAddress, resolveName } from '../name-resolution.ts';
import { appletProgram, Die, letters, options, ShowUsage, type Speech } from './failure.ts';

/** busybox's route (networking/route.c), for IPv4. */
export const route = appletProgram('route', runRoute);

const NET_HOST = ['-net', '-host'];

function* runRoute(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  // `-net` and `-host` are words, not bundles of letters.
  const shielded = args.map((arg) => (NET_HOST.includes(arg) ? `\u0000${arg}` : arg));
  const { options: given, operands } = options(letters('A:ne'), shielded);
  const words = operands.map((word) => word.replace('\u0000', ''));
  const has = (name: string) => given.some((option) => option.name === name);
  const family = given.findLast(({ name }) => name === 'A')?.value ?? 'inet';
  if (family !== 'inet' && family !== 'inet6') throw new ShowUsage();
  const netlink = rtNetlinkOf(process);
  const [action, ...rest] = words;
  if (family === 'inet6') {
    if (action !== undefined) throw new Die('changing the IPv6 table is not modelled (see sim/FIDELITY.md); try ip -6 route');
    return yield* showRoutes6(process, speech);
  }
  if (action === undefined) return yield* showRoutes(process, netlink, speech, { numeric: has('n'), extended: has('e') });
  if (action !== 'add' && action !== 'del' && action !== 'delete') throw new ShowUsage();
  return yield* change(process, netlink, action === 'add', rest);
}

/** The kernel's table as route(8) and `netstat -r` print it (bb_displayroutes). */
export function* showRoutes(
  process: Process,
  netlink: RtNetlink,
  speech: Speech,
  options: { numeric: boolean; extended: boolean },
): Blocking<number> {
  const columns = options.extended ? 'Flags   MSS Window  irtt Iface' : 'Flags Metric Ref    Use Iface';
  speech.print(`Kernel IP routing table\nDestination     Gateway         Genmask         ${columns}\n`);
  for (const one of netlink.routes(4)) {
    if (one.table !== TABLE_MAIN || one.type === 'throw' || one.type === 'blackhole' || one.type === 'prohibit') continue;
    speech.print(yield* lineOf(process, netlink, one, options));
  }
  return 0;
}

/** What busybox has no letter for. */
const UNKNOWN_FLAGS = 'eaf';

function* showRoutes6(process: Process, speech: Speech): Blocking<number> {
  const routes = yield* readRoutes6(process);
  if (typeof routes === 'string') throw new Die(`can't open '${ROUTES6_FILE}': ${strerror(routes)}`);
  speech.print(
    'Kernel IPv6 routing table\nDestination                                 Next Hop                                Flags Metric Ref    Use Iface\n',
  );
  for (const one of routes) {
    const head = `${`${formatIP(one.destination)}/${one.length}`.padEnd(43)} ${formatIP(one.gateway).padEnd(39)} `;
    const figures = `${String(one.metric).padEnd(6)} ${String(one.references).padEnd(2)} ${String(one.uses).padStart(7)} ${one.device.padEnd(8)}`;
    speech.print(`${head}${flagLetters(one.flags, UNKNOWN_FLAGS).padEnd(5)} ${figures}\n`);
  }
  return 0;
}

function* lineOf(process: Process, netlink: RtNetlink, one: RouteInfo, options: { numeric: boolean; extended: boolean }): Blocking<string> {
  const { destination, nexthops, priority, metrics } = one;
  const hop = nexthops[0];
  const gateway = typeof hop?.gateway === 'number' ? hop.gateway : 0;
  const reject = one.type === 'unreachable';
  const flags = `${reject ? '!' : 'U'}${gateway !== 0 ? 'G' : ''}${destination.length === 32 ? 'H' : ''}`;
  const to = yield* shown(process, destination.address as IPv4, destination.length === 0 ? 'default' : '', options.numeric);
  const via = yield* shown(process, gateway, '*', options.numeric);
  const head = `${to.padEnd(15)} ${via.padEnd(15)} ${formatIPv4(ipv4Mask(destination.length)).padEnd(15)} ${flags.padEnd(6)}`;
  const device = hop ? (netlink.link(hop.ifindex)?.name ?? '') : '*';
  if (!options.extended) return `${head}${String(priority).padEnd(6)} 0        0 ${device}\n`;
  return `${head}${String(metrics.advmss ?? 0).padStart(5)} ${String(metrics.window ?? 0).padEnd(6)} ${String(0).padStart(5)} ${device}\n`;
}

/** An address by name unless -n; `zero` is what 0.0.0.0 is called then. */
function* shown(process: Process, address: IPv4, zero: string, numeric: boolean): Blocking<string> {
  if (numeric) return formatIP(address);
  if (address === 0) return zero === '' ? 'default' : zero;
  return ((yield* nameOfAddress(process, address)) ?? formatIP(address)).slice(0, 15);
}

/** `route add|del [-net|-host] TARGET …`. */
function* change(process: Process, netlink: RtNetlink, adding: boolean, words: readonly string[]): Blocking<number> {
  const ioctl = adding ? 'SIOCADDRT' : 'SIOCDELRT';
  const rest = [...words];
  const kind = NET_HOST.includes(rest[0] ?? '') ? rest.shift() : undefined;
  const target = rest.shift();
  if (target === undefined) throw new ShowUsage();
  const wanted = yield* targetOf(process, target, kind);
  const spec: RouteSpec = {
    family: 4,
    destination: wanted,
    table: TABLE_MAIN,
    nexthops: [],
    ...(adding ? { protocol: 'boot', type: 'unicast' } : {}),
  };
  const hop: RouteSpec['nexthops'][number] = {};
  let device: string | undefined;
  while (rest.length > 0) device = (yield* parseWord(process, rest, wanted, hop, spec, kind)) ?? device;
  if (!process.capable('NET_ADMIN')) throw new Die(`${ioctl}: ${strerror('EPERM')}`);
  if (device !== undefined) {
    const link = netlink.link(device);
    if (!link) throw new Die(`${ioctl}: ${strerror('ENODEV')}`);
    hop.ifindex = link.ifindex;
  }
  if (networkOf(wanted.address, wanted.length) !== wanted.address) throw new Die("netmask doesn't match route address"); // RTF_HOST aside
  if (Object.keys(hop).length > 0) spec.nexthops = [hop];
  if (adding && spec.type === 'unicast') spec.scope = hop.gateway === undefined ? 'link' : 'global';
  const refused = adding ? netlink.newRoute(spec, 'add') : netlink.delRoute(spec);
  if (refused) throw new Die(`${ioctl}: ${strerror(refused.errno === 'EINVAL' && adding ? 'ENETUNREACH' : refused.errno)}`);
  return 0;
}

interface Target {
  address: IPv4;
  length: number;
}

/** `default`, a network with `/LENGTH` or of its class, or a host. */
function* targetOf(process: Process, text: string, kind: string | undefined): Blocking<Target> {
  if (text === 'default') return { address: 0, length: 0 };
  const [host = '', mask] = text.split('/');
  const resolved = yield* resolveName(process, host);
  const address = typeof resolved === 'string' ? undefined : resolved.addresses.find((one) => typeof one === 'number');
  if (address === undefined) throw new Die(`${text}: Unknown host`);
  if (mask !== undefined) {
    const length = /^[0-9]+$/.test(mask) ? Number(mask) : 33;
    if (length > 32) throw new Die(`invalid number '${mask}'`);
    return { address, length };
  }
  if (kind === '-host' || (kind === undefined && (address & 0xff) !== 0)) return { address, length: 32 };
  if (address === 0) return { address, length: 0 };
  return { address, length: classLength(address) ?? 24 };
}

/** One keyword with its argument; returns the device, if that is what it was. */
function* parseWord(
  process: Process,
  rest: string[],
  target: Target,
  hop: RouteSpec['nexthops'][number],
  spec: RouteSpec,
  kind: string | undefined,
): Blocking<string | undefined> {
  const word = rest.shift() as string;
  if (word === 'reject') {
    spec.type = 'unreachable';
    spec.scope = 'global';
    return undefined;
  }
  const known = ['metric', 'netmask', 'gw', 'gateway', 'mss', 'window', 'irtt', 'dev', 'device'].includes(word);
  if (!known && rest.length === 0) return word;
  const value = rest.shift();
  if (!known || value === undefined) throw new ShowUsage();
  if (word === 'dev' || word === 'device') return value;
  if (word === 'gw' || word === 'gateway') {
    const gateway = yield* targetOf(process, value, '-host');
    hop.gateway = gateway.address;
  } else if (word === 'netmask') setMask(target, value, kind);
  else if (word === 'metric') spec.priority = wholeNumber(value);
  else if (word === 'mss') spec.metrics = { ...spec.metrics, advmss: wholeNumber(value) };
  else if (word === 'window') spec.metrics = { ...spec.metrics, window: wholeNumber(value) };
  return undefined;
}

function wholeNumber(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new Die(`invalid number '${text}'`);
  return Number(text);
}

function setMask(target: Target, text: string, kind: string | undefined): void {
  const mask = parseIPv4(text);
  const host = mask === undefined ? 1 : ~mask >>> 0;
  if (mask === undefined || (host & (host + 1)) !== 0) throw new Die(`bogus netmask ${text}`);
  if (kind === '-host' && mask !== 0xffff_ffff) throw new Die(`netmask ${text} and host route conflict`);
  target.length = Math.clz32(host);
}
