import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, compareBytes } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { Output } from '../tool/output.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { comparison } from './sort-compare.ts';
import { addOrdering, keyText, type Ordering, parseKey, plainOrdering, type SortKey } from './sort-key.ts';

const LETTERS: Record<string, string> = {
  'ignore-leading-blanks': 'b',
  'dictionary-order': 'd',
  'ignore-case': 'f',
  'general-numeric-sort': 'g',
  'ignore-nonprinting': 'i',
  'month-sort': 'M',
  'human-numeric-sort': 'h',
  'numeric-sort': 'n',
  'random-sort': 'R',
  reverse: 'r',
  'version-sort': 'V',
};

/** What `--sort=WORD` means. */
const WORDS: Record<string, string> = { 'general-numeric': 'g', 'human-numeric': 'h', month: 'M', numeric: 'n', random: 'R', version: 'V' };

/** The ordering of the options outside keys, or words for what is wrong. */
function globalOrdering(call: Call): Ordering | string {
  const ordering = plainOrdering();
  for (const { name, value } of call.parsed.options) {
    const letters = name === 'sort' ? WORDS[value] : LETTERS[name];
    const wrong = letters === undefined ? undefined : addOrdering(ordering, letters, 'both');
    if (wrong && 'clash' in wrong) return `options '-${wrong.clash}' are incompatible`;
  }
  return ordering;
}

function keys(call: Call, global: Ordering): SortKey[] | string {
  const found: SortKey[] = [];
  for (const text of call.values('key')) {
    const key = parseKey(text);
    if (typeof key === 'string') return key;
    if (!key.ownOrdering) key.ordering = global;
    found.push(key);
  }
  return found;
}

/** The order of two lines: key by key, at last the whole lines unless `-s` or `-u`. */
function lineComparison(call: Call, global: Ordering, list: SortKey[], tab: string | undefined): (a: ByteString, b: ByteString) => number {
  const seed = `${call.process.host.seed}/${call.process.pid}`;
  const whole: SortKey = { startField: 0, startChar: 0, endField: undefined, endChar: 0, ordering: global, ownOrdering: false };
  const simple = list.length === 0 && global.kind === '' && !global.blanksStart && !global.dictionary && !global.fold && !global.printable;
  const steps = (list.length > 0 ? list : [whole]).map((key) => ({ key, compare: comparison(key.ordering, seed) }));
  const lastResort = !call.has('stable') && !call.has('unique');
  return (a, b) => {
    if (!simple) {
      for (const { key, compare } of steps) {
        const result = compare(keyText(a, key, tab), keyText(b, key, tab));
        if (result !== 0) return key.ordering.reverse ? -result : result;
      }
      if (!lastResort) return 0;
    }
    const result = compareBytes(a, b);
    return global.reverse ? -result : result;
  };
}

/** `-c` and `-C`: the first line that is out of order. */
function* check(call: Call, path: string, compare: (a: ByteString, b: ByteString) => number, end: string): Blocking<number> {
  const file = call.open(path);
  if (typeof file === 'string') return yield* call.fail(`cannot read: ${call.dialect.fileName(path)}: ${strerror(file)}`, 2);
  let previous: ByteString | undefined;
  for (let number = 1; ; number++) {
    const line = yield* file.reader.line(end);
    if (line === undefined) return 0;
    if (previous !== undefined) {
      const result = compare(previous, line);
      if (result > 0 || (result === 0 && call.has('unique'))) {
        if (call.last('c', 'check', 'quiet-check') === 'quiet-check' || /^(quiet|silent)$/.test(call.value('check') ?? '')) return 1;
        yield* call.complain(`${call.name}: ${path}:${number}: disorder: `);
        const out = new Output(call.process, 2);
        yield* out.write(`${line}\n`);
        yield* out.flush();
        return 1;
      }
    }
    previous = line;
  }
}

function* readAll(call: Call, end: string): Blocking<ByteString[] | undefined> {
  const lines: ByteString[] = [];
  for (const path of call.operands.length > 0 ? call.operands : ['-']) {
    const file = call.open(path);
    if (typeof file === 'string') {
      yield* call.warn(call.either(`cannot read: ${call.dialect.fileName(path)}: ${strerror(file)}`, `${path}: ${strerror(file)}`), 2);
      return undefined;
    }
    for (;;) {
      const line = yield* file.reader.line(end);
      if (line === undefined) break;
      lines.push(line);
    }
    if (file.reader.error) {
      yield* call.warn(`read failed: ${call.dialect.fileName(path)}: ${strerror(file.reader.error)}`, 2);
      return undefined;
    }
    call.close(file.fd);
  }
  return lines;
}

function tabOf(text: string | undefined): { tab: string | undefined } | string {
  if (text === undefined) return { tab: undefined };
  if (text === '') return 'empty tab';
  const tab = text === '\\0' ? '\0' : byteString(text);
  return tab.length > 1 ? `multi-character tab '${text}'` : { tab };
}

export const sort: Tool = {
  name: 'sort',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print the sorted lines of all files together. KEYDEF is F[.C][OPTS][,F[.C][OPTS]]: field and character, counted from 1.',
  options: [
    flag('b', 'ignore-leading-blanks', 'skip blanks at the beginning'),
    flag('d', 'dictionary-order', 'only blanks, letters and digits count'),
    flag('f', 'ignore-case', 'small letters count as capitals'),
    flag('g', 'general-numeric-sort', 'by value, with exponents'),
    flag('i', 'ignore-nonprinting', 'only printable characters count'),
    flag('M', 'month-sort', 'by name of month'),
    flag('h', 'human-numeric-sort', 'by size such as 2K or 1G'),
    flag('n', 'numeric-sort', 'by value'),
    flag('R', 'random-sort', 'shuffled, equal keys together'),
    { ...valued('', 'random-source', 'FILE', ''), unmodelled: true },
    flag('r', 'reverse', 'the other way round'),
    valued('', 'sort', 'WORD', 'general-numeric, human-numeric, month, numeric, random or version'),
    flag('V', 'version-sort', 'numbers within text by value'),
    { ...valued('', 'batch-size', 'NMERGE', 'ignored'), name: 'ignored' },
    flag('c', '', 'only check whether the input is sorted'),
    optional('', 'check', 'HOW', 'as -c; quiet as -C'),
    flag('C', 'quiet-check', 'as -c, without a message'),
    { ...valued('', 'compress-program', 'PROG', 'ignored'), name: 'ignored' },
    unmodelled('', 'debug'),
    valued('k', 'key', 'KEYDEF', 'sort by a key; may be given several times'),
    flag('m', 'merge', 'merge files that are sorted already'),
    valued('o', 'output', 'FILE', 'write to FILE, which may be one of the inputs'),
    flag('s', 'stable', 'leave lines with equal keys in their order'),
    { ...valued('S', 'buffer-size', 'SIZE', 'ignored'), name: 'ignored' },
    valued('t', 'field-separator', 'SEP', 'what separates fields, instead of the change from non-blank to blank'),
    { ...valued('T', 'temporary-directory', 'DIR', 'ignored'), name: 'ignored' },
    { ...valued('', 'parallel', 'N', 'ignored'), name: 'ignored' },
    flag('u', 'unique', 'only the first of several lines with equal keys'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  usageStatus: 2,
  *main(call) {
    const word = call.values('sort').find((value) => WORDS[value] === undefined);
    if (word !== undefined) return yield* call.badChoice(word, 'sort', Object.keys(WORDS));
    const global = globalOrdering(call);
    if (typeof global === 'string') return yield* call.fail(global, 2);
    const list = keys(call, global);
    if (typeof list === 'string') return yield* call.fail(list, 2);
    const separator = tabOf(call.value('field-separator'));
    if (typeof separator === 'string') return yield* call.fail(separator, 2);
    const compare = lineComparison(call, global, list, separator.tab);
    const end = call.has('zero-terminated') ? '\0' : '\n';
    if (call.has('c', 'check', 'quiet-check')) {
      const extra = call.operands[1];
      if (extra !== undefined)
        return yield* call.fail(`extra operand ${call.quote(extra)} not allowed with -${call.has('c', 'check') ? 'c' : 'C'}`, 2);
      return yield* check(call, call.operands[0] ?? '-', compare, end);
    }
    const lines = yield* readAll(call, end);
    if (!lines) return 2;
    yield* call.process.spend(Math.ceil((lines.length * Math.log2(lines.length + 1)) / 20));
    lines.sort(compare);
    const path = call.value('output');
    const fd = path === undefined ? 1 : call.process.open(path, { write: true, create: true, truncate: true });
    if (typeof fd === 'string') return yield* call.fail(`open failed: ${call.dialect.fileName(path as string)}: ${strerror(fd)}`, 2);
    const out = path === undefined ? call.out : new Output(call.process, fd);
    const unique = call.has('unique');
    let previous: ByteString | undefined;
    for (const line of lines) {
      if (unique && previous !== undefined && compare(previous, line) === 0) continue;
      previous = line;
      yield* out.write(line + end);
    }
    yield* out.flush();
    return 0;
  },
};
