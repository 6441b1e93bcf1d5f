import { addressBits, formatIP, samePrefix } from '../../base/address.ts';
import type { RouteAnswer, RouteInfo, RouteSpec, RouteType, Scope } from '../../host/netlink/messages.ts';
import type { NewMode } from '../../host/netlink/rtnetlink.ts';
import { protocolOf, routeTypeOf, scopeOf, TABLE_MAIN, tableNumber } from '../iproute2/names.ts';
import { type Family, familyOf, type WrittenPrefix } from '../iproute2/values.ts';
import { printRoute } from './ip-print.ts';
import { type IpRun, keyword } from './ip-words.ts';

const COMMANDS = ['a', 'add', 'append', 'change', 'chg', 'delete', 'get', 'list', 'show', 'prepend', 'replace', 'test', 'flush'] as const;

/** `ip route` of busybox. */
export function ipRoute(run: IpRun): number {
  if (run.empty) return listOrFlush(run, false);
  const word = run.take();
  const command = keyword(COMMANDS, word);
  switch (command) {
    case undefined:
      throw run.invalid(word, 'ip');
    case 'get':
      return get(run);
    case 'list':
    case 'show':
    case 'flush':
      return listOrFlush(run, command === 'flush');
    case 'test':
      throw run.die('"ip route test" is not modelled (see sim/FIDELITY.md)');
    default:
      return modify(run, command === 'a' ? 'add' : command === 'chg' ? 'change' : command);
  }
}

// ---- add, append, change, prepend, replace, delete ---------------------------------------------------------------------

const WORDS = ['src', 'via', 'mtu', 'advmss', 'scope', 'protocol', 'table', 'dev', 'oif', 'to', 'metric', 'onlink'] as const;

interface Wanted {
  family: Family;
  destination: WrittenPrefix | undefined;
  type: RouteType | undefined;
  device: string | undefined;
  hop: RouteSpec['nexthops'][number];
  spec: Partial<RouteSpec>;
}

function modify(run: IpRun, mode: NewMode | 'delete'): number {
  const wanted: Wanted = { family: run.addressFamily, destination: undefined, type: undefined, device: undefined, hop: {}, spec: {} };
  while (!run.empty) parseWord(run, wanted);
  if (wanted.device !== undefined) wanted.hop.ifindex = run.device(wanted.device).ifindex;
  const family = wanted.family === 0 ? 4 : wanted.family;
  const type = wanted.type ?? (mode === 'delete' ? undefined : 'unicast');
  const scope = wanted.spec.scope ?? usualScope(type, mode === 'delete', wanted.hop.gateway !== undefined);
  const { address, length } = wanted.destination ?? { address: family === 6 ? 0n : 0, length: 0 };
  const spec: RouteSpec = {
    table: TABLE_MAIN,
    ...(mode === 'delete' ? {} : { protocol: 'boot' }),
    ...wanted.spec,
    family,
    destination: { address: length === 0 && family === 6 ? 0n : address, length },
    nexthops: Object.keys(wanted.hop).length > 0 ? [wanted.hop] : [],
    ...(type === undefined ? {} : { type }),
    ...(scope === undefined ? {} : { scope }),
  };
  return run.outcome(mode === 'delete' ? run.netlink.delRoute(spec) : run.netlink.newRoute(spec, mode));
}

function usualScope(type: RouteType | undefined, deleting: boolean, routed: boolean): Scope | undefined {
  if (type === 'local') return 'host';
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return 'link';
  if (type !== undefined && type !== 'unicast') return 'global';
  if (deleting) return undefined;
  return routed ? 'global' : 'link';
}

function parseWord(run: IpRun, wanted: Wanted): void {
  const word = run.take();
  const { spec } = wanted;
  switch (keyword(WORDS, word)) {
    case 'src':
      spec.preferredSource = run.address(run.value(), wanted.family);
      wanted.family = wanted.family || familyOf(spec.preferredSource);
      break;
    case 'via':
      wanted.hop.gateway = run.address(run.value(), wanted.family);
      wanted.family = wanted.family || familyOf(wanted.hop.gateway);
      break;
    case 'mtu':
    case 'advmss':
      parseMetric(run, word === 'advmss' || word.startsWith('a') ? 'advmss' : 'mtu', spec);
      break;
    case 'scope':
      spec.scope = named(run, scopeOf, 'scope');
      break;
    case 'protocol':
      spec.protocol = named(run, protocolOf, 'protocol');
      break;
    case 'table':
      spec.table = named(run, tableNumber, 'table');
      break;
    case 'dev':
    case 'oif':
      wanted.device = run.value();
      break;
    case 'metric':
      spec.priority = run.unsigned(run.value(), 'metric');
      break;
    case 'onlink':
      wanted.hop.onlink = true;
      break;
    default:
      parseDestination(run, word === 'to' ? run.value() : word, wanted);
  }
}

function parseMetric(run: IpRun, key: 'mtu' | 'advmss', spec: Partial<RouteSpec>): void {
  let text = run.value();
  const metrics = spec.metrics ?? {};
  if (text === 'lock') {
    if (key === 'mtu') metrics.mtuLock = true;
    text = run.value();
  }
  metrics[key] = run.unsigned(text, key);
  spec.metrics = metrics;
}

function named<T>(run: IpRun, parse: (text: string) => T | undefined, place: string): T {
  const text = run.value();
  const value = parse(text);
  if (value === undefined) throw run.invalid(text, place);
  return value;
}

function parseDestination(run: IpRun, first: string, wanted: Wanted): void {
  let word = first;
  const type = /^[0-9]/.test(word) ? undefined : routeTypeOf(word);
  if (type !== undefined) {
    wanted.type = type;
    word = run.value();
  }
  if (wanted.destination) throw run.garbage('to', word);
  wanted.destination = run.prefix(word, wanted.family);
  if (!wanted.destination.wildcard) wanted.family = wanted.family || familyOf(wanted.destination.address);
}

// ---- list, flush ------------------------------------------------------------------------------------------------------

interface Filter {
  /** `undefined` is all. */
  table: number | undefined;
  cache: boolean;
  scope: Scope | undefined;
  device: number | undefined;
  via: WrittenPrefix | undefined;
  root: WrittenPrefix | undefined;
  match: WrittenPrefix | undefined;
}

function listOrFlush(run: IpRun, flushing: boolean): number {
  if (flushing && run.empty) throw run.die('"ip route flush" requires an argument');
  const filter = parseFilter(run);
  const family = run.addressFamily === 0 && filter.table !== undefined ? 4 : run.addressFamily;
  const select = () =>
    (family === 0 ? ([4, 6] as const) : ([family] as const))
      .flatMap((one) => run.netlink.routes(one))
      .filter((route) => passes(filter, route));
  if (filter.cache) return 0;
  if (!flushing) {
    const via = filter.via;
    const shown = {
      table: filter.table === undefined,
      scope: filter.scope === undefined,
      gateway: !via || via.length !== addressBits(via.address),
    };
    for (const route of select()) printRoute(run, route, shown);
    return 0;
  }
  for (const { family: of, destination, table, type, tos, priority, scope, protocol, nexthops } of select()) {
    const hops = nexthops.map(({ gateway, ifindex }) => ({ ifindex, ...(gateway === undefined ? {} : { gateway }) }));
    run.netlink.delRoute({ family: of, destination, table, type, tos, priority, scope, protocol, nexthops: hops });
  }
  return 0;
}

const LIST_WORDS = [
  'protocol',
  'dev',
  'oif',
  'iif',
  'via',
  'table',
  'cache',
  'from',
  'to',
  'scope',
  'all',
  'root',
  'match',
  'exact',
  'main',
] as const;

function parseFilter(run: IpRun): Filter {
  const filter: Filter = {
    table: TABLE_MAIN,
    cache: false,
    scope: undefined,
    device: undefined,
    via: undefined,
    root: undefined,
    match: undefined,
  };
  while (!run.empty) parseSelector(run, run.take(), filter);
  return filter;
}

function parseSelector(run: IpRun, word: string, filter: Filter): void {
  switch (keyword(LIST_WORDS, word)) {
    case 'protocol':
      // Checked, and then not looked at.
      if (run.empty || protocolOf(run.value()) !== undefined) return;
      run.back();
      if (run.value() !== 'all') throw run.invalid(word, 'protocol');
      return;
    case 'dev':
    case 'oif':
      filter.device = run.device(run.value()).ifindex;
      return;
    case 'iif':
    case 'from':
      throw run.die(`selecting routes by ${word} is not modelled (see sim/FIDELITY.md)`);
    case 'via':
      filter.via = run.prefix(run.value(), run.addressFamily);
      return;
    case 'table':
      return parseTable(run, filter);
    case 'cache':
      filter.cache = true;
      return;
    case 'scope': {
      const text = run.value();
      filter.scope = scopeOf(text);
      if (filter.scope === undefined && text !== 'all') throw run.invalid(text, 'scope');
      return;
    }
    default:
      parsePlace(run, word === 'to' ? run.value() : word, filter);
  }
}

function parseTable(run: IpRun, filter: Filter): void {
  const text = run.value();
  const word = keyword(LIST_WORDS, text);
  if (word === 'cache') filter.cache = true;
  else if (word === 'all') filter.table = undefined;
  else if (word !== 'main') {
    filter.table = tableNumber(text);
    if (filter.table === undefined) throw run.invalid(text, 'table');
  }
}

function parsePlace(run: IpRun, word: string, filter: Filter): void {
  const key = keyword(LIST_WORDS, word);
  const prefix = run.prefix(key === 'root' || key === 'match' || key === 'exact' ? run.value() : word, run.addressFamily);
  if (key !== 'match') filter.root = prefix;
  if (key !== 'root') filter.match = prefix;
}

function passes(filter: Filter, route: RouteInfo): boolean {
  const { destination } = route;
  if (filter.table !== undefined && route.table !== filter.table) return false;
  if (filter.scope !== undefined && route.scope !== filter.scope) return false;
  if (filter.device !== undefined && (route.nexthops.length !== 1 || route.nexthops[0]?.ifindex !== filter.device)) return false;
  const { root, match } = filter;
  if (root && (root.length > destination.length || !samePrefix(root.address, destination.address, root.length))) return false;
  return !match || (match.length >= destination.length && samePrefix(match.address, destination.address, destination.length));
}

// ---- get --------------------------------------------------------------------------------------------------------------

function get(run: IpRun): number {
  let destination: WrittenPrefix | undefined;
  let source: WrittenPrefix | undefined;
  let iif: string | undefined;
  let oif: string | undefined;
  while (!run.empty) {
    const word = run.take();
    if (word === 'from') source = run.prefix(run.value(), run.addressFamily);
    else if (word === 'iif') iif = run.value();
    else if (word === 'oif' || word === 'dev') oif = run.value();
    else if (word !== 'notify' && word !== 'connected') destination = run.prefix(word === 'to' ? run.value() : word, run.addressFamily);
  }
  if (!destination || destination.length === 0) throw run.die('need at least destination address');
  const answer = run.netlink.getRoute({
    destination: destination.address,
    ...(source ? { source: source.address } : {}),
    ...(iif === undefined ? {} : { iif: run.device(iif).ifindex }),
    ...(oif === undefined ? {} : { oif: run.device(oif).ifindex }),
  });
  if ('errno' in answer) return run.outcome(answer);
  run.speech.print(answerText(run, answer));
  return 0;
}

function answerText(run: IpRun, answer: RouteAnswer): string {
  let text = answer.type === 'unicast' ? '' : `${answer.type} `;
  text += `${formatIP(answer.destination)} `;
  if (answer.source !== undefined) text += `from ${formatIP(answer.source)} `;
  if (answer.gateway !== undefined) text += `via ${formatIP(answer.gateway)} `;
  text += `dev ${run.deviceName(answer.ifindex)} `;
  if (answer.preferredSource !== undefined && answer.source === undefined) text += ` src ${formatIP(answer.preferredSource)} `;
  return `${text}${run.newline}    cache ${answer.iif === undefined ? '' : ` iif ${run.deviceName(answer.iif)}`}\n`;
}
