import { moment } from '../../base/calendar.ts';
import { EPOCH_SECONDS, type Micros, SECOND } from '../../base/time.ts';
import type { NeighbourSettings, NeighbourTableChange, NeighbourTableInfo } from '../../host/netlink/neighbour-table.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { NTABLE_USAGE } from './usage/ntable.ts';
import { parseUnsigned } from './values.ts';
import { abbreviates, duplicate, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(NTABLE_USAGE, EXIT_MINUS_ONE);

/** `ip ntable`: how neighbours are found and kept, per table and device (ip/ipntable.c). */
export const ntableCommands: readonly Subcommand[] = [
  { names: ['change', 'chg'], run: change },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

// ---- show -------------------------------------------------------------------------------------------------------------

function show(tool: Tool, words: Words): number {
  let device: number | undefined;
  let name: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') {
      const text = words.value();
      device = tool.netlink.link(text)?.ifindex;
      if (device === undefined) throw invalid('"DEV" is invalid', text);
    } else if (word === 'name') name = words.value();
    else throw invalid('unknown', word);
  }
  const report = tool.report();
  for (const info of tool.netlink.neighbourTables()) {
    if (tool.family !== 0 && info.family !== tool.family) continue;
    if ((device !== undefined && info.ifindex !== device) || (name !== undefined && info.name !== name)) continue;
    report.object('', () => printRecord(tool, report, info));
  }
  report.end();
  return 0;
}

/** Settings by the lines they stand on, after `base_reachable` and `retrans`. */
const LINES: readonly (readonly (keyof NeighbourSettings)[])[] = [
  ['gc_stale', 'delay_probe', 'queue'],
  ['app_probes', 'ucast_probes', 'mcast_probes', 'mcast_reprobes'],
  ['anycast_delay', 'proxy_delay', 'proxy_queue', 'locktime'],
];

function printRecord(
  tool: Tool,
  report: Report,
  { family, name, ifindex, references, reachable, settings, table }: NeighbourTableInfo,
): void {
  const end = tool.newline;
  const protocol = family === 4 ? 'inet' : 'inet6';
  report.field('family', protocol, `${protocol} `);
  report.field('name', name, `${name} ${end}`);
  if (ifindex !== undefined) {
    report.text('    dev ');
    report.field('dev', tool.deviceName(ifindex), `${tool.deviceName(ifindex)} ${end}`, 'ifname');
  }
  if (table) printThresholds(report, table, end);
  if (table && tool.options.stats > 0) printConfiguration(report, table, end);
  number(report, 'refcnt', references, '    ');
  number(report, 'reachable', reachable);
  number(report, 'base_reachable', settings.base_reachable);
  number(report, 'retrans', settings.retrans);
  for (const line of LINES) {
    report.text(end);
    for (const [i, key] of line.entries()) number(report, key, settings[key], i === 0 ? '    ' : '');
  }
  report.text(end);
  if (table && tool.options.stats > 0) printCounts(report, table, end);
  report.text('\n');
}

function number(report: Report, key: string, value: number, before = '', name = key): void {
  report.field(key, value, `${before}${name} ${value} `);
}

type Table = NonNullable<NeighbourTableInfo['table']>;

function printThresholds(report: Report, { limits }: Table, end: string): void {
  report.field('thresh1', limits.gc_thresh1, `    thresh1 ${limits.gc_thresh1} `);
  report.field('thresh2', limits.gc_thresh2, `thresh2 ${limits.gc_thresh2} `);
  report.field('thresh3', limits.gc_thresh3, `thresh3 ${limits.gc_thresh3} `);
  report.field('gc_interval', limits.gc_interval * 1000, `gc_int ${limits.gc_interval * 1000} ${end}`);
}

function printConfiguration(report: Report, table: Table, end: string): void {
  number(report, 'key_length', table.keyLength, '    config ', 'key_len');
  number(report, 'entry_size', table.entrySize);
  number(report, 'entries', table.entries);
  report.text(end);
  const time = clock(table.lastFlush);
  report.field('last_flush', time, `        last_flush ${time} `);
  report.field('last_rand', time, `last_rand ${time} ${end}`);
  number(report, 'hash_rnd', table.hashRandom, '        ');
  report.field('hash_mask', `0x${table.hashMask.toString(16)}`, `hash_mask ${table.hashMask.toString(16).padStart(8, '0')} `);
  number(report, 'hash_chain_gc', 0);
  number(report, 'proxy_qlen', table.proxies);
  report.text(end);
}

/** What the simulation doesn't count reads 0. */
function printCounts(report: Report, { allocated, destroyed }: Table, end: string): void {
  const lines: readonly (readonly [string, number][])[] = [
    [
      ['allocs', allocated],
      ['destroys', destroyed],
      ['hash_grows', 0],
    ],
    ...[
      ['res_failed', 'lookups', 'hits'],
      ['rcv_probes_mcast', 'rcv_probes_ucast'],
      ['periodic_gc_runs', 'forced_gc_runs'],
      ['table_fulls'],
    ].map((names) => names.map((name): [string, number] => [name, 0])),
  ];
  for (const [i, line] of lines.entries()) {
    report.text(i === 0 ? '    stats ' : '    ');
    for (const [key, value] of line) number(report, key, value);
    report.text(end);
  }
}

/** `2026-01-01 00:00:00`. */
function clock(time: Micros): string {
  const { year, month, day, hour, minute, second } = moment(EPOCH_SECONDS + Math.floor(time / SECOND));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

// ---- change -----------------------------------------------------------------------------------------------------------

const SETTINGS: readonly (keyof NeighbourSettings)[] = ['base_reachable', 'retrans', ...LINES.flat()];
const LIMITS = { thresh1: 'gc_thresh1', thresh2: 'gc_thresh2', thresh3: 'gc_thresh3', gc_int: 'gc_interval' } as const;

function change(tool: Tool, words: Words): number {
  const wanted: NeighbourTableChange = { name: '', settings: {}, limits: {} };
  let name: string | undefined;
  while (!words.empty) {
    const word = words.take();
    const setting = SETTINGS.find((each) => each === word);
    if (word === 'name') {
      const text = words.value();
      if (name !== undefined) throw duplicate('NAME', text);
      name = text;
    } else if (word === 'dev') wanted.ifindex = tool.device(words.value()).ifindex;
    else if (setting) wanted.settings[setting] = numberArgument(word, words.value());
    else if (Object.hasOwn(LIMITS, word)) {
      const value = numberArgument(word, words.value());
      wanted.limits[LIMITS[word as keyof typeof LIMITS]] = word === 'gc_int' ? Math.floor(value / 1000) : value;
    } else if (abbreviates(word, 'help')) throw usage();
    else throw invalid('unknown', word);
  }
  if (name === undefined) throw new Quit('Error: argument "NAME" is required\n', EXIT_MINUS_ONE);
  if (Object.keys(wanted.settings).length + Object.keys(wanted.limits).length === 0)
    throw new Quit('Not enough information: changeable attributes required.\n', EXIT_MINUS_ONE);
  return tool.outcome(tool.netlink.setNeighbourTable({ ...wanted, name, ...(tool.family === 0 ? {} : { family: tool.family }) }));
}

function numberArgument(keyword: string, text: string): number {
  const value = parseUnsigned(text, 0xffff_ffff);
  if (value === undefined) throw invalid(`"${keyword}" value is invalid`, text);
  return value;
}
