import { encode } from '../base/bytes.ts';
import type { Errno } from '../base/errno.ts';
import { OpenFile, type Poll } from './file.ts';
import type { Host } from './host.ts';
import type { Signal } from './signal.ts';

/** The part of termios(3) that programs of the book set. */
export interface Termios {
  /** Deliver whole lines and let the user edit them; off means every byte at once. */
  icanon: boolean;
  echo: boolean;
  /** Control characters send signals. */
  isig: boolean;
  /** A carriage return typed becomes a newline. */
  icrnl: boolean;
  /** A newline printed becomes carriage return and newline. */
  onlcr: boolean;
}

export const COOKED: Readonly<Termios> = { icanon: true, echo: true, isig: true, icrnl: true, onlcr: true };
/** What readline sets while it edits a line (rl_prep_terminal): no echo, no lines, but control characters still arrive as bytes. */
export const RAW: Readonly<Termios> = { icanon: false, echo: false, isig: false, icrnl: false, onlcr: true };

const CONTROL = { interrupt: 3, eof: 4, erase: 127, backspace: 8, kill: 21, werase: 23, suspend: 26, quit: 28 } as const;

/**
 * A pseudo-terminal: the master side belongs to whoever shows it (xterm.js, a Node terminal, a test), the slave side is the
 * open file of the processes in it. Between them stands the line discipline (n_tty).
 */
export class Tty {
  readonly host: Host;
  readonly number: number;
  readonly slave: TtySlave;
  #termios: Termios = { ...COOKED };
  rows = 24;
  columns = 80;
  /** The process group that reads and gets the signals of control characters. */
  foreground = 0;
  /** Called with every stretch of output, in order. */
  onOutput: (bytes: Uint8Array) => void = () => {};
  hungUp = false;
  #line: number[] = [];
  #ready: Uint8Array[] = [];

  constructor(host: Host, number: number) {
    this.host = host;
    this.number = number;
    this.slave = new TtySlave(this);
  }

  get termios(): Termios {
    return this.#termios;
  }

  /** Leaving line mode makes what was typed of the current line readable at once (n_tty_set_termios). */
  set termios(next: Termios) {
    const leavesLines = this.#termios.icanon && !next.icanon;
    this.#termios = next;
    if (leavesLines && this.#line.length > 0) this.#deliver(Uint8Array.from(this.#takeLine()));
  }

  /** What the user types, as bytes. */
  input(bytes: Uint8Array): void {
    for (const byte of bytes) this.#type(byte);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#signal('SIGWINCH');
  }

  /** The window is closed: the session gets SIGHUP and reads the end of the file. */
  hangUp(): void {
    this.hungUp = true;
    if (this.host.terminals.get(this.number) === this) this.host.terminals.delete(this.number);
    this.#signal('SIGHUP');
    for (const process of this.host.processes()) if (process.tty === this && process.pid === process.sid) process.signal('SIGHUP');
    this.slave.readable.wake();
  }

  read(max: number): Uint8Array | Errno {
    const first = this.#ready[0];
    if (!first) return this.hungUp ? new Uint8Array(0) : 'EAGAIN';
    const part = first.subarray(0, max);
    if (part.length === first.length) this.#ready.shift();
    else this.#ready[0] = first.subarray(max);
    return part;
  }

  get hasInput(): boolean {
    return this.#ready.length > 0 || this.hungUp;
  }

  write(bytes: Uint8Array): void {
    if (this.hungUp) return;
    this.onOutput(this.termios.onlcr ? withCarriageReturns(bytes) : bytes.slice());
  }

  #type(typed: number): void {
    const { isig, icanon, icrnl } = this.termios;
    const byte = icrnl && typed === 13 ? 10 : typed;
    if (isig && byte === CONTROL.interrupt) return this.#control('SIGINT', '^C');
    if (isig && byte === CONTROL.quit) return this.#control('SIGQUIT', '^\\');
    if (isig && byte === CONTROL.suspend) return this.#control('SIGTSTP', '^Z');
    if (icanon) this.#edit(byte);
    else {
      this.#echo(byte);
      this.#deliver(Uint8Array.of(byte));
    }
  }

  #control(signal: Signal, shown: string): void {
    this.#line = [];
    if (this.termios.echo) this.write(encode(shown));
    this.#signal(signal);
  }

  #signal(signal: Signal): void {
    if (this.foreground > 0) this.host.signalGroup(this.foreground, signal);
  }

  #edit(byte: number): void {
    if (byte === CONTROL.erase || byte === CONTROL.backspace) return this.#erase(1);
    if (byte === CONTROL.kill) return this.#erase(this.#line.length);
    if (byte === CONTROL.werase) return this.#eraseWord();
    if (byte === CONTROL.eof) return this.#deliver(Uint8Array.from(this.#takeLine()));
    this.#line.push(byte);
    this.#echo(byte);
    if (byte === 10) this.#deliver(Uint8Array.from(this.#takeLine()));
  }

  #takeLine(): number[] {
    const line = this.#line;
    this.#line = [];
    return line;
  }

  /** Removes characters (not bytes: UTF-8 continuation bytes go with their first) from the line and the screen. */
  #erase(count: number): void {
    for (let i = 0; i < count && this.#line.length > 0; i++) {
      let byte = this.#line.pop() as number;
      while ((byte & 0xc0) === 0x80 && this.#line.length > 0) byte = this.#line.pop() as number;
      if (this.termios.echo) this.write(encode(byte < 32 ? '\b\b  \b\b' : '\b \b'));
    }
  }

  #eraseWord(): void {
    while (this.#line.at(-1) === 32) this.#erase(1);
    while (this.#line.length > 0 && this.#line.at(-1) !== 32) this.#erase(1);
  }

  #echo(byte: number): void {
    if (!this.termios.echo) return;
    if (byte < 32 && byte !== 10 && byte !== 9) this.write(encode(`^${String.fromCharCode(byte + 64)}`));
    else this.write(Uint8Array.of(byte));
  }

  #deliver(bytes: Uint8Array): void {
    this.#ready.push(bytes);
    this.slave.readable.wake();
  }
}

function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  let newlines = 0;
  for (const byte of bytes) if (byte === 10) newlines++;
  if (newlines === 0) return bytes.slice();
  const out = new Uint8Array(bytes.length + newlines);
  let at = 0;
  for (const byte of bytes) {
    if (byte === 10) out[at++] = 13;
    out[at++] = byte;
  }
  return out;
}

/** The processes' side of a terminal. An empty read is the end of the file (^D on an empty line). */
export class TtySlave extends OpenFile {
  readonly tty: Tty;

  constructor(tty: Tty) {
    super();
    this.tty = tty;
  }

  read(max: number): Uint8Array | Errno {
    return this.tty.read(max);
  }

  write(bytes: Uint8Array): number | Errno {
    if (this.tty.hungUp) return 'EIO';
    this.tty.write(bytes);
    return bytes.length;
  }

  poll(): Poll {
    return { in: this.tty.hasInput, out: true, hup: this.tty.hungUp };
  }

  protected close(): void {}

  get description(): string {
    return `/dev/pts/${this.tty.number}`;
  }
}

/** The terminal behind a descriptor, or `undefined` (isatty(3)). */
export function terminalOf(file: OpenFile | undefined): Tty | undefined {
  return file instanceof TtySlave ? file.tty : undefined;
}
