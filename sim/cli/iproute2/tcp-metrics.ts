import { addressBits, formatIP, type IP, samePrefix } from '../../base/address.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { TcpMetricsInfo } from '../../host/netlink/tcp-metrics.ts';
import { Fixed, Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { familyOf, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, Quit, type Words } from './words.ts';

const USAGE = `Usage:	ip tcp_metrics/tcpmetrics { COMMAND | help }
	ip tcp_metrics { show | flush } SELECTOR
	ip tcp_metrics delete [ address ] ADDRESS
SELECTOR := [ [ address ] PREFIX ]
`;

/** `ip tcp_metrics`: what ended connections have taught the kernel about their peers (ip/tcp_metrics.c). */
export const tcpMetricsCommands: readonly Subcommand[] = [
  { names: ['delete'], run: remove },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['flush'], run: flush },
  {
    names: ['help'],
    run: () => {
      throw new Quit(USAGE, EXIT_MINUS_ONE);
    },
  },
];

interface Selector {
  peers?: WrittenPrefix;
  sources?: WrittenPrefix;
}

/** `[[address] PREFIX] [src PREFIX]`; only lists can be narrowed by our own address. */
function selectorOf(tool: Tool, words: Words, listing: boolean): Selector {
  const selector: Selector = {};
  while (!words.empty) {
    const word = words.take();
    if (listing && (word === 'src' || word === 'source')) {
      selector.sources = prefix(words.value(), tool.family);
      continue;
    }
    const named = word === 'addr' || word === 'address' || word === 'src' || word === 'source';
    const text = named ? words.value() : word;
    if (abbreviates(text, 'help')) throw new Quit(USAGE, EXIT_MINUS_ONE);
    if (selector.peers && !listing) throw garbage('address', text);
    selector.peers = prefix(text, tool.family);
  }
  return selector;
}

/** A single host, which the kernel is asked for by itself. */
const single = (wanted: WrittenPrefix | undefined): IP | undefined =>
  wanted && !wanted.wildcard && wanted.length === addressBits(wanted.address) ? wanted.address : undefined;

function matches(tool: Tool, { peers, sources }: Selector, { remote, source }: TcpMetricsInfo): boolean {
  if (tool.family !== 0 && familyOf(remote) !== tool.family) return false;
  const within = (ip: IP, wanted: WrittenPrefix | undefined) =>
    !wanted || wanted.wildcard || (familyOf(ip) === familyOf(wanted.address) && samePrefix(ip, wanted.address, wanted.length));
  return within(remote, peers) && within(source, sources);
}

function show(tool: Tool, words: Words): number {
  const selector = selectorOf(tool, words, true);
  const peer = single(selector.peers);
  const found = tool.netlink.tcpMetrics().filter((info) => matches(tool, selector, info));
  if (peer !== undefined && found.length === 0) return tool.outcome({ errno: 'ESRCH' });
  // One peer's answer is printed as text even with -j.
  const report = peer === undefined ? tool.report() : new Report(false, false, tool.print, tool.options.color);
  for (const info of found) report.object('', () => printMetrics(report, info));
  report.end();
  return 0;
}

function printMetrics(report: Report, { remote, source, age, window, roundTrip, variation }: TcpMetricsInfo): void {
  report.field('dst', formatIP(remote), formatIP(remote));
  const seconds = Math.floor(age / MILLISECOND) / 1000;
  report.field('age', new Fixed(String(seconds)), ` age ${seconds.toFixed(3)}sec`);
  if (window > 0) report.field('cwnd', window, ` cwnd ${window}`);
  const time = (key: string, value: number) => {
    if (value > 0) report.field(key, new Fixed(general(value / SECOND)), ` ${key} ${value}us`);
  };
  time('rtt', roundTrip);
  time('rttvar', variation);
  report.field('source', formatIP(source), ` source ${formatIP(source)}`);
  report.text('\n');
}

/** As printf's %g: at most six digits, and an exponent of two digits below a ten-thousandth. */
function general(value: number): string {
  const number = Number(value.toPrecision(6));
  if (Math.abs(number) >= 0.0001) return String(number);
  return number.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function remove(tool: Tool, words: Words): number {
  const { peers } = selectorOf(tool, words, false);
  if (!peers) throw new Quit('Error: argument "address" is required\n', EXIT_MINUS_ONE);
  return tool.outcome(tool.netlink.delTcpMetrics(peers.address));
}

/** Without a selector the kernel forgets everything at once; of a single peer too; what a prefix covers goes one by one. */
function flush(tool: Tool, words: Words): number {
  const selector = selectorOf(tool, words, true);
  const peer = single(selector.peers);
  if (peer !== undefined && !selector.sources) return tool.outcome(tool.netlink.delTcpMetrics(peer));
  const everything = (selector.peers?.length ?? 0) === 0 && !selector.sources && tool.family === 0;
  if (everything) return tool.outcome(tool.netlink.delTcpMetrics());
  const doomed = tool.netlink.tcpMetrics().filter((info) => matches(tool, selector, info));
  for (const { remote, source } of doomed) {
    const failed = tool.netlink.delTcpMetrics(remote, source);
    if (failed) return tool.outcome(failed);
  }
  if (doomed.length === 0) tool.print('Nothing to flush.\n');
  else if (tool.options.stats > 0)
    tool.print(`\n*** Round 1, deleting ${doomed.length} entries ***\n*** Flush is complete after 1 round ***\n`);
  return 0;
}
