import type { IP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { openDatagramSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { servicePort } from '../service-names.ts';
import { setCommonOptions } from './call.ts';
import { Failure } from './failure.ts';
import type { Settings } from './options.ts';
import { relay } from './relay.ts';
import { report } from './report.ts';

/** `nc -l`: without a host on every address of IPv4 (of IPv6 with -6). */
export function* serve(process: Process, settings: Settings, host: string | undefined, portText: string): Blocking<number | Failure> {
  const known = (yield* servicePort(process, settings.udp ? 'udp' : 'tcp'))(portText);
  // getaddrinfo(3) keeps the lower sixteen bits of a number.
  const port = known ?? (/^\d+$/.test(portText) ? Number(portText) & 0xffff : undefined);
  if (port === undefined) return new Failure('nc: getaddrinfo: Servname not supported for ai_socktype\n');
  let address: IP = settings.family === 6 ? 0n : 0;
  if (host !== undefined) {
    const found = yield* resolveName(process, host, settings.family);
    if (typeof found === 'string') return new Failure(`nc: getaddrinfo: ${resolutionErrorText(found)}\n`);
    address = (found.addresses.find((each) => typeof each === 'number') ?? found.addresses[0]) as IP;
  }
  return yield* (settings.udp ? serveDatagrams : serveStreams)(process, settings, address, port);
}

function* serveStreams(process: Process, settings: Settings, address: IP, port: number): Blocking<number | Failure> {
  const listener = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  const listening = process.install(listener);
  listener.options.reuseAddress = true;
  listener.options.reusePort = true;
  setCommonOptions(listener.options, settings);
  const failed = listener.bind(address, port) ?? listener.listen(1);
  if (failed) return new Failure(`nc: ${strerror(failed)}\n`);
  yield* report(process, settings, 'Listening', address, listener.name.port);
  for (;;) {
    const socket = yield* listener.accept(process);
    if (socket === 'EINTR') continue;
    if (typeof socket === 'string') return new Failure(`nc: accept: ${strerror(socket)}\n`);
    const fd = process.install(socket);
    const { peer } = socket;
    if (peer) yield* report(process, settings, 'Connection received', peer.address, peer.port);
    yield* relay(process, fd, socket, settings);
    process.close(fd);
    if (!settings.keep) {
      process.close(listening);
      return 0;
    }
  }
}

/** The first datagram's sender becomes the peer, unless -k is given. */
function* serveDatagrams(process: Process, settings: Settings, address: IP, port: number): Blocking<number | Failure> {
  const socket = openDatagramSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  socket.options.reuseAddress = true;
  socket.options.reusePort = true;
  setCommonOptions(socket.options, settings);
  const failed = socket.bind(address, port);
  if (failed) return new Failure(`nc: ${strerror(failed)}\n`);
  yield* report(process, settings, 'Bound', address, socket.name.port);
  if (!settings.keep) {
    for (;;) {
      const datagram = socket.receive();
      if (datagram === 'EAGAIN') {
        yield { on: [socket.readable] };
        continue;
      }
      if (typeof datagram === 'string') return new Failure(`nc: recvfrom: ${strerror(datagram)}\n`);
      socket.connect(datagram.source, datagram.sourcePort);
      yield* report(process, settings, 'Connection received', datagram.source, datagram.sourcePort);
      yield* process.write(1, datagram.data);
      if (settings.limit === 1) return 0;
      break;
    }
  }
  yield* relay(
    process,
    fd,
    socket,
    settings.limit === undefined ? settings : { ...settings, limit: settings.limit - (settings.keep ? 0 : 1) },
  );
  return 0;
}
