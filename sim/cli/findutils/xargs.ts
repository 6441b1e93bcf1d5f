import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { findProgram } from '../tool/execute.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';

/** Bytes that a command line gets at most (128 KiB, what GNU xargs takes on Linux). */
const COMMAND_BYTES = 131_072;

/** Arguments from standard input: words with quotes and backslashes, lines, or what a delimiter separates. */
class Arguments {
  readonly #call: Call;
  readonly #reader: Reader;
  readonly #delimiter: string | undefined;
  readonly #whole: boolean;
  readonly #eof: string | undefined;
  #words: string[] = [];
  /** How many input lines have been used up; `-L` counts them. */
  lines = 0;
  error: string | undefined;
  #ended = false;

  constructor(call: Call, options: { delimiter: string | undefined; whole: boolean; eof: string | undefined }) {
    this.#call = call;
    this.#reader = call.reader(0);
    this.#delimiter = options.delimiter;
    this.#whole = options.whole;
    this.#eof = options.eof;
  }

  *next(): Blocking<string | undefined> {
    while (this.#words.length === 0 && !this.#ended) yield* this.#more();
    return this.#words.shift();
  }

  /** Whether a word that `next` would give belongs to the line of the word before. */
  get restOfLine(): boolean {
    return this.#words.length > 0;
  }

  *#more(): Blocking<void> {
    const line = yield* this.#reader.line(this.#delimiter ?? '\n');
    if (line === undefined) {
      this.#ended = true;
      return;
    }
    const text = textOf(line);
    if (this.#delimiter !== undefined) {
      this.#words.push(text);
      return;
    }
    const words = this.#whole ? wholeLine(text) : splitWords(text);
    if (typeof words === 'string') {
      this.error = words;
      this.#ended = true;
      return;
    }
    const end = this.#eof === undefined ? -1 : words.indexOf(this.#eof);
    if (end >= 0) this.#ended = true;
    this.#words.push(...(end >= 0 ? words.slice(0, end) : words));
    if (words.length > 0) this.lines++;
    // A blank at the end of a line continues it for -L.
    if (this.#call.has('max-lines', 'L') && /[ \t]$/.test(text) && words.length > 0) this.lines--;
  }
}

/** `-I`: the line without the blanks in front; quotes work as they do in words. */
function wholeLine(text: string): string[] | string {
  const trimmed = text.replace(/^[ \t]+/, '');
  if (trimmed === '') return [];
  const words = splitWords(trimmed.replace(/[ \t]/g, (blank) => `\\${blank}`.replace('\\\\', '\\')));
  return typeof words === 'string' ? words : [words.join(' ')];
}

function splitWords(text: string): string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '\\') {
      i++;
      word = (word ?? '') + (text[i] ?? '');
    } else if (char === '"' || char === "'") {
      const end = text.indexOf(char, i + 1);
      if (end < 0)
        return `unmatched ${char === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`;
      word = (word ?? '') + text.slice(i + 1, end);
      i = end;
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Runs one command line; the status to stop with, or `undefined` to go on. */
function* run(call: Call, argv: readonly string[]): Blocking<number | undefined> {
  yield* call.out.flush();
  if (call.has('verbose')) yield* call.complain(`${argv.join(' ')}\n`);
  const program = findProgram(call.process, argv);
  const child = typeof program === 'string' ? program : call.process.spawn(program.path, { argv: program.argv });
  if (typeof child === 'string') {
    yield* call.warn(`${call.either(`failed to run command ${call.quote(argv[0] as string)}`, String(argv[0]))}: ${strerror(child)}`);
    return child === 'ENOENT' ? 127 : 126;
  }
  const status = yield* call.process.wait({ pid: child.pid });
  if (typeof status !== 'object') return 1;
  if (status.kind === 'signaled') return yield* call.fail(`${argv[0]}: terminated by signal ${status.code}`, 125);
  if (status.code === 255) return yield* call.fail(`${argv[0]}: exited with status 255; aborting`, 124);
  if (status.code !== 0) call.status = 123;
  return undefined;
}

function* numeric(call: Call, name: string, letter: string, least: number): Blocking<number | undefined | 'wrong'> {
  const text = call.value(name);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) {
    yield* call.badUsage(`invalid number "${text}" for -${letter} option`);
    return 'wrong';
  }
  if (Number(text) < least) {
    yield* call.badUsage(`value ${text} for -${letter} option should be >= ${least}`);
    return 'wrong';
  }
  return Number(text);
}

function delimiterOf(text: string): string | undefined {
  const escapes: Record<string, string> = { '\\n': '\n', '\\t': '\t', '\\0': '\0', '\\\\': '\\', '\\r': '\r' };
  const char =
    escapes[text] ?? (/^\\x[0-9a-f]{1,2}$/i.test(text) ? String.fromCharCode(Number.parseInt(text.slice(2), 16)) : byteString(text));
  return char.length === 1 ? char : undefined;
}

/** `-I`: one command per line, with the line in place of the mark. */
function* replacing(call: Call, argv: readonly string[], mark: string, words: Arguments): Blocking<number> {
  for (;;) {
    const word = yield* words.next();
    if (word === undefined) break;
    const stop = yield* run(
      call,
      argv.map((part, i) => (i === 0 ? part : part.replaceAll(mark, word))),
    );
    if (stop !== undefined) return stop;
  }
  return words.error === undefined ? call.status : yield* call.fail(words.error);
}

export const xargs: Tool = {
  name: 'xargs',
  suite: 'GNU findutils',
  usage: ['[OPTION]... COMMAND [INITIAL-ARGS]...'],
  about: 'Run COMMAND (echo) with arguments read from standard input, as many at a time as fit.',
  options: [
    flag('0', 'null', 'arguments end with NUL, quotes are nothing special'),
    { ...valued('a', 'arg-file', 'FILE', ''), unmodelled: true },
    valued('d', 'delimiter', 'CHARACTER', 'arguments end with CHARACTER, quotes are nothing special'),
    valued('E', '', 'END', 'stop at the argument END'),
    valued('I', 'replace', 'R', 'one command per line, with the line in place of R'),
    { ...flag('i', '', 'same as -I{}'), name: 'i' },
    valued('L', 'max-lines', 'MAX-LINES', 'at most so many lines per command'),
    valued('n', 'max-args', 'MAX-ARGS', 'at most so many arguments per command'),
    unmodelled('o', 'open-tty'),
    valued('P', 'max-procs', 'MAX-PROCS', 'accepted; commands always run one at a time'),
    unmodelled('p', 'interactive'),
    flag('r', 'no-run-if-empty', 'run nothing if there is no argument'),
    valued('s', 'max-chars', 'MAX-CHARS', 'at most so many characters per command line'),
    flag('t', 'verbose', 'print commands before running them'),
    flag('x', 'exit', 'stop if a command line would be too long'),
  ],
  stopAtOperand: true,
  *main(call) {
    const limit = yield* numeric(call, 'max-args', 'n', 1);
    const lineLimit = yield* numeric(call, 'max-lines', 'L', 1);
    const sizeLimit = yield* numeric(call, 'max-chars', 's', 1);
    const procs = yield* numeric(call, 'max-procs', 'P', 0);
    if (limit === 'wrong' || lineLimit === 'wrong' || sizeLimit === 'wrong' || procs === 'wrong') return 1;
    const given = call.value('delimiter');
    const delimiter = call.has('null') ? '\0' : given === undefined ? undefined : delimiterOf(given);
    if (given !== undefined && delimiter === undefined) {
      return yield* call.fail(
        `Invalid input delimiter specification ${given}: the delimiter must be either a single character or an escape sequence starting with \\.`,
      );
    }
    const mark = call.value('replace') ?? (call.has('i') ? '{}' : undefined);
    const argv = call.operands.length > 0 ? call.operands : ['echo'];
    const words = new Arguments(call, { delimiter, whole: mark !== undefined, eof: call.value('E') });
    if (mark !== undefined) return yield* replacing(call, argv, mark, words);
    let batch: string[] = [];
    let size = argv.join(' ').length;
    let ran = false;
    for (;;) {
      const word = yield* words.next();
      if (word === undefined) break;
      if (batch.length > 0 && size + word.length + 1 > (sizeLimit ?? COMMAND_BYTES)) {
        const stop = yield* run(call, [...argv, ...batch]);
        if (stop !== undefined) return stop;
        [batch, size, ran] = [[], argv.join(' ').length, true];
      }
      batch.push(word);
      size += word.length + 1;
      const full = batch.length === limit || (lineLimit !== undefined && words.lines >= lineLimit && !words.restOfLine);
      if (!full) continue;
      words.lines = 0;
      const stop = yield* run(call, [...argv, ...batch]);
      if (stop !== undefined) return stop;
      [batch, size, ran] = [[], argv.join(' ').length, true];
    }
    if (batch.length > 0 || (!ran && words.error === undefined && !call.has('no-run-if-empty') && !call.busybox)) {
      const stop = yield* run(call, [...argv, ...batch]);
      if (stop !== undefined) return stop;
    }
    return words.error === undefined ? call.status : yield* call.fail(words.error);
  },
};
