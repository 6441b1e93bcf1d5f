import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { HttpConnection } from '../http/connection.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import type { Session } from './session.ts';

/** An open connection to a server, or to a proxy. */
export interface Connection {
  host: string;
  port: number;
  fd: number;
  http: HttpConnection;
}

/** Errors of connect(2) after which another try makes no sense (retryable_socket_connect_error). */
const FINAL = ['ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED'];

/** Why there is no connection: no address, none that another try could make, or one that it could. */
export type ConnectFailure = 'host' | 'impossible' | 'again';

/** The kept connection, if it leads there and is still open, or a new one. */
export function* connectTo(session: Session, place: { host: string; port: number }): Blocking<Connection | ConnectFailure> {
  const { kept, log } = session;
  if (kept && kept.host === place.host && kept.port === place.port && stillOpen(kept)) {
    session.kept = undefined;
    const shown = place.host.includes(':') ? `[${place.host}]` : place.host;
    yield* log.write('verbose', `Reusing existing connection to ${shown}:${place.port}.\n`);
    return kept;
  }
  dropKept(session);
  const addresses = yield* addressesOf(session, place.host);
  return addresses ? yield* tryEach(session, place, addresses) : 'host';
}

/** Nothing has come since the last answer, not even the end. */
function stillOpen({ http }: Connection): boolean {
  return !http.ended && http.held.length === 0 && !http.socket.poll().in;
}

/** Ends the connection that was kept. */
export function dropKept(session: Session): void {
  if (session.kept) session.process.close(session.kept.fd);
  session.kept = undefined;
}

function* addressesOf(session: Session, host: string): Blocking<IP[] | undefined> {
  const { log, settings, process } = session;
  const before = session.known.get(host);
  if (before) return before;
  const numeric = parseIP(host) !== undefined;
  if (!numeric) yield* log.write('verbose', `Resolving ${host} (${host})... `);
  const resolved = yield* resolveName(process, host, settings.family);
  if (typeof resolved === 'string') {
    yield* log.write('verbose', `failed: ${resolutionErrorText(resolved)}.\n`);
    yield* log.write('notquiet', `wget: unable to resolve host address ${log.quote(host)}\n`);
    return undefined;
  }
  const { addresses } = resolved;
  const six = (address: IP): number => (typeof address === 'bigint' ? 1 : 0);
  if (settings.preferFamily === 'ipv4') addresses.sort((a, b) => six(a) - six(b));
  if (settings.preferFamily === 'ipv6') addresses.sort((a, b) => six(b) - six(a));
  const shown = addresses.slice(0, 3).map(formatIP).join(', ');
  if (!numeric) yield* log.write('verbose', `${shown}${addresses.length > 3 ? ', ...' : ''}\n`);
  if (settings.dnsCache) session.known.set(host, addresses);
  return addresses;
}

/** Tries one address after the other; the last one's error counts. */
function* tryEach(
  session: Session,
  { host, port }: { host: string; port: number },
  addresses: readonly IP[],
): Blocking<Connection | ConnectFailure> {
  const { log, settings } = session;
  let last: Errno = 'ECONNREFUSED';
  for (const address of addresses) {
    const shown = formatIP(address);
    const place = parseIP(host) === undefined ? `${host} (${host})|${shown}|` : typeof address === 'bigint' ? `[${shown}]` : shown;
    yield* log.write('verbose', `Connecting to ${place}:${port}... `);
    const opened = yield* open(session, address, port);
    if (typeof opened !== 'string') {
      yield* log.write('verbose', 'connected.\n');
      return { host, port, ...opened };
    }
    last = opened;
    yield* log.write('notquiet', `failed: ${strerror(last)}.\n`);
  }
  return FINAL.includes(last) && !settings.retryConnectionRefused ? 'impossible' : 'again';
}

function* open(session: Session, address: IP, port: number): Blocking<{ fd: number; http: HttpConnection } | Errno> {
  const { process, settings } = session;
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const until = settings.connectTimeout > 0 ? process.host.now + settings.connectTimeout * SECOND : Number.POSITIVE_INFINITY;
  const failed = (yield* bind(session, socket, address)) ?? (yield* socket.connect(address, port, until));
  if (!failed) return { fd, http: new HttpConnection(socket) };
  process.close(fd);
  return failed === 'EINPROGRESS' ? 'ETIMEDOUT' : failed;
}

function* bind(session: Session, socket: ReturnType<typeof openStreamSocket>, peer: IP): Blocking<Errno | undefined> {
  const { bindAddress } = session.settings;
  if (bindAddress === undefined) return undefined;
  const own = yield* resolveName(session.process, bindAddress, typeof peer === 'bigint' ? 6 : 4);
  // A name without an address leaves the choice to the kernel, after a complaint.
  if (typeof own !== 'string') return socket.bind(own.addresses[0] as IP, 0);
  yield* session.log.write('notquiet', `wget: unable to resolve bind address ${session.log.quote(bindAddress)}; disabling bind.\n`);
  return undefined;
}
