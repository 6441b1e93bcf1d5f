import type { IP } from '../../base/address.ts';
import type { Micros } from '../../base/time.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError } from './messages.ts';

/** TCP_METRICS_CMD_GET: what TCP remembers of a peer. Times are in microseconds. */
export interface TcpMetricsInfo {
  remote: IP;
  source: IP;
  age: Micros;
  /** 0: not known. */
  window: number;
  roundTrip: Micros;
  variation: Micros;
}

/** The newest first. */
export function list(net: NetNamespace): TcpMetricsInfo[] {
  const { now } = net.kernel.events;
  return net.sockets.tcp.metrics.list().map(({ remote, local, updated, window, roundTrip, variation }) => ({
    remote,
    source: local,
    age: now - updated,
    window,
    roundTrip: Math.floor(roundTrip),
    variation: Math.floor(variation),
  }));
}

/** Forgets a peer, from one address of ours or from any; without a peer everything (TCP_METRICS_CMD_DEL). */
export function remove(net: NetNamespace, remote: IP | undefined, source?: IP): NetlinkError | undefined {
  const { metrics } = net.sockets.tcp;
  if (remote === undefined) {
    metrics.clear();
    return undefined;
  }
  const found = metrics.list().filter((entry) => entry.remote === remote && (source === undefined || entry.local === source));
  for (const entry of found) metrics.delete(entry);
  return found.length > 0 ? undefined : { errno: 'ESRCH' };
}
