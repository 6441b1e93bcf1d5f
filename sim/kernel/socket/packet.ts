import type { Timer } from '../../base/events.ts';
import { etherType } from '../../wire/ethernet.ts';
import type { NetDevice } from '../dev/device.ts';
import { transmit } from '../dev/queue.ts';
import type { DeviceEvent, NetNamespace, Tap } from '../netns.ts';
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

/** What a reader gets of a frame, before it is read: whether the filter keeps it. The frame must not be changed or kept. */
export type FrameFilter = (frame: Uint8Array, device: NetDevice, packetType: PacketType) => boolean;

/** An AF_PACKET socket (packet(7)): sees frames as they pass a device, and sends frames as they are. */
export class PacketSocket extends Socket {
  override readonly family = 'packet';
  /** Only frames of this device; `undefined` for any. */
  device: NetDevice | undefined;
  /** Decides in the kernel what is kept, as a BPF program would (SO_ATTACH_FILTER). */
  filter: FrameFilter | undefined;
  snapshotLength = 262_144;
  /** Set when its device has left the namespace. */
  gone = false;
  /**
   * Readers see frames when the block they are in is retired: at multiples of this since the socket was made (tp_retire_blk_tov of
   * TPACKET_V3). 0 shows each at once.
   */
  blockTimeout: Micros = 0;
  /** Frames that passed the filter, and those of them that were lost because nobody read (PACKET_STATISTICS). */
  received = 0;
  dropped = 0;
  readonly #ring: CapturedFrame[] = [];
  readonly #tap: Tap;
  readonly #made: Micros;
  readonly #watch = (event: DeviceEvent, device: NetDevice): void => {
    if (event === 'unregister' && device === this.device) this.gone = true;
    if (this.gone) this.onReadable();
  };
  #promiscuous: NetDevice | undefined;
  /** Frames at the ring's start that a reader may see. */
  #retired = 0;
  #retire: Timer | undefined;

  constructor(net: NetNamespace) {
    super(net);
    this.#made = net.kernel.events.now;
    this.#tap = (device, skb, outgoing) => this.#see(device, skb, outgoing);
    net.taps.push(this.#tap);
    net.sockets.packet.add(this);
  }

  /** Limits the socket to one device. */
  bind(device: NetDevice | undefined): Errno | undefined {
    this.device = device;
    // A reader that waits learns that the device is gone (packet_notifier).
    if (device) this.net.listeners.push(this.#watch);
    return undefined;
  }

  /** Takes part in the device's promiscuous mode (PACKET_ADD_MEMBERSHIP). */
  promiscuous(device: NetDevice): void {
    device.wantPromiscuous(1);
    this.#promiscuous = device;
  }

  receive(): CapturedFrame | 'EAGAIN' {
    if (this.#retired === 0) return 'EAGAIN';
    this.#retired--;
    return this.#ring.shift() as CapturedFrame;
  }

  /** Frames in the ring that nobody has read. */
  get waiting(): number {
    return this.#ring.length;
  }

  get readable(): boolean {
    return this.#retired > 0;
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
      protocol: isBare(device) ? skb.protocol : etherType(skb.bytes, data),
      time: this.net.kernel.events.now,
    });
    this.#arrived();
  }

  #arrived(): void {
    const { events } = this.net.kernel;
    if (this.blockTimeout === 0) this.#retireBlock();
    else if (!this.#retire) {
      const blocks = Math.floor((events.now - this.#made) / this.blockTimeout) + 1;
      this.#retire = events.at(this.#made + blocks * this.blockTimeout, 'capture', () => this.#retireBlock());
    }
  }

  #retireBlock(): void {
    this.#retire = undefined;
    this.#retired = this.#ring.length;
    this.onReadable();
  }

  override close(): void {
    this.closed = true;
    this.net.sockets.packet.delete(this);
    this.net.kernel.events.cancel(this.#retire);
    const at = this.net.taps.indexOf(this.#tap);
    if (at >= 0) this.net.taps.splice(at, 1);
    const watching = this.net.listeners.indexOf(this.#watch);
    if (watching >= 0) this.net.listeners.splice(watching, 1);
    this.#promiscuous?.wantPromiscuous(-1);
  }
}

/** Whether frames of a device begin with a packet rather than with an Ethernet header: IP tunnels, tun. */
export function isBare(device: Pick<NetDevice, 'linkHeader'>): boolean {
  return device.linkHeader === 0;
}
