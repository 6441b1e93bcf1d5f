import { concat, decode, encode } from '../base/bytes.ts';
import type { HttpHeader } from './http.ts';
import { type WireError, wireError } from './wire-error.ts';

/** The chunked transfer coding (RFC 9112 §7.1). */

/** One chunk. An empty one would end the body: send `LAST_CHUNK` for that. */
export function encodeChunk(data: Uint8Array): Uint8Array {
  return concat([encode(`${data.length.toString(16)}\r\n`), data, encode('\r\n')]);
}

/** The end of a body without trailers. */
export const LAST_CHUNK: Uint8Array = encode('0\r\n\r\n');

const MAX_LINE = 8192;
const LF = 10;

/** Takes a chunked body apart as it arrives, in pieces of any size. */
export class ChunkedReader {
  readonly trailers: HttpHeader[] = [];
  /** Set once the last chunk and its trailers have arrived. */
  done = false;
  /** Bytes after the end of the body; they belong to the next message. */
  rest: Uint8Array = new Uint8Array(0);
  #held: Uint8Array = new Uint8Array(0);
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #left = 0;

  /** The body's bytes that `bytes` holds; what ends in the middle of a size or a trailer is kept for the next call. */
  push(bytes: Uint8Array): Uint8Array | WireError {
    let input = this.#held.length > 0 ? concat([this.#held, bytes]) : bytes;
    this.#held = new Uint8Array(0);
    const data: Uint8Array[] = [];
    while (!this.done && input.length > 0) {
      if (this.#state === 'data') {
        const part = input.subarray(0, this.#left);
        data.push(part);
        this.#left -= part.length;
        if (this.#left === 0) this.#state = 'data-end';
        input = input.subarray(part.length);
        continue;
      }
      const lf = input.indexOf(LF);
      if (lf > MAX_LINE || (lf < 0 && input.length > MAX_LINE)) return wireError('a chunk size or trailer line is too long', 0);
      if (lf < 0) {
        this.#held = input.slice();
        break;
      }
      const error = this.#line(decode(input.subarray(0, lf)).replace(/\r$/, ''));
      if (error) return error;
      input = input.subarray(lf + 1);
    }
    if (this.done) this.rest = input.slice();
    return concat(data);
  }

  #line(line: string): WireError | undefined {
    if (this.#state === 'data-end') {
      if (line !== '') return wireError('a chunk does not end where its size says', 0);
      this.#state = 'size';
    } else if (this.#state === 'size') {
      const match = /^([0-9a-fA-F]{1,12})[ \t]*(;.*)?$/s.exec(line);
      if (!match) return wireError('a chunk has no valid size', 0);
      this.#left = Number.parseInt(match[1] as string, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    } else if (line === '') this.done = true;
    else {
      const colon = line.indexOf(':');
      if (colon < 1) return wireError('malformed trailer', 0);
      this.trailers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
    }
    return undefined;
  }
}
