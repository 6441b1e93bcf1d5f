import type { IP } from '../../../base/address.ts';
import type { Timer } from '../../../base/events.ts';
import { type Micros, MILLISECOND, SECOND } from '../../../base/time.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import type { TcpOptions } from '../../../wire/tcp.ts';
import { drop } from '../../drop.ts';
import { routeTo, type Way } from '../inet.ts';
import { answer, initialSequence, initialWindow, timestamp, timestampOffset, windowScale, TIMESTAMP_LENGTH } from './options.ts';
import { resetFor } from './reset.ts';
import { RTO_MAX } from './rtt.ts';
import { has, type Segment, TCP_FLAG } from './segment.ts';
import { add, after, before } from './sequence.ts';
import { TcpSocket } from './socket.ts';
import { transmitSegment } from './transmit.ts';
import { finishHandshake, learnPeer } from './syn-sent.ts';
import { synchroniseMss } from './window.ts';

/** A handshake that a listener has answered and the peer has not yet finished (struct tcp_request_sock). */
export class Request {
  readonly state = 'SYN-RECV';
  readonly listener: TcpSocket;
  readonly local: IP;
  readonly localPort: number;
  readonly remote: IP;
  readonly remotePort: number;
  readonly #syn: Segment;
  readonly #sequence: number;
  readonly #offset: number;
  readonly #window: number;
  readonly #mss: number;
  readonly #flowLabel: number;
  #timer: Timer | undefined;
  #sent: Micros = 0;
  retries = 0;

  private constructor(listener: TcpSocket, syn: Segment, way: Way, sequence: number | undefined) {
    const { net } = listener;
    this.listener = listener;
    this.local = syn.destination;
    this.localPort = syn.destinationPort;
    this.remote = syn.source;
    this.remotePort = syn.sourcePort;
    this.#syn = syn;
    this.#sequence = sequence ?? initialSequence(net, this.local, this.localPort, this.remote, this.remotePort);
    this.#offset = timestampOffset(net, this.local, this.remote);
    this.#mss = way.advmss;
    const stamps = syn.options.timestamps !== undefined && net.ipv4.settings.tcp_timestamps !== 0;
    this.#window = initialWindow(net, way.advmss - (stamps ? TIMESTAMP_LENGTH : 0));
    this.#flowLabel = net.kernel.random(`flowlabel/${this.local}/${this.localPort}/${this.remote}/${this.remotePort}`).below(0x100000);
  }

  /** Answers a SYN and waits (tcp_conn_request). */
  static begin(listener: TcpSocket, syn: Segment, sequence?: number): void {
    const way = routeBack(listener, syn);
    if (typeof way === 'string') return drop(listener.net, syn.skb, 'IP_OUTNOROUTES');
    const request = new Request(listener, syn, way, sequence);
    if (!listener.net.sockets.tcp.addRequest(request)) return;
    listener.requests.add(request);
    request.#answer(way);
    request.#arm(SECOND);
  }

  end(): void {
    this.listener.net.kernel.events.cancel(this.#timer);
    this.listener.requests.delete(this);
    this.listener.net.sockets.tcp.removeRequest(this);
  }

  get #options(): TcpOptions {
    const { net } = this.listener;
    return answer(net, this.#syn.options, this.#mss, timestamp(net, this.#offset));
  }

  #answer(way: Way): void {
    const { listener } = this;
    this.#sent = listener.now;
    transmitSegment(
      listener.net,
      way,
      {
        sourcePort: this.localPort,
        destinationPort: this.remotePort,
        sequence: this.#sequence,
        acknowledgement: add(this.#syn.sequence, 1),
        flags: TCP_FLAG.SYN | TCP_FLAG.ACK,
        window: this.#window,
        options: this.#options,
      },
      { identification: 0, ttl: listener.options.ttl, tos: listener.options.tos, flowLabel: this.#flowLabel },
      { mark: listener.options.mark, socket: listener },
    );
  }

  /** The SYN-ACK goes out again after 1 s and then twice the time each, net.ipv4.tcp_synack_retries times (reqsk_timer_handler). */
  #arm(delay: Micros): void {
    const { net } = this.listener;
    this.#timer = net.kernel.events.after(delay, 'tcp syn-ack', () => {
      if (this.retries >= net.ipv4.settings.tcp_synack_retries) return this.end();
      this.retries++;
      const way = routeBack(this.listener, this.#syn);
      if (typeof way !== 'string') this.#answer(way);
      this.#arm(Math.min(RTO_MAX, delay * 2));
    });
  }

  /** The third segment of the handshake, if all is well (tcp_check_req). */
  segment(segment: Segment): void {
    const { net } = this.listener;
    const next = add(this.#syn.sequence, 1);
    if (segment.sequence === this.#syn.sequence && (segment.flags & (TCP_FLAG.SYN | TCP_FLAG.RST | TCP_FLAG.ACK)) === TCP_FLAG.SYN) {
      // The same SYN again: our answer was lost.
      const way = routeBack(this.listener, this.#syn);
      if (typeof way !== 'string') this.#answer(way);
      return;
    }
    if (has(segment, 'ACK') && segment.acknowledgement !== add(this.#sequence, 1)) {
      drop(net, segment.skb, 'TCP_INVALID_ACK_SEQUENCE');
      return resetFor(net, segment);
    }
    if (before(segment.end, next) || after(segment.sequence, add(next, this.#window)))
      return drop(net, segment.skb, 'TCP_INVALID_SEQUENCE');
    if (has(segment, 'RST')) {
      net.counters.countTcp('EmbryonicRsts');
      net.counters.tcp.AttemptFails++;
      drop(net, segment.skb, 'TCP_RESET');
      return this.end();
    }
    if (has(segment, 'SYN')) {
      drop(net, segment.skb, 'TCP_INVALID_SYN');
      this.end();
      return resetFor(net, segment);
    }
    if (!has(segment, 'ACK')) return drop(net, segment.skb, 'TCP_FLAGS');
    this.#establish(segment);
  }

  /** Makes the connection (tcp_v4_syn_recv_sock); it waits to be accepted. */
  #establish(segment: Segment): void {
    const { listener } = this;
    const { net } = listener;
    // The listener's queue is full: the segment is as good as lost, and our SYN-ACK will come again.
    if (listener.accepted.length > listener.backlog) {
      net.counters.countTcp('ListenOverflows');
      net.counters.countTcp('ListenDrops');
      return drop(net, segment.skb, 'TCP_LISTEN_OVERFLOW');
    }
    const way = routeBack(listener, this.#syn);
    if (typeof way === 'string') return drop(net, segment.skb, 'IP_OUTNOROUTES');
    this.end();
    const child = new TcpSocket(net, listener.family);
    Object.assign(child.options, listener.options, { priority: 0 });
    child.linger = listener.linger;
    child.local = this.local;
    child.localPort = this.localPort;
    child.remote = this.remote;
    child.remotePort = this.remotePort;
    child.announcedMss = this.#mss;
    child.timestampOffset = this.#offset;
    child.flowLabel = this.#flowLabel;
    child.identification = net.kernel.random(`tcp/id/${net.uid}/${this.localPort}/${this.remotePort}/${child.now}`).below(65_536);
    child.unacknowledged = add(this.#sequence, 1);
    child.sendNext = child.unacknowledged;
    child.sending.start = child.unacknowledged;
    child.receiveWindow = this.#window;
    child.receiveScale = this.#options.windowScale === undefined ? 0 : windowScale(net);
    child.pathMtu = way.mtu;
    // The SYN.
    child.info.segmentsIn = 1;
    learnPeer(child, this.#syn);
    child.sendWindow = segment.window << child.sendScale;
    child.maxSendWindow = child.sendWindow;
    child.windowUpdate = segment.sequence;
    synchroniseMss(child, way.mtu);
    const echo = segment.options.timestamps?.echo;
    if (this.retries === 0) child.roundTrip.measure(child.now - this.#sent);
    else if (child.timestamps && echo) child.roundTrip.measure(Math.max(0, (child.clock - echo) | 0) * MILLISECOND);
    child.totalRetransmitted = this.retries;
    finishHandshake(child);
    const { tcp } = net.sockets;
    tcp.addConnection(child);
    net.counters.tcp.PassiveOpens++;
    tcp.ports.hold(child, child.localPort);
    listener.accepted.push(child);
    child.segment(segment);
    listener.onReadable();
  }
}

function routeBack(listener: TcpSocket, syn: Segment): Way | string {
  const linkLocal = typeof syn.source === 'bigint' && syn.source >> 118n === 0x3fan;
  return routeTo(
    listener.net,
    {
      destination: syn.source,
      source: syn.destination,
      protocol: PROTOCOL.TCP,
      sourcePort: syn.destinationPort,
      destinationPort: syn.sourcePort,
      ...(linkLocal ? { oif: syn.device.ifindex } : {}),
    },
    listener.options,
  );
}
