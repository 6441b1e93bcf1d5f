/** TCP_INIT_CWND (RFC 6928). */
const INITIAL_WINDOW = 10;

/**
 * The congestion window, in segments: slow start, congestion avoidance, halving on loss (RFC 5681, net/ipv4/tcp_cong.c
 * tcp_reno). Linux's default is CUBIC, which differs from this only in how it grows after a loss.
 */
export class Congestion {
  window = INITIAL_WINDOW;
  threshold = Number.POSITIVE_INFINITY;
  state: 'open' | 'recovery' | 'loss' = 'open';
  /** Recovery ends when everything up to here is acknowledged. */
  until = 0;
  /** Sending stopped for want of window since the last acknowledgement; a window that isn't used doesn't grow. */
  limited = false;
  #credit = 0;

  acknowledged(segments: number): void {
    if (this.state === 'recovery') return;
    if (!this.limited && this.window >= INITIAL_WINDOW) return;
    let left = segments;
    if (this.window < this.threshold) {
      const grown = Math.min(this.window + left, this.threshold);
      left -= grown - this.window;
      this.window = grown;
    }
    this.#credit += left;
    while (this.#credit >= this.window && left > 0) {
      this.#credit -= this.window;
      this.window++;
    }
  }

  /** Three duplicate acknowledgements (fast recovery). */
  enterRecovery(until: number): void {
    this.threshold = Math.max(2, this.window >>> 1);
    this.window = this.threshold;
    this.state = 'recovery';
    this.until = until;
  }

  /** The retransmission timer has run out. */
  enterLoss(until: number): void {
    if (this.state !== 'loss') this.threshold = Math.max(2, this.window >>> 1);
    this.window = 1;
    this.state = 'loss';
    this.until = until;
    this.#credit = 0;
  }

  recovered(): void {
    this.state = 'open';
  }
}
