import type { NetDevice } from '../dev/device.ts';
import { transmit } from '../dev/queue.ts';
import type { NetNamespace, Tap } from '../netns.ts';
import { type PacketType, Skb } from '../skb.ts';
import type { Micros } from '../../base/time.ts';
import type { Errno } from '../../base/errno.ts';
import { Socket } from './socket.ts';

/** A captured frame. */
export interface CapturedFrame {
  /** From the MAC header on (from the IP header on where `device.linkHeader` is 0), cut at the snapshot length. */
  data: Uint8Array;
  /** Length before it was cut. */
  length: number;
  device: NetDevice;
  packetType: PacketType;
  protocol: number;
  time: Micros;
}

/** How many frames wait for a reader that is slow before the kernel drops some. */
const RING = 8_192;

/** An AF_PACKET socket (packet(7)): sees frames as they pass a device, and sends frames as they are. */
export class PacketSocket extends Socket {
  override readonly family = 4;
  /** Only frames of this device; `undefined` for any. */
  device: NetDevice | undefined;
  /** Decides in the kernel what is kept, as a BPF program would; the frame must not be changed or kept. */
  filter: ((frame: Uint8Array, device: NetDevice, packetType: PacketType) => boolean) | undefined;
  snapshotLength = 262_144;
  /** Frames that passed the filter, and those of them that were lost because nobody read (PACKET_STATISTICS). */
  received = 0;
  dropped = 0;
  readonly #ring: CapturedFrame[] = [];
  readonly #tap: Tap;
  #promiscuous: NetDevice | undefined;

  constructor(net: NetNamespace) {
    super(net);
    this.#tap = (device, skb, outgoing) => this.#see(device, skb, outgoing);
    net.taps.push(this.#tap);
  }

  /** Limits the socket to one device. */
  bind(device: NetDevice | undefined): Errno | undefined {
    this.device = device;
    return undefined;
  }

  /** Takes part in the device's promiscuous mode (PACKET_ADD_MEMBERSHIP). */
  promiscuous(device: NetDevice): void {
    device.promiscuity++;
    this.#promiscuous = device;
  }

  receive(): CapturedFrame | 'EAGAIN' {
    return this.#ring.shift() ?? 'EAGAIN';
  }

  get readable(): boolean {
    return this.#ring.length > 0;
  }

  /** Sends a whole frame by a device. */
  send(device: NetDevice, frame: Uint8Array): Errno | undefined {
    if (!device.up) return 'ENETDOWN';
    if (frame.length > device.mtu + 18) return 'EMSGSIZE';
    const skb = Skb.allocate(frame.length, this.net.kernel.ids.nextPacket());
    skb.bytes.set(frame, skb.data);
    skb.mac = skb.data;
    skb.network = skb.data + device.linkHeader;
    transmit(device, skb);
    return undefined;
  }

  #see(device: NetDevice, skb: Skb, outgoing: boolean): void {
    if (this.device && this.device !== device) return;
    const packetType: PacketType = outgoing ? 'outgoing' : skb.packetType;
    const { data, end } = skb;
    if (this.filter && !this.filter(skb.bytes.subarray(data, end), device, packetType)) return;
    this.received++;
    if (this.#ring.length >= RING) {
      this.dropped++;
      return;
    }
    const length = end - data;
    this.#ring.push({
      data: skb.bytes.slice(data, data + Math.min(length, this.snapshotLength)),
      length,
      device,
      packetType,
      protocol: device.linkHeader === 0 ? skb.protocol : ((skb.bytes[data + 12] as number) << 8) | (skb.bytes[data + 13] as number),
      time: this.net.kernel.events.now,
    });
    this.onReadable();
  }

  override close(): void {
    this.closed = true;
    const at = this.net.taps.indexOf(this.#tap);
    if (at >= 0) this.net.taps.splice(at, 1);
    if (this.#promiscuous) this.#promiscuous.promiscuity--;
  }
}
