import { MAC_BROADCAST } from '../../base/address.ts';
import { FRAME_BARE, TraceKind } from '../../base/trace.ts';
import { ETHERNET_HEADER, ETHERTYPE, etherType, readMac } from '../../wire/ethernet.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { PacketType, Skb } from '../skb.ts';
import { IFF, type NetDevice } from './device.ts';

/** Hands a frame to a device: taps see it, counters count it, the device sends it (`__dev_queue_xmit`). */
export function transmit(device: NetDevice, skb: Skb): void {
  const net = device.net;
  skb.dev = device;
  if (!device.up) {
    drop(net, skb, 'DEV_READY');
    return;
  }
  const { trace } = net.kernel;
  if (trace.enabled) {
    const bare = device.linkHeader === 0 ? FRAME_BARE : 0;
    trace.emitFrame(TraceKind.Transmit, device.uid, net.uid, skb.packet, bare, skb.bytes, skb.data, skb.end);
    skb.traced = trace.lastFrame;
    skb.tracedData = skb.data;
    skb.tracedEnd = skb.end;
  }
  if (net.taps.length > 0) showTaps(net, device, skb, true);
  device.stats.txPackets++;
  device.stats.txBytes += skb.end - skb.data;
  device.transmit(skb);
}

/**
 * A frame has arrived at a device; `skb.data` stands at its MAC header (`eth_type_trans`, then `__netif_receive_skb_core`).
 *
 * @param packetType for whom it is, where its destination MAC doesn't say
 */
export function receive(device: NetDevice, skb: Skb, packetType?: PacketType): void {
  const net = device.net;
  if (!device.up || device.unregistered) {
    drop(net, skb, 'DEV_READY');
    return;
  }
  const { bytes } = skb;
  if (skb.end - skb.data < ETHERNET_HEADER) return dropRunt(device, skb);
  skb.dev = device;
  skb.mac = skb.data;
  skb.protocol = etherType(bytes, skb.mac);
  if (packetType) skb.packetType = packetType;
  else classify(device, skb);
  device.stats.rxPackets++;
  device.stats.rxBytes += skb.end - skb.data - ETHERNET_HEADER;
  if (skb.packetType === 'multicast' && device.countsMulticast) device.stats.rxMulticast++;
  const { trace } = net.kernel;
  const known = skb.traced >= 0 && skb.tracedData === skb.data && skb.tracedEnd === skb.end;
  if (!known || !trace.emitAgain(TraceKind.Receive, device.uid, net.uid, skb.packet, skb.traced, skb.end - skb.data))
    trace.emitFrame(TraceKind.Receive, device.uid, net.uid, skb.packet, 0, bytes, skb.data, skb.end);
  skb.traced = -1;
  if (net.taps.length > 0) showTaps(net, device, skb, false);
  if (device.vlanHandler?.(skb)) return;
  if (device.receiveHandler?.(skb)) return;
  deliver(device, skb);
}

/** Too short for an Ethernet header. */
function dropRunt(device: NetDevice, skb: Skb): void {
  device.stats.rxErrors++;
  drop(device.net, skb, 'PKT_TOO_SMALL');
}

/** A packet without a link-layer header has arrived at a device that has none (a tunnel's end, tun); `skb.data` stands at its IP header. */
export function receiveBare(device: NetDevice, skb: Skb): void {
  const net = device.net;
  if (!device.up || device.unregistered) {
    drop(net, skb, 'DEV_READY');
    return;
  }
  skb.dev = device;
  skb.mac = skb.data;
  skb.network = skb.data;
  skb.protocol = (skb.bytes[skb.data] as number) >>> 4 === 6 ? ETHERTYPE.IPv6 : ETHERTYPE.IPv4;
  skb.packetType = 'host';
  device.stats.rxPackets++;
  device.stats.rxBytes += skb.end - skb.data;
  net.kernel.trace.emitFrame(TraceKind.Receive, device.uid, net.uid, skb.packet, FRAME_BARE, skb.bytes, skb.data, skb.end);
  skb.traced = -1;
  if (net.taps.length > 0) showTaps(net, device, skb, false);
  if (device.receiveHandler?.(skb)) return;
  net.kernel.receiver(skb.protocol)?.(device, skb);
}

/** Captures see the packet (dev_queue_xmit_nit); one may go while they do. */
function showTaps(net: NetNamespace, device: NetDevice, skb: Skb, outgoing: boolean): void {
  for (const tap of [...net.taps]) tap(device, skb, outgoing);
}

/** Passes a frame to its protocol; `skb.data` still stands at the MAC header. */
export function deliver(device: NetDevice, skb: Skb): void {
  skb.data = skb.mac + ETHERNET_HEADER;
  skb.network = skb.data;
  const handler = device.net.kernel.receiver(skb.protocol);
  if (handler) handler(device, skb);
  else {
    device.stats.rxDropped++;
    drop(device.net, skb, 'UNHANDLED_PROTO');
  }
}

/** For whom the frame is, by its destination MAC (`eth_type_trans`). */
function classify(device: NetDevice, skb: Skb): void {
  const { bytes, mac } = skb;
  const to = readMac(bytes, mac);
  if (((bytes[mac] as number) & 1) !== 0) skb.packetType = to === MAC_BROADCAST ? 'broadcast' : 'multicast';
  else skb.packetType = to === device.address || (device.flags & IFF.LOOPBACK) !== 0 ? 'host' : 'otherhost';
}
