import { formatIPv4, type IP, type IPv4, type IPv6 } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { ecnEncapsulate, traceTunnel } from '../../dev/tunnel.ts';
import { finishOutput, localOut, pushHeader } from '../../ipv4/output.ts';
import { type Ipv4Destination, routeOutput } from '../../ipv4/route.ts';
import { finishOutput6, localOut6 } from '../../ipv6/output.ts';
import { type Ipv6Destination, routeOutput6 } from '../../ipv6/route.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict } from '../hooks.ts';
import type { Forwarding } from './service.ts';

/** The way to a server; of its family. */
export type Way = { family: 4; to: IPv4; out: Ipv4Destination } | { family: 6; to: IPv6; out: Ipv6Destination };

/** The way to a server (__ip_vs_get_out_rt), or `undefined` when there is none, which the sender hears of. */
export function wayTo(net: NetNamespace, skb: Skb, state: HookState, address: IP): Way | undefined {
  const asked = { iif: 0, oif: 0, mark: skb.mark };
  if (typeof address === 'number') {
    const out = routeOutput(net.ipv4, { ...asked, destination: address, source: 0, tos: ip.tos(skb.bytes, skb.network) & 0xfc });
    if (typeof out !== 'string') return { family: 4, to: address, out };
    if (state.hook !== 'OUTPUT') net.ipv4.reportError(skb, { kind: 'unreachable', code: 1, mtu: 0 });
  } else {
    const tos = ip6.trafficClass(skb.bytes, skb.network) & 0xfc;
    const out = routeOutput6(net.ipv6, { ...asked, destination: address, source: 0n, tos });
    if (typeof out !== 'string') return { family: 6, to: address, out };
    if (state.hook !== 'OUTPUT') net.ipv6.reportError(skb, { kind: 'unreachable', code: 3 });
  }
  state.reason = 'IP_OUTNOROUTES';
  return undefined;
}

/** Sends a packet on its way to a server (ip_vs_nat_xmit, ip_vs_dr_xmit, ip_vs_tunnel_xmit). */
export function transmit(net: NetNamespace, skb: Skb, state: HookState, way: Way, forwarding: Forwarding): Verdict {
  if (state.hook !== 'OUTPUT' && !travelled(net, skb, state)) return 'drop';
  const overhead = forwarding === 'tunnel' ? ip.IPV4_HEADER : 0;
  if (!fits(net, skb, state, way.out.mtu - overhead)) return 'drop';
  skb.data = skb.network;
  skb.packetType = 'outgoing';
  if (way.family === 4) {
    if (forwarding === 'tunnel') wrap(net, skb, way);
    if (forwarding !== 'route') localOut(net, skb, way.out);
    // The frame goes to the server, the packet stays as it is.
    else if (net.netfilter.pass(4, 'OUTPUT', skb, undefined, way.out.device))
      finishOutput(net, skb, { ...way.out, gateway: way.out.gateway ?? way.to });
  } else if (forwarding !== 'route') localOut6(net, skb, way.out, false);
  else if (net.netfilter.pass(6, 'OUTPUT', skb, undefined, way.out.device))
    finishOutput6(net, skb, { ...way.out, gateway: way.out.gateway ?? way.to }, false);
  return 'stolen';
}

/** One hop more (decrement_ttl); false when it was the last. */
function travelled(net: NetNamespace, skb: Skb, state: HookState): boolean {
  const { bytes, network } = skb;
  const left = state.family === 4 ? ip.ttl(bytes, network) : ip6.hopLimit(bytes, network);
  if (left > 1) {
    if (state.family === 4) ip.decreaseTtl(bytes, network);
    else ip6.setHopLimit(bytes, network, left - 1);
    return true;
  }
  if (state.family === 4) net.ipv4.reportError(skb, { kind: 'time-exceeded', code: 0 });
  else net.ipv6.reportError(skb, { kind: 'time-exceeded', code: 0 });
  state.reason = 'TTL_EXCEEDED';
  return false;
}

/** Whether it may go out; the sender of what is too large is told what isn't (ensure_mtu_is_adequate). */
function fits(net: NetNamespace, skb: Skb, state: HookState, mtu: number): boolean {
  if (skb.end - skb.network <= mtu) return true;
  if (state.family === 4) {
    if (!ip.dontFragment(skb.bytes, skb.network)) return true;
    net.ipv4.reportError(skb, { kind: 'unreachable', code: 4, mtu });
  } else net.ipv6.reportError(skb, { kind: 'packet-too-big', mtu });
  state.reason = 'PKT_TOO_BIG';
  return false;
}

/** Puts the packet into one of IPv4 for the server (ip_vs_tunnel_xmit). */
function wrap(net: NetNamespace, skb: Skb, { to, out }: Way & { family: 4 }): void {
  const { bytes, network } = skb;
  traceTunnel(out.device, skb, `ipvs: into ${formatIPv4(out.source)} > ${formatIPv4(to)}`);
  skb.traced = -1;
  const tos = ecnEncapsulate(ip.tos(bytes, network), ip.tos(bytes, network));
  pushHeader(net, skb, out.source, to, {
    protocol: ip.PROTOCOL.IPIP,
    tos,
    ttl: ip.ttl(bytes, network),
    df: ip.dontFragment(bytes, network),
  });
}
