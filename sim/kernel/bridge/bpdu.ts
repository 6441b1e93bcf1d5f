import { ETHERNET_HEADER, emitEthernet } from '../../wire/ethernet.ts';
import { type Bpdu, bpduLength, emitBpdu, LLC_HEADER, parseBpdu, STP_GROUP } from '../../wire/stp.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { transmit } from '../dev/queue.ts';
import { Skb } from '../skb.ts';
import type { BridgePort } from './port.ts';

/** Sends a spanning tree message out of a port (br_send_bpdu): an 802.3 frame with LLC 42 42 03. */
export function sendBpdu(port: BridgePort, message: Bpdu): void {
  const { device } = port;
  const length = LLC_HEADER + bpduLength(message);
  const skb = Skb.allocate(ETHERNET_HEADER + length, device.net.kernel.ids.nextPacket());
  const { bytes, data } = skb;
  emitEthernet(bytes, data, { destination: STP_GROUP, source: device.address, etherType: length });
  bytes.set([0x42, 0x42, 0x03], data + ETHERNET_HEADER);
  emitBpdu(bytes, data + ETHERNET_HEADER + LLC_HEADER, message);
  skb.mac = data;
  skb.network = data + ETHERNET_HEADER;
  skb.packetType = 'outgoing';
  transmit(device, skb);
}

/** The message in a frame, if it is one; `skb.mac` stands at the frame (br_stp_rcv). */
export function readBpdu(skb: Skb): Bpdu | undefined {
  const { bytes, mac, end } = skb;
  const at = mac + ETHERNET_HEADER;
  if (end - at < LLC_HEADER || bytes[at] !== 0x42 || bytes[at + 1] !== 0x42 || bytes[at + 2] !== 0x03) return undefined;
  const message = parseBpdu(bytes, at + LLC_HEADER, end);
  return isWireError(message) ? undefined : message;
}
