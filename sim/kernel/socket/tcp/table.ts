import type { IP } from '../../../base/address.ts';
import { TraceKind } from '../../../base/trace.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { NetDevice } from '../../dev/device.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { arrivalOf, pseudoHeader } from '../inet.ts';
import { type PortHolder, PortTable, receives } from '../ports.ts';
import { flowHash } from '../udp-table.ts';
import { endConnection } from './end.ts';
import { receiveListening, stopListening } from './listen.ts';
import type { Request } from './request.ts';
import { tcpProtocol } from './protocol.ts';
import { resetFor } from './reset.ts';
import { TcpMetricsCache } from './metrics.ts';
import { parseSegment, type Segment } from './segment.ts';
import type { TcpSocket } from './socket.ts';
import type { TimeWait } from './time-wait.ts';
import { tupleKey } from './transmit.ts';

/** What a connection's segments go to. */
type Endpoint = TcpSocket | Request | TimeWait;

/** Who has a local port: sockets, and what waits for latecomers. */
type TcpHolder = PortHolder & { readonly bound?: boolean };

/** TCP of one namespace: its connections and listeners, and which of them gets a segment (inet_hashtables). */
export class TcpTable {
  readonly #net: NetNamespace;
  /** Every socket that a descriptor refers to or that still has something to do. */
  readonly sockets = new Set<TcpSocket>();
  readonly ports: PortTable<TcpHolder>;
  readonly #connections = new Map<string, Endpoint>();
  readonly protocol = tcpProtocol;
  readonly metrics = new TcpMetricsCache();
  /** Connections begun, so that one after another takes another port. */
  connects = 0;

  constructor(net: NetNamespace) {
    this.#net = net;
    this.ports = new PortTable(net, 'tcp');
  }

  /** Connections of every kind that are not in `sockets`: handshakes under way and what waits for latecomers. */
  get others(): (Request | TimeWait)[] {
    return [...this.#connections.values()].filter((each): each is Request | TimeWait => !this.sockets.has(each as TcpSocket));
  }

  find(local: IP, localPort: number, remote: IP, remotePort: number): Endpoint | undefined {
    return this.#connections.get(tupleKey(local, localPort, remote, remotePort));
  }

  /** @returns false when there is such a connection; one in TIME-WAIT makes room (tcp_twsk_unique) */
  addConnection(socket: TcpSocket): boolean {
    return this.#add(socket, socket.local as IP, socket.remote as IP);
  }

  addRequest(request: Request): boolean {
    return this.#add(request, request.local, request.remote);
  }

  addTimeWait(wait: TimeWait): void {
    if (this.#add(wait, wait.local, wait.remote)) this.ports.hold(wait, wait.localPort);
  }

  #add(endpoint: Endpoint, local: IP, remote: IP): boolean {
    const key = tupleKey(local, endpoint.localPort, remote, endpoint.remotePort);
    if (this.#connections.has(key)) return false;
    this.#connections.set(key, endpoint);
    return true;
  }

  removeConnection(socket: TcpSocket): void {
    if (socket.local === undefined || socket.remote === undefined) return;
    const key = tupleKey(socket.local, socket.localPort, socket.remote, socket.remotePort);
    if (this.#connections.get(key) === socket) this.#connections.delete(key);
  }

  removeRequest(request: Request): void {
    const key = tupleKey(request.local, request.localPort, request.remote, request.remotePort);
    if (this.#connections.get(key) === request) this.#connections.delete(key);
  }

  removeTimeWait(wait: TimeWait): void {
    const key = tupleKey(wait.local, wait.localPort, wait.remote, wait.remotePort);
    if (this.#connections.get(key) !== wait) return;
    this.#connections.delete(key);
    this.ports.release(wait, wait.localPort);
  }

  /** Nobody refers to the socket any more. */
  forget(socket: TcpSocket): void {
    this.sockets.delete(socket);
    this.removeConnection(socket);
    if (socket.localPort !== 0) this.ports.release(socket, socket.localPort);
  }

  /** A segment for this host (tcp_v4_rcv, tcp_v6_rcv); `skb.transport` stands at its header. */
  receive(family: 4 | 6, device: NetDevice, skb: Skb): void {
    const net = this.#net;
    if (skb.packetType !== 'host') return drop(net, skb, 'OTHERHOST');
    const counts = net.counters.tcp;
    counts.InSegs++;
    const from = arrivalOf(family, skb);
    const segment = parseSegment(from, device, skb);
    if (!segment) {
      counts.InErrs++;
      return drop(net, skb, 'PKT_TOO_SMALL');
    }
    const pseudo = pseudoHeader(from.source, from.destination, PROTOCOL.TCP, skb.end - skb.transport);
    if (!tcp.checksumValid(skb.bytes, skb.transport, skb.end, pseudo)) {
      counts.InCsumErrors++;
      counts.InErrs++;
      return drop(net, skb, 'TCP_CSUM');
    }
    this.dispatch(segment);
  }

  /** Hands a segment to its connection, else to a listener, else refuses it. @param sequence for a new connection to start from */
  dispatch(segment: Segment, sequence?: number): void {
    const net = this.#net;
    const { skb, device } = segment;
    const endpoint = this.find(segment.destination, segment.destinationPort, segment.source, segment.sourcePort);
    const socket = endpoint ?? this.listener(segment);
    if (!socket) {
      drop(net, skb, 'NO_SOCKET');
      return resetFor(net, segment);
    }
    net.kernel.trace.emit(TraceKind.Deliver, device.uid, net.uid, skb.packet, PROTOCOL.TCP, 'tcp');
    if (sequence !== undefined && !endpoint) return receiveListening(socket as TcpSocket, segment, sequence);
    socket.segment(segment);
  }

  /** The listener that fits best (inet_lhash2_lookup): a specific address before the wildcard, IPv4 before dual-stack. */
  listener(segment: Pick<Segment, 'source' | 'sourcePort' | 'destination' | 'destinationPort' | 'device'>): TcpSocket | undefined {
    const family = typeof segment.destination === 'bigint' ? 6 : 4;
    let best: TcpSocket[] = [];
    let most = -1;
    for (const holder of this.ports.holders(segment.destinationPort)) {
      if (!holder.listening || !receives(holder, family)) continue;
      if (holder.local !== undefined && holder.local !== segment.destination) continue;
      const { boundDevice } = holder.options;
      if (boundDevice !== 0 && boundDevice !== segment.device.ifindex) continue;
      const score = (holder.local !== undefined ? 8 : 0) + (boundDevice !== 0 ? 4 : 0) + (holder.family === 4 ? 1 : 0);
      if (score < most) continue;
      if (score > most) best = [];
      most = score;
      best.push(holder as TcpSocket);
    }
    if (best.length <= 1) return best[0];
    return best[flowHash(segment.source, segment.sourcePort, segment.destination, segment.destinationPort) % best.length];
  }

  /** The namespace is gone: nothing is said to anybody any more. */
  closeAll(): void {
    for (const endpoint of [...this.#connections.values()])
      if (!this.sockets.has(endpoint as TcpSocket)) (endpoint as Request | TimeWait).end();
    for (const socket of [...this.sockets]) {
      if (socket.state === 'LISTEN') stopListening(socket);
      else endConnection(socket);
      this.forget(socket);
    }
  }
}
