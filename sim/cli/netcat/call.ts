import type { IP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { type OpenDatagramSocket, type OpenStreamSocket, openDatagramSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type SocketOptions, setTypeOfService } from '../../kernel/socket/socket.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { servicePort } from '../service-names.ts';
import { Failure } from './failure.ts';
import type { Settings } from './options.ts';
import { askProxy } from './proxy.ts';
import { relay } from './relay.ts';
import { announce, shownHost } from './report.ts';

/** `80`, `http`, or `1-10` as a list (build_ports). */
function portList(text: string, service: (name: string) => number | undefined): number[] | Failure {
  const range = /^(\d+)-(\d+)$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const [low, high] = from < to ? [from, to] : [to, from];
    if (high > 65_535) return new Failure(`nc: port number too large: ${high}\n`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  }
  const known = service(text);
  if (known !== undefined) return [known];
  if (!/^\d+$/.test(text)) return new Failure(`nc: port number invalid: ${text}\n`);
  if (Number(text) > 65_535) return new Failure(`nc: port number too large: ${text}\n`);
  if (Number(text) === 0) return new Failure(`nc: port number too small: ${text}\n`);
  return [Number(text)];
}

/** Each port in turn, of each the host's addresses until one answers; -z tries all of them, otherwise the first that answers stays. */
export function* call(process: Process, settings: Settings, host: string, portTexts: readonly string[]): Blocking<number | Failure> {
  const ports: number[] = [];
  const service = yield* servicePort(process, settings.udp ? 'udp' : 'tcp');
  for (const text of portTexts) {
    const some = portList(text, service);
    if (some instanceof Failure) return some;
    ports.push(...some);
  }
  if (settings.random) shuffle(process, ports);
  let status = 1;
  for (const port of ports) {
    if (settings.proxy) {
      const outcome = yield* callByProxy(process, settings, host, port);
      if (outcome instanceof Failure) return outcome;
      if (outcome === 'done') status = 0;
      continue;
    }
    const found = yield* addressesOf(process, settings, host, String(port));
    if (found instanceof Failure) return found;
    const towards = found.scope === undefined ? settings : { ...settings, scope: found.scope };
    for (const address of found.addresses) {
      const outcome = yield* (settings.udp ? callDatagram : callStream)(process, towards, host, address, port);
      if (outcome instanceof Failure) return outcome;
      if (outcome === 'failed') continue;
      status = 0;
      break;
    }
  }
  return status;
}

/** -r */
function shuffle(process: Process, ports: number[]): void {
  const random = process.host.random(`nc/${process.pid}`);
  for (let i = ports.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [ports[i], ports[j]] = [ports[j] as number, ports[i] as number];
  }
}

function* addressesOf(
  process: Process,
  settings: Settings,
  host: string,
  port: string,
): Blocking<{ addresses: IP[]; scope?: number } | Failure> {
  const resolved = yield* resolveName(process, host, settings.family);
  const failed = (why: string) => new Failure(`nc: getaddrinfo for host "${host}" port ${port}: ${why}\n`);
  if (typeof resolved === 'string') return failed(resolutionErrorText(resolved));
  const addresses = resolved.addresses.filter(
    (address) => settings.family === 0 || (typeof address === 'bigint') === (settings.family === 6),
  );
  if (addresses.length === 0) return failed(resolutionErrorText('EAI_ADDRFAMILY'));
  return resolved.scope === undefined ? { addresses } : { addresses, scope: resolved.scope };
}

/** -T, -M and -b, for those who call and those who listen (set_common_sockopts). */
export function setCommonOptions(options: SocketOptions, settings: Settings): void {
  if (settings.tos !== undefined) setTypeOfService(options, settings.tos, !settings.udp);
  if (settings.ttl !== undefined) options.ttl = settings.ttl;
  options.broadcast = settings.broadcast;
}

/** Those, -s and -p. */
function* prepare(
  process: Process,
  settings: Settings,
  socket: OpenStreamSocket | OpenDatagramSocket,
  remote: IP,
): Blocking<Failure | undefined> {
  const { options } = socket;
  setCommonOptions(options, settings);
  if (settings.scope !== undefined) options.boundDevice = settings.scope;
  const { source, localPort: port } = settings;
  if (source === undefined && port === undefined) return undefined;
  options.reuseAddress = true;
  options.reusePort = true;
  let address: IP = typeof remote === 'bigint' ? 0n : 0;
  if (source !== undefined) {
    const resolved = yield* resolveName(process, source, typeof remote === 'bigint' ? 6 : 4);
    if (typeof resolved === 'string') return new Failure(`nc: getaddrinfo: ${resolutionErrorText(resolved)}\n`);
    address = resolved.addresses[0] as IP;
  }
  const failed = socket.bind(address, Number(port ?? 0));
  return failed ? new Failure(`nc: bind failed: ${strerror(failed)}\n`) : undefined;
}

function* connectStream(
  process: Process,
  settings: Settings,
  host: string,
  address: IP,
  port: number,
): Blocking<{ socket: OpenStreamSocket; fd: number } | 'failed' | Failure> {
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const refused = yield* prepare(process, settings, socket, address);
  if (refused) return refused;
  const failed = yield* socket.connect(address, port, settings.timeout === undefined ? undefined : process.host.now + settings.timeout);
  if (!failed) return { socket, fd };
  process.close(fd);
  const why = failed === 'EINPROGRESS' ? 'timed out: Operation now in progress' : `failed: ${strerror(failed)}`;
  if (settings.verbose) yield* process.write(2, `nc: connect to ${shownHost(host, address)} port ${port} (tcp) ${why}\n`);
  return 'failed';
}

function* callStream(process: Process, settings: Settings, host: string, address: IP, port: number): Blocking<'done' | 'failed' | Failure> {
  const connection = yield* connectStream(process, settings, host, address, port);
  if (connection instanceof Failure || connection === 'failed') return connection;
  // A port that was only tried is worth a word without -v, too.
  if (settings.verbose || settings.tried) yield* announce(process, settings, host, address, port);
  if (settings.passes) return new Failure('nc: sendmsg: Socket operation on non-socket\n');
  if (!settings.tried) yield* relay(process, connection.fd, connection.socket, settings);
  process.close(connection.fd);
  return 'done';
}

/** -x: the proxy connects to the host, whose name only SOCKS 5, SOCKS 4A and HTTP proxies resolve themselves. */
function* callByProxy(process: Process, settings: Settings, host: string, port: number): Blocking<'done' | 'failed' | Failure> {
  const { proxy } = settings;
  if (!proxy) return 'failed';
  const found = yield* addressesOf(process, settings, proxy.host, proxy.port);
  if (found instanceof Failure) return found;
  for (const address of found.addresses) {
    const connection = yield* connectStream(process, settings, proxy.host, address, Number(proxy.port));
    if (connection instanceof Failure) return connection;
    if (connection === 'failed') continue;
    const refused = yield* askProxy(process, proxy, connection.fd, host, port);
    if (refused) return refused;
    if (settings.verbose || settings.tried) yield* announce(process, settings, host, address, port);
    if (!settings.tried) yield* relay(process, connection.fd, connection.socket, settings);
    process.close(connection.fd);
    return 'done';
  }
  return 'failed';
}

/** How long a closed port is given to say so. */
const TRIES = 3;

/** To a neighbour and back, in microseconds. */
const ROUND_TRIP = 100;

function* callDatagram(
  process: Process,
  settings: Settings,
  host: string,
  address: IP,
  port: number,
): Blocking<'done' | 'failed' | Failure> {
  const socket = openDatagramSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const refused = yield* prepare(process, settings, socket, address);
  if (refused) return refused;
  const failed = socket.connect(address, port);
  if (failed) {
    process.close(fd);
    if (settings.verbose)
      yield* process.write(2, `nc: connect to ${shownHost(host, address)} port ${port} (udp) failed: ${strerror(failed)}\n`);
    return 'failed';
  }
  // Whoever pipes something in gets no probes among it, and so no word.
  const probes = settings.tried || (settings.verbose && process.fds.get(0)?.description.startsWith('/dev/pts/') === true);
  if (probes && (yield* isClosed(process, socket))) {
    process.close(fd);
    return 'failed';
  }
  if (probes) yield* announce(process, settings, host, address, port);
  if (!settings.tried) yield* relay(process, fd, socket, settings);
  process.close(fd);
  return 'done';
}

/** A closed port is only known by the error that a datagram meets (udptest). */
function* isClosed(process: Process, socket: OpenDatagramSocket): Blocking<boolean> {
  const probe = (): number | Errno => socket.write(Uint8Array.of(88));
  if (typeof probe() === 'string') return true;
  // A neighbour's refusal is back before the second.
  yield* process.spend(ROUND_TRIP);
  if (typeof probe() === 'string') return true;
  for (let i = 0; i < TRIES; i++) {
    yield* process.sleep(SECOND);
    if (typeof probe() === 'string') return true;
  }
  return false;
}
