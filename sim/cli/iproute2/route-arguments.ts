import type { IP, Prefix } from '../../base/address.ts';
import type { RouteSpec, RouteType, Scope } from '../../host/netlink/messages.ts';
import { dsfieldOf, protocolOf, routeTypeOf, scopeOf, tableNumber } from './names.ts';
import { routeUsage } from './route-filter.ts';
import { parseMetric } from './route-metrics.ts';
import { argument, realms } from './rule-values.ts';
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
  /** For IPv6: where packets come from. */
  from: Prefix | undefined;
  realms: number | undefined;
  expires: number | undefined;
  preference: RouteSpec['preference'];
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
    from: undefined,
    realms: undefined,
    expires: undefined,
    preference: undefined,
    hops: [],
    nhid: undefined,
  };
  let multipath = false;
  while (!words.empty && !multipath) {
    if (words.here === 'nexthop') multipath = true;
    else {
      const word = words.take();
      const known =
        parseWay(words, word, given) ||
        parseAttribute(tool, words, word, given) ||
        parseMetric(words, word, given.metrics) ||
        parseRarity(tool, words, word, given);
      if (!known) parseDestination(words, word, given);
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
function parseAttribute(tool: Tool, words: Words, word: string, given: RouteArguments): boolean {
  if (word === 'tos' || abbreviates(word, 'dsfield')) given.tos = argument(words, dsfieldOf, '"tos" value is invalid\n');
  else if (abbreviates(word, 'metric') || abbreviates(word, 'priority') || word === 'preference') {
    given.priority = argument(words, parseUnsigned, '"metric" value is invalid\n');
  } else if (word === 'scope') given.scope = argument(words, scopeOf, 'invalid "scope" value\n');
  else if (abbreviates(word, 'protocol'))
    given.protocol = argument(words, (text) => protocolOf(text, tool), '"protocol" value is invalid\n');
  else if (abbreviates(word, 'table')) given.table = argument(words, (text) => tableNumber(text, tool), '"table" value is invalid\n');
  else if (abbreviates(word, 'vrf')) throw invalid('Invalid VRF\n', words.value());
  else return false;
  return true;
}

/** What few routes have. */
function parseRarity(tool: Tool, words: Words, word: string, given: RouteArguments): boolean {
  if (abbreviates(word, 'realms')) given.realms = argument(words, realms, '"realm" value is invalid\n');
  else if (word === 'expires') given.expires = argument(words, parseUnsigned, '"expires" value is invalid\n');
  else if (word.length > 2 && abbreviates(word, 'pref')) given.preference = argument(words, preferenceOf, '"pref" value is invalid\n');
  else if (word === 'ttl-propagate') {
    // Only MPLS heeds it.
    argument(
      words,
      (text) => ['enabled', 'disabled'].some((name) => abbreviates(text, name)) || undefined,
      '"ttl-propagate" value is invalid\n',
    );
  } else if (word === 'encap') {
    const type = words.value();
    if (!ENCAPSULATIONS.includes(type)) throw invalid('"encap type" value is invalid\n', type);
    throw tool.unmodelled(`ip route's encapsulation ${type}`);
  } else if (word === 'from') {
    const { address: from, length, wildcard } = prefix(words.value(), given.family);
    given.from = { address: from, length };
    if (!wildcard) learnFamily(given, from);
  } else if (word === 'as') throw tool.unmodelled(`ip route's argument ${word}`);
  else return false;
  return true;
}

const ENCAPSULATIONS = ['mpls', 'ip', 'ip6', 'ila', 'bpf', 'seg6', 'seg6local', 'rpl', 'ioam6', 'xfrm'];

function preferenceOf(text: string): RouteSpec['preference'] {
  if (text === 'low' || text === 'medium' || text === 'high') return text;
  const number = parseUnsigned(text, 255);
  return number === undefined ? undefined : number === 1 ? 'high' : number === 3 ? 'low' : 'medium';
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
    else if (abbreviates(words.here, 'realms')) {
      words.take();
      hop.realms = argument(words, realms, '"realm" value is invalid\n');
    } else if (words.here === 'encap' || words.here === 'as') throw tool.unmodelled(`a next hop's argument ${words.here}`);
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
