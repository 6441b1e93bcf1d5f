import * as ip from '../../../wire/ipv4.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import type { DeviceAttribute, NetDevice, Refusal } from '../device.ts';
import { Ipip, readIpip, tunnelLike, tunnelsOf } from './ipip.ts';

/**
 * The module `ipip`: once it is loaded, every network namespace has the fallback device `tunl0`, down, and takes IP protocol 4
 * (ipip_init, ip_tunnel_init_net with net.core.fb_tunnels_only_for_init_net 0).
 */
export function loadIpip(net: NetNamespace): void {
  net.kernel.loadModule('ipip', prepare);
}

function prepare(net: NetNamespace): void {
  const settings = { remote: 0, local: 0, ifindex: 0, ttl: 0, tos: 0, pmtudisc: false, protocol: 0 } as const;
  const fallback = new Ipip(net, 'tunl0', net.takeIndex(), net, settings, true);
  tunnelsOf(net).add(fallback);
  net.register(fallback);
  net.sockets.protocols.set(ip.PROTOCOL.IPIP, (device, skb) => receive(net, device, skb));
  net.sockets.errors.set(ip.PROTOCOL.IPIP, (_device, skb, error) => {
    const [source, destination] = [ip.source(skb.bytes, error.quoted), ip.destination(skb.bytes, error.quoted)];
    if (error.type === 3 && error.code === 4) return; // the path's MTU has been learned with the route
    lookup(net, destination, source, 0)?.failed();
  });
}

/** A packet of protocol 4 for this host (ipip_rcv): without a tunnel for it, its sender is told. */
function receive(net: NetNamespace, device: NetDevice, skb: Skb): void {
  const { bytes, network } = skb;
  const tunnel = lookup(net, ip.source(bytes, network), ip.destination(bytes, network), device.ifindex);
  if (tunnel) return tunnel.unpack(skb);
  drop(net, skb, 'IP_NOPROTO');
  net.ipv4.reportError(skb, { kind: 'unreachable', code: 3, mtu: 0 });
}

/** Both ends, then the remote one, then the local one, then the fallback; only devices that are up (ip_tunnel_lookup). */
function lookup(net: NetNamespace, remote: number, local: number, ifindex: number): Ipip | undefined {
  let best: Ipip | undefined;
  let most = 0;
  for (const tunnel of tunnelsOf(net)) {
    const { settings } = tunnel;
    if (!tunnel.up || (settings.remote !== 0 && settings.remote !== remote) || (settings.local !== 0 && settings.local !== local)) continue;
    if (settings.ifindex !== 0 && ifindex !== 0 && settings.ifindex !== ifindex) continue;
    const score = (settings.remote !== 0 ? 4 : 0) + (settings.local !== 0 ? 2 : 0) + 1;
    if (score > most) [best, most] = [tunnel, score];
  }
  return best;
}

/** ipip_newlink, and SIOCADDTUNNEL. */
export function createIpip(
  id: { net: NetNamespace; name: string; ifindex: number },
  underlay: NetNamespace,
  data: Readonly<Record<string, DeviceAttribute>>,
): Ipip | Refusal {
  const settings = readIpip(data, undefined, underlay);
  if ('errno' in settings) return settings;
  if (tunnelLike(underlay, settings)) return { errno: 'EEXIST' };
  const tunnel = new Ipip(id.net, id.name, id.ifindex, underlay, settings);
  tunnelsOf(underlay).add(tunnel);
  return tunnel;
}
