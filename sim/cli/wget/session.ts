import type { IP } from '../../base/address.ts';
import { decode, encode } from '../../base/bytes.ts';
import { EPOCH_SECONDS, SECOND, type Micros } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { CookieJar } from '../http/cookie-jar.ts';
import type { Connection } from './connection.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';
import { isDefaultPort, targetOf, type WgetUrl } from './url.ts';

/** wget's exit statuses (exits.h). */
export const EXIT = { generic: 1, parse: 2, file: 3, network: 4, authentication: 6, protocol: 7, server: 8 } as const;

/** What is kept from one document to the next. */
export class Session {
  readonly process: Process;
  readonly settings: Settings;
  readonly log: Log;
  /** The descriptor of -O's file, and whether it is one that can be read again. */
  output: { fd: number; regular: boolean } | undefined;
  /** The connection that the last answer left open. */
  kept: Connection | undefined;
  /** Addresses of names asked for before. */
  readonly known = new Map<string, IP[]>();
  /** Hosts that have asked for Basic authentication. */
  readonly challenged = new Set<string>();
  readonly #cookies = new CookieJar();
  #cookiesLoaded = false;
  /** Files by the URL they came from, and back (convert.c). */
  readonly fileOfUrl = new Map<string, string>();
  readonly urlOfFile = new Map<string, string>();
  readonly htmlFiles = new Set<string>();
  readonly cssFiles = new Set<string>();
  /** Files that were written in this run, and those among them that -E has given a suffix. */
  readonly written = new Map<string, 'plain' | 'suffixed'>();
  readonly began: Micros;
  files = 0;
  bytes = 0;
  took: Micros = 0;
  #retrieved = false;
  #status = 0;

  constructor(process: Process, settings: Settings, log: Log) {
    this.process = process;
    this.settings = settings;
    this.log = log;
    this.began = process.host.now;
  }

  /** Of several failures, the lowest number says the most. */
  fail(status: number): void {
    if (status !== 0 && (this.#status === 0 || status < this.#status)) this.#status = status;
  }

  get status(): number {
    return this.#status;
  }

  get overQuota(): boolean {
    return this.settings.quota > 0 && this.bytes > this.settings.quota;
  }

  count(bytes: number, took: Micros): void {
    this.files++;
    this.bytes += bytes;
    this.took += took;
  }

  register(url: string, file: string): void {
    const before = this.fileOfUrl.get(url);
    if (before !== undefined && before !== file) this.urlOfFile.delete(before);
    this.fileOfUrl.set(url, file);
    this.urlOfFile.set(file, url);
  }

  unregister(file: string): void {
    const url = this.urlOfFile.get(file);
    if (url === undefined) return;
    this.urlOfFile.delete(file);
    for (const [other, name] of [...this.fileOfUrl]) if (name === file) this.fileOfUrl.delete(other);
  }

  /** Waits as -w and --waitretry ask, but never before the first. @param count which try it is, from 1 */
  *pause(count: number): Blocking<void> {
    const { wait, waitRetry, randomWait } = this.settings;
    const first = !this.#retrieved;
    this.#retrieved = true;
    if (first) return;
    if (waitRetry > 0 && count > 1) yield* this.process.sleep(Math.min(count - 1, waitRetry) * SECOND);
    else if (wait > 0) {
      const random = this.process.host.random(`wget/${this.process.pid}/${this.files}`);
      yield* this.process.sleep(wait * SECOND * (randomWait && count === 1 ? 0.5 + random.below(1000) / 1000 : 1));
    }
  }

  /** The value of the Cookie header, `''` for none. */
  *cookiesFor(url: WgetUrl): Blocking<string> {
    if (!this.settings.cookies) return '';
    yield* this.#loadCookies();
    return this.#cookies.pairsFor({ host: cookieDomain(url), target: targetOf(url) }).join('; ');
  }

  takeCookie(header: string, url: WgetUrl): void {
    const now = EPOCH_SECONDS + Math.floor(this.process.host.now / SECOND);
    if (this.settings.cookies) this.#cookies.take(header, { host: cookieDomain(url), target: targetOf(url) }, now);
  }

  *#loadCookies(): Blocking<void> {
    const { loadCookies } = this.settings;
    if (this.#cookiesLoaded) return;
    this.#cookiesLoaded = true;
    if (loadCookies === undefined) return;
    const bytes = yield* this.process.readFile(loadCookies);
    if (typeof bytes === 'string')
      yield* this.log.write('notquiet', `Cannot open cookies file ${this.log.quote(loadCookies)}: No such file or directory\n`);
    else for (const line of decode(bytes).split('\n')) this.#cookies.readLine(line);
  }

  /** Writes --save-cookies' file, those of the session only when asked. */
  *saveCookies(): Blocking<void> {
    const { saveCookies, keepSessionCookies } = this.settings;
    if (saveCookies === undefined) return;
    const fd = this.process.open(saveCookies, { write: true, create: true, truncate: true });
    if (typeof fd === 'string') return;
    const head = `# HTTP Cookie File\n# Generated by Wget on ${this.log.time}.\n# Edit at your own risk.\n\n`;
    const kept = this.#cookies.lines(({ domain }) => domain).filter((line) => keepSessionCookies || line.split('\t')[4] !== '0');
    yield* this.process.write(fd, encode(head + kept.join('')));
    this.process.close(fd);
  }
}

/** wget keeps cookies of unusual ports apart. */
function cookieDomain(url: WgetUrl): string {
  return isDefaultPort(url) ? url.host : `${url.host}:${url.port}`;
}
