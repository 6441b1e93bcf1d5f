import { encode } from '../base/bytes.ts';
import { strerror } from '../base/errno.ts';
import type { Host } from '../host/host.ts';
import type { Tty } from '../host/tty.ts';

/** A window on a host: what is typed goes in, what is printed comes out. */
export interface Terminal {
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Closes the window: the session is hung up. */
  close(): void;
  /** True once its first program has ended or it was closed. */
  readonly closed: boolean;
}

export interface TerminalOptions {
  columns: number;
  rows: number;
  onOutput(bytes: Uint8Array): void;
  /** A program and its arguments in place of a login shell; found as a shell finds it. */
  command?: readonly string[];
}

const PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What login(1) sets for root. */
const LOGIN_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['HOME', '/root'],
  ['LOGNAME', 'root'],
  ['USER', 'root'],
  ['SHELL', '/bin/bash'],
  ['PATH', PATH.join(':')],
  ['TERM', 'xterm-256color'],
  ['LANG', 'C.UTF-8'],
];

/** Starts a session on a new pseudo-terminal: a login shell, or the given program. */
export function openSession(host: Host, options: TerminalOptions): Terminal {
  const tty = host.newTerminal();
  tty.columns = options.columns;
  tty.rows = options.rows;
  tty.onOutput = options.onOutput;
  const [program = '/bin/bash', ...args] = options.command ?? [];
  const leader = host.init.spawn(findProgram(host, program), {
    argv: [options.command ? program : '-bash', ...args],
    env: new Map(LOGIN_ENVIRONMENT),
    cwd: '/root',
    fds: new Map([0, 1, 2].map((fd) => [fd, tty.slave])),
    session: { tty },
  });
  const session = new Session(tty);
  if (typeof leader === 'string') {
    tty.write(encode(`${program}: ${strerror(leader)}\n`));
    session.close();
    return session;
  }
  tty.foreground = leader.pgid;
  leader.onExit.push(() => session.close());
  return session;
}

function findProgram(host: Host, name: string): string {
  if (name.includes('/')) return name;
  const places = PATH.map((folder) => `${folder}/${name}`);
  return places.find((path) => typeof host.init.executable(path, [name]) !== 'string') ?? name;
}

class Session implements Terminal {
  readonly #tty: Tty;
  closed = false;

  constructor(tty: Tty) {
    this.#tty = tty;
  }

  write(bytes: Uint8Array): void {
    if (!this.closed) this.#tty.input(bytes);
  }

  resize(columns: number, rows: number): void {
    if (!this.closed) this.#tty.resize(columns, rows);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#tty.hangUp();
  }
}
