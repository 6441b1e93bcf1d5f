import type { Process } from '../../host/process.ts';
import { notModelled } from '../command.ts';
import { currentUser } from '../tool/accounts.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';
import { COLUMNS, type Column, columnOf, layOut } from './columns.ts';
import { PsArguments, type Request } from './ps-arguments.ts';
import { processTable, type Row, terminalName } from './table.ts';

/** The ready-made formats (ps(1), OUTPUT FORMAT CONTROL). */
const FORMATS: Record<Request['format'], string> = {
  '': 'pid,tname,time,ucmd=CMD',
  bsd: 'pid,tname,stat,bsdtime,args',
  '-f': 'user:8=UID,pid,ppid,c,stime,tname,time,cmd',
  '-F': 'user:8=UID,pid,ppid,c,sz,rss,psr,stime,tname,time,cmd',
  '-l': 'f,s,uid,pid,ppid,c,pri=PRI,ni,addr_sz,wchan,tname,time,ucmd=CMD',
  '-j': 'pid,pgid,sid,tname,time,ucmd=CMD',
  u: 'user,pid,%cpu,%mem,vsz,rss,tname,stat,start_time,bsdtime,args',
  l: 'f,uid,pid,ppid,pri,ni,vsz,rss,wchan,stat,tname,bsdtime,args',
  j: 'ppid,pid,pgid,sid,tname,tpgid,stat,uid,bsdtime,args',
  X: 'pid,tname,stat,bsdtime,args',
};

const HELP_HINT =
  "\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n";

function selects(request: Request, viewer: Process): (row: Row) => boolean {
  const user = currentUser(viewer);
  const listed = (row: Row) =>
    request.pids.includes(row.pid) ||
    request.parents.includes(row.ppid) ||
    request.names.includes(row.process.name) ||
    request.users.some((name) => name === user || name === '0') ||
    request.terminals.some((name) => name.replace(/^\/dev\//, '') === terminalName(row.process)) ||
    request.sessions.includes(row.sid);
  const hasTerminal = (row: Row) => row.process.tty !== undefined;
  const chosen = (row: Row): boolean => {
    if (request.all || (request.bsdAll && request.withoutTerminal)) return true;
    if (request.listed && listed(row)) return true;
    if (request.bsdAll) return hasTerminal(row);
    if (request.withTerminal) return hasTerminal(row) && row.pid !== row.sid;
    if (request.notLeaders) return row.pid !== row.sid;
    if (request.listed) return false;
    // BSD's x: all of this user's; u, l, j alone: this user's with a terminal; otherwise those of this terminal.
    if (request.withoutTerminal) return true;
    if (request.format === 'l' || request.format === 'j' || request.format === 'u' || request.format === 'bsd') return hasTerminal(row);
    return row.process.tty === viewer.tty;
  };
  return (row) => chosen(row) !== request.invert;
}

/** Compares rows by a column: as numbers where both are. */
function ordered(rows: Row[], keys: readonly string[], viewer: Process): Row[] {
  const columns = keys.map((key) => ({ column: columnOf(key.replace(/^[-+]/, '')) as Column, sign: key.startsWith('-') ? -1 : 1 }));
  return rows.sort((a, b) => {
    for (const { column, sign } of columns) {
      const [x, y] = [column.value(a, viewer), column.value(b, viewer)];
      const order = /^[\d.]+$/.test(x) && /^[\d.]+$/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

/** Children under their parents, with the lines of `f` or the indents of `-H` in front of the command. */
function forest(rows: readonly Row[], art: boolean): { rows: Row[]; prefixes: Map<Row, string> } {
  const children = new Map<number, Row[]>();
  const present = new Set(rows.map((row) => row.pid));
  for (const row of rows) {
    const parent = present.has(row.ppid) ? row.ppid : 0;
    children.set(parent, [...(children.get(parent) ?? []), row]);
  }
  const result: Row[] = [];
  const prefixes = new Map<Row, string>();
  const visit = (row: Row, lead: string, depth: number, last: boolean) => {
    result.push(row);
    prefixes.set(row, depth === 0 ? '' : art ? `${lead} \\_ ` : '  '.repeat(depth));
    const below = children.get(row.pid) ?? [];
    const next = depth === 0 ? '' : `${lead}${last ? '    ' : ' |  '}`;
    for (const [i, child] of below.entries()) visit(child, next, depth + 1, i === below.length - 1);
  };
  for (const row of children.get(0) ?? []) visit(row, '', 0, true);
  return { rows: result, prefixes };
}

/** The columns to print, or the name that is none. */
function chosenColumns(request: Request): Column[] | string {
  const columns: Column[] = [];
  const specifiers = request.columns.length > 0 ? request.columns : FORMATS[request.format].split(',');
  for (const specifier of specifiers) {
    const column = columnOf(specifier);
    if (!column) return specifier;
    columns.push(
      specifier === 'tname' ? { ...column, heading: 'TTY' } : specifier === 'pri=PRI' ? { ...column, value: () => '80' } : column,
    );
  }
  return columns;
}

export const ps: Tool = {
  name: 'ps',
  suite: 'procps-ng',
  usage: ['[options]'],
  about: 'Print processes: those of this terminal, or what is asked for. Memory and processor time are not modelled and shown as zero.',
  options: [
    flag('A', '', 'all processes'),
    flag('e', '', 'all processes'),
    flag('a', '', 'all with a terminal, except session leaders'),
    flag('d', '', 'all except session leaders'),
    flag('N', 'deselect', 'all that are not selected'),
    valued('p', 'pid', 'PIDS', 'these processes'),
    valued('', 'ppid', 'PIDS', 'children of these'),
    valued('C', '', 'NAMES', 'processes with these names'),
    valued('u', 'user', 'USERS', 'processes of these users'),
    valued('t', 'tty', 'TERMINALS', 'processes of these terminals'),
    flag('f', '', 'with parents, start times and command lines'),
    flag('F', '', 'as -f, with more columns'),
    flag('l', '', 'long format'),
    flag('j', '', 'jobs format'),
    flag('H', '', 'children indented'),
    valued('o', 'format', 'COLUMNS', `these columns: ${Object.keys(COLUMNS).join(' ')}`),
    valued('', 'sort', 'KEYS', 'in this order'),
    flag('', 'no-headers', 'without headings'),
    flag('', 'forest', 'with a tree of processes'),
    flag('', 'aux', 'without a dash: all processes, with users'),
  ],
  verbatim: true,
  *main(call) {
    const viewer = call.process;
    const [first] = call.operands;
    if (first === '--help' || first === '--version' || first === '-V') {
      yield* call.out.text(first === '--help' ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
      return 0;
    }
    const request = new PsArguments(call.operands).parse();
    const refuse = (error: string) => call.complain(`error: ${error}\n\nUsage:\n ps [options]\n${HELP_HINT}`);
    if ('error' in request) {
      if (request.unmodelled) yield* call.complain(notModelled('ps', request.unmodelled));
      else yield* refuse(request.error);
      return 1;
    }
    const columns = chosenColumns(request);
    if (typeof columns === 'string') {
      yield* refuse(`unknown user-defined format specifier "${columns}"`);
      return 1;
    }
    const unknown = request.sort.find((key) => columnOf(key.replace(/^[-+]/, '')) === undefined);
    if (unknown !== undefined) {
      yield* refuse('unknown sort specifier');
      return 1;
    }
    let rows = processTable(viewer).filter(selects(request, viewer));
    const found = rows.length > 0;
    if (request.sort.length > 0) rows = ordered(rows, request.sort, viewer);
    let shown: readonly Column[] = columns;
    if (request.forest) {
      const tree = forest(rows, !call.operands.some((arg) => /^-[^-]*H/.test(arg)));
      rows = tree.rows;
      shown = columns.map((column, i) =>
        i < columns.length - 1
          ? column
          : { ...column, value: (row, process) => (tree.prefixes.get(row) ?? '') + column.value(row, process) },
      );
    }
    if (request.commandName)
      shown = shown.map((column, i) => (i < shown.length - 1 ? column : { ...column, value: (row) => row.process.name }));
    const width = request.wide || !call.terminal ? Number.POSITIVE_INFINITY : call.terminal.columns;
    for (const line of layOut(shown, rows, viewer, { headings: request.headings, width })) yield* call.out.text(`${line}\n`);
    return found ? 0 : 1;
  },
};
