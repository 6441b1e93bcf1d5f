import { parseIPv4 } from '../../base/address.ts';
import { EventQueue } from '../../base/events.ts';
import { SECOND } from '../../base/time.ts';
import { Trace, type TraceEvent, TraceKind, type TraceKindValue } from '../../base/trace.ts';
import { pseudoHeaderIPv4 } from '../../wire/checksum.ts';
import { emitIcmp, type Icmp, icmpLength } from '../../wire/icmp.ts';
import * as wire from '../../wire/ipv4.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';
import { pair, Veth } from '../dev/veth.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { Kernel, WorldIds } from '../kernel.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { RawSocket } from '../socket/raw.ts';

/** For tests: machines on cables, and packets made byte by byte. */
export const ip = (text: string): number => parseIPv4(text) as number;

export function testKernel(): Kernel {
  const events = new EventQueue();
  return new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
}

export function address(net: NetNamespace, device: string, text: string, length = 24): void {
  const local = ip(text);
  net.ipv4.addAddress(net.deviceByName(device) as NonNullable<ReturnType<NetNamespace['deviceByName']>>, {
    local,
    peer: local,
    length,
    broadcast: undefined,
    scope: SCOPE.global,
    label: device,
    noprefixroute: false,
    protocol: undefined,
    validLifetime: undefined,
    preferredLifetime: undefined,
  });
}

/** A cable between two namespaces; both ends up. */
export function cable(a: NetNamespace, nameA: string, b: NetNamespace, nameB: string): void {
  const ends = [
    new Veth(a, nameA, a.takeIndex(), 0x020000000000 + a.uid * 256 + a.devices.size),
    new Veth(b, nameB, b.takeIndex(), 0x020000010000 + b.uid * 256 + b.devices.size),
  ] as const;
  pair(ends[0], ends[1]);
  a.register(ends[0]);
  b.register(ends[1]);
  a.setUp(ends[0]);
  b.setUp(ends[1]);
}

/** A route to everywhere. */
export function defaultRoute(net: NetNamespace, device: string, gateway: string): void {
  net.ipv4.main.insert({
    network: 0,
    length: 0,
    tos: 0,
    type: 'unicast',
    scope: SCOPE.global,
    protocol: 'boot',
    priority: 0,
    preferredSource: undefined,
    nexthops: [
      {
        device: net.deviceByName(device) as NonNullable<ReturnType<NetNamespace['deviceByName']>>,
        gateway: ip(gateway),
        weight: 1,
        onlink: false,
        dead: false,
        linkdown: false,
      },
    ],
    metrics: {},
  });
}

/** priv 10.0.0.2 — 10.0.0.1 router 198.51.100.1 — 198.51.100.9 pub; pub knows no way to 10.0.0.0/24. */
export function throughRouter() {
  const kernel = testKernel();
  const [priv, router, pub] = [kernel.newNamespace(), kernel.newNamespace(), kernel.newNamespace()];
  cable(priv, 'eth0', router, 'v0');
  cable(router, 'v1', pub, 'eth0');
  address(priv, 'eth0', '10.0.0.2');
  address(router, 'v0', '10.0.0.1');
  address(router, 'v1', '198.51.100.1');
  address(pub, 'eth0', '198.51.100.9');
  defaultRoute(priv, 'eth0', '10.0.0.1');
  router.sysctl.set('net/ipv4/ip_forward', '1');
  for (const net of [priv, router, pub]) net.setUp(net.loopback);
  const run = (seconds = 1) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);
  return { kernel, priv, router, pub, run };
}

/** A transport header with its payload; checksums right for these addresses. */
export function segment(
  source: string,
  destination: string,
  fields: Partial<tcp.TcpHeader> & { sourcePort: number; destinationPort: number },
  payload = 0,
): Uint8Array {
  const bytes = new Uint8Array(tcp.TCP_HEADER + payload);
  tcp.emitTcp(bytes, 0, {
    sequence: 1,
    acknowledgement: 0,
    flags: tcp.TCP_FLAG.SYN,
    window: 1000,
    urgentPointer: 0,
    options: [],
    ...fields,
  });
  tcp.fillChecksum(bytes, 0, bytes.length, pseudoHeaderIPv4(ip(source), ip(destination), 6, bytes.length));
  return bytes;
}

export function datagram(source: string, destination: string, sourcePort: number, destinationPort: number, payload = 4): Uint8Array {
  const bytes = new Uint8Array(udp.UDP_HEADER + payload);
  udp.emitUdp(bytes, 0, { sourcePort, destinationPort, length: bytes.length });
  udp.fillChecksum(bytes, 0, bytes.length, pseudoHeaderIPv4(ip(source), ip(destination), 17, bytes.length));
  return bytes;
}

export function echo(identifier: number, sequence = 1): Uint8Array {
  const message: Icmp = { kind: 'echo-request', identifier, sequence, data: new Uint8Array(8) };
  const bytes = new Uint8Array(icmpLength(message));
  emitIcmp(bytes, 0, message);
  return bytes;
}

/** Sends a payload of a protocol; the source is the host's own unless given. */
export function send(net: NetNamespace, protocol: number, payload: Uint8Array, to: string, from?: string): string | undefined {
  const socket = new RawSocket(net, protocol);
  if (from) socket.bind(ip(from));
  const failed = socket.send(payload, ip(to));
  socket.close();
  return failed;
}

/** What has come in for a protocol, as `SOURCE:PORT > DESTINATION:PORT` with the checksums looked at. */
export class Ear {
  readonly heard: string[] = [];
  readonly packets: Uint8Array[] = [];

  constructor(net: NetNamespace, protocol: number) {
    const socket = new RawSocket(net, protocol);
    socket.deliver = (_device, skb: Skb) => {
      const packet = skb.bytes.slice(skb.network, skb.end);
      this.packets.push(packet);
      this.heard.push(describe(packet));
    };
  }
}

export function describe(packet: Uint8Array): string {
  const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
  const header = wire.headerLength(packet, 0);
  const protocol = wire.protocol(packet, 0);
  const [source, destination] = [wire.source(packet, 0), wire.destination(packet, 0)];
  const pseudo = pseudoHeaderIPv4(source, destination, protocol, packet.length - header);
  if (!wire.checksumValid(packet, 0)) return 'bad IP checksum';
  if (protocol === 1) return `${dotted(source)} > ${dotted(destination)} type ${packet[header]} code ${packet[header + 1]}`;
  const valid =
    protocol === 6 ? tcp.checksumValid(packet, header, packet.length, pseudo) : udp.checksumValid(packet, header, packet.length, pseudo);
  if (!valid) return 'bad checksum';
  return `${dotted(source)}:${tcp.sourcePort(packet, header)} > ${dotted(destination)}:${tcp.destinationPort(packet, header)}`;
}

/** Texts of a kind of trace event in a namespace. */
export function traced(net: NetNamespace, kind: TraceKindValue): string[] {
  return eventsOf(net, kind).map((event) => event.text);
}

export function eventsOf(net: NetNamespace, kind: TraceKindValue): TraceEvent[] {
  return net.kernel.trace.events().filter((event) => event.kind === kind && event.netns === net.uid);
}

export { TraceKind };
