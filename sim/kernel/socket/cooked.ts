import { ETHERNET_HEADER, ETHERTYPE, etherType, source } from '../../wire/ethernet.ts';
import { ARPHRD, emitSll2, SLL2_HEADER, SLL2_PACKET_TYPE } from '../../wire/sll2.ts';
import type { NetDevice } from '../dev/device.ts';
import { type CapturedFrame, isBare } from './packet.ts';

/** Frames with a length where the type would be: an LLC header follows. */
const P_802_2 = 4;
const MAX_LENGTH_FIELD = 1500;

const PACKET_TYPES = {
  host: SLL2_PACKET_TYPE.Host,
  broadcast: SLL2_PACKET_TYPE.Broadcast,
  multicast: SLL2_PACKET_TYPE.Multicast,
  otherhost: SLL2_PACKET_TYPE.OtherHost,
  outgoing: SLL2_PACKET_TYPE.Outgoing,
} as const;

const HARDWARE_TYPES = { ether: ARPHRD.Ether, loopback: ARPHRD.Loopback, none: ARPHRD.None, ipip: ARPHRD.Tunnel } as const;

/** What a cooked header tells of a device. */
export type CookedDevice = Pick<NetDevice, 'ifindex' | 'type' | 'linkHeader' | 'address'>;

/** A frame as captures on `any` have it: a cooked header in place of the link layer's. */
export function cook({ data, device, packetType }: Pick<CapturedFrame, 'data' | 'packetType'> & { device: CookedDevice }): Uint8Array {
  const bare = isBare(device);
  const header = bare ? 0 : ETHERNET_HEADER;
  const bytes = new Uint8Array(SLL2_HEADER + Math.max(0, data.length - header));
  const type = bare ? ((data[0] as number) >>> 4 === 6 ? ETHERTYPE.IPv6 : ETHERTYPE.IPv4) : etherType(data, 0);
  emitSll2(bytes, 0, {
    protocol: type <= MAX_LENGTH_FIELD ? P_802_2 : type,
    ifindex: device.ifindex,
    hardwareType: HARDWARE_TYPES[device.type] ?? ARPHRD.None,
    packetType: PACKET_TYPES[packetType],
    addressLength: bare ? 0 : 6,
    address: bare ? 0 : source(data, 0),
  });
  bytes.set(data.subarray(header), SLL2_HEADER);
  return bytes;
}
