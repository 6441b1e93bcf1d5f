import { strerror } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { parseUrl } from '../http/url.ts';
import { isDirectory, makeDirectory } from '../tool/filesystem.ts';

/** Where documents go, and how many went there. */
export class Output {
  readonly #process: Process;
  readonly #parsed: Parsed;
  #fd: number | undefined;
  files = 0;
  bytes = 0;
  took: Micros = 0;

  constructor(process: Process, parsed: Parsed) {
    this.#process = process;
    this.#parsed = parsed;
  }

  /** All documents go into one file (-O). */
  get shared(): boolean {
    return hasOption(this.#parsed, 'output-document');
  }

  /** Opens the file of -O, before anything is asked for. @returns what to say when it can't be */
  openShared(): string | undefined {
    const name = optionValue(this.#parsed, 'output-document');
    if (name === undefined) return undefined;
    const fd = name === '-' ? 1 : this.#process.open(name, { write: true, create: true, truncate: true });
    if (typeof fd === 'string') return `${name}: ${strerror(fd)}`;
    this.#fd = fd;
    return undefined;
  }

  /**
   * The file for a document: the URL's last part, with a number behind it if there is such a file.
   *
   * @param before the name that an earlier try has made; its file is written anew
   */
  open(given: string, before?: string): { name: string; fd: number } | { error: string } {
    if (this.#fd !== undefined) return { name: optionValue(this.#parsed, 'output-document') ?? '-', fd: this.#fd };
    if (before !== undefined) {
      const fd = this.#process.open(before, { write: true, create: true, truncate: true });
      return typeof fd === 'number' ? { name: before, fd } : { error: `${before}: ${strerror(fd)}` };
    }
    const url = parseUrl(given);
    const target = 'error' in url ? '/' : url.target;
    const query = target.indexOf('?');
    const path = query < 0 ? target : target.slice(0, query);
    const base = (path.slice(path.lastIndexOf('/') + 1) || 'index.html') + (query < 0 ? '' : target.slice(query));
    const prefix = optionValue(this.#parsed, 'directory-prefix')?.replace(/\/+$/, '');
    const plain = prefix === undefined ? base : `${prefix}/${base}`;
    if (prefix) this.#makeParents(prefix);
    for (let count = 0; ; count++) {
      const name = count === 0 ? plain : `${plain}.${count}`;
      const fd = this.#process.open(name, { write: true, create: true, exclusive: true });
      if (typeof fd === 'number') return { name, fd };
      if (fd !== 'EEXIST') return { error: `${name}: ${strerror(fd)}` };
    }
  }

  /** What can't be made shows when the file is opened. */
  #makeParents(path: string): void {
    const parts = path.split('/');
    for (let i = 1; i <= parts.length; i++) {
      const part = parts.slice(0, i).join('/');
      if (part !== '' && !isDirectory(this.#process, part)) makeDirectory(this.#process, part);
    }
  }

  count(bytes: number, took: Micros): void {
    this.files++;
    this.bytes += bytes;
    this.took += took;
  }

  /** Quoted as the locale does. */
  quote(text: string): string {
    const { env } = this.#process;
    const locale = env.get('LC_ALL') || env.get('LC_CTYPE') || env.get('LANG') || 'C';
    return /utf-?8/i.test(locale) ? `‘${text}’` : `'${text}'`;
  }
}
