import { parseIPv4, parseMac } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { MILLISECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { transmit } from '../kernel/dev/queue.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { Skb } from '../kernel/skb.ts';
import { ETHERNET_HEADER } from '../wire/ethernet.ts';
import { openRtNetlink } from './netlink/open.ts';
import type { RtNetlink } from './netlink/rtnetlink.ts';

/** What the script knows of both ends of its cable. */
export interface Ends {
  here: { mac: string; address: string };
  there: { mac: string; address: string };
}

/** Packet scripts on whole frames: inject these bytes at the end of a cable, expect those. Hexadecimal, white space as it reads best. */
export class FrameScript {
  readonly kernel: Kernel;
  readonly net: NetNamespace;
  readonly netlink: RtNetlink;
  readonly #peer: NetNamespace;
  readonly #seen: string[] = [];

  constructor({ here, there }: Ends) {
    const events = new EventQueue();
    this.kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
    this.net = this.kernel.newNamespace();
    this.#peer = this.kernel.newNamespace();
    for (const net of [this.net, this.#peer]) net.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
    this.netlink = openRtNetlink(this.net);
    const [own, other] = [parseMac(here.mac) as number, parseMac(there.mac) as number];
    this.netlink.newLink({ kind: 'veth', name: 'eth0', address: own, peer: { name: 'eth0', address: other, netns: this.#peer } });
    this.netlink.setLink(1, { up: true });
    const eth0 = this.index('eth0');
    this.netlink.newAddress({ ifindex: eth0, prefix: { address: parseIPv4(here.address) as number, length: 24 } }, 'add');
    this.netlink.setLink(eth0, { up: true });
    const far = openRtNetlink(this.#peer);
    far.setLink(far.link('eth0')?.ifindex as number, { up: true });
    this.netlink.newNeighbour({ ifindex: eth0, address: parseIPv4(there.address) as number, lladdr: other, state: 'PERMANENT' }, 'add');
    this.#peer.taps.push((_, skb, outgoing) => {
      if (!outgoing) this.#seen.push(hex(skb.bytes.subarray(skb.data, skb.end)));
    });
    this.run(10);
    this.#seen.length = 0;
  }

  index(name: string): number {
    return this.netlink.link(name)?.ifindex as number;
  }

  /** Lets `milliseconds` pass. */
  run(milliseconds: number): void {
    this.kernel.events.runUntil(this.kernel.events.now + milliseconds * MILLISECOND);
  }

  /** Sends a frame to the host. */
  inject(frame: string): void {
    const digits = frame.replace(/\s/g, '');
    const skb = Skb.allocate(digits.length / 2, this.kernel.ids.nextPacket());
    for (let i = 0; i < digits.length; i += 2) skb.bytes[skb.data + i / 2] = Number.parseInt(digits.slice(i, i + 2), 16);
    skb.mac = skb.data;
    skb.network = skb.data + ETHERNET_HEADER;
    const device = this.#peer.deviceByName('eth0');
    if (device) transmit(device, skb);
    this.run(1);
  }

  /** The frames that have come since the last look, oldest first, as hexadecimal digits without spaces. */
  get sent(): string[] {
    this.run(1);
    return this.#seen.splice(0);
  }
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** What a frame must look like: hexadecimal digits, with a dot for each that may be anything. */
export function pattern(text: string): RegExp {
  return new RegExp(`^${text.replace(/\s/g, '')}$`);
}
