import { strerror } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString } from '../tool/byte-string.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { within } from '../coreutils/destination.ts';
import { editScript } from './edit-script.ts';
import { type Lines, normalFormat, unifiedFormat } from './print.ts';

/** One of the two files of a comparison. */
interface Side {
  path: string;
  text: ByteString;
  modified: number;
}

function linesOf(text: ByteString): Lines {
  const lines = text.split('\n');
  const terminated = lines.at(-1) === '';
  if (terminated) lines.pop();
  return { lines, terminated: terminated || text === '' };
}

/** What two lines have in common when -i, -w, -b or -B take away what does not count. */
function comparable(call: Call): (line: ByteString) => ByteString {
  const [fold, all, some, trailing] = [
    call.has('ignore-case'),
    call.has('ignore-all-space'),
    call.has('ignore-space-change'),
    call.has('ignore-trailing-space'),
  ];
  return (line) => {
    let text = line;
    if (all) text = text.replace(/[\t-\r ]+/g, '');
    else if (some) text = text.replace(/[\t-\r ]+/g, ' ').replace(/ $/, '');
    else if (trailing) text = text.replace(/[\t-\r ]+$/, '');
    return fold ? text.toLowerCase() : text;
  };
}

function* compare(call: Call, left: Side, right: Side, nested: boolean): Blocking<number> {
  if (left.text === right.text) {
    if (call.has('report-identical-files')) yield* call.out.text(`Files ${left.path} and ${right.path} are identical\n`);
    return 0;
  }
  if (!call.has('text') && (left.text.includes('\0') || right.text.includes('\0'))) {
    yield* call.out.text(`Binary files ${left.path} and ${right.path} differ\n`);
    return 1;
  }
  const [a, b] = [linesOf(left.text), linesOf(right.text)];
  const key = comparable(call);
  const numbers = new Map<ByteString, number>();
  const numbered = (file: Lines) =>
    file.lines.map((line, i) => {
      // A last line without newline equals only another such line.
      const text = key(line) + (i === file.lines.length - 1 && !file.terminated ? '\0' : '');
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return number;
    });
  yield* call.process.spend(Math.ceil((a.lines.length + b.lines.length) / 10));
  let changes = editScript(numbered(a), numbered(b));
  if (call.has('ignore-blank-lines')) {
    const blank = (file: Lines, from: number, to: number) => file.lines.slice(from, to).every((line) => line === '');
    changes = changes.filter((change) => !blank(a, change.aStart, change.aEnd) || !blank(b, change.bStart, change.bEnd));
  }
  if (changes.length === 0) return 0;
  if (call.has('brief')) {
    yield* call.out.text(`Files ${left.path} and ${right.path} differ\n`);
    return 1;
  }
  const context = Number(call.value('unified') ?? 3);
  const unified = call.has('unified', 'u');
  if (nested) yield* call.out.text(`diff ${optionWords(call)}${left.path} ${right.path}\n`);
  if (unified) {
    const [first = left.path, second = right.path] = call.values('label');
    const stamp = (side: Side) => `\t${strftime('%Y-%m-%d %H:%M:%S.%N %z', momentOf(side.modified))}`;
    yield* call.out.text(
      `--- ${first}${call.values('label').length > 0 ? '' : stamp(left)}\n+++ ${second}${call.values('label').length > 1 ? '' : stamp(right)}\n`,
    );
  }
  for (const text of unified ? unifiedFormat(a, b, changes, context) : normalFormat(a, b, changes)) yield* call.out.write(text);
  return 1;
}

/** The options as given, for the line that names each pair of files in directories. */
function optionWords(call: Call): string {
  return call.process.argv
    .slice(1)
    .filter((arg) => arg.startsWith('-') && arg !== '-')
    .map((arg) => `${arg} `)
    .join('');
}

function* readSide(call: Call, path: string): Blocking<Side | undefined> {
  const file = call.open(path);
  const words = (errno: Parameters<typeof strerror>[0]) =>
    call.either(`${path}: ${strerror(errno)}`, `can't stat '${path}': ${strerror(errno)}`);
  if (typeof file === 'string') {
    yield* call.warn(words(file), 2);
    return undefined;
  }
  const text = yield* file.reader.rest();
  call.close(file.fd);
  if (file.reader.error) {
    yield* call.warn(words(file.reader.error), 2);
    return undefined;
  }
  const inode = path === '-' ? undefined : stat(call.process, path);
  return { path, text, modified: typeof inode === 'object' ? inode.modified : call.process.host.now };
}

function* compareFiles(call: Call, left: string, right: string, nested = false): Blocking<number> {
  const missing = (path: string) => call.has('new-file') && stat(call.process, path) === 'ENOENT';
  const empty = (path: string): Side => ({ path, text: '', modified: 0 });
  const a = missing(left) ? empty(left) : yield* readSide(call, left);
  const b = missing(right) ? empty(right) : yield* readSide(call, right);
  return a && b ? yield* compare(call, a, b, nested) : 2;
}

function isDirectory(inode: Inode | string): inode is Directory {
  return inode instanceof Directory;
}

/** Compares what two directories have under the same names; with -r the directories in them too. */
function* compareDirectories(call: Call, left: string, right: string): Blocking<number> {
  const [a, b] = [stat(call.process, left), stat(call.process, right)];
  if (!isDirectory(a) || !isDirectory(b)) return 2;
  const names = [...new Set([...a.names(call.process), ...b.names(call.process)])].map((name) => byteString(name)).sort();
  let status = 0;
  for (const name of names) {
    const [x, y] = [within(left, name), within(right, name)];
    const [p, q] = [stat(call.process, x), stat(call.process, y)];
    const inside = (folder: string) => folder.replace(/(?<=.)\/+$/, '');
    if ((typeof p === 'string' || typeof q === 'string') && !call.has('new-file')) {
      yield* call.out.text(`Only in ${inside(typeof p === 'string' ? right : left)}: ${name}\n`);
      status = Math.max(status, 1);
    } else if (isDirectory(p) && isDirectory(q)) {
      if (call.has('recursive')) status = Math.max(status, yield* compareDirectories(call, x, y));
      else yield* call.out.text(`Common subdirectories: ${x} and ${y}\n`);
    } else if (isDirectory(p) || isDirectory(q)) {
      const kind = (inode: Inode | string) =>
        isDirectory(inode) ? 'directory' : typeof inode !== 'string' && inode.size === 0 ? 'regular empty file' : 'regular file';
      yield* call.out.text(`File ${x} is a ${kind(p)} while file ${y} is a ${kind(q)}\n`);
      status = Math.max(status, 1);
    } else status = Math.max(status, yield* compareFiles(call, x, y, true));
  }
  return status;
}

export const diff: Tool = {
  name: 'diff',
  suite: 'GNU diffutils',
  usage: ['[OPTION]... FILES'],
  about: 'Compare files line by line. Status 0 if they are the same, 1 if they differ, 2 after an error.',
  options: [
    flag('', 'normal', 'the normal format, as anyway'),
    flag('q', 'brief', 'only say whether files differ'),
    flag('s', 'report-identical-files', 'also say that files are the same'),
    { ...optional('c', 'context', 'NUM', ''), unmodelled: true },
    flag('u', '', 'the unified format with 3 lines of context'),
    valued('U', 'unified', 'NUM', 'the unified format with NUM lines of context'),
    unmodelled('e', 'ed'),
    unmodelled('y', 'side-by-side'),
    { ...flag('p', 'show-c-function', ''), unmodelled: true },
    valued('', 'label', 'LABEL', 'the name in the heading instead of the file name and time'),
    flag('r', 'recursive', 'directories in directories too'),
    flag('N', 'new-file', 'files that are missing count as empty'),
    flag('i', 'ignore-case', 'capital and small letters are the same'),
    flag('b', 'ignore-space-change', 'blanks count as one blank'),
    flag('w', 'ignore-all-space', 'blanks do not count'),
    flag('Z', 'ignore-trailing-space', 'blanks at the end of lines do not count'),
    flag('B', 'ignore-blank-lines', 'empty lines do not count'),
    flag('a', 'text', 'all files are text'),
    { ...optional('', 'color', 'WHEN', ''), unmodelled: true },
    flag('d', 'minimal', 'as few changes as possible, as anyway'),
  ],
  usageStatus: 2,
  rewrite: (args) => args.map((arg) => (arg === '--unified' ? '-u' : arg.replace(/^-u(\d+)$/, '-U$1'))),
  *main(call) {
    const [left, right, extra] = call.operands;
    if (left === undefined || right === undefined) return yield* badOperands(call, `missing operand after '${left ?? call.name}'`);
    if (extra !== undefined) return yield* badOperands(call, `extra operand '${extra}'`);
    const [a, b] = [left === '-' ? '' : stat(call.process, left), right === '-' ? '' : stat(call.process, right)];
    if (isDirectory(a) && isDirectory(b)) return Math.max(yield* compareDirectories(call, left, right), call.status);
    if (isDirectory(a)) return Math.max(yield* compareFiles(call, within(left, right), right), call.status);
    if (isDirectory(b)) return Math.max(yield* compareFiles(call, left, within(right, left)), call.status);
    return Math.max(yield* compareFiles(call, left, right), call.status);
  },
};

function* badOperands(call: Call, error: string): Blocking<number> {
  if (call.busybox) return yield* call.badUsage('');
  yield* call.complain(`${call.name}: ${error}\n${call.name}: Try '${call.name} --help' for more information.\n`);
  return 2;
}
