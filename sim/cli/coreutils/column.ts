import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';

/** Rows of a table with their columns as wide as the widest entry. */
function table(call: Call, lines: string[]): string[] {
  const separators = call.value('separator');
  const joint = call.value('output-separator') ?? '  ';
  const limit = Number(call.value('table-columns-limit') ?? '0');
  const rows = lines.map((line) => limited(cells(line, separators), line, separators, limit));
  const names = call.value('table-columns')?.split(',');
  if (names) rows.unshift(names);
  const right = columnNumbers(call.value('table-right'), names);
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(0, ...rows.map((row) => [...(row[i] ?? '')].length)));
  return rows.map((row) => {
    const padded = Array.from({ length: count }, (_, i) => {
      const cell = row[i] ?? '';
      const fill = ' '.repeat(Math.max(0, (widths[i] as number) - [...cell].length));
      if (right.has(i + 1)) return fill + cell;
      // Nothing is filled up behind the last column.
      return i === count - 1 ? cell : cell + fill;
    });
    return padded.join(joint);
  });
}

function cells(line: string, separators: string | undefined): string[] {
  if (separators === undefined) return line.split(/[ \t]+/).filter((cell) => cell !== '');
  const parts: string[] = [''];
  for (const char of line) {
    if (separators.includes(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

/** With a limit, the rest of the line is one last cell. */
function limited(row: string[], line: string, separators: string | undefined, limit: number): string[] {
  if (limit === 0 || row.length <= limit) return row;
  const blank = separators === undefined ? '[ \\t]+' : undefined;
  if (blank === undefined) return [...row.slice(0, limit - 1), row.slice(limit - 1).join((separators as string)[0])];
  const rest = new RegExp(`^\\s*(?:\\S+${blank}){${limit - 1}}`).exec(line)?.[0].length ?? 0;
  return [...row.slice(0, limit - 1), line.slice(rest)];
}

function columnNumbers(list: string | undefined, names: string[] | undefined): Set<number> {
  return new Set((list ?? '').split(',').map((item) => (/^\d+$/.test(item) ? Number(item) : (names?.indexOf(item) ?? -1) + 1)));
}

/** Entries in columns across the page, filled downwards or (`-x`) across. */
function grid(entries: string[], width: number, across: boolean): string[] {
  const size = Math.ceil((Math.max(0, ...entries.map((entry) => [...entry].length)) + 1) / 8) * 8;
  const columns = Math.max(1, Math.floor(width / size));
  const rows = Math.ceil(entries.length / columns);
  const lines: string[] = [];
  for (let r = 0; r < rows; r++) {
    let line = '';
    const row = across ? entries.slice(r * columns, (r + 1) * columns) : entries.filter((_, i) => i % rows === r);
    for (const [i, entry] of row.entries()) {
      line += entry;
      if (i < row.length - 1) line += '\t'.repeat(Math.ceil((size - [...entry].length) / 8));
    }
    lines.push(line);
  }
  return lines;
}

function* readLines(call: Call): Blocking<string[]> {
  const lines: string[] = [];
  for (const path of call.operands.length > 0 ? call.operands : ['-']) {
    const file = call.open(path);
    if (typeof file === 'string') {
      yield* call.warn(`${path}: ${strerror(file)}`);
      continue;
    }
    lines.push(...(yield* file.reader.lines()).map(textOf));
    call.close(file.fd);
  }
  return lines.filter((line) => call.has('keep-empty-lines') || line.trim() !== '');
}

export const column: Tool = {
  name: 'column',
  suite: 'util-linux',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print lines in columns, or with -t the words of each line as a table.',
  options: [
    flag('t', 'table', 'make a table'),
    { ...valued('n', 'table-name', 'NAME', 'the name of the table in JSON'), unmodelled: true },
    valued('N', 'table-columns', 'NAMES', 'names of the columns, separated by commas'),
    valued('l', 'table-columns-limit', 'NUM', 'at most NUM columns; the rest stays in the last'),
    valued('R', 'table-right', 'COLUMNS', 'align these columns to the right'),
    unmodelled('J', 'json'),
    valued('s', 'separator', 'STRING', 'characters that separate columns in the input'),
    valued('o', 'output-separator', 'STRING', 'what separates columns in the output, instead of two spaces'),
    valued('c', 'output-width', 'WIDTH', 'columns of the page'),
    flag('x', 'fillrows', 'fill rows before columns'),
    flag('L', 'keep-empty-lines', 'keep empty lines'),
  ],
  *main(call) {
    const lines = yield* readLines(call);
    const width = Number(call.value('output-width') ?? call.process.env.get('COLUMNS') ?? call.terminal?.columns ?? 80);
    const rows = call.has('table') ? table(call, lines) : grid(lines, width, call.has('fillrows'));
    for (const row of rows) yield* call.out.write(`${byteString(row)}\n`);
    return call.status;
  },
};
