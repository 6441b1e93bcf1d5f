import { TraceKind } from '../base/trace.ts';
import { ETHERNET_HEADER, setEtherType } from '../wire/ethernet.ts';
import type { NetNamespace } from './netns.ts';
import type { Skb } from './skb.ts';

/**
 * Why packets end, under the names of Linux's `enum skb_drop_reason` (include/net/dropreason-core.h) without the prefix. The
 * ones of devices that Linux counts but does not name carry the counter's name.
 */
export type DropReason =
  | 'NOT_SPECIFIED'
  | 'NO_SOCKET'
  | 'PKT_TOO_SMALL'
  | 'TCP_CSUM'
  | 'UDP_CSUM'
  | 'SOCKET_RCVBUFF'
  | 'NETFILTER_DROP'
  | 'OTHERHOST'
  | 'IP_CSUM'
  | 'IP_INHDR'
  | 'IP_RPFILTER'
  | 'IP_NOPROTO'
  | 'PROTO_MEM'
  | 'IP_OUTNOROUTES'
  | 'NEIGH_CREATEFAIL'
  | 'NEIGH_FAILED'
  | 'NEIGH_QUEUEFULL'
  | 'NEIGH_DEAD'
  | 'DEV_READY'
  | 'FULL_RING'
  | 'NOMEM'
  | 'ICMP_CSUM'
  | 'INVALID_PROTO'
  | 'IP_INADDRERRORS'
  | 'IP_INNOROUTES'
  | 'PKT_TOO_BIG'
  | 'FRAG_REASM_TIMEOUT'
  | 'FRAG_TOO_FAR'
  | 'DUP_FRAG'
  | 'IPV6_NDISC_BAD_OPTIONS'
  | 'IPV6_NDISC_BAD_CODE'
  | 'IPV6_NDISC_HOP_LIMIT'
  | 'IPV6DISABLED'
  | 'UNHANDLED_PROTO'
  | 'LOCAL_MAC'
  | 'BRIDGE_INGRESS_STP_STATE'
  | 'BRIDGE_NO_EGRESS_PORT'
  | 'BRIDGE_VLAN_INGRESS'
  | 'NO_TX_TARGET'
  | 'TTL_EXCEEDED'
  | 'RATE_LIMITED'
  | 'IP_LOCAL_SOURCE'
  | 'IP_LOCALNET'
  | 'IP_INVALID_SOURCE'
  | 'IP_INVALID_DEST'
  | 'ARP_IGNORE'
  | 'HDR_TRUNC'
  | 'RECURSION_LIMIT'
  | 'UNICAST_IN_L2_MULTICAST'
  | 'VXLAN_VNI_NOT_FOUND'
  | 'VXLAN_INVALID_HDR'
  | 'VXLAN_ENTRY_EXISTS'
  | 'MAC_INVALID_SOURCE'
  | 'IP_TUNNEL_ECN'
  | 'TCP_RESET'
  | 'TCP_CLOSE'
  | 'TCP_OLD_ACK'
  | 'TCP_TOO_OLD_ACK'
  | 'TCP_ACK_UNSENT_DATA'
  | 'TCP_INVALID_ACK_SEQUENCE'
  | 'TCP_INVALID_SEQUENCE'
  | 'TCP_OLD_SEQUENCE'
  | 'TCP_INVALID_SYN'
  | 'TCP_FLAGS'
  | 'TCP_OLD_DATA'
  | 'TCP_ZEROWINDOW'
  | 'TCP_OVERWINDOW'
  | 'TCP_RFC7323_PAWS'
  | 'TCP_ABORT_ON_DATA'
  | 'TCP_LISTEN_OVERFLOW'
  | 'BLACKHOLE'
  | 'CARRIER_DOWN'
  | 'TUNNEL_TXINFO'
  | 'WIREGUARD_NO_PEER'
  | 'WIREGUARD_NO_ENDPOINT'
  | 'WIREGUARD_QUEUE_FULL'
  | 'WIREGUARD_NO_HANDSHAKE'
  | 'WIREGUARD_INVALID'
  | 'WIREGUARD_HANDSHAKE'
  | 'WIREGUARD_NO_SESSION'
  | 'WIREGUARD_SEAL'
  | 'WIREGUARD_REPLAY'
  | 'WIREGUARD_SOURCE';

/** The one way a packet ends without having been delivered: counts and traces the reason. */
export function drop(net: NetNamespace, skb: Skb, reason: DropReason): void {
  net.dropCounts.set(reason, (net.dropCounts.get(reason) ?? 0) + 1);
  net.kernel.trace.emit(TraceKind.Drop, skb.dev?.uid ?? 0, net.uid, skb.packet, 0, reason, skb.bytes, frameStart(skb), skb.end);
}

/** Where the frame begins. A packet that never got a link-layer header is shown with an empty one, as captures on `lo` are. */
function frameStart(skb: Skb): number {
  if ((skb.mac > 0 && skb.mac !== skb.network) || skb.network === 0) return skb.mac || skb.data;
  if (skb.network < ETHERNET_HEADER) return skb.data;
  const start = skb.network - ETHERNET_HEADER;
  skb.bytes.fill(0, start, skb.network);
  setEtherType(skb.bytes, start, skb.protocol);
  return start;
}
