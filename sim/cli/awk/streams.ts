import { type Errno, strerror } from '../../base/errno.ts';
import { makePipe } from '../../host/pipe.ts';
import type { Process, WaitStatus } from '../../host/process.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Blocking } from '../../host/wait.ts';
import { TextOutput } from '../text-stream.ts';
import { bytesOf, textOf } from '../tool/byte-string.ts';
import { Fatal } from './fatal.ts';
import { RecordReader } from './record-reader.ts';

interface Output {
  stream: TextOutput;
  pid: number | undefined;
}

interface Source {
  reader: RecordReader;
  fd: number;
  pid: number | undefined;
}

/** The files and commands that a program has open, by name as awk knows them. */
export class Streams {
  readonly #process: Process;
  readonly stdout: TextOutput;
  readonly #outputs = new Map<string, Output>();
  readonly #sources = new Map<string, Source>();

  constructor(process: Process) {
    this.#process = process;
    this.stdout = new TextOutput(process, 1, bytesOf);
    this.#outputs.set('/dev/stdout', { stream: this.stdout, pid: undefined });
    this.#outputs.set('-', { stream: this.stdout, pid: undefined });
  }

  /** Where `print > name`, `>> name` or `| name` writes; opened the first time. Never blocks. */
  output(kind: '>' | '>>' | '|', name: string): TextOutput {
    const known = this.#outputs.get(name);
    if (known) return known.stream;
    const opened = kind === '|' ? this.#outputCommand(name) : { stream: this.#outputFile(name, kind === '>>'), pid: undefined };
    this.#outputs.set(name, opened);
    return opened.stream;
  }

  #outputFile(name: string, append: boolean): TextOutput {
    const fd =
      name === '/dev/stderr'
        ? this.#process.dup(2, undefined, 3)
        : this.#process.open(textOf(name), { write: true, create: true, append, truncate: !append });
    if (typeof fd === 'string') throw new Fatal(`cannot open "${name}" (${strerror(fd)})`, 'plain');
    this.#process.closeOnExec.add(fd);
    return new TextOutput(this.#process, fd, bytesOf);
  }

  #outputCommand(command: string): Output {
    const { reader, writer } = makePipe(this.#process.host.nextPipeNumber());
    const fd = this.#process.install(writer);
    this.#process.closeOnExec.add(fd);
    const pid = this.#shell(command, 0, reader);
    return { stream: new TextOutput(this.#process, fd, bytesOf), pid };
  }

  /** Runs a command with one descriptor replaced; its PID. */
  #shell(command: string, fd: number | undefined, file: OpenFile | undefined): number {
    const fds = new Map([...this.#process.fds].filter(([number]) => number <= 2));
    if (fd !== undefined && file) fds.set(fd, file);
    const child = this.#process.spawn('/bin/sh', { argv: ['/bin/sh', '-c', textOf(command)], fds });
    if (typeof child === 'string') throw new Fatal(`cannot run "${command}" (${strerror(child)})`, 'plain');
    return child.pid;
  }

  /** Something to read records from; `undefined` when a file can't be opened. */
  *source(kind: 'file' | 'command', name: string): Blocking<RecordReader | undefined> {
    const known = this.#sources.get(name);
    if (known) return known.reader;
    const opened = kind === 'command' ? yield* this.#sourceCommand(name) : this.#sourceFile(name);
    if (!opened) return undefined;
    this.#sources.set(name, opened);
    return opened.reader;
  }

  #sourceFile(name: string): Source | undefined {
    const fd = name === '-' || name === '/dev/stdin' ? 0 : this.#process.open(textOf(name));
    if (typeof fd === 'string') return undefined;
    if (fd > 2) this.#process.closeOnExec.add(fd);
    return { reader: new RecordReader(this.#process, fd), fd, pid: undefined };
  }

  *#sourceCommand(command: string): Blocking<Source> {
    yield* this.flush();
    const { reader, writer } = makePipe(this.#process.host.nextPipeNumber());
    const fd = this.#process.install(reader);
    this.#process.closeOnExec.add(fd);
    const pid = this.#shell(command, 1, writer);
    return { reader: new RecordReader(this.#process, fd), fd, pid };
  }

  /** Runs a command with everything inherited (system()); its status as awk gives it. */
  *system(command: string): Blocking<number> {
    yield* this.flush();
    return yield* this.#wait(this.#shell(command, undefined, undefined));
  }

  *#wait(pid: number): Blocking<number> {
    for (;;) {
      const status: WaitStatus | Errno | undefined = yield* this.#process.wait({ pid });
      if (status === 'EINTR') continue;
      if (status === undefined || typeof status === 'string') return -1;
      return status.kind === 'signaled' ? 256 + status.code : status.code;
    }
  }

  /** Closes what is open under a name: the status of a command, 0 for a file, -1 when nothing is. */
  *close(name: string): Blocking<number> {
    let result = -1;
    const source = this.#sources.get(name);
    if (source) {
      this.#sources.delete(name);
      if (source.fd > 0) this.#process.close(source.fd);
      result = source.pid === undefined ? 0 : yield* this.#wait(source.pid);
    }
    const output = this.#outputs.get(name);
    if (!output) return result;
    yield* output.stream.flush();
    if (output.stream === this.stdout) return 0;
    this.#outputs.delete(name);
    this.#process.close(output.stream.fd);
    return output.pid === undefined ? 0 : yield* this.#wait(output.pid);
  }

  *flush(): Blocking<void> {
    for (const { stream } of this.#outputs.values()) yield* stream.flush();
  }

  /** What should be written now: full buffers, and everything that is meant for a terminal or for standard error. */
  *flushDue(): Blocking<void> {
    for (const { stream } of this.#outputs.values()) if (stream.full || stream.interactive) yield* stream.flush();
  }

  /** Whether one of the buffers is full. */
  get due(): boolean {
    return this.stdout.full || (this.#outputs.size > 2 && [...this.#outputs.values()].some(({ stream }) => stream.full));
  }

  /** Standard error isn't buffered. */
  isUnbuffered(stream: TextOutput): boolean {
    return this.#outputs.get('/dev/stderr')?.stream === stream;
  }

  /** The end of the program: commands get the rest of their input and are waited for, then what was printed goes out. */
  *closeAll(): Blocking<void> {
    if (this.stdout.interactive) yield* this.stdout.flush();
    for (const name of [...this.#outputs.keys()]) if (name !== '-' && name !== '/dev/stdout') yield* this.close(name);
    yield* this.stdout.flush();
    for (const { fd } of this.#sources.values()) if (fd > 0) this.#process.close(fd);
    for (const { pid } of this.#sources.values()) if (pid !== undefined) yield* this.#wait(pid);
  }

  /** fflush: everything, or what is open under a name; -1 when nothing is. */
  *flushNamed(name: string | undefined): Blocking<number> {
    if (name === undefined || name === '') {
      yield* this.flush();
      return 0;
    }
    const output = this.#outputs.get(name);
    if (!output) return -1;
    yield* output.stream.flush();
    return 0;
  }
}
