import { parseIPv4 } from '../base/address.ts';
import { encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { MILLISECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { transmit } from '../kernel/dev/queue.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { Skb } from '../kernel/skb.ts';
import { pseudoHeaderIPv4 } from '../wire/checksum.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet, etherType } from '../wire/ethernet.ts';
import { emitIpv4, PROTOCOL } from '../wire/ipv4.ts';
import * as ip from '../wire/ipv4.ts';
import { layOutOptions, TCP_FLAG, type TcpOptions } from '../wire/tcp.ts';
import * as tcp from '../wire/tcp.ts';
import { openRtNetlink } from './netlink/open.ts';

/** Packet scripts in the manner of packetdrill: inject segments at the end of a cable, and say what comes back, and when. */

export const HERE = '10.0.0.1';
export const THERE = '10.0.0.2';
const FLAGS: readonly [string, number][] = [
  ['S', TCP_FLAG.SYN],
  ['F', TCP_FLAG.FIN],
  ['R', TCP_FLAG.RST],
  ['P', TCP_FLAG.PSH],
  ['.', TCP_FLAG.ACK],
];

/** A segment: flags as tcpdump writes them, sequence numbers relative to each side's first. */
export interface ScriptSegment {
  flags: string;
  seq?: number;
  ack?: number;
  win?: number;
  data?: string;
  options?: TcpOptions;
}

/** A host under test with one cable, and this script at the other end of it. */
export class PacketScript {
  readonly kernel: Kernel;
  readonly net: NetNamespace;
  readonly #peer: NetNamespace;
  readonly #seen: { time: number; bytes: Uint8Array }[] = [];
  /** First sequence numbers: ours to inject, theirs as learnt from its SYN. */
  readonly #mine = 1000;
  #theirs: number | undefined;
  localPort = 0;
  remotePort = 0;

  constructor() {
    const events = new EventQueue();
    this.kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
    this.net = this.kernel.newNamespace();
    this.#peer = this.kernel.newNamespace();
    for (const net of [this.net, this.#peer]) net.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
    const here = openRtNetlink(this.net);
    here.newLink({ kind: 'veth', name: 'eth0', peer: { name: 'eth0', netns: this.#peer } });
    here.setLink(1, { up: true });
    const eth0 = here.link('eth0')?.ifindex as number;
    here.newAddress({ ifindex: eth0, prefix: { address: parseIPv4(HERE) as number, length: 24 } }, 'add');
    here.setLink(eth0, { up: true });
    const there = openRtNetlink(this.#peer);
    there.setLink(there.link('eth0')?.ifindex as number, { up: true });
    const mac = this.#peer.deviceByName('eth0')?.address as number;
    here.newNeighbour({ ifindex: eth0, address: parseIPv4(THERE) as number, lladdr: mac, state: 'PERMANENT' }, 'add');
    this.#peer.taps.push((_, skb, outgoing) => {
      if (!outgoing && etherType(skb.bytes, skb.mac) === ETHERTYPE.IPv4)
        this.#seen.push({ time: events.now, bytes: skb.bytes.slice(skb.network, skb.end) });
    });
    this.run(10);
    this.#seen.length = 0;
  }

  /** Lets `milliseconds` pass. */
  run(milliseconds: number): void {
    this.kernel.events.runUntil(this.kernel.events.now + milliseconds * MILLISECOND);
  }

  /** Sends a segment to the host. */
  inject(segment: ScriptSegment): void {
    const data = encode(segment.data ?? '');
    const options = layOutOptions(segment.options ?? {});
    const flags = FLAGS.reduce((sum, [letter, bit]) => sum | (segment.flags.includes(letter) ? bit : 0), 0);
    const header = {
      sourcePort: this.remotePort,
      destinationPort: this.localPort,
      sequence: (this.#mine + (segment.seq ?? 0)) >>> 0,
      acknowledgement: segment.ack === undefined ? 0 : ((this.#theirs ?? 0) + segment.ack) >>> 0,
      flags,
      window: segment.win ?? 65_535,
      urgentPointer: 0,
      options,
    };
    const length = tcp.tcpLength(header) + data.length;
    const skb = Skb.allocate(ETHERNET_HEADER + ip.IPV4_HEADER + length, this.kernel.ids.nextPacket());
    const [source, destination] = [parseIPv4(THERE) as number, parseIPv4(HERE) as number];
    const at = skb.data + ETHERNET_HEADER + ip.IPV4_HEADER;
    tcp.emitTcp(skb.bytes, at, header);
    skb.bytes.set(data, at + tcp.tcpLength(header));
    tcp.fillChecksum(skb.bytes, at, skb.end, pseudoHeaderIPv4(source, destination, PROTOCOL.TCP, length));
    emitIpv4(skb.bytes, at - ip.IPV4_HEADER, {
      tos: 0,
      totalLength: ip.IPV4_HEADER + length,
      identification: 1,
      flags: 2,
      fragmentOffset: 0,
      ttl: 64,
      protocol: PROTOCOL.TCP,
      source,
      destination,
      options: new Uint8Array(0),
    });
    const device = this.#peer.deviceByName('eth0');
    const mac = this.net.deviceByName('eth0')?.address as number;
    if (!device) throw new Error('no cable');
    emitEthernet(skb.bytes, skb.data, { destination: mac, source: device.address, etherType: ETHERTYPE.IPv4 });
    skb.mac = skb.data;
    skb.network = skb.data + ETHERNET_HEADER;
    transmit(device, skb);
    this.run(1);
  }

  /** What has come since the last look, oldest first: `S. seq 0 ack 1 win 65160 "data"`. */
  get sent(): string[] {
    this.run(1);
    return this.#seen.splice(0).map(({ bytes }) => this.#describe(bytes));
  }

  /** As `sent`, with the milliseconds since `from` in front. */
  timed(from: number): string[] {
    return this.#seen.splice(0).map(({ time, bytes }) => `${Math.round((time - from) / MILLISECOND)}ms ${this.#describe(bytes)}`);
  }

  get now(): number {
    return this.kernel.events.now;
  }

  #describe(bytes: Uint8Array): string {
    const at = ip.headerLength(bytes, 0);
    if (ip.protocol(bytes, 0) !== PROTOCOL.TCP) return `protocol ${ip.protocol(bytes, 0)}`;
    const flags = tcp.flags(bytes, at);
    if (flags & TCP_FLAG.SYN) {
      this.#theirs = tcp.sequence(bytes, at);
      this.localPort = tcp.sourcePort(bytes, at);
    }
    const letters = FLAGS.filter(([, bit]) => flags & bit)
      .map(([letter]) => letter)
      .join('');
    const seq = (tcp.sequence(bytes, at) - (this.#theirs ?? 0)) >>> 0;
    const ack = flags & TCP_FLAG.ACK ? ` ack ${(tcp.acknowledgement(bytes, at) - this.#mine) >>> 0}` : '';
    const data = bytes.subarray(at + tcp.headerLength(bytes, at));
    const text = data.length === 0 ? '' : data.length > 20 ? ` ${data.length} bytes` : ` ${JSON.stringify(String.fromCharCode(...data))}`;
    return `${letters} seq ${seq}${ack} win ${tcp.window(bytes, at)}${text}`;
  }
}
