import type { IP } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { TcpSocket } from './socket.ts';

/** What connections have taught about one pair of addresses (struct tcp_metrics_block). Times are in microseconds. */
export interface TcpMetrics {
  readonly remote: IP;
  readonly local: IP;
  /** 0: not known. */
  roundTrip: Micros;
  variation: Micros;
  /** In segments; 0: not known. */
  window: number;
  updated: Micros;
}

/** A namespace's memory of its connections (net/ipv4/tcp_metrics.c). It is kept and shown; new connections don't begin by it. */
export class TcpMetricsCache {
  readonly #entries = new Map<string, TcpMetrics>();

  /** The newest first. */
  list(): TcpMetrics[] {
    return [...this.#entries.values()].reverse();
  }

  delete(entry: TcpMetrics): void {
    this.#entries.delete(keyOf(entry));
  }

  clear(): void {
    this.#entries.clear();
  }

  /** A connection ends in good order (tcp_update_metrics): what it measured is taken in, unless it couldn't measure at all. */
  update(socket: TcpSocket): void {
    const { net, roundTrip, congestion } = socket;
    if (net.sysctl.get('net/ipv4/tcp_no_metrics_save') !== '0') return;
    const [local, remote] = [socket.local, socket.remote];
    if (local === undefined || remote === undefined) return;
    const key = keyOf({ local, remote });
    let entry = this.#entries.get(key);
    if (socket.backoff > 0 || roundTrip.smoothed === 0) {
      if (entry) entry.roundTrip = 0;
      return;
    }
    if (!entry) {
      entry = { local, remote, roundTrip: 0, variation: 0, window: 0, updated: 0 };
      this.#entries.set(key, entry);
    }
    const shorter = entry.roundTrip - roundTrip.smoothed;
    entry.roundTrip = shorter <= 0 ? roundTrip.smoothed : entry.roundTrip - shorter / 8;
    const deviation = Math.max(Math.abs(shorter), roundTrip.variation);
    entry.variation = deviation >= entry.variation ? deviation : entry.variation - (entry.variation - deviation) / 4;
    const { window, threshold, state } = congestion;
    if (!Number.isFinite(threshold)) entry.window = Math.max(entry.window, window);
    else if (window >= threshold && state === 'open') entry.window = (entry.window + window) >>> 1;
    else entry.window = (entry.window + threshold) >>> 1;
    entry.updated = net.kernel.events.now;
  }
}

function keyOf({ local, remote }: Pick<TcpMetrics, 'local' | 'remote'>): string {
  return `${typeof local}${local}/${remote}`;
}
