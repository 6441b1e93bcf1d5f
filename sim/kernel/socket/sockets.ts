import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { PingSocket } from './ping.ts';
import type { RawSocket } from './raw.ts';
import type { Socket } from './socket.ts';

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
  readonly ping = new Set<PingSocket>();
  /** Receivers by IP protocol number, beyond ICMP. */
  readonly protocols = new Map<number, TransportHandler>();
  readonly errors = new Map<number, TransportErrorHandler>();
  nextPingIdentifier: number;

  constructor(net: NetNamespace) {
    this.net = net;
    this.nextPingIdentifier = 1 + net.kernel.random(`ping/${net.uid}`).below(60_000);
  }

  /** Gives raw sockets their copies. Returns whether any wanted one. */
  deliverRaw(family: 4 | 6, protocol: number, device: NetDevice, skb: Skb): boolean {
    if (this.raw.size === 0 || family === 6) return false;
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

  /** The namespace is gone. */
  closeAll(): void {
    for (const socket of [...this.raw, ...this.ping] as Socket[]) socket.close();
  }
}
