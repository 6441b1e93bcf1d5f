import { concat } from '../base/bytes.ts';
import { be16, setBe16 } from './endian.ts';

/** DNS over TCP: before each message stands its length, 16 bits (RFC 1035 §4.2.2, RFC 7766 §8). */

/** @param message at most 65,535 bytes */
export function frameDns(message: Uint8Array): Uint8Array {
  const length = new Uint8Array(2);
  setBe16(length, 0, message.length);
  return concat([length, message]);
}

/** Takes a stream of messages apart as it arrives, in pieces of any size. */
export class DnsStreamReader {
  #held: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): void {
    this.#held = this.#held.length === 0 ? bytes : concat([this.#held, bytes]);
  }

  /** The next whole message, or `undefined` while it hasn't arrived. */
  next(): Uint8Array | undefined {
    if (this.#held.length < 2) return undefined;
    const end = 2 + be16(this.#held, 0);
    if (this.#held.length < end) return undefined;
    const message = this.#held.slice(2, end);
    this.#held = this.#held.slice(end);
    return message;
  }
}
