import type { IP } from '../../base/address.ts';
import type { RouteSpec, RouteType, Scope } from '../../host/netlink/messages.ts';
import { dsfieldOf, protocolOf, routeTypeOf, scopeOf, tableNumber } from './names.ts';
import { routeUsage } from './route-filter.ts';
import type { Tool } from './tool.ts';
import { address, type Family, familyOf, parseUnsigned, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

/** The words of `ip route add` and its like (ip/iproute.c `iproute_modify`). */
export interface RouteArguments {
  family: Family;
  destination: WrittenPrefix | undefined;
  type: RouteType | undefined;
  gateway: IP | undefined;
  hasGateway: boolean;
  device: string | undefined;
  onlink: boolean;
  source: IP | undefined;
  tos: number | undefined;
  priority: number | undefined;
  table: number | undefined;
  protocol: string | undefined;
  scope: Scope | undefined;
  metrics: NonNullable<RouteSpec['metrics']>;
  hops: RouteSpec['nexthops'];
  nhid: number | undefined;
}

export function parseRoute(tool: Tool, words: Words): RouteArguments {
  const given: RouteArguments = {
    family: tool.family,
    destination: undefined,
    type: undefined,
    gateway: undefined,
    hasGateway: false,
    device: undefined,
    onlink: false,
    source: undefined,
    tos: undefined,
    priority: undefined,
    table: undefined,
    protocol: undefined,
    scope: undefined,
    metrics: {},
    hops: [],
    nhid: undefined,
  };
  let multipath = false;
  while (!words.empty && !multipath) {
    if (words.here === 'nexthop') multipath = true;
    else {
      const word = words.take();
      const known = parseWay(words, word, given) || parseAttribute(words, word, given) || parseMetric(words, word, given);
      if (known) continue;
      if (isUnmodelled(word)) throw tool.unmodelled(`ip route's argument ${word}`);
      parseDestination(words, word, given);
    }
  }
  if (!given.destination) throw routeUsage();
  if (given.device !== undefined) tool.device(given.device);
  if (multipath) parseHops(tool, words, given);
  return given;
}

function learnFamily(given: RouteArguments, ip: IP): void {
  given.family = given.family || familyOf(ip);
}

/** Where the packets go: `via`, `dev`, `onlink`, `src`. */
function parseWay(words: Words, word: string, given: RouteArguments): boolean {
  if (word === 'src') {
    given.source = address(words.value(), given.family);
    learnFamily(given, given.source);
  } else if (word === 'via') {
    if (given.hasGateway) throw invalid('use nexthop syntax to specify multiple via\n', word);
    given.gateway = gateway(words, given.family);
    given.hasGateway = true;
    learnFamily(given, given.gateway);
  } else if (word === 'nhid') given.nhid = argument(words, parseUnsigned, '"id" value is invalid\n');
  else if (word === 'dev' || word === 'oif') given.device = words.value();
  else if (word === 'onlink') given.onlink = true;
  else return false;
  return true;
}

/** An address, or `inet6 ADDRESS` for one of the other family. */
function gateway(words: Words, family: Family): IP {
  const text = words.value();
  if (text === 'inet') return address(words.value(), 4);
  if (text === 'inet6') return address(words.value(), 6);
  return address(text, family);
}

/** What the route is called and where it is kept. */
function parseAttribute(words: Words, word: string, given: RouteArguments): boolean {
  if (word === 'tos' || abbreviates(word, 'dsfield')) given.tos = argument(words, dsfieldOf, '"tos" value is invalid\n');
  else if (abbreviates(word, 'metric') || abbreviates(word, 'priority') || word === 'preference') {
    given.priority = argument(words, parseUnsigned, '"metric" value is invalid\n');
  } else if (word === 'scope') given.scope = argument(words, scopeOf, 'invalid "scope" value\n');
  else if (abbreviates(word, 'protocol')) given.protocol = argument(words, protocolOf, '"protocol" value is invalid\n');
  else if (abbreviates(word, 'table')) given.table = argument(words, tableNumber, '"table" value is invalid\n');
  else if (abbreviates(word, 'vrf')) throw invalid('Invalid VRF\n', words.value());
  else return false;
  return true;
}

function argument<T>(words: Words, parse: (text: string) => T | undefined, message: string): T {
  const text = words.value();
  const value = parse(text);
  if (value === undefined) throw invalid(message, text);
  return value;
}

/** The route's own values for what TCP and path MTU discovery would find out. */
function parseMetric(words: Words, word: string, given: RouteArguments): boolean {
  const { metrics } = given;
  if (word === 'mtu') {
    if (words.takeExact('lock')) metrics.mtuLock = true;
    metrics.mtu = argument(words, parseUnsigned, '"mtu" value is invalid\n');
  } else if (word === 'advmss') metrics.advmss = argument(words, parseUnsigned, '"mss" value is invalid\n');
  else if (word.length > 1 && abbreviates(word, 'window')) metrics.window = argument(words, parseUnsigned, '"window" value is invalid\n');
  else if (word === 'rtt') metrics.rtt = argument(words, milliseconds, '"rtt" value is invalid\n');
  else return false;
  return true;
}

/** A time with `s` or `ms`; without a unit, the kernel's own eighths of a millisecond. */
function milliseconds(text: string): number | undefined {
  const match = /^([0-9]+)(s|ms|)$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  return match[2] === 's' ? value * 1000 : match[2] === 'ms' ? value : Math.floor(value / 8);
}

const UNMODELLED = [
  'as',
  'expires',
  'hoplimit',
  'reordering',
  'rto_min',
  'cwnd',
  'initcwnd',
  'initrwnd',
  'features',
  'quickack',
  'congctl',
  'rttvar',
  'ssthresh',
  'realms',
  'pref',
  'encap',
  'ttl-propagate',
  'fastopen_no_cookie',
  'from',
];

function isUnmodelled(word: string): boolean {
  return UNMODELLED.includes(word);
}

function parseDestination(words: Words, first: string, given: RouteArguments): void {
  let word = first === 'to' ? words.value() : first;
  const type = /^[0-9]/.test(word) ? undefined : routeTypeOf(word);
  if (type !== undefined) {
    given.type = type;
    word = words.value();
  }
  if (abbreviates(word, 'help')) throw routeUsage();
  if (given.destination) throw garbage('to', word);
  given.destination = prefix(word, given.family);
  if (!given.destination.wildcard) learnFamily(given, given.destination.address);
}

/** `nexthop via A dev D weight N`, once or more, to the end of the line. */
function parseHops(tool: Tool, words: Words, given: RouteArguments): void {
  while (!words.empty) {
    if (!words.takeExact('nexthop')) {
      throw new Quit(`Error: "nexthop" or end of line is expected instead of "${words.here}"\n`, EXIT_MINUS_ONE);
    }
    if (words.empty) throw new Quit('Error: unexpected end of line after "nexthop"\n', EXIT_MINUS_ONE);
    given.hops.push(parseHop(tool, words, given));
  }
}

function parseHop(tool: Tool, words: Words, given: RouteArguments): RouteSpec['nexthops'][number] {
  const hop: RouteSpec['nexthops'][number] = {};
  while (!words.empty) {
    if (words.takeExact('via')) {
      hop.gateway = gateway(words, given.family);
      learnFamily(given, hop.gateway);
    } else if (words.takeExact('dev')) hop.ifindex = nextHopDevice(tool, words.value());
    else if (words.takeExact('weight')) hop.weight = argument(words, parseWeight, '"weight" is invalid\n');
    else if (words.takeExact('onlink')) hop.onlink = true;
    else break;
  }
  return hop;
}

function parseWeight(text: string): number | undefined {
  const weight = parseUnsigned(text, 256);
  return weight === 0 ? undefined : weight;
}

function nextHopDevice(tool: Tool, name: string): number {
  const link = tool.netlink.link(name);
  if (!link) throw new Quit(`Cannot find device "${name}"\nError: cannot parse nexthop\n`, EXIT_MINUS_ONE);
  return link.ifindex;
}
