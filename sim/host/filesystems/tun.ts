import type { Errno } from '../../base/errno.ts';
import { Random, randomMac } from '../../base/random.ts';
import { Tun, type TunMode } from '../../kernel/dev/tun.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { setBe16 } from '../../wire/endian.ts';
import { OpenFile, type Poll } from '../file.ts';

/** What TUNSETIFF asks for; without a name, or with `%d` in it, the kernel numbers the device. */
export interface TunRequest {
  name: string;
  mode: TunMode;
  /** Absent IFF_NO_PI. */
  packetInformation: boolean;
}

/** struct tun_pi. */
const PACKET_INFORMATION = 4;

/**
 * /dev/net/tun, opened (drivers/net/tun.c). `setInterface` is ioctl TUNSETIFF; then each read gives one packet that the host sent by the
 * device, and each write is one that arrives by it.
 */
export class TunFile extends OpenFile {
  readonly description = '/dev/net/tun';
  readonly #net: NetNamespace;
  #device: Tun | undefined;

  constructor(net: NetNamespace) {
    super();
    this.#net = net;
  }

  get device(): Tun | undefined {
    return this.#device;
  }

  /** @returns EBUSY when somebody holds the device, EINVAL for one of another kind, EBADFD after the first time */
  setInterface(request: TunRequest): Tun | Errno {
    if (this.#device) return 'EINVAL';
    const net = this.#net;
    const known = net.deviceByName(request.name);
    if (known && !(known instanceof Tun && known.mode === request.mode)) return 'EINVAL';
    const device = known ?? this.#create(request);
    const failed = device.attach({ wake: () => this.readable.wake() });
    if (failed) return failed;
    this.#device = device;
    return device;
  }

  #create(request: TunRequest): Tun {
    const net = this.#net;
    const pattern = request.name === '' ? `${request.mode}%d` : request.name;
    let name = pattern;
    for (let number = 0; pattern.includes('%d'); number++) {
      name = pattern.replace('%d', String(number));
      if (!net.deviceByName(name)) break;
    }
    const { kernel } = net;
    const count = kernel.namesGiven.get(name) ?? 0;
    kernel.namesGiven.set(name, count + 1);
    const address = randomMac(new Random(kernel.seed, `${kernel.name}/mac/${name}/${count}`));
    const device = new Tun(net, { name, ifindex: net.takeIndex(), address }, request.mode, request.packetInformation);
    net.register(device);
    return device;
  }

  override read(max: number): Uint8Array | Errno {
    const device = this.#device;
    if (!device || device.unregistered) return 'EBADF';
    const skb = device.take();
    if (!skb) return 'EAGAIN';
    const head = device.packetInformation ? PACKET_INFORMATION : 0;
    const packet = new Uint8Array(Math.min(max, head + skb.end - skb.data));
    packet.set(skb.bytes.subarray(skb.data, Math.min(skb.end, skb.data + Math.max(0, max - head))), Math.min(head, packet.length));
    if (head > 0 && packet.length >= head) setBe16(packet, 2, skb.protocol);
    return packet;
  }

  override write(bytes: Uint8Array): number | Errno {
    const device = this.#device;
    if (!device || device.unregistered) return 'EBADF';
    if (bytes.length === 0) return 'EINVAL';
    const head = device.packetInformation ? PACKET_INFORMATION : 0;
    return device.put(bytes.subarray(head)) ?? bytes.length;
  }

  override poll(): Poll {
    return { in: this.#device?.waiting ?? false, out: this.#device !== undefined, hup: false };
  }

  protected override close(): void {
    this.#device?.detach();
  }
}
