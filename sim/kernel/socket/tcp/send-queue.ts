import { add, after, before, distance } from './sequence.ts';

/** A segment that has been sent and not yet acknowledged (a buffer of the retransmit queue). */
export interface Sent {
  sequence: number;
  /** After its last byte, SYN and FIN counted. */
  end: number;
  /** SYN and FIN as sent. */
  flags: number;
  /** When it was sent last. */
  time: number;
  retransmitted: boolean;
  /** The peer has it (SACK). */
  sacked: boolean;
  /** Taken to be lost and not sent again yet. */
  lost: boolean;
}

/** The bytes from the first unacknowledged one on, sent or not (sk_write_queue and tcp_rtx_queue). */
export class SendQueue {
  /** Sequence number of the first byte held. */
  start = 0;
  length = 0;
  readonly sent: Sent[] = [];
  #chunks: Uint8Array[] = [];
  /** Sequence numbers after which an application's write ended: there the PSH flag goes. */
  #pushes: number[] = [];

  get end(): number {
    return add(this.start, this.length);
  }

  append(data: Uint8Array): void {
    this.#chunks.push(data.slice());
    this.length += data.length;
  }

  /** The application has no more for now (tcp_mark_push). */
  markPush(): void {
    if (this.#pushes[this.#pushes.length - 1] !== this.end) this.#pushes.push(this.end);
  }

  /** Whether a stretch ends with, or holds, the end of a write. */
  pushes(sequence: number, end: number): boolean {
    return this.#pushes.some((mark) => after(mark, sequence) && !after(mark, end));
  }

  /** A copy of `length` bytes from `sequence` on, into `target` at `at`. */
  copy(sequence: number, length: number, target: Uint8Array, at: number): void {
    let skip = distance(this.start, sequence);
    let left = length;
    let to = at;
    for (const chunk of this.#chunks) {
      if (left === 0) return;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const part = chunk.subarray(skip, skip + left);
      target.set(part, to);
      to += part.length;
      left -= part.length;
      skip = 0;
    }
  }

  /** Forgets what is before `sequence`. */
  release(sequence: number): void {
    let count = Math.min(distance(this.start, sequence), this.length);
    if (count <= 0) return;
    this.start = add(this.start, count);
    this.length -= count;
    while (count > 0) {
      const first = this.#chunks[0] as Uint8Array;
      if (first.length > count) {
        this.#chunks[0] = first.subarray(count);
        break;
      }
      count -= first.length;
      this.#chunks.shift();
    }
    while (this.#pushes.length > 0 && !after(this.#pushes[0] as number, this.start)) this.#pushes.shift();
  }

  /** Takes the segments off that `acknowledgement` covers; one that is covered in part is cut. */
  acknowledge(acknowledgement: number): Sent[] {
    const done: Sent[] = [];
    while (this.sent.length > 0) {
      const first = this.sent[0] as Sent;
      if (after(first.end, acknowledgement)) {
        if (before(first.sequence, acknowledgement)) first.sequence = acknowledgement;
        break;
      }
      done.push(first);
      this.sent.shift();
    }
    return done;
  }

  clear(): void {
    this.#chunks = [];
    this.#pushes = [];
    this.length = 0;
    this.sent.length = 0;
  }
}
