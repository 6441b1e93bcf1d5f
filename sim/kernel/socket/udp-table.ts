import type { IP } from '../../base/address.ts';
import { TraceKind } from '../../base/trace.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { PROTOCOL } from '../../wire/protocol.ts';
import * as udp from '../../wire/udp.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { type Arrival, arrivalOf, isMulticast, pseudoHeader } from './inet.ts';
import { PortTable } from './ports.ts';
import { error6 } from './raw6.ts';
import { errorOf } from './socket.ts';
import type { IcmpErrorInfo } from './sockets.ts';
import type { UdpSocket } from './udp.ts';

/** UDP of one namespace: its sockets, and which of them gets a datagram (net/ipv4/udp.c, net/ipv6/udp.c). */
export class UdpTable {
  readonly #net: NetNamespace;
  readonly sockets = new Set<UdpSocket>();
  readonly ports: PortTable<UdpSocket>;

  constructor(net: NetNamespace) {
    this.#net = net;
    this.ports = new PortTable(net, 'udp');
  }

  remove(socket: UdpSocket): void {
    this.sockets.delete(socket);
    this.ports.release(socket, socket.localPort);
  }

  /** A datagram for this host (__udp4_lib_rcv, __udp6_lib_rcv); `skb.transport` stands at its header. */
  receive(family: 4 | 6, device: NetDevice, skb: Skb): void {
    const net = this.#net;
    const { bytes, transport, end } = skb;
    const counts = net.counters[family === 6 ? 'udp6' : 'udp'];
    if (end - transport < udp.UDP_HEADER) {
      counts.InErrors++;
      return drop(net, skb, 'PKT_TOO_SMALL');
    }
    const length = udp.length(bytes, transport);
    if (length < udp.UDP_HEADER || length > end - transport) {
      counts.InErrors++;
      return drop(net, skb, 'PKT_TOO_SMALL');
    }
    skb.end = transport + length;
    const from = arrivalOf(family, skb);
    const pseudo = pseudoHeader(from.source, from.destination, PROTOCOL.UDP, length);
    const unchecked = family === 6 && udp.checksum(bytes, transport) === 0;
    if (unchecked || !udp.checksumValid(bytes, transport, skb.end, pseudo)) {
      counts.InCsumErrors++;
      counts.InErrors++;
      return drop(net, skb, 'UDP_CSUM');
    }
    const sourcePort = udp.sourcePort(bytes, transport);
    const port = udp.destinationPort(bytes, transport);
    const kind = family === 4 ? net.ipv4.addressType(from.destination as number) : 'local';
    if (kind === 'broadcast' || isMulticast(from.destination)) return this.#toAll(device, skb, from, sourcePort, port);
    const socket = this.lookup(from.source, sourcePort, from.destination, port, device.ifindex);
    if (socket) return this.#deliver(socket, device, skb, from, sourcePort);
    counts.NoPorts++;
    drop(net, skb, 'NO_SOCKET');
    if (family === 4) net.ipv4.reportError(skb, { kind: 'unreachable', code: icmp.ICMP_UNREACHABLE.Port, mtu: 0 });
    else net.ipv6.reportError(skb, { kind: 'unreachable', code: icmp6.ICMPV6_UNREACHABLE.Port });
  }

  /** The socket that fits best; of several equal ones that share the port, the flow decides (SO_REUSEPORT). */
  lookup(source: IP, sourcePort: number, destination: IP, port: number, ifindex: number): UdpSocket | undefined {
    let best: UdpSocket[] = [];
    let most = -1;
    for (const socket of this.ports.holders(port)) {
      const score = socket.score(source, sourcePort, destination, ifindex);
      if (score < 0 || score < most) continue;
      if (score > most) best = [];
      most = score;
      best.push(socket);
    }
    if (best.length <= 1 || !best[0]?.options.reusePort) return best[best.length - 1];
    return best[flowHash(source, sourcePort, destination, port) % best.length];
  }

  /** Broadcasts and multicasts go to every socket that fits (__udp4_lib_mcast_deliver). */
  #toAll(device: NetDevice, skb: Skb, from: Arrival, sourcePort: number, port: number): void {
    let heard = false;
    for (const socket of [...this.ports.holders(port)]) {
      if (socket.score(from.source, sourcePort, from.destination, device.ifindex) < 0) continue;
      heard = true;
      this.#deliver(socket, device, skb, from, sourcePort);
    }
    if (heard) return;
    this.#net.counters[typeof from.source === 'bigint' ? 'udp6' : 'udp'].IgnoredMulti++;
    drop(this.#net, skb, 'NO_SOCKET');
  }

  #deliver(socket: UdpSocket, device: NetDevice, skb: Skb, from: Arrival, sourcePort: number): void {
    const net = this.#net;
    const counts = net.counters[typeof from.source === 'bigint' ? 'udp6' : 'udp'];
    if (socket.encapsulated) {
      counts.InDatagrams++;
      return socket.encapsulated(skb, from.source);
    }
    net.kernel.trace.emit(TraceKind.Deliver, device.uid, net.uid, skb.packet, PROTOCOL.UDP, 'udp');
    const taken = socket.enqueue({
      data: skb.bytes.slice(skb.transport + udp.UDP_HEADER, skb.end),
      source: from.source,
      sourcePort,
      destination: from.destination,
      ifindex: device.ifindex,
      ttl: from.ttl,
      tos: from.tos,
      time: net.kernel.events.now,
    });
    if (taken) return;
    socket.drops++;
    counts.RcvbufErrors++;
    counts.InErrors++;
    drop(net, skb, 'SOCKET_RCVBUFF');
  }

  /** An ICMP error about a datagram that was sent (__udp4_lib_err). `at` is where the quoted UDP header stands. */
  failed(family: 4 | 6, device: NetDevice, skb: Skb, error: IcmpErrorInfo): void {
    const { bytes, end } = skb;
    let at = error.quoted + ip.headerLength(bytes, error.quoted);
    if (family === 6) {
      const upper = ip6.upperLayer(bytes, error.quoted, end);
      if (isWireError(upper)) return;
      at = upper.offset;
    }
    if (end - at < udp.UDP_HEADER) return;
    const sender = family === 6 ? ip6.source(bytes, error.quoted) : ip.source(bytes, error.quoted);
    const destination = family === 6 ? ip6.destination(bytes, error.quoted) : ip.destination(bytes, error.quoted);
    const port = udp.destinationPort(bytes, at);
    const socket = this.lookup(destination, port, sender, udp.sourcePort(bytes, at), device.ifindex);
    if (!socket) return;
    const meaning = family === 6 ? error6(error.type, error.code) : errorOf(error.type, error.code);
    let { hard } = meaning;
    if (meaning.errno === 'EMSGSIZE') {
      // The path's MTU has been learned; only those who said that nothing may be fragmented hear of it.
      if (socket.options.pathMtuDiscovery === 'dont') return;
      hard = true;
      if (!socket.options.receiveErrors && socket.options.pathMtuDiscovery === 'want') return;
    }
    if (socket.options.receiveErrors) {
      const arrival = arrivalOf(family, skb);
      socket.enqueueError({
        errno: meaning.errno,
        origin: family === 6 ? 'icmp6' : 'icmp',
        type: error.type,
        code: error.code,
        info: error.info,
        offender: arrival.source,
        ttl: arrival.ttl,
        destination,
        destinationPort: port,
        data: bytes.slice(at + udp.UDP_HEADER, end),
      });
    } else if (!hard || socket.remote === undefined) return;
    socket.pendingError = meaning.errno;
    socket.onReadable();
    socket.onWritable();
  }

  closeAll(): void {
    for (const socket of [...this.sockets]) socket.close();
  }
}

/** Which of several sockets a flow goes to; that it stays there is Linux's, the arithmetic is ours. */
export function flowHash(source: IP, sourcePort: number, destination: IP, port: number): number {
  let hash = (sourcePort << 16) ^ port;
  for (const address of [source, destination]) {
    const word =
      typeof address === 'bigint' ? Number((address ^ (address >> 32n) ^ (address >> 64n) ^ (address >> 96n)) & 0xffff_ffffn) : address;
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}
