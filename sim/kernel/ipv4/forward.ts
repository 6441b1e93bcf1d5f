import { TraceKind } from '../../base/trace.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { sendRedirect } from './icmp-error.ts';
import { forwardOptions, type Ipv4Options } from './options.ts';
import { finishOutput, refuseTooBig } from './output.ts';
import type { Ipv4Destination } from './route.ts';

/** Routes a packet on (ip_forward): TTL, size, FORWARD, out. */
export function forward(device: NetDevice, skb: Skb, way: Ipv4Destination): void {
  const { net } = device;
  if (ip.ttl(skb.bytes, skb.network) <= 1) return refuseExpired(net, skb);
  const options = skb.options as Ipv4Options | undefined;
  if (options?.strict && way.gateway !== undefined) return refuseDetour(net, skb);
  const length = skb.end - skb.network;
  if (length > way.mtu && ip.dontFragment(skb.bytes, skb.network)) return refuseTooBig(net, skb, way.mtu);
  const left = ip.decreaseTtl(skb.bytes, skb.network);
  if (way.redirect) sendRedirect(net.ipv4, device, skb, way);
  net.kernel.trace.emitText(TraceKind.Rewrite, way.device.uid, net.uid, skb.packet, left, net.kernel.ttlText);
  if (!net.netfilter.pass(4, 'FORWARD', skb, device, way.device)) return;
  net.counters.ip.ForwDatagrams++;
  skb.data = skb.network;
  if (options) forwardOptions(net.ipv4, skb, options, way);
  finishOutput(net, skb, way);
}

function refuseExpired(net: NetNamespace, skb: Skb): void {
  net.counters.ip.InHdrErrors++;
  drop(net, skb, 'TTL_EXCEEDED');
  net.ipv4.reportError(skb, { kind: 'time-exceeded', code: 0 });
}

/** A strict source route names every router; this one would need another (ICMP's source route failed). */
function refuseDetour(net: NetNamespace, skb: Skb): void {
  drop(net, skb, 'IP_INHDR');
  net.ipv4.reportError(skb, { kind: 'unreachable', code: 5, mtu: 0 });
}
