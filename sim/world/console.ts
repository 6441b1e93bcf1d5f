import { StreamDecoder } from '../base/bytes.ts';
import type { Errno } from '../base/errno.ts';
import { ShellConsole } from '../cli/bash/console.ts';
import { OpenFile, type Poll } from '../host/file.ts';
import type { Host } from '../host/host.ts';

/** A host's console: a root shell without a terminal; stdout and stderr come together, the working directory starts at /root. */
export interface Console {
  /** Types a command. One at a time: wait for the last to be done. */
  run(command: string, onOutput: (text: string) => void): Run;
  readonly busy: boolean;
}

/** A command at a console. */
export interface Run {
  /** The shell is ready for the next; what was left in the background may go on. */
  readonly done: boolean;
  /** `$?`, once done. */
  readonly status: number | undefined;
  /** Ctrl-C: SIGINT to what runs in the foreground; the shell stays. */
  interrupt(): void;
}

/** The environment that transcripts are recorded in. */
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['HOME', '/root'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['TERM', 'dumb'],
  ['LC_ALL', 'C'],
];

/** What a console shell writes to: hands text on as it comes, to whoever typed last. */
class Printer extends OpenFile {
  onOutput: (text: string) => void = () => {};
  readonly #decoder = new StreamDecoder();

  read(): Errno {
    return 'EBADF';
  }

  write(bytes: Uint8Array): number {
    const text = this.#decoder.push(bytes);
    if (text !== '') this.onOutput(text);
    return bytes.length;
  }

  /** What was held back as the beginning of a character. */
  flush(): void {
    const text = this.#decoder.end();
    if (text !== '') this.onOutput(text);
  }

  poll(): Poll {
    return { in: false, out: true, hup: false };
  }

  protected close(): void {}

  get description(): string {
    return 'pipe:[3]';
  }
}

/** The one console of a host. */
export class HostConsole implements Console {
  readonly #host: Host;
  readonly #printer = new Printer();
  readonly #shell: ShellConsole;

  constructor(host: Host) {
    this.#host = host;
    this.#shell = new ShellConsole(host, this.#printer, this.#printer, { cwd: '/root', env: new Map(ENVIRONMENT) });
  }

  get busy(): boolean {
    return this.#shell.busy;
  }

  /** @throws Error when the last command isn't done; the shell can't be asked two things at once */
  run(command: string, onOutput: (text: string) => void): Run {
    if (this.busy) throw new Error(`${this.#host.name}: the console is busy`);
    let status: number | undefined;
    this.#printer.onOutput = onOutput;
    this.#shell.run(command, (ended) => {
      this.#printer.flush();
      status = ended;
    });
    return {
      get done() {
        return status !== undefined;
      },
      get status() {
        return status;
      },
      interrupt: () => this.interrupt(),
    };
  }

  interrupt(): void {
    this.#shell.interrupt();
  }
}
