import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import { UnixSocket, type UnixType } from '../kernel/socket/unix.ts';
import type { Poll } from './file.ts';
import { SocketFile } from './inode.ts';
import type { Process } from './process.ts';
import { OpenSocket } from './socket.ts';
import type { Blocking } from './wait.ts';

/** sun_path's size with its final 0. */
const MAX_PATH = 108;

/** An AF_UNIX socket behind a descriptor; names that begin with `@` are abstract ones, others are paths (unix(7)). */
export class OpenUnixSocket extends OpenSocket<UnixSocket> {
  /** Makes the name's file, or takes the abstract name: EADDRINUSE when it exists. */
  bind(process: Process, name: string): Errno | undefined {
    if (name.length >= MAX_PATH || name === '') return 'EINVAL';
    if (name.startsWith('@')) return this.socket.bind(name);
    const target = process.namespaces.mnt.resolve(process, name);
    if (typeof target === 'string') return target;
    if (target.inode) return 'EADDRINUSE';
    const failed = this.socket.bind(name);
    if (failed) return failed;
    const file = new SocketFile(this.socket, 0o777 & ~process.umask);
    file.modified = process.host.now;
    return target.parent.add(target.name, file);
  }

  listen(backlog: number): Errno | undefined {
    return this.socket.listen(backlog);
  }

  /** Waits while the listener has too many connections that it hasn't accepted. */
  *connect(process: Process, name: string): Blocking<Errno | undefined> {
    const found = findUnixSocket(process, name, this.socket.type);
    if (typeof found === 'string') return found;
    for (;;) {
      const failed = this.socket.connect(found);
      if (failed !== 'EAGAIN') return failed;
      if ((yield { on: [this.writable] }) === 'signal') return 'EINTR';
    }
  }

  /** The next connection; waits for one (accept(2)). */
  *accept(process: Process, until?: Micros): Blocking<OpenUnixSocket | Errno> {
    for (;;) {
      const next = this.socket.accept();
      if (typeof next !== 'string') return new OpenUnixSocket(process, next);
      if (next !== 'EAGAIN') return next;
      const woken = yield until === undefined ? { on: [this.readable] } : { on: [this.readable], until };
      if (woken === 'signal') return 'EINTR';
      if (woken === 'timeout') return 'EAGAIN';
    }
  }

  /** A datagram to a name other than the peer's. */
  sendTo(process: Process, data: Uint8Array, name: string): number | Errno {
    const found = findUnixSocket(process, name, this.socket.type);
    return typeof found === 'string' ? found : this.socket.send(data, found);
  }

  shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    return this.socket.shutdown(how);
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

/** The socket that a name leads to: ENOENT without a file, ECONNREFUSED when the file is none of a living socket. */
export function findUnixSocket(process: Process, name: string, type: UnixType): UnixSocket | Errno {
  if (name.startsWith('@')) return process.namespaces.net.sockets.unixByAbstractName(name, type) ?? 'ECONNREFUSED';
  const target = process.namespaces.mnt.resolve(process, name);
  if (typeof target === 'string') return target;
  if (!target.inode) return 'ENOENT';
  if (!(target.inode instanceof SocketFile) || target.inode.socket.closed) return 'ECONNREFUSED';
  return target.inode.socket.type === type ? target.inode.socket : 'EPROTOTYPE';
}

/** socket(AF_UNIX, type). */
export function openUnixSocket(process: Process, type: UnixType): OpenUnixSocket {
  return new OpenUnixSocket(process, new UnixSocket(process.namespaces.net, type));
}
