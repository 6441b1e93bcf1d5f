import { formatIP, type IP } from '../../base/address.ts';
import { encode, decode } from '../../base/bytes.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND, type Micros } from '../../base/time.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue, type HttpResponseHead, parseResponseHead, responseBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { notModelled } from '../command.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { HttpConnection } from '../http/connection.ts';
import { parseUrl, resolveUrl, type Url } from '../http/url.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import type { Output } from './output.ts';
import { Dots, rateText, sizeText } from './progress.ts';
import { requestText } from './request.ts';

/** wget's exit statuses (exits.h). */
export const EXIT = { generic: 1, parse: 2, network: 4, authentication: 6, server: 8 } as const;

/** How much one of the log's lines matters: `-nv` leaves out `verbose`, `-q` both. */
export type Level = 'verbose' | 'notquiet';

/** What a try came to: an exit status, a redirection, or a failure that another try may mend. */
type Outcome = { status: number } | { location: string } | { again: true };

/** One URL of the command line, with its redirections and tries (http_loop in http.c). */
export class Retrieval {
  readonly #process: Process;
  readonly #parsed: Parsed;
  readonly #output: Output;
  readonly #given: string;
  readonly #known: Map<string, IP[]>;
  /** The file that an earlier try wrote to. */
  #name: string | undefined;

  /** @param known addresses of names asked for before */
  constructor(process: Process, parsed: Parsed, output: Output, given: string, known: Map<string, IP[]>) {
    this.#process = process;
    this.#parsed = parsed;
    this.#output = output;
    this.#given = given;
    this.#known = known;
  }

  #has(name: string): boolean {
    return hasOption(this.#parsed, name);
  }

  #number(name: string, fallback: number): number {
    const text = optionValue(this.#parsed, name);
    return text === undefined ? fallback : Number.parseInt(text, 10) || 0;
  }

  get #quiet(): boolean {
    return this.#has('quiet');
  }

  get #verbose(): boolean {
    return !this.#quiet && !this.#has('no-verbose');
  }

  *#log(level: Level, text: string): Blocking<void> {
    if (level === 'verbose' ? this.#verbose : !this.#quiet) yield* this.#process.write(2, text);
  }

  get #time(): string {
    return strftime('%Y-%m-%d %H:%M:%S', momentOf(this.#process.host.now));
  }

  /** @returns the exit status */
  *run(): Blocking<number> {
    let text = this.#given;
    const most = this.#number('max-redirect', 20);
    for (let redirections = 0; ; redirections++) {
      const url = parseUrl(text);
      if ('error' in url) {
        const why = url.error.includes('No host')
          ? 'Invalid host name'
          : url.error.includes('Port')
            ? 'Bad port number'
            : 'Unsupported scheme';
        yield* this.#log('notquiet', `${text}: ${url.error.includes('not modelled') ? url.error : why}.\n`);
        return EXIT.generic;
      }
      if (url.user !== undefined) {
        yield* this.#process.write(2, notModelled('wget', 'a user in a URL'));
        return EXIT.generic;
      }
      const outcome = yield* this.#tries(url, text);
      if ('status' in outcome) return outcome.status;
      if (redirections >= most) {
        yield* this.#log('notquiet', `${most} redirections exceeded.\n`);
        return EXIT.server;
      }
      text = resolveUrl(url, outcome.location);
    }
  }

  *#tries(url: Url, text: string): Blocking<{ status: number } | { location: string }> {
    const most = this.#number('tries', 20) || Number.POSITIVE_INFINITY;
    for (let count = 1; ; count++) {
      const again = count === 1 ? '' : `(try:${String(count).padStart(2)})  `;
      yield* this.#log('verbose', `--${this.#time}--  ${again}${text}\n`);
      const outcome = yield* this.#try(url, text);
      if (!('again' in outcome)) return outcome;
      yield* this.#log('verbose', count < most ? 'Retrying.\n\n' : 'Giving up.\n\n');
      if (count >= most) return { status: EXIT.network };
      yield* this.#process.sleep(Math.min(count, this.#number('waitretry', 10)) * SECOND);
    }
  }

  *#try(url: Url, text: string): Blocking<Outcome> {
    const addresses = yield* this.#addresses(url.host);
    if (!addresses) return { status: EXIT.network };
    const connected = yield* this.#connect(url, addresses);
    if (typeof connected === 'string') {
      const final = ['ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED'].includes(connected) && !this.#has('retry-connrefused');
      return final ? { status: EXIT.network } : { again: true };
    }
    try {
      this.#process.onSignal('SIGPIPE', 'ignore');
      yield* this.#process.write(connected.fd, encode(requestText(this.#parsed, url)));
      return yield* this.#receive(connected.connection, text);
    } finally {
      this.#process.close(connected.fd);
    }
  }

  *#addresses(host: string): Blocking<IP[] | undefined> {
    const before = this.#known.get(host);
    if (before) return before;
    const numeric = /^[\d.]+$|:/.test(host);
    if (!numeric) yield* this.#log('verbose', `Resolving ${host} (${host})... `);
    const resolved = yield* resolveName(this.#process, host, this.#has('inet4-only') ? 4 : this.#has('inet6-only') ? 6 : 0);
    if (typeof resolved === 'string') {
      yield* this.#log('verbose', `failed: ${resolutionErrorText(resolved)}.\n`);
      yield* this.#log('notquiet', `wget: unable to resolve host address ${this.#output.quote(host)}\n`);
      return undefined;
    }
    const { addresses } = resolved;
    if (!numeric) yield* this.#log('verbose', `${addresses.slice(0, 3).map(formatIP).join(', ')}${addresses.length > 3 ? ', ...' : ''}\n`);
    this.#known.set(host, addresses);
    return addresses;
  }

  /** Tries one address after the other. @returns the last one's error */
  *#connect(url: Url, addresses: readonly IP[]): Blocking<{ connection: HttpConnection; fd: number } | Errno> {
    let last: Errno = 'ECONNREFUSED';
    for (const address of addresses) {
      const six = typeof address === 'bigint';
      const shown = formatIP(address);
      const place = shown !== url.host ? `${url.host} (${url.host})|${shown}|` : six ? `[${shown}]` : shown;
      yield* this.#log('verbose', `Connecting to ${place}:${url.port}... `);
      const socket = openStreamSocket(this.#process, six ? 6 : 4);
      const fd = this.#process.install(socket);
      const failed = yield* socket.connect(address, url.port, this.#deadline('connect-timeout', 0) ?? Number.POSITIVE_INFINITY);
      if (!failed) {
        yield* this.#log('verbose', 'connected.\n');
        return { connection: new HttpConnection(socket), fd };
      }
      this.#process.close(fd);
      last = failed === 'EINPROGRESS' ? 'ETIMEDOUT' : failed;
      yield* this.#log('notquiet', `failed: ${strerror(last)}.\n`);
    }
    return last;
  }

  /** When to stop waiting; the timeouts are seconds, with fractions, and 0 is none. */
  #deadline(name: string, fallback: number): Micros | undefined {
    const given = this.#parsed.options.findLast((option) => option.name === name || option.name === 'timeout')?.value;
    const seconds = given === undefined ? fallback : Number(given);
    return seconds > 0 ? this.#process.host.now + seconds * SECOND : undefined;
  }

  *#receive(connection: HttpConnection, text: string): Blocking<Outcome> {
    yield* this.#log('verbose', 'HTTP request sent, awaiting response... ');
    const bytes = yield* connection.head(this.#deadline('read-timeout', 900));
    if (bytes === undefined || typeof bytes === 'string') {
      const why = bytes === undefined ? 'No data received' : `Read error (${strerror(bytes)}) in headers`;
      yield* this.#log('notquiet', `${why}.\n`);
      return { again: true };
    }
    const head = parseResponseHead(bytes, 0, bytes.length);
    if (isWireError(head)) {
      yield* this.#log('notquiet', 'wget: an answer without a status line is not modelled (see sim/FIDELITY.md)\n');
      return { status: EXIT.generic };
    }
    if (this.#has('server-response')) {
      const lines = decode(bytes).split(/\r?\n/).slice(0, -2);
      yield* this.#log('notquiet', `${this.#verbose ? '\n' : ''}${lines.map((line) => `  ${line}\n`).join('')}`);
    } else yield* this.#log('verbose', `${head.status} ${head.reason}\n`);
    const location = headerValue(head.headers, 'Location');
    if (location !== undefined && [301, 302, 303, 307, 308].includes(head.status)) {
      yield* this.#log('verbose', `Location: ${location} [following]\n`);
      return { location };
    }
    if (head.status >= 300) return { status: yield* this.#refused(head, text) };
    return yield* this.#accept(connection, head, text);
  }

  get #spider(): boolean {
    return this.#has('spider') || optionValue(this.#parsed, 'method')?.toUpperCase() === 'HEAD';
  }

  /** An answer that is no document. */
  *#refused(head: HttpResponseHead, text: string): Blocking<number> {
    if (head.status === 401) {
      yield* this.#log('notquiet', '\nUsername/Password Authentication Failed.\n');
      return EXIT.authentication;
    }
    const end = this.#verbose ? '\n' : '';
    if (!this.#verbose) yield* this.#log('notquiet', `${text}:\n`);
    const broken = this.#spider ? 'Remote file does not exist -- broken link!!!' : `${this.#time} ERROR ${head.status}: ${head.reason}.`;
    yield* this.#log('notquiet', `${broken}\n${end}`);
    return EXIT.server;
  }

  *#accept(connection: HttpConnection, head: HttpResponseHead, text: string): Blocking<Outcome> {
    const length = responseBody(head, 'GET');
    if (isWireError(length)) return { again: true };
    const total = typeof length === 'number' ? length : undefined;
    const type = headerValue(head.headers, 'Content-Type')?.replace(/\s*;.*/, '');
    const size = total === undefined ? 'unspecified' : `${total}${total >= 1024 ? ` (${sizeText(total)})` : ''}`;
    if (head.status !== 204) yield* this.#log('verbose', `Length: ${size}${type === undefined ? '' : ` [${type}]`}\n`);
    if (this.#spider) {
      const links = 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n';
      yield* this.#log('verbose', type === 'text/html' ? links : 'Remote file exists.\n\n');
      if (!this.#verbose) yield* this.#log('notquiet', `${this.#time} URL: ${text} ${head.status} ${head.reason}\n`);
      return { status: 0 };
    }
    const opened = this.#output.open(this.#given, this.#name);
    if ('error' in opened) {
      yield* this.#log('notquiet', `${opened.error}\n`);
      return { status: 3 };
    }
    const { name, fd } = opened;
    this.#name = name;
    yield* this.#log('verbose', `Saving to: ${this.#output.quote(name === '-' ? 'STDOUT' : name)}\n`);
    const process = this.#process;
    const began = process.host.now;
    const dots = new Dots(total, began);
    const show = (shown: string) => this.#log('verbose', shown);
    let received = 0;
    function* keep(bytes: Uint8Array): Blocking<Errno | undefined> {
      received += bytes.length;
      const failed = yield* process.write(fd, bytes);
      yield* show(dots.add(bytes.length, process.host.now));
      return typeof failed === 'string' ? failed : undefined;
    }
    const missing = yield* connection.body(length, keep, this.#deadline('read-timeout', 900));
    if (fd !== 1 && !this.#output.shared) process.close(fd);
    yield* show(dots.finish(process.host.now));
    const took = process.host.now - began;
    const rate = `${this.#time} (${rateText(received, took)}) - `;
    if (typeof missing === 'string') {
      const of = total === undefined ? '' : `/${total}`;
      yield* show(`${rate}Read error at byte ${received}${of} (${strerror(missing)}). `);
      return { again: true };
    }
    if (missing > 0) {
      yield* show(`${rate}Connection closed at byte ${received}. `);
      return { again: true };
    }
    this.#output.count(received, took);
    const got = `[${received}${total === undefined ? '' : `/${total}`}]`;
    yield* show(`${rate}${name === '-' ? 'written to stdout' : `${this.#output.quote(name)} saved`} ${got}\n\n`);
    if (!this.#verbose) yield* this.#log('notquiet', `${this.#time} URL:${text} ${got} -> "${name}" [1]\n`);
    return { status: 0 };
  }
}
