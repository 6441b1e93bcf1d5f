import { strerror } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import { parseDuration, parseSize } from '../tool/numbers.ts';
import { quoteAlways } from '../tool/quote.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, optional, type Tool, valued } from '../tool/tool.ts';

interface Amount {
  unit: 'lines' | 'bytes';
  count: number;
  /** From the `count`th on rather than the last `count`. */
  from: boolean;
}

/** A file that is being followed. */
interface Followed {
  path: string;
  fd: number | undefined;
  inode: Inode | undefined;
  /** Bytes read so far, to notice that the file has been cut. */
  offset: number;
}

/** Virtual time between looks at a followed file: real tail is woken by inotify at once. */
const POLL_MICROS = 100_000;

/** The obsolete forms `-5`, `+5`, `-5f`, `-5c`. */
function rewrite(args: string[]): string[] {
  const match = /^([-+])(\d*)([bcl]?)(f?)$/.exec(args[0] ?? '');
  if (!match || args[0] === '-' || args[0] === '-f' || (match[2] === '' && match[1] === '-')) return args;
  const [, sign = '', count = '', unit = '', follow = ''] = match;
  const number = `${sign === '+' ? '+' : ''}${count === '' ? '10' : count}`;
  return [unit === 'c' ? `-c${number}` : unit === 'b' ? `-c${number}b` : `-n${number}`, ...(follow === '' ? [] : ['-f']), ...args.slice(1)];
}

function* parseAmount(call: Call): Blocking<Amount | undefined> {
  const unit = call.last('lines', 'bytes') === 'bytes' ? 'bytes' : 'lines';
  const text = call.value(unit) ?? '10';
  const count = parseSize(text.replace(/^[-+]/, ''));
  if (count !== undefined) return { unit, count, from: text.startsWith('+') };
  yield* call.warn(call.either(`invalid number of ${unit}: ${call.quote(text)}`, `invalid number '${text}'`));
  return undefined;
}

/** Prints the end of a stream and returns how many bytes were read from it. */
function* printEnd(call: Call, reader: Reader, amount: Amount, end: string): Blocking<number> {
  let size = 0;
  if (amount.from) {
    for (let skip = Math.max(0, amount.count - 1); skip > 0; skip--) {
      const part = amount.unit === 'lines' ? yield* reader.line(end) : yield* reader.take(1);
      if (part === undefined || part === '') {
        if (amount.unit === 'bytes' || part === undefined) return size;
      }
      size += part.length + (amount.unit === 'lines' && reader.terminated ? 1 : 0);
    }
    for (;;) {
      const chunk = yield* reader.chunk();
      if (chunk === undefined) return size;
      size += chunk.length;
      yield* call.out.write(chunk);
    }
  }
  let kept = '';
  for (;;) {
    const chunk = yield* reader.chunk();
    if (chunk === undefined) break;
    size += chunk.length;
    kept = ending(kept + chunk, amount, end);
  }
  yield* call.out.write(kept);
  return size;
}

/** The last lines or bytes of a text. */
function ending(text: string, amount: Amount, end: string): string {
  if (amount.count === 0) return '';
  if (amount.unit === 'bytes') return text.slice(-amount.count);
  let at = text.endsWith(end) ? text.length - 1 : text.length;
  for (let n = 0; n < amount.count; n++) {
    at = at === 0 ? -1 : text.lastIndexOf(end, at - 1);
    if (at < 0) return text;
  }
  return text.slice(at + 1);
}

function header(path: string, first: boolean): string {
  return `${first ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`;
}

/** Watches files for what is appended; with `byName`, also for being replaced. Ends only by a signal, or the end of `--pid`. */
function* follow(call: Call, files: Followed[], byName: boolean, headers: boolean, shown: string): Blocking<number> {
  const interval = Math.min(POLL_MICROS, (parseDuration(call.value('sleep-interval') ?? '1') ?? 1) * 1_000_000) || POLL_MICROS;
  const pid = call.value('pid');
  let current = shown;
  for (;;) {
    for (const file of files) {
      if (byName) yield* reopen(call, file);
      if (file.fd === undefined) continue;
      if (file.inode && file.inode.size < file.offset) {
        yield* call.warn(`${file.path}: file truncated`, 0);
        call.process.fds.get(file.fd)?.seek(0);
        file.offset = 0;
      }
      const bytes = yield* call.process.read(file.fd);
      if (typeof bytes === 'string' || bytes.length === 0) continue;
      file.offset += bytes.length;
      if (headers && current !== file.path) yield* call.out.text(header(file.path, false));
      current = file.path;
      yield* call.out.bytes(bytes);
    }
    yield* call.out.flush();
    // Nobody reads any more: end as a write would.
    if (call.process.fds.get(1)?.poll().hup) call.process.signal('SIGPIPE');
    if (!byName && files.every((file) => file.fd === undefined)) return yield* call.fail('no files remaining');
    if (pid !== undefined && !call.process.namespaces.pid.processes.has(Number(pid))) return call.status;
    yield* call.process.sleep(interval);
  }
}

/** `-F`: notices that the name has gone, come or leads to another file. */
function* reopen(call: Call, file: Followed): Blocking<void> {
  const found = stat(call.process, file.path);
  if (typeof found === 'string') {
    if (file.inode) yield* call.warn(`${quoteAlways(file.path)} has become inaccessible: ${strerror(found)}`, 0);
    file.inode = undefined;
    return;
  }
  if (found === file.inode) return;
  const fd = call.process.open(file.path);
  if (typeof fd === 'string') return;
  const event = file.fd === undefined || file.inode === undefined ? 'appeared' : 'been replaced';
  yield* call.warn(`${quoteAlways(file.path)} has ${event};  following new file`, 0);
  if (file.fd !== undefined) call.close(file.fd);
  Object.assign(file, { fd, inode: found, offset: 0 });
}

export const tail: Tool = {
  name: 'tail',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print the end of each file, ten lines unless told otherwise, with a header where there are several files.',
  options: [
    valued('c', 'bytes', '[+]NUM', 'the last NUM bytes; with +, from byte NUM on'),
    optional('f', 'follow', 'name|descriptor', 'print what is appended as the file grows'),
    flag('F', '', 'same as --follow=name --retry'),
    valued('n', 'lines', '[+]NUM', 'the last NUM lines instead of 10; with +, from line NUM on'),
    valued('', 'pid', 'PID', 'with -f, end when process PID has ended'),
    flag('q', 'quiet', 'no headers'),
    { ...flag('', 'silent', 'same as --quiet'), name: 'quiet' },
    flag('', 'retry', 'keep trying to open a file that is not there'),
    valued('s', 'sleep-interval', 'N', 'with -f, look every N seconds at most'),
    flag('v', 'verbose', 'headers always'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  rewrite: (args) => rewrite(args).flatMap((arg) => splitFollow(arg)),
  *main(call) {
    const amount = yield* parseAmount(call);
    if (!amount) return 1;
    const byName = call.has('F') || call.value('follow') === 'name';
    const following = byName || call.has('follow');
    const retry = call.has('F', 'retry');
    const headers = call.last('quiet', 'verbose') === 'verbose' || (call.operands.length > 1 && !call.has('quiet'));
    const end = call.has('zero-terminated') ? '\0' : '\n';
    const followed: Followed[] = [];
    let shown = '';
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.warn(`${call.either(`cannot open ${quoteAlways(path)} for reading`, `can't open '${path}'`)}: ${strerror(file)}`);
        if (following && retry) followed.push({ path, fd: undefined, inode: undefined, offset: 0 });
        continue;
      }
      if (headers) yield* call.out.text(header(path, shown === ''));
      shown = path;
      const offset = yield* printEnd(call, file.reader, amount, end);
      const { error } = file.reader;
      if (error) {
        yield* call.warn(`error reading ${quoteAlways(path)}: ${strerror(error)}`);
        if (following && error === 'EISDIR') yield* call.warn(`${path}: cannot follow end of this type of file`);
      }
      const inode = path === '-' ? undefined : stat(call.process, path);
      const regular = typeof inode === 'object' && !(inode instanceof Directory) && inode.kind !== 'fifo';
      if (following && regular) followed.push({ path, fd: file.fd, inode, offset });
      else call.close(file.fd);
    }
    if (call.busybox && shown === '' && !retry) return yield* call.fail('no files');
    if (!following || followed.length === 0) {
      if (following && shown === '' && call.status > 0) return yield* call.fail('no files remaining');
      return call.status;
    }
    yield* call.out.flush();
    return yield* follow(call, followed, byName, headers, shown);
  },
};

/** `-f` takes its optional argument only in the long form: `-fn3` is `-f -n3`. */
function splitFollow(arg: string): string[] {
  const match = /^-([qvzF]*)f(.+)$/.exec(arg);
  return match && !arg.startsWith('--') ? [...(match[1] === '' ? [] : [`-${match[1]}`]), '-f', `-${match[2]}`] : [arg];
}
