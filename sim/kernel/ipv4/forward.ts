import { TraceKind } from '../../base/trace.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import { sendRedirect } from './icmp-error.ts';
import { finishOutput } from './output.ts';
import type { Ipv4Destination } from './route.ts';

/** Routes a packet on (ip_forward): TTL, size, FORWARD, out. */
export function forward(device: NetDevice, skb: Skb, way: Ipv4Destination): void {
  const { net } = device;
  const stack = net.ipv4;
  if (ip.ttl(skb.bytes, skb.network) <= 1) {
    net.counters.ip.InHdrErrors++;
    drop(net, skb, 'TTL_EXCEEDED');
    return stack.reportError(skb, { kind: 'time-exceeded', code: 0 });
  }
  const length = skb.end - skb.network;
  if (length > way.mtu && ip.dontFragment(skb.bytes, skb.network)) {
    net.counters.ip.FragFails++;
    drop(net, skb, 'PKT_TOO_BIG');
    return stack.reportError(skb, { kind: 'unreachable', code: 4, mtu: way.mtu });
  }
  if (way.redirect) sendRedirect(stack, device, skb, way);
  const left = ip.decreaseTtl(skb.bytes, skb.network);
  net.kernel.trace.emit(TraceKind.Rewrite, way.device.uid, net.uid, skb.packet, left, 'ttl');
  if (!net.netfilter.pass(4, 'FORWARD', skb, device, way.device)) return;
  net.counters.ip.ForwDatagrams++;
  skb.data = skb.network;
  finishOutput(net, skb, way);
}
