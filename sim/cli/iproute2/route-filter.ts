import { addressBits, samePrefix, type IP } from '../../base/address.ts';
import type { RouteInfo, RouteType, Scope } from '../../host/netlink/messages.ts';
import { dsfieldOf, protocolOf, routeTypeOf, scopeOf, TABLE_MAIN, tableNumber } from './names.ts';
import type { HiddenFields } from './route-print.ts';
import { argument, realms } from './rule-values.ts';
import type { Tool } from './tool.ts';
import { ROUTE_USAGE } from './usage/route.ts';
import { type Family, parseUnsigned, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

export const routeUsage = () => new Quit(ROUTE_USAGE, EXIT_MINUS_ONE);

/** What `ip route show` and `ip route flush` select (ip/iproute.c `filter`). */
export interface RouteFilter {
  family: Family;
  /** `undefined` is every table. */
  table: number | undefined;
  cached: boolean;
  tos: number | undefined;
  protocol: string | undefined;
  scope: Scope | undefined;
  type: RouteType | undefined;
  device: number | undefined;
  metric: number | undefined;
  realms: number | undefined;
  /** No route can have what is asked for. */
  nothing: boolean;
  via: WrittenPrefix | undefined;
  source: WrittenPrefix | undefined;
  /** The destination lies within this prefix. */
  root: WrittenPrefix | undefined;
  /** The destination contains this prefix. */
  match: WrittenPrefix | undefined;
}

export function parseRouteFilter(tool: Tool, words: Words): RouteFilter {
  const filter: RouteFilter = {
    family: tool.family,
    table: TABLE_MAIN,
    cached: false,
    tos: undefined,
    protocol: undefined,
    scope: undefined,
    type: undefined,
    device: undefined,
    metric: undefined,
    realms: undefined,
    nothing: false,
    via: undefined,
    source: undefined,
    root: undefined,
    match: undefined,
  };
  let device: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev' || word === 'oif') device = words.value();
    else if (!parseSelector(tool, words, word, filter) && !parseOrigin(words, word, filter)) parseDestination(words, word, filter);
  }
  if (filter.family === 0 && filter.table !== undefined) filter.family = 4;
  if (device !== undefined) filter.device = tool.device(device).ifindex;
  return filter;
}

function parseSelector(tool: Tool, words: Words, word: string, filter: RouteFilter): boolean {
  if (abbreviates(word, 'table')) parseTable(tool, words, filter);
  else if (abbreviates(word, 'vrf')) throw invalid('Invalid VRF\n', words.value());
  else if (abbreviates(word, 'cached') || abbreviates(word, 'cloned')) filter.cached = true;
  else if (word === 'tos' || abbreviates(word, 'dsfield')) {
    const text = words.value();
    filter.tos = dsfieldOf(text);
    if (filter.tos === undefined) throw invalid('TOS value is invalid\n', text);
  } else if (parseRarity(tool, words, word, filter)) return true;
  else if (abbreviates(word, 'metric') || abbreviates(word, 'priority') || word === 'preference') {
    const text = words.value();
    filter.metric = parseUnsigned(text);
    if (filter.metric === undefined) throw invalid('"metric" value is invalid\n', text);
  } else if (word === 'via') filter.via = prefix(gatewayWord(words), filter.family);
  else if (word === 'src') filter.source = prefix(words.value(), filter.family);
  else return false;
  return true;
}

/** Selectors that leave few routes or none: those in tables have no device to come by, no mark and, here, no source prefix. */
function parseRarity(tool: Tool, words: Words, word: string, filter: RouteFilter): boolean {
  if (word === 'iif') {
    tool.device(words.value());
    filter.nothing = true;
  } else if (word === 'mark') {
    const text = words.value();
    const mark = parseUnsigned(text);
    if (mark === undefined) throw invalid('invalid mark value', text);
    if (mark !== 0) filter.nothing = true;
  } else if (abbreviates(word, 'realms')) filter.realms = argument(words, realms, 'invalid realms\n');
  else if (abbreviates(word, 'from')) {
    const kind = words.value();
    const matching = abbreviates(kind, 'match');
    const named = matching || abbreviates(kind, 'root') || abbreviates(kind, 'exact');
    const { length } = prefix(named ? words.value() : kind, filter.family);
    if (!matching && length > 0) filter.nothing = true;
  } else return false;
  return true;
}

/** `via inet6 ADDRESS`: the family's word is passed over. */
function gatewayWord(words: Words): string {
  words.takeExact('inet', 'inet6');
  return words.value();
}

function parseTable(tool: Tool, words: Words, filter: RouteFilter): void {
  const text = words.value();
  const table = tableNumber(text, tool);
  if (table !== undefined) filter.table = table === 0 ? undefined : table;
  else if (text === 'all') filter.table = undefined;
  else if (text === 'cache') filter.cached = true;
  else if (text === 'help') throw routeUsage();
  else throw invalid('table id value is invalid\n', text);
}

function parseOrigin(words: Words, word: string, filter: RouteFilter): boolean {
  if (abbreviates(word, 'protocol')) {
    const text = words.value();
    filter.protocol = protocolOf(text);
    if (filter.protocol === undefined && text !== 'all') throw invalid('invalid "protocol"\n', text);
  } else if (abbreviates(word, 'scope')) {
    const text = words.value();
    filter.scope = scopeOf(text);
    if (filter.scope === undefined && text !== 'all') throw invalid('invalid "scope"\n', text);
  } else if (abbreviates(word, 'type')) {
    const text = words.value();
    filter.type = routeTypeOf(text);
    if (filter.type === undefined) throw invalid('node type value is invalid\n', text);
  } else return false;
  return true;
}

function parseDestination(words: Words, first: string, filter: RouteFilter): void {
  let word = abbreviates(first, 'to') ? words.value() : first;
  if (abbreviates(word, 'root')) filter.root = prefix(words.value(), filter.family);
  else if (abbreviates(word, 'match')) filter.match = prefix(words.value(), filter.family);
  else {
    if (abbreviates(word, 'exact')) word = words.value();
    if (abbreviates(word, 'help')) throw routeUsage();
    filter.match = prefix(word, filter.family);
    filter.root = filter.match;
  }
}

/** Whether a route passes. */
export function routePasses(filter: RouteFilter, route: RouteInfo): boolean {
  if (filter.cached || filter.nothing) return false;
  if (filter.realms !== undefined && !sameRealms(filter.realms, route.nexthops[0]?.realms ?? 0)) return false;
  if (filter.table !== undefined && route.table !== filter.table) return false;
  if (filter.tos !== undefined && route.tos !== filter.tos) return false;
  if (filter.protocol !== undefined && route.protocol !== filter.protocol) return false;
  if (filter.scope !== undefined && route.scope !== filter.scope) return false;
  if (filter.type !== undefined && route.type !== filter.type) return false;
  if (filter.metric !== undefined && route.priority !== filter.metric) return false;
  if (filter.device !== undefined && !route.nexthops.some((hop) => hop.ifindex === filter.device)) return false;
  if (filter.via && !within(route.nexthops.length === 1 ? route.nexthops[0]?.gateway : undefined, filter.via)) return false;
  if (filter.source && !within(route.preferredSource, filter.source)) return false;
  return destinationPasses(filter, route);
}

/** Where from counts only if it was said. */
function sameRealms(wanted: number, given: number): boolean {
  return (wanted & 0xffff) === (given & 0xffff) && (wanted >>> 16 === 0 || wanted >>> 16 === given >>> 16);
}

function destinationPasses({ root, match }: RouteFilter, { destination, family }: RouteInfo): boolean {
  if (root) {
    if (!root.wildcard && addressBits(root.address) !== (family === 4 ? 32 : 128)) return false;
    if (root.length > destination.length || (!root.wildcard && !samePrefix(destination.address, root.address, root.length))) return false;
  }
  if (!match) return true;
  if (match.wildcard) return destination.length === 0;
  return match.length >= destination.length && samePrefix(destination.address, match.address, destination.length);
}

function within(address: IP | undefined, wanted: WrittenPrefix): boolean {
  if (wanted.wildcard) return true;
  return address !== undefined && samePrefix(address, wanted.address, wanted.length);
}

/** The fields that need no printing because the filter has said them. */
export function hiddenBy(filter: RouteFilter): HiddenFields {
  const wholeAddress = (wanted: WrittenPrefix | undefined) => wanted !== undefined && wanted.length === addressBits(wanted.address);
  return {
    tos: filter.tos !== undefined,
    gateway: wholeAddress(filter.via),
    device: filter.device !== undefined,
    table: filter.table !== undefined,
    protocol: filter.protocol !== undefined,
    scope: filter.scope !== undefined,
    source: wholeAddress(filter.source),
    metric: filter.metric !== undefined,
  };
}
