import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { type OpenUnixSocket, openUnixSocket } from '../../host/unix-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { Failure } from './failure.ts';
import { relay, type RelayOptions } from './relay.ts';

export interface UnixSettings extends RelayOptions {
  datagrams: boolean;
  verbose: boolean;
  /** -k: another connection after each. */
  keep: boolean;
  /** -z: only try. */
  tried: boolean;
  /** -s: the name that a datagram client takes. */
  source: string | undefined;
}

/** `nc -lU`: what stood at the path makes room for the new socket (unix_listen, unix_bind). */
export function* serveUnix(process: Process, settings: UnixSettings, path: string): Blocking<number | Failure> {
  const socket = openUnixSocket(process, settings.datagrams ? 'dgram' : 'stream');
  const listening = process.install(socket);
  removeFile(process, path);
  const failed = socket.bind(process, path) ?? (settings.datagrams ? undefined : socket.listen(5));
  if (failed) return new Failure(`nc: ${strerror(failed)}\n`);
  if (settings.verbose) yield* process.write(2, `Bound on ${path}\n${settings.datagrams ? '' : `Listening on ${path}\n`}`);
  if (settings.datagrams) return yield* serveDatagrams(process, settings, socket, listening, path);
  for (;;) {
    const next = yield* socket.accept(process);
    if (next === 'EINTR') continue;
    if (typeof next === 'string') return new Failure(`nc: accept: ${strerror(next)}\n`);
    const fd = process.install(next);
    if (settings.verbose) yield* process.write(2, `Connection received on ${path}\n`);
    yield* relay(process, fd, next, settings);
    process.close(fd);
    if (!settings.keep) return 0;
  }
}

/** The first datagram's sender becomes the peer; one without a name can't be answered. */
function* serveDatagrams(
  process: Process,
  settings: UnixSettings,
  socket: OpenUnixSocket,
  fd: number,
  path: string,
): Blocking<number | Failure> {
  if (!settings.keep) {
    while (!socket.socket.nextSender) if ((yield { on: [socket.readable] }) === 'signal') continue;
    const sender = socket.socket.nextSender;
    const failed = sender?.name === undefined ? 'EINVAL' : yield* socket.connect(process, sender.name);
    if (failed) return new Failure(`nc: connect: ${strerror(failed)}\n`);
    if (settings.verbose) yield* process.write(2, `Connection received on ${path}\n`);
  }
  yield* relay(process, fd, socket, settings);
  return 0;
}

/** `nc -U`: datagram clients take a name of their own, so that they can be answered. */
export function* callUnix(process: Process, settings: UnixSettings, path: string): Blocking<number | Failure> {
  const socket = openUnixSocket(process, settings.datagrams ? 'dgram' : 'stream');
  const fd = process.install(socket);
  const directory = settings.datagrams && settings.source === undefined ? temporaryDirectory(process) : undefined;
  const own = settings.source ?? `${directory?.path}/recv.sock`;
  const tidy = (): void => {
    if (!settings.datagrams) return;
    removeFile(process, own);
    directory?.remove();
  };
  if (settings.datagrams) {
    removeFile(process, own);
    const refused = socket.bind(process, own);
    if (refused) return new Failure(`nc: ${strerror(refused)}\n`);
    if (settings.verbose) yield* process.write(2, `Bound on ${own}\n`);
  }
  const failed = yield* socket.connect(process, path);
  if (failed) {
    tidy();
    return new Failure(`nc: ${path}: ${strerror(failed)}\n`);
  }
  if (!settings.tried) yield* relay(process, fd, socket, settings);
  tidy();
  process.close(fd);
  return 0;
}

/** unlink(2), as far as it may; a directory stays. */
function removeFile(process: Process, path: string): void {
  const target = process.namespaces.mnt.resolve(process, path, false);
  if (typeof target !== 'string' && target.inode && target.inode.kind !== 'directory') target.parent.remove(target.name);
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `/tmp/nc-XXXXXX`, as mkdtemp(3) names it. */
function temporaryDirectory(process: Process): { path: string; remove(): void } {
  const random = process.host.random(`nc/${process.pid}`);
  const path = `/tmp/nc-${Array.from({ length: 6 }, () => LETTERS[random.below(LETTERS.length)]).join('')}`;
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target !== 'string') target.parent.add(target.name, new Directory(0o700));
  return {
    path,
    remove: () => {
      if (typeof target !== 'string') target.parent.remove(target.name);
    },
  };
}
