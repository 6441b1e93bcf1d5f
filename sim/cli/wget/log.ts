import { momentOf, strftime } from '../../base/calendar.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Settings } from './settings.ts';

/** Who gets to see a message: without -nv and -q; without -q; only with -nv; with a progress gauge; everybody (log.h). */
export type Level = 'verbose' | 'notquiet' | 'nonverbose' | 'progress' | 'always';

/** Where messages go: standard error, or the file of -o and -a. */
export class Log {
  readonly #process: Process;
  readonly #settings: Settings;
  #fd = 2;

  constructor(process: Process, settings: Settings) {
    this.#process = process;
    this.#settings = settings;
  }

  /** Opens the log's file, if there is one. @returns why it can't be */
  open(): string | undefined {
    const { logFile, appendLog } = this.#settings;
    if (logFile === undefined) return undefined;
    const fd = logFile === '-' ? 1 : this.#process.open(logFile, { write: true, create: true, truncate: !appendLog, append: appendLog });
    if (typeof fd === 'string') return `wget: ${logFile}: ${strerror(fd)}\n`;
    this.#fd = fd;
    return undefined;
  }

  shows(level: Level): boolean {
    const { verbose, quiet, showProgress } = this.#settings;
    switch (level) {
      case 'verbose':
        return verbose === true;
      case 'notquiet':
        return !quiet;
      case 'nonverbose':
        return !verbose && !quiet;
      case 'progress':
        return showProgress === true;
      case 'always':
        return true;
    }
  }

  *write(level: Level, text: string): Blocking<void> {
    if (text !== '' && this.shows(level)) yield* this.#process.write(this.#fd, text);
  }

  /** `NAME: No such file or directory`. */
  *about(name: string, error: Errno): Blocking<void> {
    yield* this.write('notquiet', `${name}: ${strerror(error)}\n`);
  }

  /** The width of the terminal that messages go to, if it is one. */
  get columns(): number | undefined {
    return terminalOf(this.#process.fds.get(this.#fd))?.columns;
  }

  /** `2026-11-23 00:55:45`. */
  get time(): string {
    return strftime('%Y-%m-%d %H:%M:%S', momentOf(this.#process.host.now));
  }

  /** Quoted as the locale does. */
  quote = (text: string): string => {
    const { env } = this.#process;
    const locale = env.get('LC_ALL') || env.get('LC_CTYPE') || env.get('LANG') || 'C';
    return /utf-?8/i.test(locale) ? `‘${text}’` : `'${text}'`;
  };
}
