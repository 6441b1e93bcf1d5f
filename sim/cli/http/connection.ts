import { concat } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { OpenFile } from '../../host/file.ts';
import type { OpenStreamSocket } from '../../host/inet-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { type BodyLength, headEnd } from '../../wire/http.ts';
import { ChunkedReader } from '../../wire/http-chunked.ts';
import { isWireError } from '../../wire/wire-error.ts';

const EMPTY = new Uint8Array(0);

/** What is done now and then while nothing comes. */
export interface Idle {
  /** When, the next time. */
  next: () => Micros;
  act: () => Blocking<void>;
}

/** Reads HTTP messages from a connection, holding what has come too early. */
export class HttpConnection<S extends OpenFile = OpenStreamSocket> {
  readonly socket: S;
  #held: Uint8Array = EMPTY;
  ended = false;
  /** Bytes that have come in all. */
  received = 0;

  constructor(socket: S) {
    this.socket = socket;
  }

  /** What has come and nobody has taken. */
  get held(): Uint8Array {
    return this.#held;
  }

  /** Some more bytes; none at the end. ETIMEDOUT after `until`, EINTR for a signal. @param idle what to do while nothing comes */
  *more(until?: Micros, idle?: Idle): Blocking<Uint8Array | Errno> {
    if (this.#held.length > 0) {
      const held = this.#held;
      this.#held = EMPTY;
      return held;
    }
    for (;;) {
      const bytes = this.socket.read(65_536);
      if (bytes !== 'EAGAIN') {
        if (typeof bytes !== 'string') this.received += bytes.length;
        if (typeof bytes === 'string' || bytes.length === 0) this.ended = true;
        return bytes;
      }
      const next = idle ? Math.min(until ?? Number.POSITIVE_INFINITY, idle.next()) : until;
      const woken = yield next === undefined ? { on: [this.socket.readable] } : { on: [this.socket.readable], until: next };
      if (woken === 'timeout' && next === until) return 'ETIMEDOUT';
      if (woken === 'timeout') yield* (idle as Idle).act();
      if (woken === 'signal') return 'EINTR';
    }
  }

  /** The bytes of a head, blank line included; `undefined` when the connection ended before its end. */
  *head(until?: Micros, limit = 65_536): Blocking<Uint8Array | undefined | Errno> {
    let bytes: Uint8Array = EMPTY;
    for (;;) {
      const part: Uint8Array | Errno = yield* this.more(until);
      if (typeof part === 'string') return part;
      if (part.length === 0) {
        this.#held = bytes;
        return undefined;
      }
      bytes = concat([bytes, part]);
      const end = headEnd(bytes, 0, bytes.length);
      if (end >= 0) {
        this.#held = bytes.slice(end);
        return bytes.subarray(0, end);
      }
      if (bytes.length > limit) return 'EMSGSIZE';
    }
  }

  /**
   * The body, piece by piece.
   * @param onData gets each piece; its error ends the reading
   * @param until the last moment, or what gives each piece's
   * @returns how many bytes were missing at the end of the connection (0 for a whole body), or an error
   */
  *body(
    length: BodyLength,
    onData: (bytes: Uint8Array) => Blocking<Errno | undefined>,
    until?: Micros | (() => Micros | undefined),
    idle?: Idle,
  ): Blocking<number | Errno> {
    const chunks = length === 'chunked' ? new ChunkedReader() : undefined;
    let left = typeof length === 'number' ? length : Number.POSITIVE_INFINITY;
    while (left > 0 && !chunks?.done) {
      const part = yield* this.more(typeof until === 'function' ? until() : until, idle);
      if (typeof part === 'string') return part;
      if (part.length === 0) return length === 'close' ? 0 : Number.isFinite(left) ? left : 1;
      let data = part.subarray(0, left);
      this.#held = part.slice(data.length);
      if (chunks) {
        const plain = chunks.push(data);
        if (isWireError(plain)) return 'EPROTO';
        data = plain;
        if (chunks.done) this.#held = chunks.rest;
      } else left -= data.length;
      if (data.length === 0) continue;
      const failed = yield* onData(data);
      if (failed) return failed;
    }
    return 0;
  }
}
