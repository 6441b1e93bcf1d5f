import { type TraceEvent, TraceKind } from '../base/trace.ts';
import type { DropReason } from '../kernel/drop.ts';

/** Why a packet ended, for people. */
export interface Explanation {
  /** As the kernel names it. */
  reason: string;
  sentence: string;
  /** The netfilter rule that matched last before the packet was dropped by netfilter: `TABLE CHAIN INDEX: RULE`. */
  rule?: string;
  /** The netfilter hook it was dropped at. */
  hook?: string;
}

/** A sentence for every reason the kernel knows; a new reason without one doesn't compile. */
const SENTENCES: Readonly<Record<DropReason, string>> = {
  NO_SOCKET: 'No socket on this host listens on that address and port.',
  PKT_TOO_SMALL: 'The packet is shorter than its headers say.',
  TCP_CSUM: 'The TCP checksum is wrong.',
  UDP_CSUM: 'The UDP checksum is wrong.',
  SOCKET_RCVBUFF: 'The receive buffer of the socket is full: its program reads too slowly.',
  NETFILTER_DROP: 'A firewall rule, or the policy of a chain, dropped it.',
  OTHERHOST: 'The frame is addressed to the MAC of another machine.',
  IP_CSUM: 'The checksum of the IP header is wrong.',
  IP_INHDR: 'The IP header is malformed.',
  IP_RPFILTER: 'Reverse-path filtering: a reply to the source address would not leave by the device that the packet came in by.',
  IP_NOPROTO: 'This host has no protocol of that number above IP.',
  PROTO_MEM: 'The protocol has used up the memory that it may take.',
  IP_OUTNOROUTES: 'This host has no route to the destination.',
  NEIGH_CREATEFAIL: 'No neighbour entry could be made for the next hop.',
  NEIGH_FAILED: 'Nobody answered when the MAC address of the next hop was asked for.',
  NEIGH_QUEUEFULL: 'Too many packets already wait for the MAC address of the next hop.',
  NEIGH_DEAD: 'The neighbour entry that the packet waited on was removed.',
  DEV_READY: 'The device is down.',
  FULL_RING: 'The queue of the receiving device is full.',
  NOMEM: 'Memory ran out.',
  ICMP_CSUM: 'The ICMP checksum is wrong.',
  INVALID_PROTO: 'The packet is not valid in its protocol.',
  IP_INADDRERRORS: 'The packet is for another host, and this one does not forward packets.',
  IP_INNOROUTES: 'The packet should be forwarded, but there is no route to its destination.',
  PKT_TOO_BIG: 'The packet is larger than the MTU of the device that it should leave by, and must not be fragmented.',
  FRAG_REASM_TIMEOUT: 'The other fragments of the packet did not arrive in time.',
  FRAG_TOO_FAR: 'Too many newer fragments arrived in between: the fragment is too old.',
  DUP_FRAG: 'The fragment arrived twice, or overlaps another.',
  IPV6_NDISC_BAD_OPTIONS: 'An option of the neighbour discovery message is malformed.',
  IPV6_NDISC_BAD_CODE: 'The code of the neighbour discovery message is not 0.',
  IPV6_NDISC_HOP_LIMIT: 'The hop limit of the neighbour discovery message is not 255: it came from beyond a router.',
  IPV6DISABLED: 'IPv6 is switched off on the device.',
  UNHANDLED_PROTO: 'Nothing on this host takes frames of that EtherType.',
  LOCAL_MAC: 'The frame is addressed to a MAC that the bridge itself has.',
  BRIDGE_INGRESS_STP_STATE: 'The bridge port does not take frames in its spanning-tree state.',
  BRIDGE_VLAN_INGRESS: 'The bridge port is not part of the VLAN that the frame belongs to.',
  BRIDGE_NO_EGRESS_PORT: 'No other port of the bridge may send the frame on.',
  NO_TX_TARGET: 'The device has nowhere to send the packet to.',
  TTL_EXCEEDED: 'The TTL ran out: the packet passed as many routers as its sender allowed.',
  RATE_LIMITED: 'Too many of these were sent within a short time.',
  IP_LOCAL_SOURCE: 'The source address belongs to this host itself, but the packet came from outside.',
  IP_LOCALNET: 'A loopback address (127.0.0.0/8) came from, or should go to, the network.',
  IP_INVALID_SOURCE: 'The source address can not be that of a sender.',
  IP_INVALID_DEST: 'The destination address can not be reached by a packet.',
  ARP_IGNORE: 'ARP settings of the device say not to answer.',
  HDR_TRUNC: 'The packet ends inside a header.',
  RECURSION_LIMIT: 'The packet went round inside this host too often: devices are stacked in a circle.',
  NOT_SPECIFIED: 'The route by which the packet left delivers nothing here: it went out through the loopback to a host that is elsewhere.',
  UNICAST_IN_L2_MULTICAST: 'The frame is for everybody on the link, but the IP packet in it is for one host.',
  VXLAN_VNI_NOT_FOUND: 'No VXLAN device of this host has that network identifier (VNI).',
  VXLAN_INVALID_HDR: 'The VXLAN header is malformed.',
  VXLAN_ENTRY_EXISTS: 'The VXLAN device has a fixed entry that says the sender is behind another host.',
  MAC_INVALID_SOURCE: 'The source MAC of the frame can not be that of a sender.',
  IP_TUNNEL_ECN: 'The underlay marked congestion, which the packet inside the tunnel can not carry on.',
  TCP_RESET: 'The TCP segment belongs to a connection that was reset.',
  TCP_CLOSE: 'The TCP connection is closed.',
  TCP_OLD_ACK: 'The TCP segment acknowledges something older than what was acknowledged already.',
  TCP_TOO_OLD_ACK: 'The TCP segment acknowledges what was acknowledged long ago.',
  TCP_ACK_UNSENT_DATA: 'The TCP segment acknowledges data that were never sent.',
  TCP_INVALID_ACK_SEQUENCE: 'The TCP segment acknowledges another SYN than the one that was sent.',
  TCP_INVALID_SEQUENCE: "The TCP segment's sequence number lies beyond the receiver's window.",
  TCP_OLD_SEQUENCE: 'All of the TCP segment had been received and acknowledged before.',
  TCP_INVALID_SYN: 'The SYN would open a connection that is open already.',
  TCP_FLAGS: "The TCP segment's flags make no sense in this state of the connection.",
  TCP_OLD_DATA: 'The data of the TCP segment had been received before.',
  TCP_ZEROWINDOW: "The receiver's window is closed.",
  TCP_OVERWINDOW: "The data of the TCP segment lie beyond the receiver's window.",
  TCP_RFC7323_PAWS: "The TCP segment's timestamp is older than one seen before: it is a late duplicate.",
  TCP_ABORT_ON_DATA: 'Data came for a TCP connection that the application has closed.',
  TCP_LISTEN_OVERFLOW: "The listener's queue of finished connections is full: its program accepts too slowly.",
  BLACKHOLE: 'A blackhole route discards packets to this destination.',
  CARRIER_DOWN: 'The link has no carrier: the device at the other end is down or missing.',
  TUNNEL_TXINFO: 'The tunnel device does not know which host to send the packet to.',
  WIREGUARD_NO_PEER: 'No peer of the WireGuard device has the destination among its allowed addresses.',
  WIREGUARD_NO_ENDPOINT: 'The WireGuard peer was never heard, and nobody said where it is.',
  WIREGUARD_QUEUE_FULL: 'Too many packets already wait for the handshake with the WireGuard peer.',
  WIREGUARD_NO_HANDSHAKE: 'The handshake with the WireGuard peer did not come about in time.',
  WIREGUARD_INVALID: 'The datagram is no WireGuard message.',
  WIREGUARD_HANDSHAKE: 'The WireGuard handshake message is not from a peer of this device, or its keys do not fit.',
  WIREGUARD_NO_SESSION: 'The WireGuard message belongs to no session, or to one that is over.',
  WIREGUARD_SEAL: 'The WireGuard message can not be opened: it was changed on its way, or sealed with other keys.',
  WIREGUARD_REPLAY: 'The WireGuard message came before.',
  WIREGUARD_SOURCE: 'The WireGuard peer sent from an address that is not among its allowed ones.',
};

/**
 * Explains a drop.
 *
 * @param event a `TraceKind.Drop`
 * @param events of the same packet, in trace order; what comes before the drop tells which rule it was
 */
export function explainDrop(event: TraceEvent, events: readonly TraceEvent[] = []): Explanation {
  const reason = event.text;
  const explanation: Explanation = { reason, sentence: sentenceOf(reason) };
  if (reason !== 'NETFILTER_DROP') return explanation;
  const before = events.filter((other) => other.sequence < event.sequence && other.packet === event.packet && other.netns === event.netns);
  const hook = before.findLast((other) => other.kind === TraceKind.Hook);
  const rule = before.findLast((other) => other.kind === TraceKind.Rule && other.value === 1 && other.sequence > (hook?.sequence ?? -1));
  if (hook) explanation.hook = hook.text;
  // Lines before the last are rules that did not match.
  if (rule) explanation.rule = rule.text.slice(rule.text.lastIndexOf('\n') + 1);
  return explanation;
}

/** What a drop reason means. An unknown one is given back as it is, so that nothing is hidden. */
export function sentenceOf(reason: string): string {
  return Object.hasOwn(SENTENCES, reason) ? SENTENCES[reason as DropReason] : `The packet was dropped: ${reason}.`;
}
