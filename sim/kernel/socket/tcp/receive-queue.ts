import { type Stretch, SelectiveAcks } from './selective.ts';
import { add, after, distance } from './sequence.ts';

interface Piece {
  sequence: number;
  end: number;
  data: Uint8Array;
}

/** What has arrived: bytes in order for the application, and pieces beyond a gap (sk_receive_queue, out_of_order_queue). */
export class ReceiveQueue {
  /** Bytes in order that nobody has read. */
  length = 0;
  /** Bytes beyond a gap. */
  heldBack = 0;
  #chunks: Uint8Array[] = [];
  /** By sequence number, without overlaps. */
  #pieces: Piece[] = [];
  readonly #arrived = new SelectiveAcks();

  push(data: Uint8Array): void {
    if (data.length === 0) return;
    this.#chunks.push(data);
    this.length += data.length;
  }

  /** Up to `max` bytes. */
  take(max: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let left = max;
    let total = 0;
    while (left > 0 && this.#chunks.length > 0) {
      const first = this.#chunks[0] as Uint8Array;
      const part = first.subarray(0, left);
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
      parts.push(part);
      left -= part.length;
      total += part.length;
    }
    this.length -= total;
    const whole = new Uint8Array(total);
    let offset = 0;
    for (const part of parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }

  /** Keeps a piece from beyond a gap; what is there already wins. Returns the first stretch of it that was there (tcp_data_queue_ofo). */
  hold(sequence: number, data: Uint8Array): Stretch | undefined {
    let from = sequence;
    let rest = data;
    let known: Stretch | undefined;
    for (const piece of [...this.#pieces]) {
      if (rest.length === 0) break;
      if (!after(piece.end, from)) continue;
      const gap = distance(from, piece.sequence);
      if (gap >= rest.length) break;
      if (gap > 0) this.#insert(from, rest.subarray(0, gap));
      const skip = distance(from, piece.end);
      const twice = add(from, Math.max(0, gap));
      const end = add(from, Math.min(skip, rest.length));
      if (!known) known = [twice, end];
      else if (known[1] === twice) known[1] = end;
      rest = rest.subarray(Math.min(skip, rest.length));
      from = piece.end;
    }
    if (rest.length > 0) this.#insert(from, rest);
    this.#arrived.add(sequence, add(sequence, data.length));
    return known;
  }

  #insert(sequence: number, data: Uint8Array): void {
    const at = this.#pieces.findIndex((piece) => after(piece.sequence, sequence));
    const piece = { sequence, end: add(sequence, data.length), data };
    if (at < 0) this.#pieces.push(piece);
    else this.#pieces.splice(at, 0, piece);
    this.heldBack += data.length;
  }

  /** Moves what has become in order behind the rest; returns the next expected sequence number (tcp_ofo_queue). */
  join(next: number): number {
    let expected = next;
    while (this.#pieces.length > 0) {
      const first = this.#pieces[0] as Piece;
      if (after(first.sequence, expected)) break;
      this.#pieces.shift();
      this.heldBack -= first.data.length;
      if (!after(first.end, expected)) continue;
      this.push(first.data.subarray(distance(first.sequence, expected)));
      expected = first.end;
    }
    this.#arrived.reached(expected);
    return expected;
  }

  /** Stretches beyond the gap, the latest first, at most `max` (SACK blocks). */
  blocks(max: number): Stretch[] {
    return this.#arrived.first(max);
  }

  clear(): void {
    this.#chunks = [];
    this.#pieces = [];
    this.#arrived.clear();
    this.length = 0;
    this.heldBack = 0;
  }
}
