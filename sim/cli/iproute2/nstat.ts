import { decode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec } from '../getopt.ts';
import { globMatcher } from '../tool/glob.ts';
import { VERSION } from './options.ts';
import { formatJson } from './report.ts';
import { NSTAT_USAGE } from './usage/nstat.ts';

/** nstat(8) of iproute2: what the protocols have counted, since the last look unless told otherwise. */
export const nstat: Command = { name: 'nstat', paths: ['/usr/bin/nstat'], run: runNstat };

const flag = (short: string, long: string): OptionSpec => ({ name: long, short, long });
const OPTIONS: readonly OptionSpec[] = [
  flag('h', 'help'),
  flag('?', 'help'),
  flag('a', 'ignore'),
  flag('j', 'json'),
  flag('n', 'nooutput'),
  flag('p', 'pretty'),
  flag('r', 'reset'),
  flag('s', 'noupdate'),
  flag('V', 'version'),
  flag('z', 'zeros'),
  { name: 'scan', short: 'd', long: 'scan', argument: 'required' },
  { name: 'interval', short: 't', long: 'interval', argument: 'required' },
];

/** Where the counts of the last look are kept, for each user; everybody is root. */
const HISTORY = '/tmp/.nstat.u0';

/** Settings and present states among the counters, which have no history. */
const USELESS = new Set(['IpForwarding', 'IpDefaultTTL', 'TcpRtoAlgorithm', 'TcpRtoMin', 'TcpRtoMax', 'TcpMaxConn', 'TcpCurrEstab']);

type Counts = Map<string, number>;

function* runNstat(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, `nstat: ${parsed.error}\n${NSTAT_USAGE}`);
    return 255;
  }
  const has = (name: string) => hasOption(parsed, name);
  if (has('help')) {
    yield* process.write(2, NSTAT_USAGE);
    return 0;
  }
  if (has('version')) {
    yield* process.write(1, `nstat utility, iproute2-${VERSION}\n`);
    return 0;
  }
  const daemon = parsed.options.find(({ name, value }) => (name === 'scan' || name === 'interval') && Number.parseInt(value ?? '', 10) > 0);
  if (daemon) {
    yield* process.write(2, notModelled('nstat', `the daemon (--${daemon.name})`));
    return 1;
  }
  const now = yield* counters(process);
  const before = has('reset') ? new Map<string, number>() : yield* history(process);
  if (!has('nooutput')) {
    const wanted = parsed.operands.map((pattern) => globMatcher(pattern, true));
    const shown = [...now].flatMap(([name, count]): [string, number][] => {
      if (wanted.length > 0 && !wanted.some((matches) => matches(name))) return [];
      const since = before.get(name) ?? 0;
      const value = has('ignore') || since > count ? count : count - since;
      return value === 0 && !has('zeros') ? [] : [[name, value]];
    });
    const text = has('json') ? `${formatCounts(shown, has('pretty'))}\n` : layOut(shown);
    yield* process.write(1, text);
  }
  if (!has('noupdate')) yield* remember(process, now);
  return 0;
}

function layOut(counts: Iterable<[string, number]>): string {
  return `#kernel\n${[...counts].map(([name, value]) => `${name.padEnd(32)}${String(value).padEnd(16)}   0.0\n`).join('')}`;
}

function formatCounts(shown: [string, number][], pretty: boolean): string {
  return formatJson({ kernel: Object.fromEntries(shown) }, pretty);
}

/** Everything in the kernel's three files, in the order that nstat reads them. */
function* counters(process: Process): Blocking<Counts> {
  const counts: Counts = new Map();
  titled(counts, yield* textOf(process, '/proc/net/snmp'));
  for (const line of (yield* textOf(process, '/proc/net/snmp6')).split('\n')) {
    const [name, value] = line.split(/\s+/);
    if (name && value !== undefined) counts.set(name, Number(value));
  }
  titled(counts, yield* textOf(process, '/proc/net/netstat'));
  return counts;
}

/** A line of names and a line of numbers, each with the title in front. */
function titled(counts: Counts, text: string): void {
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [title = '', ...names] = (lines[i] as string).split(' ');
    const values = (lines[i + 1] as string).split(' ').slice(1);
    for (const [at, name] of names.entries()) {
      const full = `${title.slice(0, -1)}${name}`;
      if (!USELESS.has(full)) counts.set(full, Number(values[at]));
    }
  }
}

function* textOf(process: Process, path: string): Blocking<string> {
  const bytes = yield* process.readFile(path);
  return typeof bytes === 'string' ? '' : decode(bytes);
}

function* history(process: Process): Blocking<Counts> {
  const counts: Counts = new Map();
  for (const line of (yield* textOf(process, HISTORY)).split('\n')) {
    const [name = '', value] = line.split(/\s+/);
    if (value !== undefined && !name.startsWith('#')) counts.set(name, Number(value));
  }
  return counts;
}

/** The history has what isn't zero. */
function* remember(process: Process, counts: Counts): Blocking<void> {
  const fd = process.open(HISTORY, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return;
  yield* process.write(fd, layOut([...counts].filter(([, value]) => value !== 0)));
  process.close(fd);
}
