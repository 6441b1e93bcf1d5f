import type { IP } from '../base/address.ts';
import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import type { Datagram, SocketError } from '../kernel/socket/socket.ts';
import { TcpSocket } from '../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../kernel/socket/udp.ts';
import type { Poll } from './file.ts';
import type { Process } from './process.ts';
import { OpenSocket } from './socket.ts';
import { type Blocking, WaitQueue } from './wait.ts';

/** An address and a port. */
export interface Endpoint {
  address: IP;
  port: number;
}

/**
 * Microseconds of send(2) on a connection. Between the namespaces of one machine the receiver's side, with its acknowledgement, is done
 * in the sender's time, before send returns: a program that writes twice writes the second time to a connection with nothing in flight.
 */
const SEND_COST = 80;

/** Microseconds until a process that waits for data runs again: enough for the sender, on another processor, to write once more and close. */
const WAKE_COST = 250;

/** A TCP socket behind a descriptor. Install it with `process.install(socket)` to read, write and close it as a file. */
export class OpenStreamSocket extends OpenSocket<TcpSocket> {
  override readonly writeCost = SEND_COST;
  override readonly readable = new WaitQueue(WAKE_COST);
  readonly #privileged: boolean;

  constructor(process: Process, socket: TcpSocket) {
    super(process, socket);
    this.#privileged = process.capable('NET_BIND_SERVICE');
  }

  bind(address: IP, port: number): Errno | undefined {
    return this.socket.bind(address, port, this.#privileged);
  }

  listen(backlog: number): Errno | undefined {
    return this.socket.listen(backlog);
  }

  /** Fails with EISCONN and the like at once, else waits for the handshake (connect(2)). EINTR leaves it under way. */
  *connect(address: IP, port: number, until?: Micros): Blocking<Errno | undefined> {
    const begun = this.socket.connect(address, port);
    if (begun !== 'EINPROGRESS' && begun !== 'EALREADY') return begun;
    while (this.socket.state === 'SYN-SENT' || this.socket.state === 'SYN-RECV') {
      const woken = yield until === undefined ? { on: [this.writable] } : { on: [this.writable], until };
      if (woken === 'signal') return 'EINTR';
      if (woken === 'timeout') return 'EINPROGRESS';
    }
    return this.socket.takeError();
  }

  /** The next connection, with the peer's address; waits for one (accept(2)). */
  *accept(process: Process, until?: Micros): Blocking<OpenStreamSocket | Errno> {
    for (;;) {
      const child = this.socket.accept();
      if (typeof child !== 'string') return new OpenStreamSocket(process, child);
      if (child !== 'EAGAIN') return child;
      const woken = yield until === undefined ? { on: [this.readable] } : { on: [this.readable], until };
      if (woken === 'signal') return 'EINTR';
      if (woken === 'timeout') return 'EAGAIN';
    }
  }

  shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    return this.socket.shutdown(how);
  }

  get peer(): Endpoint | undefined {
    const { remote, remotePort } = this.socket;
    return remote === undefined ? undefined : { address: remote, port: remotePort };
  }

  get name(): Endpoint {
    const { local, localPort, family } = this.socket;
    return { address: local ?? (family === 6 ? 0n : 0), port: localPort };
  }

  override read(max: number): Uint8Array | Errno {
    return this.socket.receive(max);
  }

  override write(bytes: Uint8Array): number | Errno {
    return this.socket.send(bytes);
  }

  override poll(): Poll {
    return { in: this.socket.readable, out: this.socket.writable, hup: this.socket.hungUp };
  }
}

/** A UDP socket behind a descriptor. */
export class OpenDatagramSocket extends OpenSocket<UdpSocket> {
  readonly #privileged: boolean;

  constructor(process: Process, socket: UdpSocket) {
    super(process, socket);
    this.#privileged = process.capable('NET_BIND_SERVICE');
  }

  bind(address: IP, port: number): Errno | undefined {
    return this.socket.bind(address, port, this.#privileged);
  }

  connect(address: IP, port: number): Errno | undefined {
    return this.socket.connect(address, port);
  }

  /** @param from the address to send from, where the socket isn't bound to one (IP_PKTINFO) */
  sendTo(data: Uint8Array, to?: IP, port?: number, from?: IP): Errno | undefined {
    return this.socket.send(data, to, port, from);
  }

  /** The next datagram, `EAGAIN`, or a pending error. */
  receive(): Datagram | Errno {
    return this.socket.receive();
  }

  receiveError(): SocketError | undefined {
    return this.socket.receiveError();
  }

  get name(): Endpoint {
    const { local, localPort, family } = this.socket;
    return { address: local ?? (family === 6 ? 0n : 0), port: localPort };
  }

  /** One datagram at a time; what doesn't fit is lost. */
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

/** socket(AF_INET or AF_INET6, SOCK_STREAM). */
export function openStreamSocket(process: Process, family: 4 | 6 = 4): OpenStreamSocket {
  return new OpenStreamSocket(process, new TcpSocket(process.namespaces.net, family));
}

/** socket(AF_INET or AF_INET6, SOCK_DGRAM). */
export function openDatagramSocket(process: Process, family: 4 | 6 = 4): OpenDatagramSocket {
  return new OpenDatagramSocket(process, new UdpSocket(process.namespaces.net, family));
}

/** A listening socket on an address and port, as servers make it: SO_REUSEADDR, bind, listen. */
export function listenOn(process: Process, address: IP, port: number, backlog = 128, v6Only = false): OpenStreamSocket | Errno {
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  if (v6Only) socket.options.v6Only = true;
  socket.options.reuseAddress = true;
  const failed = socket.bind(address, port) ?? socket.listen(backlog);
  if (!failed) return socket;
  socket.hold().release();
  return failed;
}

/** Who has a socket open, for `ss -p` and /proc. */
export interface SocketOwner {
  process: Process;
  fd: number;
  inode: number;
}

/** Every socket that a machine's processes have open, by kernel socket. */
export function socketOwners(host: { processes(): Process[] }): Map<unknown, SocketOwner[]> {
  const owners = new Map<unknown, SocketOwner[]>();
  for (const process of host.processes()) {
    for (const [fd, file] of process.fds) {
      if (!(file instanceof OpenSocket)) continue;
      const list = owners.get(file.socket) ?? [];
      list.push({ process, fd, inode: file.inode });
      owners.set(file.socket, list);
    }
  }
  return owners;
}
