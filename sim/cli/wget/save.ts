import { concat } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue } from '../../wire/http.ts';
import { notModelled } from '../command.ts';
import { unlink } from '../tool/filesystem.ts';
import { Bar } from './bar.ts';
import type { Document } from './document.ts';
import { type Answer, bodyLength, end, keep, readDeadline } from './exchange.ts';
import { fileExists, makeParents } from './file-name.ts';
import { DEFAULT_DOTS, DOT_STYLES, Dots, type Gauge, type GaugeSubject } from './progress.ts';
import type { Session } from './session.ts';

/** Sleeps shorter than this are put off (limit_bandwidth in retr.c). */
const SHORTEST_SLEEP = SECOND / 5;

/** How long nothing comes before the gauge is drawn again (fd_read_body). */
const IDLE = (95 * SECOND) / 100;

/** The gauge for a terminal, or for a file (set_progress_implementation). */
function gaugeFor(session: Session, subject: GaugeSubject): Gauge {
  const { settings, log } = session;
  const [kind, ...styles] = settings.progress.split(':');
  const columns = log.columns;
  if (kind === 'bar' && (columns !== undefined || styles.includes('force')))
    return new Bar(subject, columns ?? 80, !styles.includes('noscroll'));
  const style = (kind === 'dot' ? DOT_STYLES[styles[0]?.toLowerCase() ?? ''] : undefined) ?? DEFAULT_DOTS;
  return new Dots(subject, style);
}

/** Opens the document's file as it must be: anew, or at its end. */
function* openFile(session: Session, document: Document): Blocking<number | Errno> {
  const { process, settings, log, output } = session;
  if (output) return output.fd;
  const file = document.file as string;
  yield* makeParents(process, log, file);
  if (settings.unlink && document.from === 0 && fileExists(process, file)) unlink(process, file);
  const fd = process.open(file, {
    write: true,
    create: true,
    ...(document.from > 0 ? { append: true } : { truncate: true }),
  });
  if (typeof fd !== 'string') return fd;
  yield* log.about(file, fd);
  return fd;
}

/** Writes an answer's body to its file (the second half of gethttp). @returns why the file can't be written */
export function* saveBody(session: Session, answer: Answer, document: Document, start: number): Blocking<Errno | undefined> {
  const { process, settings, log } = session;
  const { connection } = answer;
  const encoding = headerValue(answer.headers, 'Content-Encoding');
  if (session.settings.compression !== 'none' && /^(x-)?gzip$/i.test(encoding ?? ''))
    yield* log.write('notquiet', notModelled('wget', 'undoing the compression of a document'));
  const fd = yield* openFile(session, document);
  if (typeof fd === 'string') {
    end(session, connection);
    return fd;
  }
  const file = document.file as string;
  yield* log.write('verbose', `Saving to: ${log.quote(file === '-' ? 'STDOUT' : file)}\n`);
  if (settings.saveHeaders && document.from === 0) yield* process.write(fd, `${answer.lines.join('\r\n')}\r\n\r\n`);
  // A server that ignores the range sends all of it again.
  const skip = document.from > 0 && start === 0 ? document.from : 0;
  const initial = skip > 0 ? 0 : document.from;
  const total = answer.contentLength === undefined ? undefined : initial + answer.contentLength;
  const began = process.host.now;
  const gauge = gaugeFor(session, { name: file, initial, total, began, bits: settings.reportBits });
  yield* log.write('progress', gauge.start());
  const sink = new Sink(session, fd, gauge, skip, () => !connection.http.ended && connection.http.socket.poll().in);
  let failed = answer.early ? yield* sink.take(answer.early) : undefined;
  const idle = { next: () => process.host.now + IDLE, act: () => sink.wait() };
  const missing =
    failed ??
    (yield* connection.http.body(
      bodyLength(answer),
      (bytes) => sink.take(bytes),
      () => readDeadline(session),
      idle,
    ));
  yield* sink.finish();
  failed = sink.failed;
  if (!session.output) process.close(fd);
  yield* log.write('progress', gauge.finish(process.host.now));
  document.took = process.host.now - began;
  document.received = sink.received;
  document.length = document.from + sink.written;
  document.readError = typeof missing === 'string' && !failed ? strerror(missing) : undefined;
  if (typeof missing === 'number' && missing === 0 && answer.keepAlive && !connection.http.ended) keep(session, connection);
  else end(session, connection);
  return failed;
}

/** Takes a body's pieces: writes, shows, and sleeps as --limit-rate asks. */
class Sink {
  readonly #session: Session;
  readonly #fd: number;
  readonly #gauge: Gauge;
  /** Whether more can be read at once. */
  readonly #more: () => boolean;
  #held: Uint8Array = new Uint8Array(0);
  #skip: number;
  received = 0;
  written = 0;
  failed: Errno | undefined;
  #chunkBytes = 0;
  #chunkBegan: number;

  constructor(session: Session, fd: number, gauge: Gauge, skip: number, more: () => boolean) {
    this.#more = more;
    this.#session = session;
    this.#fd = fd;
    this.#gauge = gauge;
    this.#skip = skip;
    this.#chunkBegan = session.process.host.now;
  }

  /** A limited rate takes bytes in portions of a second, as far as there are so many. */
  *take(bytes: Uint8Array): Blocking<Errno | undefined> {
    const limit = this.#session.settings.limitRate || bytes.length;
    let rest = this.#held.length > 0 ? concat([this.#held, bytes]) : bytes;
    for (; rest.length >= limit && rest.length > 0 && !this.failed; rest = rest.subarray(limit))
      yield* this.#piece(rest.subarray(0, limit));
    this.#held = rest.slice();
    if (!this.#more()) yield* this.finish();
    return this.failed;
  }

  /** Takes what has been held back for a whole portion. */
  *finish(): Blocking<void> {
    const held = this.#held;
    this.#held = new Uint8Array(0);
    if (held.length > 0 && !this.failed) yield* this.#piece(held);
  }

  *#piece(bytes: Uint8Array): Blocking<void> {
    const { process, log, settings } = this.#session;
    this.received += bytes.length;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    const kept = bytes.subarray(skipped);
    const failed = kept.length > 0 ? yield* process.write(this.#fd, kept) : undefined;
    if (failed) this.failed = failed;
    this.written += kept.length;
    if (settings.limitRate > 0) yield* this.#slowDown(bytes.length);
    yield* log.write('progress', this.#gauge.add(bytes.length, process.host.now));
  }

  /** Nothing has come for a while. */
  *wait(): Blocking<void> {
    const { process, log } = this.#session;
    yield* log.write('progress', this.#gauge.add(0, process.host.now));
  }

  /** Too little to sleep for is put off until more has come. */
  *#slowDown(bytes: number): Blocking<void> {
    const { process, settings } = this.#session;
    this.#chunkBytes += bytes;
    const expected = (this.#chunkBytes / settings.limitRate) * SECOND;
    const left = expected - (process.host.now - this.#chunkBegan);
    if (left > 0) {
      if (left < SHORTEST_SLEEP) return;
      yield* process.sleep(left);
    }
    this.#chunkBytes = 0;
    this.#chunkBegan = process.host.now;
  }
}
