import type { IP } from '../../../base/address.ts';
import type { Timer } from '../../../base/events.ts';
import { SECOND } from '../../../base/time.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import { routeTo } from '../inet.ts';
import type { PortHolder } from '../ports.ts';
import type { SocketOptions } from '../socket.ts';
import { endConnection } from './end.ts';
import { has, type Segment, TCP_FLAG } from './segment.ts';
import { add, after, before } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { resetFor } from './reset.ts';
import { timestamp } from './options.ts';
import { transmitSegment } from './transmit.ts';
import { openWindow } from './window.ts';

/** TCP_TIMEWAIT_LEN. */
const TIME_WAIT = 60 * SECOND;

/** What is left of a connection that this side closed first (struct tcp_timewait_sock): enough to answer latecomers. */
export class TimeWait implements PortHolder {
  readonly net: NetNamespace;
  readonly family: 4 | 6;
  readonly local: IP;
  readonly localPort: number;
  readonly remote: IP;
  readonly remotePort: number;
  readonly options: SocketOptions;
  state: 'TIME-WAIT' | 'FIN-WAIT-2';
  readonly sendNext: number;
  receiveNext: number;
  readonly #window: number;
  readonly #scale: number;
  readonly #timestamps: boolean;
  readonly #offset: number;
  #recent: number;
  readonly #flowLabel: number;
  #timer: Timer | undefined;
  /** When it ends. */
  expires = 0;

  constructor(socket: TcpSocket, state: 'TIME-WAIT' | 'FIN-WAIT-2') {
    this.net = socket.net;
    this.family = socket.family;
    this.local = socket.local as IP;
    this.localPort = socket.localPort;
    this.remote = socket.remote as IP;
    this.remotePort = socket.remotePort;
    this.options = { ...socket.options };
    this.state = state;
    this.sendNext = socket.sendNext;
    this.receiveNext = socket.receiveNext;
    this.#window = openWindow(socket);
    this.#scale = socket.receiveScale;
    this.#timestamps = socket.timestamps;
    this.#offset = socket.timestampOffset;
    this.#recent = socket.recentTimestamp;
    this.#flowLabel = socket.flowLabel;
    this.#wait(state === 'FIN-WAIT-2' ? this.net.ipv4.settings.tcp_fin_timeout * SECOND : TIME_WAIT);
  }

  #wait(duration: number): void {
    const { events } = this.net.kernel;
    events.cancel(this.#timer);
    this.expires = events.now + duration;
    this.#timer = events.after(duration, 'tcp time-wait', () => this.end(), true);
  }

  end(): void {
    this.net.kernel.events.cancel(this.#timer);
    this.net.sockets.tcp.removeTimeWait(this);
  }

  /** tcp_timewait_state_process. */
  segment(segment: Segment): void {
    const stale = this.#timestamps && segment.options.timestamps !== undefined && before(segment.options.timestamps.value, this.#recent);
    if (this.state === 'FIN-WAIT-2') return this.#awaitingFin(segment, stale);
    const empty = segment.sequence === segment.end;
    if (!stale && segment.sequence === this.receiveNext && (empty || has(segment, 'RST'))) {
      if (has(segment, 'RST')) return this.end();
      return this.#wait(TIME_WAIT);
    }
    if (has(segment, 'SYN') && !has(segment, 'RST') && !has(segment, 'ACK') && !stale && this.#isNewer(segment))
      return this.#restart(segment);
    if (has(segment, 'RST')) return drop(this.net, segment.skb, 'TCP_RESET');
    if (has(segment, 'ACK')) this.#wait(TIME_WAIT);
    this.#acknowledge();
  }

  #awaitingFin(segment: Segment, stale: boolean): void {
    const inWindow = !before(segment.end, this.receiveNext) && !after(segment.sequence, add(this.receiveNext, this.#window));
    if (stale || !inWindow) return has(segment, 'RST') ? undefined : this.#acknowledge();
    if (has(segment, 'RST')) return this.end();
    if (has(segment, 'SYN')) return resetFor(this.net, segment);
    if (!has(segment, 'ACK') || !after(segment.end, this.receiveNext) || segment.end === segment.sequence) return;
    if (!has(segment, 'FIN') || segment.end !== add(this.receiveNext, 1)) {
      // Data that nobody will read.
      this.end();
      return resetFor(this.net, segment);
    }
    this.state = 'TIME-WAIT';
    this.receiveNext = segment.end;
    if (segment.options.timestamps) this.#recent = segment.options.timestamps.value;
    this.#wait(TIME_WAIT);
    this.#acknowledge();
  }

  /** A SYN that can't be an old one opens the connection anew (RFC 6191). */
  #isNewer(segment: Segment): boolean {
    const stamp = segment.options.timestamps;
    return after(segment.sequence, this.receiveNext) || (this.#timestamps && stamp !== undefined && after(stamp.value, this.#recent));
  }

  #restart(segment: Segment): void {
    const { tcp } = this.net.sockets;
    this.end();
    tcp.dispatch(segment, add(this.sendNext, 65_535 + 2));
  }

  #acknowledge(): void {
    const { net, local, localPort, remote, remotePort } = this;
    const way = routeTo(
      net,
      { destination: remote, source: local, protocol: PROTOCOL.TCP, sourcePort: localPort, destinationPort: remotePort },
      this.options,
    );
    if (typeof way === 'string') return;
    const options = this.#timestamps ? { timestamps: { value: timestamp(net, this.#offset), echo: this.#recent } } : {};
    transmitSegment(
      net,
      way,
      {
        sourcePort: localPort,
        destinationPort: remotePort,
        sequence: this.sendNext,
        acknowledgement: this.receiveNext,
        flags: TCP_FLAG.ACK,
        window: this.#window >> this.#scale,
        options,
      },
      { identification: 0, ttl: undefined, tos: this.options.tos, flowLabel: this.#flowLabel },
      { mark: 0, socket: undefined },
    );
  }
}

/** Leaves the small entry in the connection's place (tcp_time_wait). */
export function enterTimeWait(socket: TcpSocket, state: 'TIME-WAIT' | 'FIN-WAIT-2' = 'TIME-WAIT'): void {
  const { tcp } = socket.net.sockets;
  const wait = new TimeWait(socket, state);
  tcp.metrics.update(socket);
  socket.net.counters.countTcp('TW');
  endConnection(socket);
  tcp.addTimeWait(wait);
}
