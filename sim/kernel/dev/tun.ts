import type { Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import { Skb } from '../skb.ts';
import { type DeviceAttribute, IFF, NetDevice } from './device.ts';
import { receive, receiveBare } from './queue.ts';

export type TunMode = 'tun' | 'tap';

/** What a program that has opened /dev/net/tun does with a device: takes what the host sends by it (`struct tun_file`). */
export interface TunReader {
  /** A packet waits; the reader calls `take`. */
  wake(): void;
}

/**
 * A device whose other end is a program (drivers/net/tun.c): `tun` carries IP packets, `tap` Ethernet frames. It has a carrier while a
 * program holds it, and ends with the program unless it was made persistent.
 */
export class Tun extends NetDevice {
  readonly kind = 'tun';
  override readonly type: 'ether' | 'none';
  override readonly linkHeader: 0 | 14;
  readonly mode: TunMode;
  /** Four bytes of flags and protocol stand before each packet (absent IFF_NO_PI). */
  readonly packetInformation: boolean;
  persistent = false;
  owner: number | undefined;
  ownerGroup: number | undefined;
  #reader: TunReader | undefined;
  readonly #waiting: Skb[] = [];

  constructor(net: NetNamespace, id: { name: string; ifindex: number; address: Mac }, mode: TunMode, packetInformation: boolean) {
    super(net, id.name, id.ifindex, mode === 'tun' ? 0 : id.address);
    this.mode = mode;
    this.packetInformation = packetInformation;
    this.type = mode === 'tun' ? 'none' : 'ether';
    this.linkHeader = mode === 'tun' ? 0 : 14;
    this.flags = mode === 'tun' ? IFF.POINTOPOINT | IFF.NOARP | IFF.MULTICAST : IFF.BROADCAST | IFF.MULTICAST;
    if (mode === 'tun') this.broadcast = 0;
    this.maxMtu = mode === 'tun' ? 65_535 : 65_521;
    this.txqlen = mode === 'tun' ? 500 : 1000;
    this.qdisc = 'pfifo_fast';
  }

  override get carrier(): boolean {
    return this.up && this.#reader !== undefined;
  }

  override get carrierOk(): boolean {
    return this.#reader !== undefined;
  }

  /** Its first program has it before anybody looks. */
  override registerCarrier(): void {}

  get attached(): boolean {
    return this.#reader !== undefined;
  }

  /** A program takes hold of it. @returns EBUSY while another has it */
  attach(reader: TunReader): Errno | undefined {
    if (this.#reader) return 'EBUSY';
    this.#reader = reader;
    this.net.linkChanged(this);
    return undefined;
  }

  /** The program lets go: the device goes as well, or waits for the next one. */
  detach(): void {
    this.#reader = undefined;
    this.#waiting.length = 0;
    if (this.persistent && !this.unregistered) this.net.linkChanged(this);
    else if (!this.unregistered) this.net.unregister(this);
  }

  /** tun_net_xmit: the packet waits for the program. */
  override transmit(skb: Skb): void {
    const reader = this.#reader;
    if (!reader || this.#waiting.length >= this.txqlen) {
      this.stats.txPackets--;
      this.stats.txBytes -= skb.end - skb.data;
      this.stats.txDropped++;
      return drop(this.net, skb, reader ? 'FULL_RING' : 'CARRIER_DOWN');
    }
    this.#waiting.push(skb);
    reader.wake();
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The next packet for the program. */
  take(): Skb | undefined {
    return this.#waiting.shift();
  }

  /** A packet from the program (tun_get_user). */
  put(packet: Uint8Array): Errno | undefined {
    if (!this.up) return 'EIO';
    if (packet.length === 0 || (this.mode === 'tap' && packet.length < 14)) return 'EINVAL';
    const version = (packet[0] as number) >>> 4;
    if (this.mode === 'tun' && version !== 4 && version !== 6) {
      this.stats.rxDropped++;
      return 'EINVAL';
    }
    const skb = Skb.allocate(packet.length, this.net.kernel.ids.nextPacket());
    skb.bytes.set(packet, skb.data);
    if (this.mode === 'tun') receiveBare(this, skb);
    else receive(this, skb);
    return undefined;
  }

  override unregister(): void {
    this.#waiting.length = 0;
  }

  override get attributes(): Record<string, DeviceAttribute> {
    return {
      type: this.mode,
      pi: this.packetInformation,
      vnet_hdr: false,
      multi_queue: false,
      persist: this.persistent,
      ...(this.owner === undefined ? {} : { user: this.owner }),
      ...(this.ownerGroup === undefined ? {} : { group: this.ownerGroup }),
    };
  }
}
