import { strerror } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { diskUse, stat } from '../tool/filesystem.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { anyQuoted, coloured, type Entry, type NameStyle, printNames, shownName, sortEntries } from './ls-entry.ts';
import { blocks, longLines } from './ls-long.ts';

/** Narrowest column: a name of one character and two spaces (MIN_COLUMN_WIDTH). */
const MIN_COLUMN = 3;

function* printEntries(call: Call, entries: readonly Entry[]): Blocking<void> {
  const style = call.last('long', 'numeric-uid-gid', 'g', 'o', 'full-time', '1', 'C', 'x', 'm');
  if (style !== undefined && ['long', 'numeric-uid-gid', 'g', 'o', 'full-time'].includes(style)) {
    for (const line of longLines(call, entries)) yield* printNames(call, `${line}\n`);
    return;
  }
  const inColumns = style === 'C' || style === 'x' || (style === undefined && call.terminal !== undefined);
  const names = { marksLinks: true, aligned: inColumns && anyQuoted(call, entries) };
  const cells = entries.map((entry) => prefixed(call, entry, entries, names));
  if (style === 'm') {
    yield* printNames(call, commaLines(cells, pageWidth(call)));
  } else if (inColumns) {
    yield* printNames(call, columns(cells, pageWidth(call), style === 'x', !coloured(call) && !call.busybox));
  } else for (const cell of cells) yield* printNames(call, `${cell.text}\n`);
}

interface Cell {
  text: string;
  width: number;
}

/** A name with the columns that `-i` and `-s` put in front. */
function prefixed(call: Call, entry: Entry, all: readonly Entry[], style: NameStyle): Cell {
  const name = shownName(call, entry, style);
  let front = '';
  if (call.has('inode')) {
    const number = (each: Entry) => String(call.process.host.inodeNumber(each.inode));
    front += `${number(entry).padStart(Math.max(...all.map((each) => number(each).length)))} `;
  }
  if (call.has('size')) {
    const use = (each: Entry) => blocks(call, diskUse(each.inode));
    front += `${use(entry).padStart(Math.max(...all.map((each) => use(each).length)))} `;
  }
  return { text: front + name.text, width: front.length + name.width };
}

function pageWidth(call: Call): number {
  return Number(call.value('width') ?? call.terminal?.columns ?? call.process.env.get('COLUMNS') ?? 80) || Number.MAX_SAFE_INTEGER;
}

/** As many columns as fit, filled downwards or across (ls.c calculate_columns). */
function columns(cells: readonly Cell[], width: number, across: boolean, tabs: boolean): string {
  if (cells.length === 0) return '';
  const most = Math.min(cells.length, Math.max(1, Math.floor(width / MIN_COLUMN)));
  for (let count = most; count >= 1; count--) {
    const rows = Math.ceil(cells.length / count);
    const widths = new Array<number>(count).fill(MIN_COLUMN);
    cells.forEach((cell, i) => {
      const column = across ? i % count : Math.floor(i / rows);
      widths[column] = Math.max(widths[column] as number, cell.width + (column === count - 1 ? 0 : 2));
    });
    if (count > 1 && widths.reduce((sum, each) => sum + each, 0) >= width) continue;
    return layOut(cells, { count, rows, widths, across, tabs });
  }
  return '';
}

/** Moves on to a column with as many tabs as possible. */
function indent(from: number, to: number, tabs: boolean): string {
  let text = '';
  for (let at = from; at < to; ) {
    const stop = at + 8 - (at % 8);
    const tab = tabs && Math.floor(to / 8) > Math.floor((at + 1) / 8);
    text += tab ? '\t' : ' ';
    at = tab ? stop : at + 1;
  }
  return text;
}

interface Grid {
  count: number;
  rows: number;
  widths: number[];
  across: boolean;
  tabs: boolean;
}

function layOut(cells: readonly Cell[], grid: Grid): string {
  let text = '';
  for (let row = 0; row < grid.rows; row++) {
    const line = Array.from({ length: grid.count }, (_, c) => cells[grid.across ? row * grid.count + c : c * grid.rows + row]);
    const present = line.filter((cell) => cell !== undefined);
    let start = 0;
    present.forEach((cell, c) => {
      const next = start + (grid.widths[c] as number);
      text += cell.text + (c < present.length - 1 ? indent(start + cell.width, next, grid.tabs) : '');
      start = next;
    });
    text += '\n';
  }
  return text;
}

function commaLines(cells: readonly Cell[], width: number): string {
  let text = '';
  let column = 0;
  cells.forEach((cell, i) => {
    if (i > 0) {
      const breaks = column + cell.width + 2 >= width;
      text += breaks ? ',\n' : ', ';
      column = breaks ? 0 : column + 2;
    }
    text += cell.text;
    column += cell.width;
  });
  return `${text}\n`;
}

function* entriesOf(call: Call, path: string, directory: Directory): Blocking<Entry[]> {
  const all = call.has('all', 'f');
  const names = directory.names(call.process).filter((name) => all || call.has('almost-all') || !name.startsWith('.'));
  const shown = [...(all ? ['.', '..'] : []), ...names].filter((name) => !call.has('ignore-backups') || !name.endsWith('~'));
  const entries: Entry[] = [];
  for (const name of shown) {
    const full = path.endsWith('/') ? path + name : `${path}/${name}`;
    const inode = stat(call.process, full, call.has('dereference'));
    if (typeof inode === 'string') yield* call.cannot('access', full, inode);
    else entries.push({ name, path: full, inode });
  }
  return sortEntries(call, entries);
}

function* listDirectory(call: Call, path: string, directory: Directory, headed: boolean, state: { blocks: number }): Blocking<void> {
  const entries = yield* entriesOf(call, path, directory);
  if (headed) yield* call.out.text(`${state.blocks > 0 ? '\n' : ''}${path}:\n`);
  state.blocks++;
  if (call.has('long', 'numeric-uid-gid', 'g', 'o', 'full-time', 'size')) {
    const total = entries.reduce((sum, entry) => sum + diskUse(entry.inode), 0);
    yield* call.out.text(`total ${blocks(call, total)}\n`);
  }
  yield* printEntries(call, entries);
  if (!call.has('recursive')) return;
  yield* call.process.spend(5);
  for (const entry of entries) {
    if (entry.name === '.' || entry.name === '..' || !(entry.inode instanceof Directory)) continue;
    yield* listDirectory(call, entry.path, entry.inode, true, state);
  }
}

function* operand(call: Call, path: string): Blocking<Inode | undefined> {
  const long = call.has('long', 'numeric-uid-gid', 'g', 'o', 'full-time');
  const follow = call.has('dereference') || !(call.has('directory', 'classify') || long);
  let inode = stat(call.process, path, follow);
  // A dangling link is shown as itself.
  if (inode === 'ENOENT' && follow && !call.has('dereference')) inode = stat(call.process, path, false);
  // `ls -l LINK/` and `ls -H` follow.
  if (call.has('dereference-command-line')) inode = stat(call.process, path);
  if (typeof inode !== 'string') return inode;
  if (call.busybox) yield* call.about(path, inode);
  else yield* call.warn(`cannot access ${call.quoteFile(path)}: ${strerror(inode)}`, 2);
  return undefined;
}

export const ls: Tool = {
  name: 'ls',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'List files, and what is in directories; the working directory if none is named.',
  options: [
    flag('a', 'all', 'names that begin with a dot too'),
    flag('A', 'almost-all', 'as -a, without . and ..'),
    flag('B', 'ignore-backups', 'no names that end with ~'),
    flag('C', '', 'in columns'),
    optional('', 'color', 'WHEN', 'in colours: always, auto or never'),
    flag('d', 'directory', 'directories themselves, not what is in them'),
    flag('f', '', 'as -a, in the order of the directory'),
    optional('F', 'classify', 'WHEN', 'mark directories /, programs *, links @, pipes | and sockets ='),
    flag('', 'full-time', 'as -l --time-style=full-iso'),
    flag('g', '', 'as -l, without the owner'),
    flag('', 'group-directories-first', 'directories before files'),
    flag('G', 'no-group', 'with -l, without the group'),
    flag('h', 'human-readable', 'with -l and -s, sizes such as 1K and 234M'),
    flag('', 'si', 'as -h, in powers of 1000'),
    flag('H', 'dereference-command-line', 'follow links that are named'),
    { ...valued('I', 'ignore', 'PATTERN', ''), unmodelled: true },
    flag('i', 'inode', 'with inode numbers'),
    flag('k', 'kibibytes', 'sizes on the disk in kilobytes, as they are anyway'),
    { ...flag('l', '', 'mode, links, owner, size and time'), name: 'long' },
    flag('L', 'dereference', 'what links lead to instead of the links'),
    flag('m', '', 'separated by commas'),
    flag('n', 'numeric-uid-gid', 'as -l, with numbers for users and groups'),
    flag('N', 'literal', 'names without quotes'),
    flag('o', '', 'as -l, without the group'),
    flag('p', '', 'mark directories with /'),
    flag('q', 'hide-control-chars', 'a question mark for control characters'),
    flag('Q', 'quote-name', 'names in double quotes'),
    flag('r', 'reverse', 'the other way round'),
    flag('R', 'recursive', 'directories in directories too'),
    flag('s', 'size', 'with the size on the disk, in kilobytes'),
    flag('S', '', 'largest first'),
    flag('t', '', 'newest first'),
    valued('', 'time-style', 'STYLE', 'full-iso, long-iso, iso, locale or +FORMAT'),
    flag('U', '', 'in the order of the directory'),
    flag('v', '', 'numbers within names by value'),
    valued('w', 'width', 'COLS', 'columns of the page'),
    flag('x', '', 'in columns, filled across'),
    flag('X', '', 'by extension'),
    unmodelled('Z', 'context'),
    flag('1', '', 'one per line'),
  ],
  usageStatus: 2,
  *main(call) {
    const when = call.value('color');
    if (when && !/^(always|yes|force|never|no|none|auto|tty|if-tty)$/.test(when)) {
      return yield* call.badChoice(when, 'color', ["always', 'yes', 'force", "never', 'no', 'none", "auto', 'tty', 'if-tty"]);
    }
    const files: Entry[] = [];
    const directories: { path: string; inode: Directory }[] = [];
    for (const path of call.operands.length > 0 ? call.operands : ['.']) {
      const inode = yield* operand(call, path);
      if (!inode) continue;
      if (inode instanceof Directory && !call.has('directory')) directories.push({ path, inode });
      else files.push({ name: path, path, inode });
    }
    const sortable = directories.map(({ path, inode }) => ({ name: path, path, inode }));
    if (files.length > 0) yield* printEntries(call, sortEntries(call, files));
    const state = { blocks: files.length > 0 ? 1 : 0 };
    const headed = call.operands.length > 1 || call.has('recursive');
    for (const { path, inode } of sortEntries(call, sortable)) yield* listDirectory(call, path, inode as Directory, headed, state);
    return call.status;
  },
};
