import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { PacketSocket } from './packet.ts';
import type { PingSocket } from './ping.ts';
import type { RawSocket } from './raw.ts';
import type { RawSocket6 } from './raw6.ts';
import type { Socket } from './socket.ts';
import { receiveError } from './tcp/errors.ts';
import { TcpTable } from './tcp/table.ts';
import { UdpTable } from './udp-table.ts';
import type { UnixSocket, UnixType } from './unix.ts';

/** An ICMP error as it is handed to the socket that caused it; `quoted` is the offset of the quoted packet's IP header. */
export interface IcmpErrorInfo {
  type: number;
  code: number;
  info: number;
  quoted: number;
}

/** A transport protocol's receiver; `skb.transport` stands at its header. */
export type TransportHandler = (device: NetDevice, skb: Skb) => void;
export type TransportErrorHandler = (device: NetDevice, skb: Skb, error: IcmpErrorInfo) => void;

/** The sockets of one namespace, and who gets what. */
export class Sockets {
  readonly net: NetNamespace;
  readonly raw = new Set<RawSocket>();
  readonly raw6 = new Set<RawSocket6>();
  readonly ping = new Set<PingSocket>();
  #packet: Set<PacketSocket> | undefined;
  #unix: Set<UnixSocket> | undefined;
  readonly udp: UdpTable;
  readonly tcp: TcpTable;
  /** Receivers by IP protocol number, beyond ICMP. */
  readonly protocols = new Map<number, TransportHandler>();
  readonly errors = new Map<number, TransportErrorHandler>();
  /** The same above IPv6. */
  readonly protocols6 = new Map<number, TransportHandler>();
  readonly errors6 = new Map<number, TransportErrorHandler>();
  nextPingIdentifier: number;

  get packet(): Set<PacketSocket> {
    this.#packet ??= new Set();
    return this.#packet;
  }

  get unix(): Set<UnixSocket> {
    this.#unix ??= new Set();
    return this.#unix;
  }

  constructor(net: NetNamespace) {
    this.net = net;
    this.udp = new UdpTable(net);
    this.tcp = new TcpTable(net);
    const { TCP, UDP } = ip.PROTOCOL;
    this.protocols.set(TCP, (device, skb) => this.tcp.receive(4, device, skb)).set(UDP, (device, skb) => this.udp.receive(4, device, skb));
    this.protocols6.set(TCP, (device, skb) => this.tcp.receive(6, device, skb)).set(UDP, (device, skb) => this.udp.receive(6, device, skb));
    this.errors
      .set(TCP, (_, skb, error) => receiveError(net, 4, skb, error))
      .set(UDP, (device, skb, error) => this.udp.failed(4, device, skb, error));
    this.errors6
      .set(TCP, (_, skb, error) => receiveError(net, 6, skb, error))
      .set(UDP, (device, skb, error) => this.udp.failed(6, device, skb, error));
    this.nextPingIdentifier = 1 + net.kernel.random(`ping/${net.uid}`).below(60_000);
  }

  /** Gives raw sockets their copies. Returns whether any wanted one. */
  deliverRaw(family: 4 | 6, protocol: number, device: NetDevice, skb: Skb): boolean {
    if (family === 6) return this.#deliverRaw6(protocol, device, skb);
    if (this.raw.size === 0) return false;
    const source = ip.source(skb.bytes, skb.network);
    const destination = ip.destination(skb.bytes, skb.network);
    let heard = false;
    for (const socket of this.raw) {
      if (!socket.matches(protocol, source, destination, device)) continue;
      heard = true;
      socket.deliver(device, skb);
    }
    return heard;
  }

  #deliverRaw6(protocol: number, device: NetDevice, skb: Skb): boolean {
    let heard = false;
    for (const socket of this.raw6) {
      if (!socket.matches(protocol, ip6.source(skb.bytes, skb.network), ip6.destination(skb.bytes, skb.network), device)) continue;
      heard = true;
      socket.deliver(device, skb);
    }
    return heard;
  }

  /** An echo reply, to the ping socket with its identifier. */
  deliverPing(_family: 4 | 6, device: NetDevice, skb: Skb): void {
    const { bytes, network, transport } = skb;
    const identifier = icmp.identifier(bytes, transport);
    let heard = this.raw.size > 0;
    for (const socket of this.ping) {
      if (!socket.matches(ip.source(bytes, network), ip.destination(bytes, network), identifier, device)) continue;
      socket.deliver(device, skb);
      heard = true;
      break;
    }
    if (!heard) drop(this.net, skb, 'NO_SOCKET');
  }

  /** An ICMP error, to whoever sent what it quotes. */
  deliverError(_family: 4 | 6, device: NetDevice, skb: Skb, error: IcmpErrorInfo): void {
    const { bytes } = skb;
    const protocol = ip.protocol(bytes, error.quoted);
    const source = ip.source(bytes, error.quoted);
    const destination = ip.destination(bytes, error.quoted);
    for (const socket of this.raw) if (socket.matches(protocol, destination, source, device)) socket.failed(skb, error);
    if (protocol === ip.PROTOCOL.ICMP) {
      const at = error.quoted + ip.headerLength(bytes, error.quoted);
      if (skb.end - at < icmp.ICMP_HEADER) return;
      for (const socket of this.ping)
        if (socket.matches(destination, source, icmp.identifier(bytes, at), device)) socket.failed(skb, error);
      return;
    }
    this.errors.get(protocol)?.(device, skb, error);
  }

  /** An ICMPv6 error; `upper` is where the quoted packet's transport header stands. */
  deliverError6(device: NetDevice, skb: Skb, error: IcmpErrorInfo, upper: ip6.UpperLayer): void {
    const source = ip6.source(skb.bytes, error.quoted);
    const destination = ip6.destination(skb.bytes, error.quoted);
    for (const socket of this.raw6)
      if (socket.matches(upper.protocol, destination, source, device)) socket.failed(device, skb, error, upper.offset);
    this.errors6.get(upper.protocol)?.(device, skb, error);
  }

  /** The socket with an abstract name (`@name`), which is known in this namespace only. */
  unixByAbstractName(name: string, type: UnixType): UnixSocket | undefined {
    for (const socket of this.unix)
      if (socket.name === name && socket.type === type && (type === 'dgram' || socket.state !== 'ESTAB')) return socket;
    return undefined;
  }

  /** The namespace is gone. */
  closeAll(): void {
    for (const socket of [...this.raw, ...this.raw6, ...this.ping] as Socket[]) socket.close();
    this.udp.closeAll();
    this.tcp.closeAll();
  }
}
