import { MILLISECOND, SECOND, type Micros } from '../../../base/time.ts';

/** TCP_RTO_MIN, TCP_RTO_MAX, TCP_TIMEOUT_INIT. */
export const RTO_MIN: Micros = 200 * MILLISECOND;
export const RTO_MAX: Micros = 120 * SECOND;
export const RTO_INITIAL: Micros = SECOND;
/** TCP_TIMEOUT_FALLBACK: when the handshake gave no measurement (RFC 6298 §5.7). */
const RTO_FALLBACK: Micros = 3 * SECOND;

/** How long the way there and back takes, and how long to wait for an acknowledgement (tcp_rtt_estimator, RFC 6298). */
export class RoundTrip {
  /** Smoothed, in microseconds; 0 before the first measurement. */
  smoothed: Micros = 0;
  variation: Micros = 0;
  timeout: Micros = RTO_INITIAL;
  /** The shortest that has been measured. */
  shortest: Micros = Number.POSITIVE_INFINITY;

  /** The handshake is over: without a measurement, patience. */
  begin(): void {
    if (this.smoothed === 0) this.timeout = RTO_FALLBACK;
  }

  measure(sample: Micros): void {
    const rtt = Math.max(1, sample);
    this.shortest = Math.min(this.shortest, rtt);
    if (this.smoothed === 0) {
      this.smoothed = rtt;
      this.variation = rtt / 2;
    } else {
      this.variation += (Math.abs(rtt - this.smoothed) - this.variation) / 4;
      this.smoothed += (rtt - this.smoothed) / 8;
    }
    // Unlike RFC 6298, Linux puts its minimum under the variation and not under the sum.
    this.timeout = Math.min(RTO_MAX, Math.round(this.smoothed + Math.max(RTO_MIN, 4 * this.variation)));
  }
}
