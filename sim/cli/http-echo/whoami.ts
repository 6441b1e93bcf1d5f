import { formatIP, type IP } from '../../base/address.ts';
import { encode } from '../../base/bytes.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue } from '../../wire/http.ts';
import { type Command, notModelled } from '../command.ts';
import { type Asked, goFlags, portOf, serveHttp } from './serve.ts';

/** traefik/whoami: tells a client what its request looks like from here, and who answers. */
export const whoamiServer: Command = { name: 'traefik-whoami', paths: [], run: runWhoami };

function* runWhoami(process: Process): Blocking<number> {
  const flags = goFlags(process.argv.slice(1), ['port', 'name', 'cert', 'key', 'cacert', 'verbose']);
  if ('error' in flags) {
    yield* process.write(2, `${flags.error}\n`);
    return 2;
  }
  for (const name of ['cert', 'key', 'cacert']) {
    if (!flags.has(name)) continue;
    yield* process.write(2, notModelled('whoami', `-${name}`));
    return 1;
  }
  const port = flags.get('port') ?? process.env.get('WHOAMI_PORT_NUMBER') ?? '80';
  const name = flags.get('name') ?? process.env.get('WHOAMI_NAME') ?? '';
  const stamp = (): string => strftime('%Y/%m/%d %H:%M:%S', momentOf(process.host.now));
  yield* process.write(2, `${stamp()} Starting up on port ${port}\n`);
  const number = portOf(port);
  if (number !== undefined) {
    yield* serveHttp(process, number, (asked) => {
      const path = asked.head.target.replace(/\?.*$/, '');
      if (path === '/health') return { status: 200, reason: 'OK', body: new Uint8Array(0) };
      if (path === '/api') {
        const body = encode(`${JSON.stringify(facts(process, name, asked))}\n`);
        return { status: 200, reason: 'OK', headers: [['Content-Type', 'application/json']], body };
      }
      return { status: 200, reason: 'OK', body: encode(describe(process, name, asked)) };
    });
  }
  yield* process.write(2, `${stamp()} listen tcp :${port}: bind: address already in use\n`);
  return 1;
}

/** Every address of the network namespace. */
function addresses(process: Process): IP[] {
  return openRtNetlink(process.namespaces.net)
    .addresses()
    .map(({ prefix }) => prefix.address);
}

function clientOf({ socket }: Asked): string {
  const { peer } = socket;
  if (!peer) return '';
  const { address } = peer;
  const plain = typeof address === 'bigint' && address >> 32n === 0xffffn ? Number(address & 0xffff_ffffn) : address;
  return typeof plain === 'bigint' ? `[${formatIP(plain)}]:${peer.port}` : `${formatIP(plain)}:${peer.port}`;
}

/** The headers as Go writes a request: Host and User-Agent first, the others by name. */
function headerLines({ head }: Asked): string[] {
  const canonical = (name: string): string =>
    name.toLowerCase().replace(/(^|-)([a-z])/g, (_all, dash: string, c: string) => dash + c.toUpperCase());
  const others = head.headers
    .map(([name, value]) => [canonical(name), value] as const)
    .filter(([name]) => name !== 'Host' && name !== 'User-Agent')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const agent = headerValue(head.headers, 'User-Agent');
  return [
    `Host: ${headerValue(head.headers, 'Host') ?? ''}`,
    ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
    ...others.map(([name, value]) => `${name}: ${value}`),
  ];
}

function describe(process: Process, name: string, asked: Asked): string {
  const lines = [
    ...(name === '' ? [] : [`Name: ${name}`]),
    `Hostname: ${process.namespaces.uts.hostname}`,
    ...addresses(process).map((address) => `IP: ${formatIP(address)}`),
    `RemoteAddr: ${clientOf(asked)}`,
  ];
  const request = [`${asked.head.method} ${asked.head.target} HTTP/1.1`, ...headerLines(asked), '', ''];
  return `${lines.map((line) => `${line}\n`).join('')}${request.join('\r\n')}`;
}

function facts(process: Process, name: string, asked: Asked): Record<string, unknown> {
  const headers: Record<string, string[]> = {};
  for (const line of headerLines(asked).slice(1)) {
    const colon = line.indexOf(': ');
    headers[line.slice(0, colon)] = [...(headers[line.slice(0, colon)] ?? []), line.slice(colon + 2)];
  }
  return {
    hostname: process.namespaces.uts.hostname,
    ip: addresses(process).map(formatIP),
    headers,
    url: asked.head.target,
    host: headerValue(asked.head.headers, 'Host') ?? '',
    method: asked.head.method,
    ...(name === '' ? {} : { name }),
    remoteAddr: clientOf(asked),
  };
}
