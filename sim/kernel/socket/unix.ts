import type { Errno } from '../../base/errno.ts';
import type { NetNamespace } from '../netns.ts';
import { Socket } from './socket.ts';

export type UnixType = 'stream' | 'dgram' | 'seqpacket';

/** What waits to be read: bytes of a stream, or one message with the name of its sender. */
interface Message {
  data: Uint8Array;
  from: UnixSocket;
}

/** net.core.wmem_default: what a socket may have on the way. */
const SEND_BUFFER = 212_992;
/** sizeof(struct sk_buff) and its data's end, which count as well (skb->truesize). */
const OVERHEAD = 768;
/** net.unix.max_dgram_qlen */
const MAX_DATAGRAMS = 10;

/**
 * An AF_UNIX socket (unix(7), net/unix/af_unix.c): no network between its ends, so what one end writes stands in the other's queue
 * at once. Names in the file system are the host layer's: it resolves the path and hands over the socket that is bound there.
 * Not modelled: descriptors and credentials as ancillary data, SO_PEEK_OFF, out-of-band bytes.
 */
export class UnixSocket extends Socket {
  override readonly family = 'unix';
  readonly type: UnixType;
  state: 'UNCONN' | 'LISTEN' | 'ESTAB' = 'UNCONN';
  /** `/run/x.sock`, or `@name` for an abstract one (its first byte is 0). */
  name: string | undefined;
  /** The other end, also after that has been closed: whoever reads then must learn how it ended. */
  peer: UnixSocket | undefined;
  /** Of a listener: connections that nobody has accepted yet, the most there may be. */
  readonly pending: UnixSocket[] = [];
  backlog = 0;
  shut = { read: false, write: false };
  /** Bytes written that the other end has not read. */
  outstanding = 0;
  readonly #queue: Message[] = [];
  /** Messages offered to full queues: their senders wait here. */
  readonly #waiting = new Set<UnixSocket>();

  constructor(net: NetNamespace, type: UnixType) {
    super(net);
    this.type = type;
    net.sockets.unix.add(this);
  }

  /** A connected pair (socketpair(2)). */
  static pair(net: NetNamespace, type: UnixType): [UnixSocket, UnixSocket] {
    const [a, b] = [new UnixSocket(net, type), new UnixSocket(net, type)];
    a.#join(b);
    return [a, b];
  }

  /** Takes a name; the caller has made sure that a path is free. EADDRINUSE for an abstract one that is taken. */
  bind(name: string): Errno | undefined {
    if (this.name !== undefined) return 'EINVAL';
    if (name.startsWith('@')) {
      if (this.net.sockets.unixByAbstractName(name, this.type)) return 'EADDRINUSE';
    }
    this.name = name;
    return undefined;
  }

  listen(backlog: number): Errno | undefined {
    if (this.type === 'dgram') return 'EOPNOTSUPP';
    if (this.name === undefined || this.state === 'ESTAB') return 'EINVAL';
    this.backlog = backlog;
    this.state = 'LISTEN';
    return undefined;
  }

  /**
   * Connects to the socket that is bound to the name. A stream's other end exists at once and waits to be accepted; EAGAIN says that
   * too many wait already. Datagram sockets only remember to whom to send.
   */
  connect(to: UnixSocket): Errno | undefined {
    if (to.type !== this.type) return 'EPROTOTYPE';
    if (this.type === 'dgram') {
      if (to.closed) return 'ECONNREFUSED';
      this.peer = to;
      this.state = 'ESTAB';
      return undefined;
    }
    if (this.state === 'ESTAB') return 'EISCONN';
    if (this.state === 'LISTEN') return 'EINVAL';
    if (to.closed || to.state !== 'LISTEN' || to.shut.read) return 'ECONNREFUSED';
    if (to.pending.length > to.backlog) {
      to.#waiting.add(this);
      return 'EAGAIN';
    }
    const other = new UnixSocket(to.net, this.type);
    other.name = to.name;
    this.#join(other);
    to.pending.push(other);
    to.onReadable();
    return undefined;
  }

  #join(other: UnixSocket): void {
    [this.peer, other.peer] = [other, this];
    this.state = 'ESTAB';
    other.state = 'ESTAB';
  }

  /** The next connection of a listener, or EAGAIN. */
  accept(): UnixSocket | Errno {
    if (this.type === 'dgram') return 'EOPNOTSUPP';
    if (this.state !== 'LISTEN') return 'EINVAL';
    const next = this.pending.shift();
    if (!next) return 'EAGAIN';
    this.#release();
    return next;
  }

  /** Sends to the peer, or, from datagram sockets, to another one. EAGAIN when no more fits. */
  send(data: Uint8Array, to = this.peer): number | Errno {
    if (!to) return this.type === 'dgram' ? 'ENOTCONN' : this.state === 'UNCONN' ? 'ENOTCONN' : 'EPIPE';
    if (this.shut.write) return 'EPIPE';
    if (this.type === 'dgram') return this.#sendDatagram(data, to);
    if (to.closed || to.shut.read) return 'EPIPE';
    if (data.length === 0) return 0;
    const room = SEND_BUFFER - this.outstanding;
    if (room <= 0) return 'EAGAIN';
    const taken = this.type === 'stream' ? data.slice(0, room) : data.slice();
    to.#take({ data: taken, from: this });
    return taken.length;
  }

  #sendDatagram(data: Uint8Array, to: UnixSocket): number | Errno {
    if (to.closed) {
      if (to === this.peer) {
        this.peer = undefined;
        this.state = 'UNCONN';
      }
      return 'ECONNREFUSED';
    }
    if (to.shut.read) return 'EPIPE';
    if (data.length > SEND_BUFFER - 32) return 'EMSGSIZE';
    // Not a pair: only the receiver's queue of others' datagrams is limited (unix_recvq_full).
    if (to.peer !== this && to.#queue.length > MAX_DATAGRAMS) {
      to.#waiting.add(this);
      return 'EAGAIN';
    }
    if (this.outstanding > 0 && this.outstanding + data.length + OVERHEAD > SEND_BUFFER) return 'EAGAIN';
    to.#take({ data: data.slice(), from: this });
    return data.length;
  }

  #take(message: Message): void {
    message.from.outstanding += message.data.length;
    this.#queue.push(message);
    this.onReadable();
  }

  /**
   * A stream's next bytes, or one message, cut to `max`. An empty array is the end; ECONNRESET says that the other end was closed
   * before it had read everything.
   */
  receive(max: number): Uint8Array | Errno {
    if (this.type !== 'dgram' && this.state !== 'ESTAB') return 'EINVAL';
    const head = this.#queue[0];
    if (!head) {
      const error = this.takeError();
      if (error) return error;
      if (this.shut.read || (this.type !== 'dgram' && (!this.peer || this.peer.closed || this.peer.shut.write))) return new Uint8Array(0);
      return 'EAGAIN';
    }
    const taken = head.data.subarray(0, max);
    if (this.type === 'stream' && taken.length < head.data.length) head.data = head.data.subarray(max);
    else this.#queue.shift();
    head.from.outstanding -= this.type === 'stream' ? taken.length : head.data.length;
    head.from.onWritable();
    this.#release();
    return taken;
  }

  /** The sender of the next message, for recvfrom(2). */
  get nextSender(): UnixSocket | undefined {
    return this.#queue[0]?.from;
  }

  shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    if (this.type !== 'dgram' && this.state !== 'ESTAB' && this.state !== 'LISTEN') return 'ENOTCONN';
    if (how !== 'write') this.shut.read = true;
    if (how !== 'read') this.shut.write = true;
    this.onReadable();
    if (this.type !== 'dgram' && this.peer) {
      this.peer.onReadable();
      this.peer.onWritable();
    }
    return undefined;
  }

  get readable(): boolean {
    if (this.state === 'LISTEN') return this.pending.length > 0;
    return this.#queue.length > 0 || this.hungUp || this.shut.read || this.pendingError !== undefined;
  }

  get writable(): boolean {
    return this.outstanding < SEND_BUFFER || this.hungUp;
  }

  /** A stream whose other end says nothing more. */
  get hungUp(): boolean {
    return this.type !== 'dgram' && this.state === 'ESTAB' && (!this.peer || this.peer.closed || this.peer.shut.write);
  }

  /** As SIOCINQ says it: a stream's bytes, the first message's length; of a listener the connections that wait. */
  get received(): number {
    if (this.state === 'LISTEN') return this.pending.length;
    if (this.type === 'dgram') return this.#queue[0]?.data.length ?? 0;
    return this.#queue.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** Whoever waited for room tries again. */
  #release(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) socket.onWritable();
  }

  override close(): void {
    this.closed = true;
    this.net.sockets.unix.delete(this);
    for (const waiting of this.pending.splice(0)) waiting.close();
    const { peer } = this;
    const unread = this.#queue.splice(0);
    for (const { data, from } of unread) from.outstanding -= data.length;
    if (peer && this.type !== 'dgram' && !peer.closed) {
      if (unread.length > 0) peer.pendingError = 'ECONNRESET';
      peer.onReadable();
      peer.onWritable();
    }
    this.#release();
  }
}
