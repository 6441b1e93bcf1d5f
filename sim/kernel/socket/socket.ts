import type { IP } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { SocketIpOptions } from '../ipv4/options.ts';
import type { NetNamespace } from '../netns.ts';

/** IP_PMTUDISC_*: never set DF; set it when the packet fits; always, and refuse what doesn't fit; always, whatever is known. */
export type PathMtuDiscovery = 'dont' | 'want' | 'do' | 'probe';

/** Options that any socket may have (setsockopt(2), ip(7), socket(7)). */
export interface SocketOptions {
  ttl?: number;
  multicastTtl: number;
  multicastLoop: boolean;
  /** ifindex for multicast; 0 lets the route decide. */
  multicastInterface: number;
  tos: number;
  /** SO_PRIORITY, by which queueing disciplines sort. */
  priority: number;
  mark: number;
  /** SO_BINDTODEVICE as an ifindex; 0 for none. */
  boundDevice: number;
  broadcast: boolean;
  reuseAddress: boolean;
  reusePort: boolean;
  /** The header comes with the data (IP_HDRINCL). */
  headerIncluded: boolean;
  pathMtuDiscovery: PathMtuDiscovery;
  /** Keep errors with their origin in the error queue (IP_RECVERR). */
  receiveErrors: boolean;
  receiveBuffer: number;
  /** IP_OPTIONS. */
  ipOptions?: SocketIpOptions | undefined;
  /** Only to hosts on a link (SO_DONTROUTE). */
  dontRoute: boolean;
  keepAlive: boolean;
  noDelay: boolean;
  v6Only: boolean;
}

/** That a device had no room is told only to those who asked for errors (udp_send_skb, raw_sendmsg). */
export function heeded(errno: Errno | undefined, options: SocketOptions): Errno | undefined {
  return errno === 'ENOBUFS' && !options.receiveErrors ? undefined : errno;
}

/** One received datagram. */
export interface Datagram {
  data: Uint8Array;
  source: IP;
  sourcePort: number;
  destination: IP;
  ifindex: number;
  ttl: number;
  tos: number;
  time: Micros;
}

/** One entry of the error queue (struct sock_extended_err). */
export interface SocketError {
  errno: Errno;
  origin: 'local' | 'icmp' | 'icmp6';
  type: number;
  code: number;
  /** The path MTU for EMSGSIZE. */
  info: number;
  /** Who sent the ICMP error. */
  offender: IP | undefined;
  /** Time to live of the ICMP error as it came in (IP_RECVTTL); 0 for local ones. */
  ttl: number;
  /** The device by which the error came in, for offenders that mean nothing without one. */
  ifindex?: number;
  /** Where the packet that failed was going. */
  destination: IP;
  destinationPort: number;
  /** The payload that failed, as far as it was quoted, from the transport header on for raw sockets. */
  data: Uint8Array;
}

/** Options as a new socket has them. */
export function socketOptions(): SocketOptions {
  return {
    multicastTtl: 1,
    multicastLoop: true,
    multicastInterface: 0,
    tos: 0,
    priority: 0,
    mark: 0,
    boundDevice: 0,
    broadcast: false,
    reuseAddress: false,
    reusePort: false,
    headerIncluded: false,
    pathMtuDiscovery: 'want',
    receiveErrors: false,
    receiveBuffer: 212_992,
    dontRoute: false,
    keepAlive: false,
    noDelay: false,
    v6Only: false,
  };
}

/** Priorities by the four bits of the type of service (ip_tos2prio): best effort, bulk, interactive, interactive bulk. */
const PRIORITIES = [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4] as const;

/** IP_TOS: the priority follows. A stream's two bits for congestion are TCP's own. */
export function setTypeOfService(options: SocketOptions, tos: number, stream: boolean): void {
  options.tos = stream ? tos & 0xfc : tos;
  options.priority = PRIORITIES[(tos & 0x1e) >> 1] as number;
}

/** What all sockets of the kernel have in common. The host layer hangs its wait queues on the callbacks. */
export abstract class Socket {
  readonly net: NetNamespace;
  abstract readonly family: 4 | 6 | 'unix' | 'packet';
  readonly options: SocketOptions = socketOptions();
  onReadable: () => void = () => {};
  onWritable: () => void = () => {};
  closed = false;
  /** SO_ERROR: reported once by the next call. */
  pendingError: Errno | undefined;

  constructor(net: NetNamespace) {
    this.net = net;
  }

  /** Called once, when the last descriptor is closed. */
  abstract close(): void;

  /** Takes the pending error (SO_ERROR). */
  takeError(): Errno | undefined {
    const error = this.pendingError;
    this.pendingError = undefined;
    return error;
  }
}

/** Sockets that queue whole datagrams. */
export abstract class DatagramSocket extends Socket {
  readonly #queue: Datagram[] = [];
  readonly #errors: SocketError[] = [];
  #queuedBytes = 0;
  local: IP | undefined;
  remote: IP | undefined;

  /** Queues a datagram; false when the receive buffer is full. */
  enqueue(datagram: Datagram): boolean {
    // The kernel counts its own overhead per packet as well (skb->truesize).
    const cost = datagram.data.length + 576;
    if (this.#queuedBytes + cost > this.options.receiveBuffer) return false;
    this.#queuedBytes += cost;
    this.#queue.push(datagram);
    this.onReadable();
    return true;
  }

  /** The next datagram, `EAGAIN`, or a pending error. */
  receive(): Datagram | Errno {
    const error = this.takeError();
    if (error) return error;
    const datagram = this.#queue.shift();
    if (!datagram) return 'EAGAIN';
    this.#queuedBytes -= datagram.data.length + 576;
    return datagram;
  }

  get readable(): boolean {
    return this.#queue.length > 0 || this.pendingError !== undefined || this.#errors.length > 0;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  enqueueError(error: SocketError): void {
    this.#errors.push(error);
    this.onReadable();
  }

  /** EMSGSIZE, with the MTU in the error queue for those who asked (ip_local_error, ipv6_local_error). */
  protected tooLong(mtu: number, destination: IP, data: Uint8Array, destinationPort = 0): Errno {
    const local = { errno: 'EMSGSIZE', origin: 'local', type: 0, code: 0, offender: undefined, ttl: 0 } as const;
    if (this.options.receiveErrors) this.enqueueError({ ...local, info: mtu, destination, destinationPort, data });
    return 'EMSGSIZE';
  }

  /** The next entry of the error queue (MSG_ERRQUEUE). */
  receiveError(): SocketError | undefined {
    return this.#errors.shift();
  }
}

/** errno and severity of ICMPv4 unreachables (icmp_err_convert); hard errors reach sockets that didn't ask for errors, too. */
export const UNREACHABLE_ERRORS: readonly { errno: Errno; hard: boolean }[] = [
  { errno: 'ENETUNREACH', hard: false },
  { errno: 'EHOSTUNREACH', hard: false },
  { errno: 'ENOPROTOOPT', hard: true },
  { errno: 'ECONNREFUSED', hard: true },
  { errno: 'EMSGSIZE', hard: false },
  { errno: 'EOPNOTSUPP', hard: false },
  { errno: 'ENETUNREACH', hard: true },
  { errno: 'EHOSTDOWN', hard: true },
  { errno: 'ENETUNREACH', hard: true },
  { errno: 'ENETUNREACH', hard: true },
  { errno: 'EHOSTUNREACH', hard: true },
  { errno: 'ENETUNREACH', hard: false },
  { errno: 'EHOSTUNREACH', hard: false },
  { errno: 'EHOSTUNREACH', hard: true },
  { errno: 'EHOSTUNREACH', hard: true },
  { errno: 'EHOSTUNREACH', hard: true },
];

/** What an ICMPv4 error means to a socket. */
export function errorOf(type: number, code: number): { errno: Errno; hard: boolean } {
  if (type === 3) return UNREACHABLE_ERRORS[code] ?? { errno: 'EHOSTUNREACH', hard: true };
  if (type === 12) return { errno: 'EPROTO', hard: true };
  return { errno: 'EHOSTUNREACH', hard: false };
}
