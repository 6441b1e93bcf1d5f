import { encode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { OpenFile, type Poll } from '../../host/file.ts';
import { RegularFile } from '../../host/inode.ts';
import type { OpenFlags } from '../../host/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { expandText, expandWords } from './expand.ts';
import { namesConnection, openConnection } from './network-file.ts';
import { newlines, type Redirection } from './parse.ts';
import type { Shell } from './shell.ts';

/** A redirection with everything expanded: opening, copying, closing a descriptor, or text to read. */
export type Prepared = (
  | { kind: 'open'; path: string; flags: OpenFlags; noclobber: boolean; both: boolean }
  | { kind: 'dup'; from: number; shown: string; move: boolean }
  | { kind: 'close' }
  | { kind: 'text'; text: string }
  | { kind: 'socket'; socket: OpenFile; both: boolean }
  | { kind: 'failed'; message: string }
) & { fd: number; variable: string | undefined };

const WRITE: OpenFlags = { write: true, create: true, truncate: true };
const APPEND: OpenFlags = { write: true, create: true, append: true };

/** Expands the targets of redirections, in order. */
export function* prepareRedirections(shell: Shell, redirections: readonly Redirection[]): Blocking<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const redirection of redirections) prepared.push(yield* prepare(shell, redirection));
  return prepared;
}

function* prepare(shell: Shell, redirection: Redirection): Blocking<Prepared> {
  const { descriptor } = redirection;
  const variable = descriptor?.type === 'FileDescriptorVariable' ? descriptor.name : undefined;
  const given = descriptor?.type === 'FileDescriptor' ? descriptor.value : undefined;
  const input = redirection.operator.startsWith('<');
  const place = { fd: given ?? (input ? 0 : 1), variable };
  if (redirection.type === 'HereString') {
    return { ...place, kind: 'text', text: `${yield* expandText(shell, redirection.target?.text ?? '', 'word')}\n` };
  }
  if (redirection.type === 'HereDoc') {
    const tabs = redirection.operator === '<<-';
    const body = tabs ? redirection.body.text.replace(/^\t+/gm, '') : redirection.body.text;
    const whole = redirection.closing || body === '' || body.endsWith('\n') ? body : `${body}\n`;
    if (!redirection.closing) yield* warnOpenHereDoc(shell, redirection.pos, redirection.delimiter?.value ?? '');
    return { ...place, kind: 'text', text: redirection.delimiter?.quoted ? whole : yield* expandText(shell, whole, 'heredoc') };
  }
  const source = redirection.target?.text ?? '';
  const words = yield* expandWords(shell, [source]);
  const [word] = words;
  if (words.length !== 1 || word === undefined) return { ...place, kind: 'failed', message: `${source}: ambiguous redirect` };
  const { operator } = redirection;
  if (operator === '>&' || operator === '<&') {
    if (word === '-') return { ...place, kind: 'close' };
    const number = /^(\d+)(-?)$/.exec(word);
    if (number) return { ...place, kind: 'dup', from: Number(number[1]), shown: number[1] as string, move: number[2] === '-' };
    if (operator === '<&' || given !== undefined) return { ...place, kind: 'failed', message: `${word}: ambiguous redirect` };
    return { ...place, kind: 'open', path: word, flags: WRITE, noclobber: false, both: true };
  }
  if (namesConnection(word) && !shell.ash) {
    const socket = yield* openConnection(shell, word);
    if (typeof socket === 'string') return { ...place, kind: 'failed', message: `${word}: ${strerror(socket)}` };
    return { ...place, kind: 'socket', socket, both: operator.startsWith('&>') };
  }
  const noclobber = shell.option('C') && (operator === '>' || operator === '&>');
  const both = operator === '&>' || operator === '&>>';
  const flags =
    operator === '<'
      ? { read: true }
      : operator === '<>'
        ? { read: true, write: true, create: true }
        : operator.endsWith('>>')
          ? APPEND
          : WRITE;
  return { ...place, kind: 'open', path: word, flags, noclobber, both };
}

function* warnOpenHereDoc(shell: Shell, position: number, wanted: string): Blocking<void> {
  const { source, line } = shell.unit;
  const at = line + newlines(source, position);
  const end = line + newlines(source, source.length) - (source.endsWith('\n') ? 1 : 0);
  yield* shell.process.write(
    2,
    `${shell.name}: line ${end}: warning: here-document at line ${at} delimited by end-of-file (wanted \`${wanted}')\n`,
  );
}

/** What descriptors were before a redirection; `restore` puts it back. */
export class SavedDescriptors {
  readonly #process: Process;
  readonly #files = new Map<number, OpenFile | undefined>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** Remembers a descriptor, unless it has been already. The file stays open meanwhile. */
  save(fd: number): void {
    if (!this.#files.has(fd)) this.#files.set(fd, this.#process.fds.get(fd)?.hold());
  }

  restore(): void {
    for (const [fd, file] of this.#files) {
      if (!file) this.#process.close(fd);
      else {
        this.#process.install(file, fd);
        file.release();
      }
    }
    this.#files.clear();
  }
}

/**
 * Carries redirections out on a process, which is the shell itself or the child that will run the program.
 *
 * @param saved where the present descriptors are kept if they come back later
 * @returns the message of the first that failed, without `bash: line N: `
 */
export function applyRedirections(
  shell: Shell,
  process: Process,
  prepared: readonly Prepared[],
  saved?: SavedDescriptors,
): string | undefined {
  for (const redirection of prepared) {
    const failure = applyOne(shell, process, redirection, saved);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function applyOne(shell: Shell, process: Process, redirection: Prepared, saved: SavedDescriptors | undefined): string | undefined {
  if (redirection.kind === 'failed') return redirection.message;
  let fd = redirection.fd;
  if (redirection.variable !== undefined) {
    if (redirection.kind === 'close') fd = Number(shell.variables.get(redirection.variable) ?? '-1');
    else {
      for (fd = 10; process.fds.has(fd); ) fd++;
      shell.variables.set(redirection.variable, String(fd));
    }
  } else {
    saved?.save(fd);
    if ((redirection.kind === 'open' || redirection.kind === 'socket') && redirection.both) saved?.save(2);
  }
  switch (redirection.kind) {
    case 'close':
      process.close(fd);
      return undefined;
    case 'socket':
      process.install(redirection.socket, fd);
      redirection.socket.release();
      if (redirection.both) process.dup(fd, 2);
      return undefined;
    case 'text':
      process.install(new HereText(redirection.text), fd);
      return undefined;
    case 'dup': {
      const result = process.dup(redirection.from, fd);
      if (typeof result === 'string') return `${redirection.shown}: ${strerror(result)}`;
      if (redirection.move && redirection.from !== fd) {
        saved?.save(redirection.from);
        process.close(redirection.from);
      }
      return undefined;
    }
    case 'open': {
      const failure = openAt(process, redirection, fd, shell.ash);
      if (failure !== undefined) return failure;
      if (redirection.both) process.dup(fd, 2);
      return undefined;
    }
  }
}

/** bash itself knows a few paths in redirections (bash(1), REDIRECTION). */
function openAt(process: Process, redirection: Prepared & { kind: 'open' }, fd: number, ash: boolean): string | undefined {
  const { path } = redirection;
  const special = /^\/dev\/(?:fd\/(\d+)|(stdin|stdout|stderr))$/.exec(path);
  if (special) {
    const from = special[1] !== undefined ? Number(special[1]) : ['stdin', 'stdout', 'stderr'].indexOf(special[2] as string);
    const result = process.dup(from, fd);
    return typeof result === 'string' ? `${path}: ${strerror('ENOENT')}` : undefined;
  }
  let flags = redirection.flags;
  if (redirection.noclobber) {
    const found = process.namespaces.mnt.resolve(process, path);
    if (typeof found !== 'string' && found.inode instanceof RegularFile) return `${path}: cannot overwrite existing file`;
    flags = { ...flags, truncate: false };
  }
  const result: number | Errno = process.open(path, flags, fd);
  if (typeof result !== 'string') return undefined;
  return ash ? ashFailure(path, result, redirection.flags.write ?? false) : `${path}: ${strerror(result)}`;
}

/** ash's words for a file that can't be opened (shell/ash.c, `ash_open_err`). */
function ashFailure(path: string, error: Errno, writing: boolean): string {
  const why = error === 'ENOENT' || error === 'ENOTDIR' ? (writing ? 'nonexistent directory' : 'no such file') : strerror(error);
  return `can't ${writing ? 'create' : 'open'} ${path}: ${why}`;
}

/** The text of a here-document or here-string, as a deleted temporary file gives it. */
class HereText extends OpenFile {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(text: string) {
    super();
    this.#bytes = encode(text);
  }

  read(max: number): Uint8Array {
    const part = this.#bytes.slice(this.#offset, this.#offset + max);
    this.#offset += part.length;
    return part;
  }

  write(): Errno {
    return 'EBADF';
  }

  override seek(offset: number): Errno | undefined {
    this.#offset = offset;
    return undefined;
  }

  poll(): Poll {
    return { in: true, out: false, hup: false };
  }

  protected close(): void {}

  get description(): string {
    return '/tmp/sh-thd (deleted)';
  }
}
