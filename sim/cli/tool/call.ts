import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf, type Tty } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { type Dialect, PROCPS } from './dialect.ts';
import { Output } from './output.ts';
import { quoteAlways, quoteText } from './quote.ts';
import { Reader } from './reader.ts';
import type { Tool } from './tool.ts';

/** One run of a tool: its arguments, its output, and its ways to complain. */
export class Call {
  readonly process: Process;
  readonly tool: Tool;
  readonly dialect: Dialect;
  readonly parsed: Parsed;
  /** What messages start with. */
  readonly name: string;
  readonly out: Output;
  /** The exit status so far: complaints about single files raise it to 1 and the tool goes on. */
  status = 0;

  constructor(process: Process, tool: Tool, dialect: Dialect, parsed: Parsed) {
    this.process = process;
    this.tool = tool;
    this.dialect = dialect;
    this.parsed = parsed;
    this.name = dialect.programName(process, tool);
    this.out = new Output(process, 1);
  }

  get operands(): string[] {
    return this.parsed.operands;
  }

  get busybox(): boolean {
    return this.dialect.flavour === 'busybox';
  }

  /** Whether an option was given, by its long name (or letter, where it has only that). */
  has(...names: string[]): boolean {
    return names.some((name) => hasOption(this.parsed, name));
  }

  /** The last value given for an option. */
  value(name: string): string | undefined {
    return optionValue(this.parsed, name);
  }

  /** All values given for an option, in order. */
  values(name: string): string[] {
    return this.parsed.options.filter((option) => option.name === name).map((option) => option.value);
  }

  /** Of these options, the one given last. */
  last(...names: string[]): string | undefined {
    return this.parsed.options.findLast((option) => names.includes(option.name))?.name;
  }

  /** The terminal behind standard output. */
  get terminal(): Tty | undefined {
    return terminalOf(this.process.fds.get(1));
  }

  /** Prints to stderr as it is, after what stands in the output buffer (but procps' stays there, unless it is a terminal's). */
  *complain(text: string): Blocking<void> {
    if (this.busybox || this.tool.suite !== PROCPS || this.terminal) yield* this.out.flush();
    yield* this.process.write(2, text);
  }

  /** `NAME: TEXT` on stderr; the status becomes `status` unless it is higher. */
  *warn(text: string, status = 1): Blocking<void> {
    yield* this.complain(`${this.name}: ${text}\n`);
    this.status = Math.max(this.status, status);
  }

  /** `NAME: FILE: No such file or directory`. */
  *about(path: string, errno: Errno, status = 1): Blocking<void> {
    yield* this.warn(`${this.dialect.fileName(path)}: ${strerror(errno)}`, status);
  }

  /** `NAME: cannot remove 'FILE': No such file or directory`, `can't` in busybox. */
  *cannot(action: string, path: string, errno: Errno, status = 1): Blocking<void> {
    yield* this.warn(`${this.dialect.cannot(action, path)}: ${strerror(errno)}`, status);
  }

  /** The text of this flavour. */
  either(gnu: string, busybox: string): string {
    return this.busybox ? busybox : gnu;
  }

  /** Complains and returns the status to end with: `return yield* call.fail(…)`. */
  *fail(text: string, status = 1): Blocking<number> {
    yield* this.complain(`${this.name}: ${text}\n`);
    return status;
  }

  /** Complains about wrong arguments, pointing to the help. */
  *badUsage(error: string): Blocking<number> {
    yield* this.complain(this.dialect.badUsage(this.tool, this.name, error));
    return this.dialect.badUsageStatus(this.tool);
  }

  /** Complains about an option's value that is none of its words (gnulib argmatch). */
  *badChoice(value: string, option: string, words: readonly string[]): Blocking<number> {
    const list = words.map((word) => `  - '${word}'\n`).join('');
    yield* this.complain(`${this.name}: invalid argument ${this.quote(value)} for '--${option}'\nValid arguments are:\n${list}`);
    yield* this.badUsage('');
    return 1;
  }

  *missingOperand(): Blocking<number> {
    return yield* this.badUsage(this.busybox ? '' : 'missing operand');
  }

  *missingOperandAfter(operand: string): Blocking<number> {
    return yield* this.badUsage(this.busybox ? '' : `missing operand after ${quoteText(operand)}`);
  }

  *extraOperand(operand: string): Blocking<number> {
    return yield* this.badUsage(this.busybox ? '' : `extra operand ${quoteText(operand)}`);
  }

  /** A reader of a descriptor that flushes this tool's output before it blocks. */
  reader(fd: number): Reader {
    return new Reader(this.process, fd, this.out);
  }

  /** A reader of a file (`-` is standard input), or the error. The descriptor stays open until `close`. */
  open(path: string): { fd: number; reader: Reader } | Errno {
    if (path === '-') return { fd: 0, reader: this.reader(0) };
    const fd = this.process.open(path);
    return typeof fd === 'string' ? fd : { fd, reader: this.reader(fd) };
  }

  close(fd: number): void {
    if (fd > 2) this.process.close(fd);
  }

  /**
   * Runs `use` on each file operand (standard input without any), complaining about those that can't be opened or read.
   * @param trouble the words before the error text; the file's name if absent
   */
  *eachFile(use: (reader: Reader, path: string) => Blocking<void>, trouble?: (path: string) => string): Blocking<void> {
    for (const path of this.operands.length > 0 ? this.operands : ['-']) {
      const file = this.open(path);
      const words = trouble ?? ((name: string) => this.either(this.dialect.fileName(name), `can't open '${name}'`));
      if (typeof file === 'string') {
        yield* this.warn(`${words(path)}: ${strerror(file)}`);
        continue;
      }
      yield* use(file.reader, path);
      if (file.reader.error) yield* this.readError(path, file.reader.error);
      this.close(file.fd);
    }
  }

  /** The complaint about a file that could be opened but not read, a directory as a rule. */
  *readError(path: string, errno: Errno): Blocking<void> {
    if (this.busybox) yield* this.warn(`read error: ${strerror(errno)}`);
    else yield* this.about(path, errno);
  }

  quote(text: string): string {
    return this.busybox ? `'${text}'` : quoteText(text);
  }

  quoteFile(path: string): string {
    return this.busybox ? `'${path}'` : quoteAlways(path);
  }

  /** Writes out what is left; a write error gives its message and status 1. */
  *finish(status: number): Blocking<number> {
    yield* this.out.flush();
    if (!this.out.error) return status;
    yield* this.process.write(2, `${this.name}: write error: ${strerror(this.out.error)}\n`);
    return Math.max(status, 1);
  }
}
