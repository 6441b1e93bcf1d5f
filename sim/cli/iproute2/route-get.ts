import { formatIP, type IP, samePrefix } from '../../base/address.ts';
import type { RouteAnswer, RouteInfo, RouteQuery } from '../../host/netlink/messages.ts';
import { dsfieldOf, ipProtocolOf, routeTypeName, tableName, TABLE_LOCAL, TABLE_MAIN } from './names.ts';
import type { Report } from './report.ts';
import { routeUsage } from './route-filter.ts';
import { printMetrics, printRoute } from './route-print.ts';
import type { Tool } from './tool.ts';
import { type Family, familyOf, parseUnsigned, prefix } from './values.ts';
import { abbreviates, invalid, Quit, type Words } from './words.ts';

interface Question {
  family: Family;
  destination: IP | undefined;
  source: IP | undefined;
  iif: string | undefined;
  oif: string | undefined;
  mark: number;
  tos: number | undefined;
  uid: number;
  fibmatch: boolean;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
}

/** `ip route get`: asks the kernel for the route of one packet. */
export function getRoute(tool: Tool, words: Words): number {
  const asked = parseQuestion(tool, words);
  if (asked.destination === undefined) throw new Quit('need at least a destination address\n', 1);
  const query: RouteQuery = { destination: asked.destination };
  if (asked.source !== undefined) query.source = asked.source;
  if (asked.iif !== undefined) query.iif = tool.device(asked.iif).ifindex;
  if (asked.oif !== undefined) query.oif = tool.device(asked.oif).ifindex;
  if (asked.mark !== 0) query.mark = asked.mark;
  if (asked.tos !== undefined) query.tos = asked.tos;
  if (asked.protocol !== undefined) query.protocol = asked.protocol;
  if (asked.sourcePort !== undefined) query.sourcePort = asked.sourcePort;
  if (asked.destinationPort !== undefined) query.destinationPort = asked.destinationPort;
  const answer = tool.netlink.getRoute(query);
  if ('errno' in answer) return tool.outcome(answer);
  const report = tool.report();
  report.object('', () => {
    const matching = asked.fibmatch ? matchingRoute(tool, answer) : undefined;
    if (matching) printRoute(tool, report, matching);
    else printAnswer(tool, report, answer, asked);
  });
  report.end();
  return 0;
}

function parseQuestion(tool: Tool, words: Words): Question {
  const asked: Question = {
    family: tool.family,
    destination: undefined,
    source: undefined,
    iif: undefined,
    oif: undefined,
    mark: 0,
    tos: undefined,
    uid: 0,
    fibmatch: false,
  };
  while (!words.empty) {
    const word = words.take();
    if (!parseKeyword(tool, words, word, asked)) parseAddress(tool, words, word, asked);
  }
  return asked;
}

function parseKeyword(tool: Tool, words: Words, word: string, asked: Question): boolean {
  if (word === 'tos' || abbreviates(word, 'dsfield')) {
    const text = words.value();
    asked.tos = dsfieldOf(text);
    if (asked.tos === undefined) throw invalid('TOS value is invalid\n', text);
  } else if (abbreviates(word, 'from')) {
    const text = words.value();
    if (abbreviates(text, 'help')) throw routeUsage();
    asked.source = prefix(text, asked.family).address;
    asked.family = asked.family || familyOf(asked.source);
  } else if (abbreviates(word, 'iif')) asked.iif = words.value();
  else if (abbreviates(word, 'mark')) asked.mark = unsigned(words, 'invalid mark value');
  else if (abbreviates(word, 'oif') || word === 'dev') asked.oif = words.value();
  else if (abbreviates(word, 'notify')) return true;
  else if (abbreviates(word, 'vrf')) throw invalid('Invalid VRF\n', words.value());
  else if (abbreviates(word, 'uid')) asked.uid = unsigned(words, 'invalid UID\n');
  else if (abbreviates(word, 'fibmatch')) asked.fibmatch = true;
  else if (word === 'sport') asked.sourcePort = port(words, 'invalid sport\n');
  else if (word === 'dport') asked.destinationPort = port(words, 'invalid dport\n');
  else if (word === 'ipproto') {
    const text = words.value();
    const protocol = ipProtocolOf(text);
    if (protocol === undefined) throw invalid('Invalid "ipproto" value\n', text);
    asked.protocol = protocol;
  } else if (['connected', 'as', 'flowlabel'].includes(word)) throw tool.unmodelled(`ip route get's argument ${word}`);
  else return false;
  return true;
}

function port(words: Words, message: string): number {
  const text = words.value();
  const value = parseUnsigned(text, 65_535);
  if (value === undefined) throw invalid(message, text);
  return value;
}

function unsigned(words: Words, message: string): number {
  const text = words.value();
  const value = parseUnsigned(text);
  if (value === undefined) throw invalid(message, text);
  return value;
}

function parseAddress(tool: Tool, words: Words, first: string, asked: Question): void {
  const word = first === 'to' ? words.value() : first;
  if (abbreviates(word, 'help')) throw routeUsage();
  const { address, length } = prefix(word, asked.family);
  asked.family = asked.family || familyOf(address);
  const bits = familyOf(address) === 4 ? 32 : 128;
  if (length !== bits) tool.warn(`Warning: /${length} as prefix is invalid, only /${bits} (or none) is supported.\n`);
  asked.destination = address;
}

function printAnswer(tool: Tool, report: Report, answer: RouteAnswer, asked: Question): void {
  const { details, numeric } = tool.options;
  const six = typeof answer.destination === 'bigint';
  if (answer.type !== 'unicast' || details) {
    const type = routeTypeName(answer.type, numeric);
    report.field('type', type, `${type} `);
  }
  report.field('dst', formatIP(answer.destination), `${formatIP(answer.destination)} `);
  const source = answer.source ?? (six ? 0n : undefined);
  if (source !== undefined) report.field('from', formatIP(source), `from ${formatIP(source)} `);
  if (answer.gateway !== undefined) report.field('gateway', formatIP(answer.gateway), `via ${formatIP(answer.gateway)} `);
  const device = tool.deviceName(answer.ifindex);
  report.field('dev', device, `dev ${device} `);
  const table = tableShown(answer);
  if (table !== TABLE_MAIN || (details && !six)) report.field('table', tableName(table, numeric), `table ${tableName(table, numeric)} `);
  if (six && answer.protocol !== undefined && answer.protocol !== 'boot')
    report.field('protocol', answer.protocol, `proto ${answer.protocol} `);
  if (answer.preferredSource !== undefined && answer.source === undefined) {
    report.field('prefsrc', formatIP(answer.preferredSource), `src ${formatIP(answer.preferredSource)} `);
  }
  if (six && answer.priority !== undefined) report.field('metric', answer.priority, `metric ${answer.priority} `);
  printCache(tool, report, answer, asked, six);
  report.text('\n');
}

/** IPv4 looks the local table up together with the main one and reports the main one; only IPv6 tells. */
function tableShown(answer: RouteAnswer): number {
  return answer.table === TABLE_LOCAL && typeof answer.destination === 'number' ? TABLE_MAIN : answer.table;
}

function printCache(tool: Tool, report: Report, answer: RouteAnswer, asked: Question, six: boolean): void {
  const { cache } = answer;
  // RTCF_MULTICAST is the same bit as RTM_F_OFFLOAD_FAILED, and iproute2 takes it for that too.
  report.list('flags', () => {
    if (cache.multicast && !six) report.item('rt_offload_failed', 'rt_offload_failed ');
  });
  const mark = answer.mark ?? asked.mark;
  if (mark !== 0) report.field('mark', mark, `mark ${mark < 16 ? mark : `0x${mark.toString(16)}`} `);
  if (answer.iif === undefined && !six) report.field('uid', asked.uid, `uid ${asked.uid} `);
  if (!six) printCacheFlags(tool, report, cache);
  if (cache.expiresSeconds !== undefined) report.field('expires', cache.expiresSeconds, `expires ${cache.expiresSeconds}sec `);
  // The metrics are those of the route, and what was learned takes precedence.
  printMetrics(report, { ...matchingRoute(tool, answer)?.metrics, ...(cache.mtu === undefined ? {} : { mtu: cache.mtu }) });
  if (answer.iif !== undefined) report.field('iif', tool.deviceName(answer.iif), `iif ${tool.deviceName(answer.iif)} `);
  if (six) report.field('pref', 'medium', 'pref medium');
}

function printCacheFlags(tool: Tool, report: Report, cache: RouteAnswer['cache']): void {
  const names: string[] = [];
  // A broadcast is always for this machine too (`__mkroute_output` sets both flags).
  if (cache.local || cache.broadcast) names.push('local');
  if (cache.multicast) names.push('mc');
  if (cache.broadcast) names.push('brd');
  if (cache.redirected) names.push('redirected');
  report.field('cache', names, `${tool.newline}    cache ${names.length > 0 ? `<${names.join(',')}> ` : ''}`);
}

/** The route that the answer came from: the longest prefix, then the lowest metric, in its table. */
function matchingRoute(tool: Tool, answer: RouteAnswer): RouteInfo | undefined {
  const family = typeof answer.destination === 'bigint' ? 6 : 4;
  const candidates = tool.netlink
    .routes(family)
    .filter(({ table, destination }) => table === answer.table && samePrefix(destination.address, answer.destination, destination.length))
    .filter(({ nexthops }) => nexthops.length === 0 || nexthops.some((hop) => hop.ifindex === answer.ifindex || answer.type === 'local'));
  candidates.sort((a, b) => b.destination.length - a.destination.length || a.priority - b.priority);
  return candidates[0];
}
