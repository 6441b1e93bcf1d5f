import { formatIPv4, type IPv4, ipv4Mask } from '../../base/address.ts';
import type { RouteInfo } from '../../host/netlink/messages.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameOfAddress } from '../name-resolution.ts';

const TABLE_MAIN = 254;

/** Which columns: route's own, netstat's, or both. */
export type RouteColumns = 'metric' | 'window' | 'both';

const HEADS: Record<RouteColumns, string> = {
  metric: 'Metric Ref    Use Iface',
  window: '  MSS Window  irtt Iface',
  both: 'Metric Ref    Use Iface    MSS   Window irtt',
};

/** The routing table of IPv4 as `route` and `netstat -r` print it, read from /proc/net/route (rprint_fib in lib/inet_gr.c). */
export function* routeTable(process: Process, netlink: RtNetlink, columns: RouteColumns, numeric: boolean): Blocking<string> {
  let text = `Kernel IP routing table\nDestination     Gateway         Genmask         Flags ${HEADS[columns]}\n`;
  for (const route of netlink.routes(4)) {
    if (route.table === TABLE_MAIN) text += yield* line(process, netlink, route, columns, numeric);
  }
  return text;
}

function* line(process: Process, netlink: RtNetlink, route: RouteInfo, columns: RouteColumns, numeric: boolean): Blocking<string> {
  const { destination, nexthops, metrics, priority, type } = route;
  const hop = nexthops[0];
  const reject = type === 'unreachable' || type === 'prohibit';
  const gateway = typeof hop?.gateway === 'number' ? hop.gateway : 0;
  const flags = `${reject ? '!' : 'U'}${gateway !== 0 ? 'G' : ''}${destination.length === 32 ? 'H' : ''}`;
  const to = destination.length === 0 && !numeric ? 'default' : yield* shown(process, destination.address as IPv4, numeric, 'default');
  const via = reject ? '-' : yield* shown(process, gateway, numeric, '0.0.0.0');
  const device = reject ? '-' : hop ? (netlink.link(hop.ifindex)?.name ?? '*') : '*';
  const text = `${to.padEnd(15)} ${via.padEnd(15)} ${formatIPv4(ipv4Mask(destination.length)).padEnd(15)} ${flags.padEnd(6)}`;
  const mss = metrics.advmss ? metrics.advmss + 40 : 0;
  const [window, irtt] = [metrics.window ?? 0, metrics.rtt ?? 0];
  if (columns === 'window') {
    const [m, w, i] = reject ? ['-', '-', '-'] : [String(mss), String(window), String(irtt)];
    return `${text}${m.padStart(5)} ${w.padEnd(5)} ${i.padStart(6)} ${device}\n`;
  }
  const figures = `${String(priority).padEnd(6)} ${(reject ? '-' : '0').padEnd(2)} ${'0'.padStart(7)} `;
  if (columns === 'metric') return `${text}${figures}${device}\n`;
  const [m, w, i] = reject ? ['-', '-', '-'] : [String(mss), String(window), String(irtt)];
  return `${text}${figures}${device.padEnd(8)} ${m.padEnd(5)} ${w.padEnd(6)} ${i}\n`;
}

function* shown(process: Process, address: IPv4, numeric: boolean, zero: string): Blocking<string> {
  if (address === 0) return numeric ? '0.0.0.0' : zero;
  const name = numeric ? undefined : yield* nameOfAddress(process, address);
  return (name ?? formatIPv4(address)).slice(0, 15);
}
