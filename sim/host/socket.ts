import type { IP } from '../base/address.ts';
import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import { socketOptions as readSocketOptions } from '../kernel/ipv4/options.ts';
import { type CapturedFrame, type FrameFilter, PacketSocket } from '../kernel/socket/packet.ts';
import { PingSocket } from '../kernel/socket/ping.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import { RawSocket6 } from '../kernel/socket/raw6.ts';
import type { Datagram, Socket, SocketError, SocketOptions } from '../kernel/socket/socket.ts';
import { OpenFile, type Poll } from './file.ts';
import type { Process } from './process.ts';
import type { Blocking } from './wait.ts';

/** A kernel socket behind a file descriptor (socket(7)). */
export abstract class OpenSocket<S extends Socket> extends OpenFile {
  readonly socket: S;
  readonly #number: number;

  constructor(process: Process, socket: S) {
    super();
    this.socket = socket;
    this.#number = process.host.nextPipeNumber();
    socket.onReadable = () => this.readable.wake();
    socket.onWritable = () => this.writable.wake();
  }

  /** Socket options by their meaning rather than their number; limits are the caller's to check. */
  get options(): SocketOptions {
    return this.socket.options;
  }

  override read(_max: number): Uint8Array | Errno {
    return 'EINVAL';
  }

  override write(_bytes: Uint8Array): number | Errno {
    return 'EDESTADDRREQ';
  }

  protected override close(): void {
    this.socket.close();
  }

  /** Its number in /proc and `ss -e`. */
  get inode(): number {
    return this.#number;
  }

  override get description(): string {
    return `socket:[${this.#number}]`;
  }
}

/** A raw or ICMP datagram socket. */
export class OpenIcmpSocket extends OpenSocket<RawSocket | RawSocket6 | PingSocket> {
  bind(address: IP, identifier = 0): Errno | undefined {
    return this.socket.bind(address, identifier);
  }

  connect(address: IP): Errno | undefined {
    return this.socket.connect(address);
  }

  /** IP_OPTIONS, as they go into the header; EINVAL for what makes no sense, EPERM for source routes without CAP_NET_RAW. */
  setIpOptions(bytes: Uint8Array, privileged: boolean): Errno | undefined {
    const made = readSocketOptions(this.socket.net.ipv4, bytes, privileged);
    if (typeof made === 'string') return made;
    this.options.ipOptions = made;
    return undefined;
  }

  /** The bound or chosen source address, once there is one. */
  get local(): IP | undefined {
    return this.socket.local;
  }

  /**
   * Sends one message: for ICMP datagram sockets an echo request without checksum, for raw sockets the whole payload.
   * @param confirm the caller knows that the destination is alive (MSG_CONFIRM)
   */
  sendTo(message: Uint8Array, to?: IP, confirm = false): Errno | undefined {
    return this.socket.send(message, to, confirm);
  }

  /** The next datagram, or `EAGAIN`, or a pending error. */
  receive(): Datagram | Errno {
    return this.socket.receive();
  }

  /** The next entry of the error queue, for sockets with `options.receiveErrors`. */
  receiveError(): SocketError | undefined {
    return this.socket.receiveError();
  }

  override read(max: number): Uint8Array | Errno {
    const datagram = this.receive();
    return typeof datagram === 'string' ? datagram : datagram.data.slice(0, max);
  }

  override write(bytes: Uint8Array): number | Errno {
    return this.sendTo(bytes) ?? bytes.length;
  }

  override poll(): Poll {
    return { in: this.socket.readable, out: true, hup: false };
  }
}

/** How a capture is opened: on one device or all, which bytes of each frame, and how long frames are held back (packet(7)). */
export interface CaptureOptions {
  /** The device's name; absent for all of them. */
  device?: string;
  promiscuous: boolean;
  snapshotLength: number;
  blockTimeout: Micros;
}

/** An AF_PACKET socket. */
export class OpenPacketSocket extends OpenSocket<PacketSocket> {
  /** Binds it and sets its options: ENODEV when there is no such device, ENETDOWN when it is down. */
  capture({ device: name, promiscuous, snapshotLength, blockTimeout }: CaptureOptions): Errno | undefined {
    const { socket } = this;
    const device = name === undefined ? undefined : socket.net.deviceByName(name);
    if (name !== undefined && !device) return 'ENODEV';
    if (device && !device.up) return 'ENETDOWN';
    socket.bind(device);
    if (device && promiscuous) socket.promiscuous(device);
    socket.snapshotLength = snapshotLength;
    socket.blockTimeout = blockTimeout;
    return undefined;
  }

  /** What the kernel keeps (SO_ATTACH_FILTER). */
  set filter(filter: FrameFilter | undefined) {
    this.socket.filter = filter;
  }

  /** Frames that passed the filter, and those of them that were lost (PACKET_STATISTICS). */
  get statistics(): { received: number; dropped: number } {
    return { received: this.socket.received, dropped: this.socket.dropped };
  }

  /** Whether the device it was bound to has left the namespace. */
  get gone(): boolean {
    return this.socket.gone;
  }

  receive(): CapturedFrame | 'EAGAIN' {
    return this.socket.receive();
  }

  override poll(): Poll {
    return { in: this.socket.readable, out: true, hup: false };
  }
}

/** socket(AF_INET or AF_INET6, SOCK_RAW, protocol): EPERM without CAP_NET_RAW. */
export function openRawSocket(process: Process, protocol: number, family: 4 | 6 = 4): OpenIcmpSocket | Errno {
  if (!process.capable('NET_RAW')) return 'EPERM';
  const { net } = process.namespaces;
  return new OpenIcmpSocket(process, family === 6 ? new RawSocket6(net, protocol) : new RawSocket(net, protocol));
}

/** socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP): EACCES unless net.ipv4.ping_group_range has group 0. */
export function openPingSocket(process: Process): OpenIcmpSocket | Errno {
  const [low = 1, high = 0] = process.namespaces.net.ipv4.pingGroupRange;
  return low <= 0 && high >= 0 ? new OpenIcmpSocket(process, new PingSocket(process.namespaces.net)) : 'EACCES';
}

/** socket(AF_PACKET, SOCK_RAW, ETH_P_ALL): EPERM without CAP_NET_RAW. */
export function openPacketSocket(process: Process): OpenPacketSocket | Errno {
  if (!process.capable('NET_RAW')) return 'EPERM';
  return new OpenPacketSocket(process, new PacketSocket(process.namespaces.net));
}

/** Waits until a socket (or any of several files) is readable, a deadline passes or a signal comes (poll(2)). */
export function* waitReadable(files: readonly OpenFile[], until?: Micros): Blocking<'event' | 'timeout' | 'signal'> {
  if (files.some((file) => file.poll().in)) return 'event';
  const on = files.map((file) => file.readable);
  return yield until === undefined ? { on } : { on, until };
}
