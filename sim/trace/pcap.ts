import { isMulticastMac, MAC_BROADCAST } from '../base/address.ts';
import { EPOCH_SECONDS, SECOND } from '../base/time.ts';
import { FRAME_BARE, type TraceEvent, TraceKind } from '../base/trace.ts';
import { destination, ETHERNET_HEADER, ETHERTYPE, etherType, source } from '../wire/ethernet.ts';
import { LINKTYPE, type PcapPacket, SNAPLEN_MAX, writePcap } from '../wire/pcap.ts';
import { ARPHRD, emitSll2, SLL2_HEADER, SLL2_PACKET_TYPE } from '../wire/sll2.ts';
import type { Start } from './summarise.ts';

/**
 * A capture file of what passed one device, both ways, as `tcpdump -w` at that device would have written it.
 *
 * @param device the device's world-wide number, or `any` for all of them in cooked frames, whose interface index is that number
 * @param start `ip` for a tunnel device without a link layer
 */
export function toPcap(events: readonly TraceEvent[], device: number | 'any', start: Start = 'ethernet'): Uint8Array {
  const packets: PcapPacket[] = [];
  const cooked = device === 'any';
  const looped = loopedBack(events);
  for (const event of events) {
    if (event.kind !== TraceKind.Transmit && event.kind !== TraceKind.Receive) continue;
    if (event.frame.length === 0 || (!cooked && event.device !== device) || looped.has(event.sequence)) continue;
    if (cooked && event.value !== FRAME_BARE && event.frame.length < ETHERNET_HEADER) continue;
    const bytes = cooked ? cook(event) : event.frame;
    packets.push({ time: EPOCH_SECONDS * SECOND + event.time, bytes, length: bytes.length });
  }
  const linkType = cooked ? LINKTYPE.LinuxSll2 : start === 'ip' ? LINKTYPE.Raw : LINKTYPE.Ethernet;
  return writePcap({ linkType, snapLength: SNAPLEN_MAX, packets });
}

/**
 * The numbers of the sendings whose frame came in by the device that sent it: on loopback, where libpcap shows only the arrival.
 */
function loopedBack(events: readonly TraceEvent[]): Set<number> {
  const looped = new Set<number>();
  const sent = new Map<number, TraceEvent>();
  for (const event of events) {
    if (event.kind === TraceKind.Transmit) sent.set(event.packet, event);
    else if (event.kind === TraceKind.Receive) {
      const before = sent.get(event.packet);
      sent.delete(event.packet);
      if (before?.device === event.device && before.frame.length === event.frame.length) looped.add(before.sequence);
    }
  }
  return looped;
}

function cook(event: TraceEvent): Uint8Array {
  const { frame } = event;
  if (event.value === FRAME_BARE) return cookBare(event);
  const to = destination(frame, 0);
  const group = to === MAC_BROADCAST ? SLL2_PACKET_TYPE.Broadcast : isMulticastMac(to) ? SLL2_PACKET_TYPE.Multicast : SLL2_PACKET_TYPE.Host;
  const bytes = new Uint8Array(SLL2_HEADER + frame.length - ETHERNET_HEADER);
  emitSll2(bytes, 0, {
    protocol: etherType(frame, 0),
    ifindex: event.device,
    hardwareType: ARPHRD.Ether,
    packetType: event.kind === TraceKind.Transmit ? SLL2_PACKET_TYPE.Outgoing : group,
    addressLength: 6,
    address: source(frame, 0),
  });
  bytes.set(frame.subarray(ETHERNET_HEADER), SLL2_HEADER);
  return bytes;
}

/** A packet of a device without a link layer: there is no address to name. */
function cookBare(event: TraceEvent): Uint8Array {
  const { frame } = event;
  const bytes = new Uint8Array(SLL2_HEADER + frame.length);
  emitSll2(bytes, 0, {
    protocol: (frame[0] ?? 0) >>> 4 === 6 ? ETHERTYPE.IPv6 : ETHERTYPE.IPv4,
    ifindex: event.device,
    hardwareType: ARPHRD.None,
    packetType: event.kind === TraceKind.Transmit ? SLL2_PACKET_TYPE.Outgoing : SLL2_PACKET_TYPE.Host,
    addressLength: 0,
    address: 0,
  });
  bytes.set(frame, SLL2_HEADER);
  return bytes;
}
