import { formatIP, type IP } from '../../base/address.ts';
import type { RouteAnswer, RouteQuery } from '../../host/netlink/messages.ts';
import { dsfieldOf, ipProtocolOf, routeTypeName, tableName, TABLE_MAIN } from './names.ts';
import { familyColor, type Report } from './report.ts';
import { printMetrics } from './route-metrics.ts';
import { routeUsage } from './route-filter.ts';
import { printRoute } from './route-print.ts';
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
  connected: boolean;
  notify: boolean;
  flowLabel?: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
}

/** `ip route get`: asks the kernel for the route of one packet. */
export function getRoute(tool: Tool, words: Words): number {
  const asked = parseQuestion(tool, words);
  if (asked.destination === undefined) throw new Quit('need at least a destination address\n', 1);
  const query = queryOf(tool, asked, asked.destination);
  let answer = tool.netlink.getRoute(query);
  if ('errno' in answer) return tool.outcome(answer);
  if (asked.connected && asked.source === undefined) {
    print(tool, answer, asked);
    if (answer.preferredSource === undefined) throw new Quit('Failed to connect the route\n', 1);
    answer = tool.netlink.getRoute({ ...query, source: answer.preferredSource });
    if ('errno' in answer) return tool.outcome(answer);
  }
  print(tool, answer, asked);
  return 0;
}

function queryOf(tool: Tool, asked: Question, destination: IP): RouteQuery {
  const { source, iif, oif, mark, tos, protocol, sourcePort, destinationPort, flowLabel } = asked;
  return {
    destination,
    ...(source === undefined ? {} : { source }),
    ...(iif === undefined ? {} : { iif: tool.device(iif).ifindex }),
    ...(oif === undefined ? {} : { oif: tool.device(oif).ifindex }),
    ...(mark === 0 ? {} : { mark }),
    ...(tos === undefined ? {} : { tos }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(destinationPort === undefined ? {} : { destinationPort }),
    ...(flowLabel === undefined ? {} : { flowLabel }),
    user: asked.uid,
  };
}

function print(tool: Tool, answer: RouteAnswer, asked: Question): void {
  const report = tool.report();
  report.object('', () => {
    if (asked.fibmatch && answer.match) printRoute(tool, report, answer.match);
    else printAnswer(tool, report, answer, asked);
  });
  report.end();
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
    connected: false,
    notify: false,
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
  else if (abbreviates(word, 'notify')) asked.notify = true;
  else if (abbreviates(word, 'connected')) asked.connected = true;
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
  } else if (word === 'flowlabel') asked.flowLabel = unsigned(words, 'invalid flowlabel');
  else if (word === 'as') throw tool.unmodelled(`ip route get's argument ${word}`);
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
  const color = familyColor(answer.destination);
  report.field('dst', formatIP(answer.destination), `${formatIP(answer.destination)} `, color);
  const source = answer.source ?? (six ? 0n : undefined);
  if (source !== undefined) report.field('from', formatIP(source), `from ${formatIP(source)} `, color);
  if (answer.match?.nhid !== undefined && six) report.field('nhid', answer.match.nhid, `nhid ${answer.match.nhid} `);
  if (answer.gateway !== undefined) printRouter(report, answer.gateway, six);
  const device = tool.deviceName(answer.ifindex);
  report.text('dev ');
  report.field('dev', device, `${device} `, 'ifname');
  const { table } = answer;
  if (table !== TABLE_MAIN || (details && !six)) {
    const name = tableName(table, numeric, tool);
    report.field('table', name, `table ${name} `);
  }
  if (six && answer.protocol !== undefined && answer.protocol !== 'boot')
    report.field('protocol', answer.protocol, `proto ${answer.protocol} `);
  if (answer.preferredSource !== undefined && (six || answer.source === undefined)) {
    report.text('src ');
    report.field('prefsrc', formatIP(answer.preferredSource), `${formatIP(answer.preferredSource)} `, color);
  }
  if (six && answer.priority !== undefined) report.field('metric', answer.priority, `metric ${answer.priority} `);
  printCache(tool, report, answer, asked, six);
  report.text('\n');
}

/** A router of the other family is written with its family. */
function printRouter(report: Report, gateway: IP, six: boolean): void {
  const text = formatIP(gateway);
  const other = typeof gateway === 'bigint' && !six;
  report.text(other ? 'via inet6 ' : 'via ');
  report.field(other ? 'via' : 'gateway', other ? { family: 'inet6', host: text } : text, `${text} `, familyColor(gateway));
}

function printCache(tool: Tool, report: Report, answer: RouteAnswer, asked: Question, six: boolean): void {
  const { cache } = answer;
  // RTCF_MULTICAST is the same bit as RTM_F_OFFLOAD_FAILED, and iproute2 takes it for that too.
  report.list('flags', () => {
    if (asked.notify) report.item('notify', 'notify ');
    if (cache.multicast && !six) report.item('rt_offload_failed', 'rt_offload_failed ');
  });
  const mark = answer.mark ?? asked.mark;
  if (mark !== 0 && !six) report.field('mark', mark, `mark ${mark < 16 ? mark : `0x${mark.toString(16)}`} `);
  if (answer.iif === undefined && !six) report.field('uid', asked.uid, `uid ${asked.uid} `);
  if (!six) printCacheFlags(tool, report, cache, asked.notify);
  if (cache.expiresSeconds !== undefined) report.field('expires', cache.expiresSeconds, `expires ${cache.expiresSeconds}sec `);
  // The metrics are those of the route, and what was learned takes precedence.
  printMetrics(report, { ...answer.match?.metrics, ...(cache.mtu === undefined ? {} : { mtu: cache.mtu }) });
  if (answer.iif !== undefined) {
    report.text('iif ');
    report.field('iif', tool.deviceName(answer.iif), `${tool.deviceName(answer.iif)} `, 'ifname');
  }
  if (!six) return;
  const preference = answer.match?.preference ?? 'medium';
  report.field('pref', preference, `pref ${preference}`);
}

function printCacheFlags(tool: Tool, report: Report, cache: RouteAnswer['cache'], notify: boolean): void {
  const names: string[] = [];
  // A broadcast is always for this machine too (`__mkroute_output` sets both flags).
  if (cache.local || cache.broadcast) names.push('local');
  if (cache.multicast) names.push('mc');
  if (cache.broadcast) names.push('brd');
  if (cache.redirected) names.push('redirected');
  if (notify) names.push('notify');
  report.field('cache', names, `${tool.newline}    cache ${names.length > 0 ? `<${names.join(',')}> ` : ''}`);
}
