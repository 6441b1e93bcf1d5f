import { encode } from '../../../base/bytes.ts';
import type { Host } from '../../../host/host.ts';
import type { Process } from '../../../host/process.ts';
import { Tty } from '../../../host/tty.ts';
import { Screen } from './screen.ts';

/** An interactive bash on a terminal, for tests: types, lets time pass, looks at the screen. */
export class Session {
  readonly host: Host;
  readonly tty: Tty;
  readonly screen: Screen;
  readonly shell: Process;
  ended = false;

  constructor(host: Host, options: { columns?: number; argv?: string[]; env?: Record<string, string> } = {}) {
    this.host = host;
    this.tty = new Tty(host, 0);
    this.tty.columns = options.columns ?? 80;
    this.screen = new Screen(this.tty.columns);
    this.tty.onOutput = (bytes) => this.screen.write(bytes);
    const { slave } = this.tty;
    const fds = new Map([0, 1, 2].map((fd) => [fd, slave]));
    const env = new Map([...host.init.env, ...Object.entries(options.env ?? {})]);
    const shell = host.init.spawn('/usr/bin/bash', { argv: options.argv ?? ['bash'], fds, env, cwd: '/root', session: { tty: this.tty } });
    if (typeof shell === 'string') throw new Error(shell);
    this.shell = shell;
    shell.onExit.push(() => {
      this.ended = true;
    });
    this.wait(0.1);
  }

  /** Types text and lets a moment pass. */
  type(text: string, seconds = 0.1): this {
    this.tty.input(encode(text));
    return this.wait(seconds);
  }

  wait(seconds: number): this {
    this.host.events.runUntil(this.host.now + seconds * 1e6);
    if (this.host.bugs.length > 0) throw new Error(this.host.bugs.join('\n'));
    return this;
  }

  /** The screen's lines. */
  get text(): string {
    return this.screen.text;
  }

  get lastLine(): string {
    return this.text.split('\n').at(-1) ?? '';
  }
}
