import { formatIP, parseIP } from '../../base/address.ts';
import { concat, decode, encode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { Failure } from './failure.ts';
import type { ProxyServer } from './options.ts';

/** Asks a proxy that is connected at `fd` to connect to a host (socks.c): SOCKS 4 and 5 (RFC 1928), CONNECT (RFC 9110 §9.3.6). */
export function* askProxy(process: Process, proxy: ProxyServer, fd: number, host: string, port: number): Blocking<Failure | undefined> {
  if (proxy.kind === 'connect') return yield* askHttp(process, proxy, fd, host, port);
  if (proxy.kind === '5') return yield* askSocks5(process, fd, host, port);
  return yield* askSocks4(process, proxy, fd, host, port);
}

const bigEndian = (port: number): Uint8Array => Uint8Array.of(port >>> 8, port & 255);

/** Exactly `length` bytes; an end that comes too early is told as a broken pipe. */
function* exactly(process: Process, fd: number, length: number): Blocking<Uint8Array | Failure> {
  let have: Uint8Array = new Uint8Array(0);
  while (have.length < length) {
    const part: Uint8Array | string = yield* process.read(fd, length - have.length);
    if (part === 'EINTR') continue;
    if (typeof part === 'string' || part.length === 0) return new Failure(`nc: read failed (${have.length}/${length}): Broken pipe\n`);
    have = concat([have, part]);
  }
  return have;
}

function* askSocks5(process: Process, fd: number, host: string, port: number): Blocking<Failure | undefined> {
  yield* process.write(fd, Uint8Array.of(5, 1, 0));
  const greeting = yield* exactly(process, fd, 2);
  if (greeting instanceof Failure) return greeting;
  if (greeting[1] === 0xff) return new Failure('nc: authentication method negotiation failed\n');
  const address = parseIP(host);
  const name =
    typeof address === 'number'
      ? concat([Uint8Array.of(1), bytesOf(address)])
      : concat([Uint8Array.of(3, encode(host).length), encode(host)]);
  yield* process.write(fd, concat([Uint8Array.of(5, 1, 0), name, bigEndian(port)]));
  const answer = yield* exactly(process, fd, 4);
  if (answer instanceof Failure) return answer;
  if (answer[1] !== 0) return new Failure(`nc: connection failed, SOCKSv5 error: ${SOCKS5_ERRORS[answer[1] ?? 0] ?? 'Unknown error'}\n`);
  const rest = answer[3] === 1 ? 6 : answer[3] === 4 ? 18 : 0;
  const bound = yield* exactly(process, fd, rest);
  return bound instanceof Failure ? bound : undefined;
}

const SOCKS5_ERRORS: Record<number, string> = {
  1: 'General proxy failure',
  2: 'Connection not allowed by ruleset',
  3: 'Network unreachable',
  4: 'Host unreachable',
  5: 'Connection refused',
  6: 'TTL expired',
  7: 'Command not supported by proxy',
  8: 'Address type not supported by proxy',
};

function bytesOf(address: number): Uint8Array {
  return Uint8Array.of(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
}

/** SOCKS 4 wants an address; 4A takes a name behind an address that can't be one. */
function* askSocks4(process: Process, proxy: ProxyServer, fd: number, host: string, port: number): Blocking<Failure | undefined> {
  let address = 1;
  const named = proxy.kind === '4A' && typeof parseIP(host) !== 'number';
  if (!named) {
    const resolved = yield* resolveName(process, host, 4);
    if (typeof resolved === 'string')
      return new Failure(`nc: getaddrinfo for host "${host}" port ${port}: ${resolutionErrorText(resolved)}\n`);
    address = resolved.addresses[0] as number;
  }
  const name = named ? concat([encode(host), Uint8Array.of(0)]) : new Uint8Array(0);
  yield* process.write(fd, concat([Uint8Array.of(4, 1), bigEndian(port), bytesOf(address), Uint8Array.of(0), name]));
  const answer = yield* exactly(process, fd, 8);
  if (answer instanceof Failure) return answer;
  return answer[1] === 90 ? undefined : new Failure(`nc: connection failed, SOCKS error ${answer[1]}\n`);
}

function* askHttp(process: Process, proxy: ProxyServer, fd: number, host: string, port: number): Blocking<Failure | undefined> {
  if (proxy.user !== undefined) return new Failure(notModelled('nc', 'authentication at a proxy (-P)'));
  const at = typeof parseIP(host) === 'bigint' ? `[${formatIP(parseIP(host) as bigint)}]` : host;
  yield* process.write(fd, `CONNECT ${at}:${port} HTTP/1.0\r\n\r\n`);
  let first: string | undefined;
  for (;;) {
    let line = '';
    while (!line.endsWith('\n')) {
      const byte = yield* process.read(fd, 1);
      if (byte === 'EINTR') continue;
      if (typeof byte === 'string' || byte.length === 0) return new Failure('nc: proxy read: Broken pipe\n');
      line += decode(byte);
    }
    line = line.replace(/\r?\n$/, '');
    if (first === undefined) {
      first = line;
      if (!/^HTTP\/1\.[01] 200( |$)/.test(line)) return new Failure(`nc: ProxyServer error: "${line}"\n`);
    }
    if (line === '') return undefined;
  }
}
