import type { Micros } from '../../base/time.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import { stat } from '../tool/filesystem.ts';
import { hasHtmlSuffix } from './acceptance.ts';
import { attempt, type Outcome, tellUnwritable } from './attempt.ts';
import { type Document, newDocument, parseHttpDate, rememberFile } from './document.ts';
import { fileExists, fileNameOf } from './file-name.ts';
import { rateText } from './progress.ts';
import { EXIT, type Session } from './session.ts';
import { urlText, type WgetUrl } from './url.ts';

/** What comes of a document for whoever asked for it: a status, or the place where it is now. */
export type LoopResult = { status: number } | { location: string; keepMethod: boolean };

export interface LoopSubject {
  url: WgetUrl;
  /** The URL before all redirections, which names the file. */
  original: WgetUrl;
  referer: string | undefined;
  proxy: WgetUrl | undefined;
  /** The request's method is gone after a redirection that asks for the new place with GET. */
  method: string | undefined;
}

/** One URL with its tries (http_loop in http.c). */
export class Retrieval {
  readonly #session: Session;
  readonly #subject: LoopSubject;
  readonly #shown: string;
  document: Document;
  #conditional = false;
  #headFirst = false;
  #headSeen = false;
  #wholeAgain = false;
  /** The server's time of the document. */
  #remote: Micros | undefined;

  constructor(session: Session, subject: LoopSubject) {
    const { settings, process } = session;
    this.#session = session;
    this.#subject = subject;
    this.#shown = urlText(subject.url, false);
    const named = settings.trustServerNames ? subject.url : subject.original;
    const file = settings.outputDocument ?? (settings.contentDisposition ? undefined : fileNameOf(process, settings, named));
    this.document = newDocument(file);
  }

  *run(): Blocking<LoopResult> {
    const { settings, log, process } = this.#session;
    const { document } = this;
    if (/[*[\]]/.test(this.#subject.url.path)) yield* log.write('verbose', 'Warning: wildcards not supported in HTTP.\n');
    if (document.file !== undefined && settings.noClobber && settings.outputDocument === undefined && fileExists(process, document.file)) {
      yield* log.write('verbose', `File ${log.quote(document.file)} already there; not retrieving.\n\n`);
      document.ok = true;
      document.html = hasHtmlSuffix(document.file);
      return { status: 0 };
    }
    this.#headFirst = settings.spider || (settings.contentDisposition && settings.resume);
    if (settings.timestamping) this.#prepareTimestamping();
    const most = settings.tries || Number.POSITIVE_INFINITY;
    for (let count = 1; ; count++) {
      const headOnly = yield* this.#announce(count);
      const outcome = yield* attempt(this.#session, document, {
        ...this.#subject,
        headOnly,
        conditional: this.#conditional,
      });
      const result = yield* this.#judge(outcome, headOnly, count);
      if (result === 'get') count = 0;
      else if (result !== 'retry') return result;
      else {
        yield* log.write('verbose', count < most ? 'Retrying.\n\n' : 'Giving up.\n\n');
        if (count >= most) return { status: EXIT.network };
      }
    }
  }

  #prepareTimestamping(): void {
    const { settings, process } = this.#session;
    const { file } = this.document;
    const there = file !== undefined && fileExists(process, file);
    if (settings.ifModifiedSince && !this.#headFirst && there) {
      this.#conditional = true;
      rememberFile(process, this.document, settings.backupConverted);
    } else if (settings.contentDisposition || there) this.#headFirst = true;
  }

  /** @returns whether only the head is asked for */
  *#announce(count: number): Blocking<boolean> {
    const { settings, log, process } = this.#session;
    const { document } = this;
    yield* this.#session.pause(count);
    if (settings.spider && !this.#headSeen) yield* log.write('verbose', 'Spider mode enabled. Check if remote file exists.\n');
    const again = count === 1 ? '' : `  (try:${String(count).padStart(2)})`;
    yield* log.write('verbose', `--${log.time}--${again}  ${this.#shown}\n`);
    const there = document.file === undefined ? 'ENOENT' : stat(process, document.file);
    if (this.#wholeAgain) document.from = document.length;
    else if (settings.startPosition !== undefined) document.from = settings.startPosition;
    else if (settings.resume && there instanceof RegularFile) document.from = there.size;
    else if (count > 1) document.from = document.length < document.from ? document.from - document.length : document.length;
    else document.from = 0;
    return this.#headFirst && !this.#headSeen;
  }

  *#judge(outcome: Outcome, headOnly: boolean, count: number): Blocking<LoopResult | 'retry' | 'get'> {
    const { log, settings } = this.#session;
    const { document } = this;
    if (typeof outcome === 'object') {
      yield* tellUnwritable(this.#session, document, outcome.file);
      return { status: EXIT.file };
    }
    switch (outcome) {
      case 'again':
        return 'retry';
      case 'host':
        return settings.retryOnHostError ? 'retry' : { status: EXIT.network };
      case 'impossible':
        return { status: EXIT.network };
      case 'no-body-file':
        return { status: EXIT.file };
      case 'authentication':
        yield* log.write('verbose', '\n');
        yield* log.write('notquiet', 'Username/Password Authentication Failed.\n');
        return { status: EXIT.authentication };
      case 'redirected':
      case 'redirected-as-is':
        if (document.location !== undefined) return { location: document.location, keepMethod: outcome === 'redirected-as-is' };
        yield* log.write('notquiet', `ERROR: Redirection (${document.status}) without location.\n`);
        return { status: EXIT.server };
      case 'unneeded':
        return { status: 0 };
      case 'finished':
        return document.ok ? yield* this.#finished(headOnly, count) : yield* this.#refused(headOnly);
    }
  }

  /** An answer that is no document. */
  *#refused(headOnly: boolean): Blocking<LoopResult | 'retry' | 'get'> {
    const { log, settings } = this.#session;
    const { status, reason } = this.document;
    yield* log.write('nonverbose', `${this.#shown}:\n`);
    if (headOnly && (status === 500 || status === 501)) {
      this.#headSeen = true;
      return 'get';
    }
    if (settings.spider) yield* log.write('notquiet', 'Remote file does not exist -- broken link!!!\n');
    else if (settings.retryOnHttpError.split(',').some((code) => Number.parseInt(code, 10) === status)) return 'retry';
    else yield* log.write('notquiet', `${log.time} ERROR ${status}: ${reason}.\n`);
    yield* log.write('verbose', '\n');
    return { status: EXIT.server };
  }

  *#finished(headOnly: boolean, count: number): Blocking<LoopResult | 'retry' | 'get'> {
    const { log, settings } = this.#session;
    const { document } = this;
    if (!this.#headSeen || (settings.spider && !settings.recursive)) {
      this.#headSeen = true;
      const { lastModified } = document;
      if (settings.timestamping && lastModified === undefined)
        yield* log.write('notquiet', 'Last-modified header missing -- time-stamps turned off.\n');
      this.#remote = lastModified === undefined ? undefined : parseHttpDate(lastModified);
      if (lastModified !== undefined && this.#remote === undefined)
        yield* log.write('verbose', 'Last-modified header invalid -- time-stamp ignored.\n');
      if (this.#headFirst) return yield* this.#headJudged();
    }
    return headOnly ? 'get' : yield* this.#arrived(count);
  }

  /** What the head alone says: that the file is as good, that nothing more is wanted, or that the document is to be fetched. */
  *#headJudged(): Blocking<LoopResult | 'get'> {
    const { log, settings } = this.#session;
    const { document } = this;
    if (settings.timestamping) {
      const { before } = document;
      if (before && this.#remote !== undefined) {
        if (before.modified >= this.#remote) {
          if (document.total === undefined || before.size === document.total) {
            yield* log.write('verbose', `Server file no newer than local file ${log.quote(before.name)} -- not retrieving.\n\n`);
            return { status: 0 };
          }
          yield* log.write('verbose', `The sizes do not match (local ${before.size}) -- retrieving.\n`);
        } else {
          this.#wholeAgain = true;
          yield* log.write('verbose', 'Remote file is newer, retrieving.\n');
        }
        yield* log.write('verbose', '\n');
      }
      document.timestampChecked = true;
    }
    return settings.spider ? yield* this.#spiderJudged() : 'get';
  }

  *#spiderJudged(): Blocking<LoopResult | 'get'> {
    const { log, settings } = this.#session;
    const { document } = this;
    const links = document.html || document.css;
    if (settings.recursive && links) {
      yield* log.write('verbose', 'Remote file exists and could contain links to other resources -- retrieving.\n\n');
      return 'get';
    }
    const text = settings.recursive
      ? 'Remote file exists but does not contain any link -- not retrieving.\n\n'
      : links
        ? 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n'
        : 'Remote file exists.\n\n';
    yield* log.write('verbose', text);
    yield* log.write('nonverbose', `${log.time} URL: ${urlText(this.#subject.url)} ${document.status} ${document.reason}\n`);
    return { status: 0 };
  }

  /** The body has come, all of it or not. */
  *#arrived(count: number): Blocking<LoopResult | 'retry'> {
    const { log, settings } = this.#session;
    const { document } = this;
    const { length, total, received, took } = document;
    const whole = length === total || (total === undefined && document.readError === undefined);
    if (whole) this.#touch();
    const rate = `${log.time} (${rateText(received, took, settings.reportBits)}) - `;
    if (!whole && document.readError !== undefined) {
      const of = total === undefined ? '' : `/${total}`;
      yield* log.write('verbose', `${rate}Read error at byte ${length}${of} (${document.readError}).${total === undefined ? '' : ' '}`);
      return 'retry';
    }
    if (!whole) {
      if (length >= (total ?? 0)) return { status: 0 };
      yield* log.write('verbose', `${rate}Connection closed at byte ${length}. `);
      return 'retry';
    }
    const name = document.file ?? '-';
    const got = `[${length}${total === undefined ? '' : `/${total}`}]`;
    const where = settings.outputDocument === '-' ? 'written to stdout' : `${log.quote(name)} saved`;
    yield* log.write('verbose', `${rate}${where} ${got}\n\n`);
    yield* log.write('nonverbose', `${log.time} URL:${urlText(this.#subject.url)} ${got} -> "${name}" [${count}]\n`);
    this.#session.count(received, took);
    this.#session.written.set(name, document.suffixed ? 'suffixed' : 'plain');
    return { status: 0 };
  }

  /** Gives the file the server's time. */
  #touch(): void {
    const { settings, process, output } = this.#session;
    const name = settings.outputDocument === undefined ? this.document.file : output?.regular ? settings.outputDocument : undefined;
    if (!settings.useServerTimestamps || this.#remote === undefined || name === undefined) return;
    const inode = stat(process, name);
    if (typeof inode !== 'string') inode.modified = this.#remote;
  }
}
