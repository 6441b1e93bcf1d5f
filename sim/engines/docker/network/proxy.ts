import { formatIP, type IP } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import type { OpenFile } from '../../../host/file.ts';
import {
  type Endpoint as SocketAddress,
  OpenDatagramSocket,
  OpenStreamSocket,
  openDatagramSocket,
  openStreamSocket,
} from '../../../host/inet-socket.ts';
import type { Process, Program } from '../../../host/process.ts';
import type { Blocking } from '../../../host/wait.ts';
import { strerror, type Errno } from '../../../base/errno.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../../kernel/socket/udp.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';

/** The listening socket of a published port: dockerd binds it and hands it to the proxy. */
export type ListeningSocket = OpenStreamSocket | OpenDatagramSocket;

/** As net.Listen has it: net.core.somaxconn. */
const BACKLOG = 4_096;
/** The descriptor that Go's runtime leaves the listener at. */
const LISTEN_FD = 7;
/** How long a UDP client may be silent (cmd/docker-proxy, UDPConnTrackTimeout). */
const UDP_TIMEOUT = 90 * SECOND;
const CHUNK = 32_768;

/** Binds a port of the host. */
export function bindHostPort(engine: Engine, protocol: 'tcp' | 'udp', address: IP, port: number): ListeningSocket | Errno {
  const net = engine.host.kernel.init;
  const family = typeof address === 'bigint' ? 6 : 4;
  const socket =
    protocol === 'tcp'
      ? new OpenStreamSocket(engine.daemon, new TcpSocket(net, family))
      : new OpenDatagramSocket(engine.daemon, new UdpSocket(net, family));
  socket.hold();
  if (family === 6) socket.options.v6Only = true;
  if (protocol === 'tcp') socket.options.reuseAddress = true;
  const failed = socket.bind(address, port) ?? (socket instanceof OpenStreamSocket ? socket.listen(BACKLOG) : undefined);
  if (!failed) return socket;
  socket.release();
  return failed;
}

/** Starts a docker-proxy that carries what reaches the socket to a container. The socket is the proxy's from now on. */
export function startProxy(
  engine: Engine,
  protocol: string,
  host: SocketAddress,
  container: SocketAddress,
  socket: ListeningSocket,
): Process | string {
  const { daemon } = engine;
  const nothing = engine.nullFile();
  const argv = `/usr/sbin/docker-proxy -proto ${protocol} -host-ip ${formatIP(host.address)} -host-port ${host.port} -container-ip ${formatIP(container.address)} -container-port ${container.port} -use-listen-fd`;
  const program = socket instanceof OpenStreamSocket ? streamProxy(socket, container) : datagramProxy(socket, container);
  const process = engine.host.start(daemon, program, {
    argv: argv.split(' '),
    fds: new Map<number, OpenFile>([
      [0, nothing],
      [1, nothing],
      [2, nothing],
      [LISTEN_FD, socket],
    ]),
    cwd: '/',
    session: { tty: undefined },
  });
  socket.release();
  if (typeof process === 'string')
    return `error starting userland proxy: fork/exec /usr/sbin/docker-proxy: ${strerror(process).toLowerCase()}`;
  process.onExit.push(() => {
    daemon.children.delete(process);
    engine.host.reap(process);
  });
  return process;
}

/** What several connections of one process share: each is a goroutine, and all end with the process. */
function goroutines(process: Process): (body: Blocking<void>) => void {
  const running = new Set<() => void>();
  process.onExit.push(() => {
    for (const cancel of running) cancel();
  });
  return (body) => {
    const cancel = go(process.host.events, body, () => running.delete(cancel));
    running.add(cancel);
  };
}

function streamProxy(listener: OpenStreamSocket, container: SocketAddress): Program {
  return function* (process) {
    const spawn = goroutines(process);
    for (;;) {
      const client = yield* listener.accept(process);
      if (client === 'EINTR') continue;
      if (typeof client === 'string') return 1;
      spawn(relay(process, spawn, client, container));
    }
  };
}

/** One connection: a second one to the container, and bytes both ways; the end of one direction is passed on by itself. */
function* relay(
  process: Process,
  spawn: (body: Blocking<void>) => void,
  client: OpenStreamSocket,
  container: SocketAddress,
): Blocking<void> {
  const server = openStreamSocket(process, typeof container.address === 'bigint' ? 6 : 4);
  const fds = [process.install(client), process.install(server)];
  const close = (): void => {
    for (const fd of fds) process.close(fd);
  };
  if (yield* server.connect(container.address, container.port)) {
    close();
    return;
  }
  let open = 2;
  const ended = (): void => {
    open--;
    if (open === 0) close();
  };
  spawn(copy(server, client, ended));
  spawn(copy(client, server, ended));
}

function* copy(from: OpenStreamSocket, to: OpenStreamSocket, ended: () => void): Blocking<void> {
  for (;;) {
    const bytes = from.read(CHUNK);
    if (bytes === 'EAGAIN') {
      yield { on: [from.readable] };
      continue;
    }
    if (typeof bytes === 'string' || bytes.length === 0) break;
    if (!(yield* writeAll(to, bytes))) break;
  }
  to.shutdown('write');
  from.shutdown('read');
  ended();
}

function* writeAll(to: OpenStreamSocket, bytes: Uint8Array): Blocking<boolean> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = to.write(rest);
    if (count === 'EAGAIN') yield { on: [to.writable] };
    else if (typeof count === 'string') return false;
    else rest = rest.subarray(count);
  }
  return true;
}

function datagramProxy(listener: OpenDatagramSocket, container: SocketAddress): Program {
  return function* (process) {
    const spawn = goroutines(process);
    /** By client: the socket that speaks to the container in its name. */
    const backends = new Map<string, OpenDatagramSocket>();
    for (;;) {
      const datagram = listener.receive();
      if (datagram === 'EAGAIN') {
        yield { on: [listener.readable] };
        continue;
      }
      if (typeof datagram === 'string') continue;
      const client = { address: datagram.source, port: datagram.sourcePort };
      const key = `${formatIP(client.address)} ${client.port}`;
      let backend = backends.get(key);
      if (!backend) {
        backend = openDatagramSocket(process, typeof container.address === 'bigint' ? 6 : 4);
        if (backend.connect(container.address, container.port)) {
          backend.hold().release();
          continue;
        }
        backends.set(key, backend);
        spawn(answerClient(process, listener, backend, client, () => backends.delete(key)));
      }
      backend.sendTo(datagram.data);
    }
  };
}

/** Sends the container's answers to one client until it has been silent for long enough. */
function* answerClient(
  process: Process,
  listener: OpenDatagramSocket,
  backend: OpenDatagramSocket,
  client: SocketAddress,
  forget: () => void,
): Blocking<void> {
  const fd = process.install(backend);
  let until = process.host.now + UDP_TIMEOUT;
  for (;;) {
    const answer = backend.receive();
    if (typeof answer !== 'string') {
      listener.sendTo(answer.data, client.address, client.port);
      until = process.host.now + UDP_TIMEOUT;
    } else if (answer === 'EAGAIN') {
      if ((yield { on: [backend.readable], until }) === 'timeout') break;
    } else if (answer !== 'ECONNREFUSED') break;
  }
  forget();
  process.close(fd);
}
