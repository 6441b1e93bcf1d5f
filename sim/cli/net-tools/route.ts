import { type IPv4, networkOf, parseIPv4, parsePrefix } from '../../base/address.ts';
import { openRtNetlink, rtNetlinkOf } from '../../host/netlink/open.ts';
import { classLength } from '../../host/netlink/interface-ioctl.ts';
import type { RouteSpec } from '../../host/netlink/messages.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import { resolveName } from '../name-resolution.ts';
import { Ending, err, out, perror, untilEnding } from './ending.ts';
import { routeTable } from './routes.ts';
import { routeTable6 } from './routes6.ts';
import { INET_ROUTE_USAGE, ROUTE_FAMILIES, ROUTE_USAGE, ROUTE_VERSION } from './usage.ts';

/** route(8) of net-tools. */
export const route: Command = { name: 'route', paths: ['/usr/sbin/route'], run: (process) => untilEnding(process, runRoute(process)) };

const TABLE_MAIN = 254;
/** E_LOOKUP, E_SOCK and the like (lib/support.h). */
const STATUS = { usage: 3, lookup: 6, socket: 7 };

const OPTIONS: readonly OptionSpec[] = [
  ...[
    ['e', 'extend'],
    ['h', 'help'],
    ['v', 'verbose'],
    ['V', 'version'],
    ['n', 'numeric'],
    ['N', 'symbolic'],
    ['C', 'cache'],
    ['F', 'fib'],
    ['4', 'inet'],
    ['6', 'inet6'],
  ].map(([short, long]) => ({ name: long as string, short: short as string, long: long as string })),
  { name: 'family', short: 'A', argument: 'required' },
];

const help = () => new Ending(0, err(ROUTE_FAMILIES), out(ROUTE_USAGE));

function* runRoute(process: Process): Blocking<number> {
  // `-net` and `-host` are words of the commands, not options.
  const shielded = process.argv.slice(1).map((word) => (word === '-net' || word === '-host' ? `\u0000${word}` : word));
  const parsed = getopt(OPTIONS, shielded);
  if (isFailure(parsed)) throw new Ending(0, err(`route: ${parsed.error}\n${ROUTE_FAMILIES}`), out(ROUTE_USAGE));
  const count = (name: string) => parsed.options.filter((option) => option.name === name).length;
  if (count('help') > 0) throw help();
  if (count('version') > 0) throw new Ending(0, err(ROUTE_VERSION));
  const family = familyOf(parsed.options);
  const [action, ...words] = parsed.operands.map((word) => word.replace('\u0000', ''));
  if (action === undefined) return yield* show(process, family, count('extend'), count('numeric') > 0, count('cache') > 0);
  if (action === 'flush')
    throw new Ending(STATUS.usage, err(`Flushing \`inet${family === 6 ? '6' : ''}' routing table not supported\n${INET_ROUTE_USAGE}`));
  if (action !== 'add' && action !== 'del') throw new Ending(STATUS.usage, err(ROUTE_USAGE + ROUTE_FAMILIES));
  if (words.length === 0) throw new Ending(0, err(INET_ROUTE_USAGE));
  return yield* family === 6 ? change6(process, action, words) : change4(process, action, words);
}

function familyOf(options: readonly { name: string; value: string }[]): 4 | 6 {
  const last = options.findLast(({ name }) => ['inet', 'inet6', 'family'].includes(name));
  const name = last?.name === 'family' ? last.value : (last?.name ?? 'inet');
  if (name === 'inet') return 4;
  if (name === 'inet6') return 6;
  throw new Ending(1, err(`Unknown address family \`${name}'.\n`));
}

function* show(process: Process, family: 4 | 6, extended: number, numeric: boolean, cache: boolean): Blocking<number> {
  if (family === 6) {
    yield* process.write(1, yield* routeTable6(process, numeric, cache));
    return 0;
  }
  if (cache) {
    yield* process.write(1, 'Kernel IP routing cache\nSource          Destination     Gateway         Flags Metric Ref    Use Iface\n');
    return 0;
  }
  const columns = extended === 0 ? 'metric' : extended === 1 ? 'window' : 'both';
  yield* process.write(1, yield* routeTable(process, openRtNetlink(process.namespaces.net), columns, numeric));
  return 0;
}

/** What `route add` and `del` say about a route. */
interface Wanted {
  address: IPv4;
  length: number | undefined;
  host: boolean;
  hop: { gateway?: IPv4 };
  device: string | undefined;
  reject: boolean;
  spec: Pick<RouteSpec, 'priority' | 'metrics'>;
}

function wrong(text: string): Ending {
  return new Ending(STATUS.usage, err(`${text}${INET_ROUTE_USAGE}`));
}

function* change4(process: Process, action: 'add' | 'del', words: string[]): Blocking<number> {
  const wanted = yield* read(process, words);
  const { hop, device, spec, reject } = wanted;
  const length = wanted.length ?? (wanted.host ? 32 : (classLength(wanted.address) ?? 24));
  const netlink = rtNetlinkOf(process);
  const ioctl = action === 'add' ? 'SIOCADDRT' : 'SIOCDELRT';
  if (!wanted.host && networkOf(wanted.address, length) !== wanted.address) throw wrong("route: netmask doesn't match route address\n");
  const link = device === undefined ? undefined : netlink.link(device);
  if (device !== undefined && !link) throw new Ending(STATUS.socket, perror(ioctl, 'ENODEV'));
  if (action === 'add' && !reject && link === undefined && hop.gateway === undefined)
    throw new Ending(STATUS.socket, perror(ioctl, 'ENODEV'));
  const next = { ...hop, ...(link ? { ifindex: link.ifindex } : {}) };
  const message: RouteSpec = {
    family: 4,
    destination: { address: wanted.address, length },
    table: TABLE_MAIN,
    nexthops: reject || Object.keys(next).length === 0 ? [] : [next],
    ...spec,
  };
  if (reject) message.type = 'unreachable';
  if (action === 'add') {
    message.type ??= 'unicast';
    message.protocol = 'boot';
    message.scope = reject ? 'host' : hop.gateway === undefined ? 'link' : 'global';
  }
  const refused = action === 'add' ? netlink.newRoute(message, 'prepend') : netlink.delRoute(message);
  if (!refused) return 0;
  const errno = refused.message?.includes('gateway') ? 'ENETUNREACH' : refused.errno;
  throw new Ending(STATUS.socket, perror(ioctl, errno));
}

function* read(process: Process, words: string[]): Blocking<Wanted> {
  const kind = words[0] === '-net' || words[0] === '-host' ? words.shift() : undefined;
  const target = words.shift();
  if (target === undefined) throw wrong('');
  const wanted: Wanted = { address: 0, length: undefined, host: false, hop: {}, device: undefined, reject: false, spec: {} };
  const [host = '', bits] = target.split('/');
  if (host === 'default') wanted.length = 0;
  else {
    wanted.address = yield* addressOf(process, host);
    if (bits !== undefined) wanted.length = Number(bits);
    // Without a mask, what has host bits below its class is a host.
    else
      wanted.host =
        kind === '-host' || (kind === undefined && wanted.address !== networkOf(wanted.address, classLength(wanted.address) ?? 24));
    if (bits === undefined && wanted.address === 0 && !wanted.host) wanted.length = 0;
  }
  if (kind === '-host') {
    wanted.host = true;
    if (bits !== undefined) throw wrong(`route: netmask ${hostMask(Number(bits))} doesn't make sense with host route\n`);
  }
  while (words.length > 0) yield* readWord(process, wanted, words);
  return wanted;
}

function hostMask(length: number): string {
  return (length === 32 ? 0 : 0xffff_ffff >>> length).toString(16).padStart(8, '0');
}

function* readWord(process: Process, wanted: Wanted, words: string[]): Blocking<void> {
  const word = words.shift() as string;
  if (word === 'reject') {
    wanted.reject = true;
    return;
  }
  if (['mod', 'dyn', 'reinstate'].includes(word)) return;
  const known = ['metric', 'netmask', 'gw', 'gateway', 'mss', 'window', 'irtt', 'dev', 'device'].includes(word);
  if (!known) {
    if (words.length > 0) throw wrong('');
    wanted.device = word;
    return;
  }
  const value = words.shift();
  if (value === undefined) throw wrong('');
  if (word === 'dev' || word === 'device') wanted.device = value;
  else if (word === 'gw' || word === 'gateway') wanted.hop.gateway = yield* addressOf(process, value);
  else if (word === 'netmask') setMask(wanted, value);
  else if (word === 'metric') wanted.spec.priority = Number.parseInt(value, 10) || 0;
  else setMetric(wanted, word, Number.parseInt(value, 10) || 0);
}

function setMetric({ spec }: Wanted, word: string, value: number): void {
  // What the ioctl calls the MSS is the MTU, 40 bytes more than the segment.
  const metrics = word === 'mss' ? { advmss: value - 40 } : word === 'window' ? { window: value } : { rtt: value };
  spec.metrics = { ...spec.metrics, ...metrics };
}

function setMask(wanted: Wanted, text: string): void {
  const mask = parseIPv4(text);
  const rest = mask === undefined ? 1 : ~mask >>> 0;
  if (mask === undefined || (rest & (rest + 1)) !== 0) throw wrong(`route: bogus netmask ${text}\n`);
  wanted.length = Math.clz32(rest);
  wanted.host = false;
}

function* addressOf(process: Process, text: string): Blocking<IPv4> {
  const found = yield* resolveName(process, text);
  const address = typeof found === 'string' ? undefined : found.addresses.find((one) => typeof one === 'number');
  if (address !== undefined) return address;
  throw new Ending(STATUS.lookup, err(`${text}: ${/^[0-9.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure'}\n`));
}

/** `route -A inet6 add PREFIX [gw ADDRESS] [metric N] dev NAME`. */
function* change6(process: Process, action: 'add' | 'del', words: string[]): Blocking<number> {
  const netlink = rtNetlinkOf(process);
  const ioctl = action === 'add' ? 'SIOCADDRT' : 'SIOCDELRT';
  const target = words.shift() as string;
  const destination = target === 'default' ? { address: 0n, length: 0 } : parsePrefix(target);
  if (!destination || typeof destination.address !== 'bigint') throw new Ending(1, err(`${target}: Host name lookup failure\n`));
  const hop: RouteSpec['nexthops'][number] = {};
  let priority = 1;
  while (words.length > 0) {
    const word = words.shift() as string;
    const value = ['gw', 'dev', 'metric'].includes(word) ? words.shift() : word;
    if (value === undefined) throw wrong('');
    if (word === 'gw') {
      const gateway = parsePrefix(value)?.address;
      if (typeof gateway !== 'bigint') throw new Ending(STATUS.lookup, err(`${value}: Resolver Error 0 (no error)\n`));
      hop.gateway = gateway;
    } else if (word === 'metric') priority = Number.parseInt(value, 10) || 0;
    else {
      const link = netlink.link(value);
      if (!link) throw new Ending(1, perror(ioctl, 'ENODEV'));
      hop.ifindex = link.ifindex;
    }
  }
  const spec: RouteSpec = { family: 6, destination, table: TABLE_MAIN, priority, nexthops: [hop] };
  const refused = action === 'add' ? netlink.newRoute({ ...spec, type: 'unicast', protocol: 'boot' }, 'add') : netlink.delRoute(spec);
  if (refused) throw new Ending(STATUS.socket, perror(ioctl, refused.errno));
  yield* process.spend(1);
  return 0;
}
