import { isMulticastMac, MAC_BROADCAST } from '../base/address.ts';
import { EPOCH_SECONDS, SECOND } from '../base/time.ts';
import { FRAME_BARE, type TraceEvent, TraceKind } from '../base/trace.ts';
import { type CookedDevice, cook } from '../kernel/socket/cooked.ts';
import type { CapturedFrame } from '../kernel/socket/packet.ts';
import { destination, ETHERNET_HEADER } from '../wire/ethernet.ts';
import { LINKTYPE, type PcapPacket, SNAPLEN_MAX, writePcap } from '../wire/pcap.ts';
import type { Start } from './summarise.ts';

/**
 * A capture file of what passed one device, both ways, as `tcpdump -w` at that device would have written it.
 *
 * @param device the device's world-wide number
 * @param start `ip` for a tunnel device without a link layer
 */
export function toPcap(events: readonly TraceEvent[], device: number, start: Start = 'ethernet'): Uint8Array {
  const own = passed(events).filter((event) => event.device === device);
  return fileOf(start === 'ip' ? LINKTYPE.Raw : LINKTYPE.Ethernet, own, ({ frame }) => frame);
}

/**
 * What passed all devices of a namespace, in cooked frames, as `tcpdump -i any -w` writes it. What the devices sent that `deviceOf`
 * doesn't know is left out.
 *
 * @param events those of that namespace
 * @param deviceOf finds a device by its world-wide number
 */
export function toCookedPcap(events: readonly TraceEvent[], deviceOf: (uid: number) => CookedDevice | undefined): Uint8Array {
  const own = passed(events).filter((event) => deviceOf(event.device) !== undefined);
  return fileOf(LINKTYPE.LinuxSll2, own, (event) => {
    const device = deviceOf(event.device) as CookedDevice;
    return cook({ data: event.frame, device, packetType: packetTypeOf(event, device) });
  });
}

function fileOf(linkType: number, events: readonly TraceEvent[], bytesOf: (event: TraceEvent) => Uint8Array): Uint8Array {
  const packets = events.map((event): PcapPacket => {
    const bytes = bytesOf(event);
    return { time: EPOCH_SECONDS * SECOND + event.time, bytes, length: bytes.length };
  });
  return writePcap({ linkType, snapLength: SNAPLEN_MAX, packets });
}

/** The frames that a capture would have seen. */
function passed(events: readonly TraceEvent[]): TraceEvent[] {
  const looped = loopedBack(events);
  return events.filter(
    ({ kind, frame, sequence, value }) =>
      (kind === TraceKind.Transmit || kind === TraceKind.Receive) &&
      frame.length >= (value === FRAME_BARE ? 1 : ETHERNET_HEADER) &&
      !looped.has(sequence),
  );
}

/** For whom a frame was, as the device saw it (`eth_type_trans`). */
function packetTypeOf({ kind, frame, value }: TraceEvent, device: CookedDevice): CapturedFrame['packetType'] {
  if (kind === TraceKind.Transmit) return 'outgoing';
  if (value === FRAME_BARE) return 'host';
  const to = destination(frame, 0);
  if (to === MAC_BROADCAST) return 'broadcast';
  if (isMulticastMac(to)) return 'multicast';
  return device.type === 'loopback' || to === device.address ? 'host' : 'otherhost';
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
