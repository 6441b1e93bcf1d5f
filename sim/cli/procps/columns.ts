import type { Process } from '../../host/process.ts';
import { currentUser } from '../tool/accounts.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { commandLine, elapsedSeconds, type Row, stat, stateLetter, terminalName } from './table.ts';

/** A column of `ps -o`: its heading, its width, and what it says about a process. */
export interface Column {
  heading: string;
  width: number;
  /** Text columns begin at the left, numbers end at the right. */
  left: boolean;
  value: (row: Row, viewer: Process) => string;
}

const number = (heading: string, width: number, value: Column['value']): Column => ({ heading, width, left: false, value });
const text = (heading: string, width: number, value: Column['value']): Column => ({ heading, width, left: true, value });

function user(row: Row): string {
  return currentUser(row.process);
}

/** `ELAPSED`: [[DD-]hh:]mm:ss. */
function elapsed(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  const tail = `${two(minutes)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}-${two(hours)}:${tail}` : hours > 0 ? `${two(hours)}:${tail}` : tail;
}

/** The start: the time today, the day this year, else the year. */
function startTime(row: Row): string {
  const started = momentOf(row.process.started);
  const now = momentOf(row.process.host.now);
  if (started.year !== now.year) return strftime('%Y', started);
  return strftime(started.yearDay === now.yearDay ? '%H:%M' : '%b%d', started);
}

function started(row: Row): string {
  const moment = momentOf(row.process.started);
  return momentOf(row.process.host.now).epoch - moment.epoch > 86_400 ? strftime('%b %d', moment) : strftime('%H:%M:%S', moment);
}

function name(row: Row): string {
  return row.process.state === 'zombie' ? `${row.process.name} <defunct>` : row.process.name;
}

// Neither memory nor processor time of programs is modelled: their columns are zero.
const zero = () => '0';
const zeroShare = () => '0.0';

/** The columns that `-o` knows, by all their names (ps(1), STANDARD FORMAT SPECIFIERS). */
export const COLUMNS: Record<string, Column> = {
  '%cpu': number('%CPU', 4, zeroShare),
  '%mem': number('%MEM', 4, zeroShare),
  addr: text('ADDR', 4, () => '-'),
  // `ps -l` squeezes the two together.
  addr_sz: text('ADDR SZ', 7, () => '-     0'),
  args: text('COMMAND', 27, (row) => commandLine(row.process)),
  c: number('C', 2, zero),
  comm: text('COMMAND', 15, name),
  etime: number('ELAPSED', 11, (row) => elapsed(elapsedSeconds(row.process))),
  etimes: number('ELAPSED', 7, (row) => String(elapsedSeconds(row.process))),
  f: text('F', 1, (row) => (row.process.parent === undefined ? '4' : '0')),
  fname: text('COMMAND', 8, (row) => row.process.name.slice(0, 8)),
  group: text('GROUP', 8, () => 'root'),
  gid: number('GID', 5, zero),
  lstart: number('STARTED', 24, (row) => strftime('%a %b %e %H:%M:%S %Y', momentOf(row.process.started))),
  lwp: number('LWP', 7, (row) => String(row.pid)),
  ni: number('NI', 3, zero),
  nlwp: number('NLWP', 4, () => '1'),
  pgid: number('PGID', 7, (row) => String(row.pgid)),
  pid: number('PID', 7, (row) => String(row.pid)),
  ppid: number('PPID', 7, (row) => String(row.ppid)),
  pri: number('PRI', 3, () => '19'),
  psr: number('PSR', 3, zero),
  rss: number('RSS', 5, zero),
  s: text('S', 1, (row, viewer) => stateLetter(row.process, viewer)),
  sid: number('SID', 7, (row) => String(row.sid)),
  start: number('STARTED', 8, started),
  stat: text('STAT', 4, (row, viewer) => stat(row.process, viewer)),
  stime: text('STIME', 5, startTime),
  start_time: text('START', 5, startTime),
  sz: number('SZ', 5, zero),
  time: number('TIME', 8, () => '00:00:00'),
  bsdtime: number('TIME', 6, () => '0:00'),
  tpgid: number('TPGID', 7, (row) => String(row.process.tty?.foreground || -1)),
  tt: text('TT', 8, (row) => terminalName(row.process)),
  tty: text('TTY', 8, (row) => terminalName(row.process)),
  uid: number('UID', 5, zero),
  user: text('USER', 8, user),
  vsz: number('VSZ', 6, zero),
  wchan: text('WCHAN', 6, (row, viewer) => (stateLetter(row.process, viewer) === 'R' ? '-' : 'do_wai')),
};

const ALIASES: Record<string, string> = {
  cmd: 'args',
  command: 'args',
  cp: 'c',
  egid: 'gid',
  egroup: 'group',
  euid: 'uid',
  euser: 'user',
  flag: 'f',
  flags: 'f',
  nice: 'ni',
  opri: 'pri',
  pcpu: '%cpu',
  pgrp: 'pgid',
  pmem: '%mem',
  rssize: 'rss',
  rsz: 'rss',
  rgid: 'gid',
  rgroup: 'group',
  ruid: 'uid',
  ruser: 'user',
  sess: 'sid',
  session: 'sid',
  size: 'sz',
  spid: 'lwp',
  state: 's',
  thcount: 'nlwp',
  tid: 'lwp',
  tname: 'tty',
  cputime: 'time',
  ucmd: 'comm',
  ucomm: 'comm',
  uname: 'user',
  vsize: 'vsz',
};

/** Headings that differ from the column's when asked for under another name. */
const HEADINGS: Record<string, string> = {
  cmd: 'CMD',
  pgrp: 'PGRP',
  ruser: 'RUSER',
  euser: 'EUSER',
  sess: 'SESS',
  session: 'SESS',
  tty: 'TT',
  ucmd: 'CMD',
  uname: 'USER',
  state: 'S',
  tid: 'TID',
  spid: 'SPID',
};

/** The column of a name as `-o` takes it: `pid`, `cmd`, `pid:10`, `comm=NAME`. */
export function columnOf(specifier: string): Column | undefined {
  const equals = specifier.indexOf('=');
  const [word = '', width] = (equals < 0 ? specifier : specifier.slice(0, equals)).split(':');
  const key = ALIASES[word] ?? word;
  const column = Object.hasOwn(COLUMNS, key) ? COLUMNS[key] : undefined;
  if (!column) return undefined;
  const heading = equals < 0 ? (HEADINGS[word] ?? column.heading) : specifier.slice(equals + 1);
  return { ...column, heading, width: width === undefined ? column.width : Number(width) || column.width };
}

/** Heading and rows in columns; the last is not filled up, and is cut at the terminal's edge. */
export function layOut(
  columns: readonly Column[],
  rows: readonly Row[],
  viewer: Process,
  options: { headings: boolean; width: number },
): string[] {
  const last = columns.length - 1;
  const widths = columns.map((column) => Math.max(column.width, column.heading.length));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (columns[i]?.left ? (i === last ? cell : cell.padEnd(widths[i] as number)) : cell.padStart(widths[i] as number)))
      .join(' ')
      .slice(0, options.width);
  const headings = options.headings && columns.some((column) => column.heading !== '');
  const body = rows.map((row) => line(columns.map((column, i) => clip(column.value(row, viewer), column, i === last))));
  return headings ? [line(columns.map((column) => column.heading)), ...body] : body;
}

/** Only the last column may be longer than its width; a user name that is too long ends with a plus. */
function clip(value: string, column: Column, last: boolean): string {
  const width = Math.max(column.width, column.heading.length);
  return last || !column.left || value.length <= width
    ? value
    : column.heading === 'USER'
      ? `${value.slice(0, width - 1)}+`
      : value.slice(0, width);
}
