import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import type { Timer } from '../../../base/events.ts';
import { MILLISECOND, type Micros } from '../../../base/time.ts';
import type { NetNamespace } from '../../netns.ts';
import { isUnspecified, mayBind, unmapped } from '../inet.ts';
import { Socket } from '../socket.ts';
import { Congestion } from './congestion.ts';
import { DEFAULT_MSS, receiveBuffer, SEND_BUFFER } from './options.ts';
import { ReceiveQueue } from './receive-queue.ts';
import type { Request } from './request.ts';
import { RoundTrip } from './rtt.ts';
import type { Segment } from './segment.ts';
import type { Stretch } from './selective.ts';
import { SendQueue } from './send-queue.ts';
import type { TcpState } from './states.ts';

/**
 * What the protocol does with a control block. The parts know the block and not the other way round; `protocol.ts` puts them together.
 */
export interface TcpProtocol {
  connect(socket: TcpSocket, peer: IP, port: number): Errno;
  push(socket: TcpSocket): void;
  afterReading(socket: TcpSocket, copied: number): void;
  shutdownSending(socket: TcpSocket): void;
  close(socket: TcpSocket): void;
  stopListening(socket: TcpSocket): void;
  receive(socket: TcpSocket, segment: Segment): void;
  keepAliveChanged(socket: TcpSocket): void;
  retransmitTimeout(socket: TcpSocket): void;
  probe(socket: TcpSocket): void;
}

/**
 * A TCP socket of either family (tcp(7)). This class is the control block and what system calls do; each part of the protocol has a
 * file of its own and works on it.
 */
export class TcpSocket extends Socket {
  override readonly family: 4 | 6;
  state: TcpState = 'UNCONN';
  local: IP | undefined;
  localPort = 0;
  remote: IP | undefined;
  remotePort = 0;
  /** bind(2) has given the port, so that connect(2) keeps it. */
  bound = false;

  // ---- sending ----------------------------------------------------------------------------------------------------------
  /** The first sequence number not acknowledged. */
  unacknowledged = 0;
  sendNext = 0;
  readonly sending = new SendQueue();
  /** The application is done; a FIN follows the last byte. */
  finQueued = false;
  /** The peer's window, scaled. */
  sendWindow = 0;
  maxSendWindow = 0;
  /** Of the segment that set the window last (SND.WL1). */
  windowUpdate = 0;
  /** The end of the last segment below full size (snd_sml, for Minshall's variant of Nagle's algorithm). */
  lastSmall = 0;
  lastPushed = 0;
  sendScale = 0;
  identification = 0;
  flowLabel = 0;

  // ---- receiving --------------------------------------------------------------------------------------------------------
  receiveNext = 0;
  /** What the last acknowledgement said was expected (rcv_wup). */
  acknowledged = 0;
  receiveWindow = 0;
  receiveScale = 0;
  /** Half of the buffer is for payload, the rest for what the kernel needs around it (tcp_win_from_space). */
  readonly receiveSpace: number;
  /** The window is not to grow beyond this (rcv_ssthresh). */
  windowLimit = 0;
  readonly receiving = new ReceiveQueue();
  receiveShut = false;
  sendShut = false;
  /** Where the peer's FIN stands, once it has been seen. */
  finAt: number | undefined;
  finReceived = false;

  // ---- options ----------------------------------------------------------------------------------------------------------
  /** What this side announces. */
  announcedMss = DEFAULT_MSS;
  /** What the peer announces. */
  peerMss = DEFAULT_MSS;
  /** Payload of a full segment. */
  mss = DEFAULT_MSS;
  pathMtu = 0;
  timestamps = false;
  timestampOffset = 0;
  /** The peer's timestamp to echo. */
  recentTimestamp = 0;
  sack = false;
  /** What has come a second time, to be told in the next segment (duplicate_sack, RFC 2883). */
  receivedTwice: Stretch | undefined;

  // ---- timers -----------------------------------------------------------------------------------------------------------
  readonly roundTrip = new RoundTrip();
  readonly congestion = new Congestion();
  duplicates = 0;
  /** Retransmissions of the same segment so far. */
  retransmits = 0;
  /** Doublings of the pause between probes of a closed window, and of the retransmission timeout since it was last measured. */
  backoff = 0;
  doublings = 0;
  probes = 0;
  totalRetransmitted = 0;
  retransmitTimer: Timer | undefined;
  probeTimer: Timer | undefined;
  delayTimer: Timer | undefined;
  keepAliveTimer: Timer | undefined;
  keepAliveProbes = 0;
  lastReceived: Micros = 0;
  lastChallenge = Number.NEGATIVE_INFINITY;
  /** What has passed so far, for `ss -i` (struct tcp_info). */
  readonly info = {
    bytesSent: 0,
    bytesAcked: 0,
    bytesReceived: 0,
    bytesRetransmitted: 0,
    segmentsOut: 0,
    segmentsIn: 0,
    dataSegmentsOut: 0,
    dataSegmentsIn: 0,
    /** Segments that have arrived, the SYN among them. */
    delivered: 1,
    lastSent: 0 as Micros,
    lastDataReceived: 0 as Micros,
    lastAcknowledged: 0 as Micros,
  };
  /** Delayed acknowledgements (inet_connection_sock.icsk_ack). */
  readonly delay = {
    quick: 0,
    interactive: false,
    timeout: 0 as Micros,
    lastData: 0 as Micros,
    segment: DEFAULT_MSS,
    scheduled: false,
    now: false,
    pushed: false,
  };

  // ---- listening --------------------------------------------------------------------------------------------------------
  backlog = 0;
  readonly accepted: TcpSocket[] = [];
  /** Handshakes under way. */
  readonly requests = new Set<Request>();

  /** SO_LINGER: `undefined` for off; 0 resets the connection on close. */
  linger: number | undefined;
  /** No descriptor refers to it any more. */
  orphan = false;
  /** An error that only counts if the connection doesn't come about or breaks (sk_err_soft). */
  softError: Errno | undefined;
  /** It once had a connection, whose end reading reports. */
  done = false;

  constructor(net: NetNamespace, family: 4 | 6) {
    super(net);
    this.family = family;
    this.receiveSpace = receiveBuffer(net) >> 1;
    if (family === 6) this.options.v6Only = net.ipv6.settings.bindv6only !== 0;
    net.sockets.tcp.sockets.add(this);
  }

  get protocol(): TcpProtocol {
    return this.net.sockets.tcp.protocol;
  }

  get now(): Micros {
    return this.net.kernel.events.now;
  }

  get listening(): boolean {
    return this.state === 'LISTEN';
  }

  /** The clock of its timestamps: milliseconds plus the connection's own start. */
  get clock(): number {
    return (Math.floor(this.now / MILLISECOND) + this.timestampOffset) >>> 0;
  }

  /** @returns the address as this socket may use it */
  accept4or6(address: IP): IP | Errno {
    const plain = unmapped(address);
    if (this.family === 4) return typeof address === 'number' ? plain : 'EAFNOSUPPORT';
    if (typeof plain === 'number' && this.options.v6Only) return 'ENETUNREACH';
    return plain;
  }

  /** @returns EINVAL when bound already, EADDRNOTAVAIL, EADDRINUSE, EACCES, EAFNOSUPPORT */
  bind(address: IP, port: number, privileged = true): Errno | undefined {
    if (this.localPort !== 0 || this.state !== 'UNCONN') return 'EINVAL';
    const wanted: IP | Errno = this.family === 6 && isUnspecified(address) ? 0n : this.accept4or6(address);
    if (typeof wanted === 'string') return wanted;
    const any = isUnspecified(wanted);
    if (!any && !mayBind(this.net, wanted)) return 'EADDRNOTAVAIL';
    this.local = any ? undefined : wanted;
    const taken = this.net.sockets.tcp.ports.bind(this, port, privileged);
    if (typeof taken === 'string') {
      this.local = undefined;
      return taken;
    }
    this.localPort = taken;
    this.bound = true;
    return undefined;
  }

  /** @returns EINVAL when connected, EADDRINUSE when another listens on a shared port */
  listen(backlog: number): Errno | undefined {
    if (this.state !== 'UNCONN' && this.state !== 'LISTEN') return 'EINVAL';
    this.backlog = Math.min(Math.max(backlog, 0), this.net.ipv4.settings.somaxconn);
    if (this.state === 'LISTEN') return undefined;
    if (this.localPort === 0) {
      const failed = this.bind(this.family === 6 ? 0n : 0, 0);
      if (failed) return failed;
    }
    this.state = 'LISTEN';
    if (this.net.sockets.tcp.ports.conflicts(this, this.localPort)) {
      this.state = 'UNCONN';
      return 'EADDRINUSE';
    }
    return undefined;
  }

  /** The next established connection, `EAGAIN`, or EINVAL when it doesn't listen. */
  accept(): TcpSocket | Errno {
    if (this.state !== 'LISTEN') return 'EINVAL';
    return this.accepted.shift() ?? 'EAGAIN';
  }

  /**
   * Begins a connection.
   * @returns EINPROGRESS when the SYN is on its way; EISCONN, EALREADY, EADDRNOTAVAIL (no port left), errors of the route
   */
  connect(address: IP, port: number): Errno {
    const peer = this.accept4or6(address);
    if (typeof peer === 'string') return peer;
    if (this.state === 'SYN-SENT' || this.state === 'SYN-RECV') return 'EALREADY';
    if (this.state !== 'UNCONN') return 'EISCONN';
    return this.protocol.connect(this, peer, port);
  }

  /** @returns how many bytes were taken; EAGAIN when the buffer is full or the connection isn't there yet, ENOTCONN, EPIPE, or what broke it */
  send(bytes: Uint8Array): number | Errno {
    if (this.pendingError) return this.takeError() as Errno;
    if (this.sendShut) return 'EPIPE';
    if (this.state === 'SYN-SENT' || this.state === 'SYN-RECV') return 'EAGAIN';
    if (this.state !== 'ESTAB' && this.state !== 'CLOSE-WAIT') return this.done || this.state !== 'UNCONN' ? 'EPIPE' : 'ENOTCONN';
    if (bytes.length === 0) return 0;
    const room = this.sendBuffer - this.sending.length;
    if (room <= 0) return 'EAGAIN';
    const part = bytes.subarray(0, room);
    this.sending.append(part);
    this.sending.markPush();
    this.protocol.push(this);
    return part.length;
  }

  get sendBuffer(): number {
    return Math.max(SEND_BUFFER, 2 * this.mss);
  }

  /** @returns at most `max` bytes, none at the end; EAGAIN, ENOTCONN, or what broke the connection */
  receive(max: number): Uint8Array | Errno {
    if (this.state === 'LISTEN') return 'ENOTCONN';
    if (this.receiving.length > 0) {
      const bytes = this.receiving.take(max);
      this.protocol.afterReading(this, bytes.length);
      return bytes;
    }
    if (this.pendingError) return this.takeError() as Errno;
    if (this.receiveShut) return new Uint8Array(0);
    if (this.state === 'UNCONN') return this.done ? new Uint8Array(0) : 'ENOTCONN';
    return 'EAGAIN';
  }

  /** What has arrived without taking it (MSG_PEEK is not modelled; this is how much FIONREAD tells). */
  get waiting(): number {
    return this.receiving.length;
  }

  /** @returns ENOTCONN without a connection */
  shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    if (this.state === 'LISTEN') {
      if (how !== 'write') this.protocol.stopListening(this);
      return undefined;
    }
    if (this.state === 'UNCONN') return 'ENOTCONN';
    if (how !== 'write') this.receiveShut = true;
    if (how !== 'read') this.protocol.shutdownSending(this);
    this.wake();
    return undefined;
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    this.orphan = true;
    this.onReadable = () => {};
    this.onWritable = () => {};
    this.protocol.close(this);
  }

  get readable(): boolean {
    if (this.state === 'LISTEN') return this.accepted.length > 0;
    if (this.state === 'SYN-SENT' || this.state === 'SYN-RECV') return this.pendingError !== undefined;
    return this.receiving.length > 0 || this.receiveShut || this.pendingError !== undefined || this.state === 'UNCONN';
  }

  get writable(): boolean {
    if (this.state === 'LISTEN' || this.state === 'SYN-SENT' || this.state === 'SYN-RECV') return this.pendingError !== undefined;
    return this.sendShut || this.pendingError !== undefined || this.sending.length < this.sendBuffer * (2 / 3);
  }

  /** Both directions are over, or there never was a connection (POLLHUP). */
  get hungUp(): boolean {
    return this.state === 'UNCONN' || (this.receiveShut && this.sendShut);
  }

  setKeepAlive(on: boolean): void {
    this.options.keepAlive = on;
    this.protocol.keepAliveChanged(this);
  }

  /** Everybody who waits looks again. */
  wake(): void {
    this.onReadable();
    this.onWritable();
  }

  /** A segment of this connection has come in. */
  segment(segment: Segment): void {
    this.protocol.receive(this, segment);
  }
}
