import { isLoopbackIPv4, isMulticastIPv4 } from '../../base/address.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet, readMac } from '../../wire/ethernet.ts';
import { emitIcmp, ICMP_HEADER, type Icmp, isError, type as icmpType } from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetNamespace } from '../netns.ts';
import { Skb } from '../skb.ts';

/** As much of a frame that is too long is quoted as fits into 576 bytes. */
const MOST = 576;

/**
 * The answer to a bridged packet that doesn't fit into a tunnel: since no router stands between, the tunnel itself tells the sender, in the
 * name of the destination (iptunnel_pmtud_check_icmp).
 *
 * @param skb the inner frame; `mac` and `network` stand at its headers
 * @param mtu what would fit, from the network header on
 * @returns the frame for the sender, or undefined when it gets none: it may be fragmented, or is itself an error
 */
export function tooBigReply(net: NetNamespace, skb: Skb, mtu: number): Skb | undefined {
  const { bytes, mac, network, end } = skb;
  if (skb.protocol !== ETHERTYPE.IPv4 || end - network <= mtu || mtu < MOST) return undefined;
  if (!ip.dontFragment(bytes, network) || ip.isFragment(bytes, network)) return undefined;
  const [source, destination] = [ip.source(bytes, network), ip.destination(bytes, network)];
  if (isMulticastIPv4(destination) || destination >>> 0 === 0xffff_ffff) return undefined;
  if (source >>> 24 === 0 || isLoopbackIPv4(source) || isMulticastIPv4(source)) return undefined;
  if (ip.protocol(bytes, network) === ip.PROTOCOL.ICMP && isError(icmpType(bytes, network + ip.headerLength(bytes, network))))
    return undefined;
  const quote = bytes.slice(network, Math.min(end, network + MOST - ip.IPV4_HEADER - ICMP_HEADER));
  const reply = Skb.allocate(ETHERNET_HEADER + ip.IPV4_HEADER + ICMP_HEADER + quote.length, net.kernel.ids.nextPacket());
  const at = reply.data + ETHERNET_HEADER;
  emitEthernet(reply.bytes, reply.data, {
    destination: readMac(bytes, mac + 6),
    source: readMac(bytes, mac),
    etherType: ETHERTYPE.IPv4,
  });
  emitIcmp(reply.bytes, at + ip.IPV4_HEADER, { kind: 'unreachable', code: 4, mtu, quote } as Icmp);
  ip.emitIpv4(reply.bytes, at, {
    tos: 0,
    totalLength: reply.end - at,
    identification: 0,
    flags: ip.IPV4_FLAG.DF,
    fragmentOffset: 0,
    ttl: net.ipv4.settings.ip_default_ttl,
    protocol: ip.PROTOCOL.ICMP,
    source: destination,
    destination: source,
    options: new Uint8Array(0),
  });
  return reply;
}
