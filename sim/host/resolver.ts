import { type IP, parseIP } from '../base/address.ts';
import { decode } from '../base/bytes.ts';
import { SECOND, type Micros } from '../base/time.ts';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, dnsQuery, encodeDns, parseDns, sameName } from '../wire/dns.ts';
import { isWireError } from '../wire/wire-error.ts';
import { openDatagramSocket } from './inet-socket.ts';
import type { Process } from './process.ts';
import type { Blocking } from './wait.ts';

/** /etc/resolv.conf (resolv.conf(5)). */
export interface ResolverSettings {
  servers: IP[];
  search: string[];
  ndots: number;
  timeout: Micros;
  attempts: number;
}

export function* readResolvConf(process: Process): Blocking<ResolverSettings> {
  const settings: ResolverSettings = { servers: [], search: [], ndots: 1, timeout: 5 * SECOND, attempts: 2 };
  const bytes = yield* process.readFile('/etc/resolv.conf');
  for (const line of typeof bytes === 'string' ? [] : decode(bytes).split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && settings.servers.length < 3) {
      const address = parseIP(values[0] ?? '');
      if (address !== undefined) settings.servers.push(address);
    } else if (keyword === 'search' || keyword === 'domain') settings.search = values;
    else if (keyword === 'options') for (const value of values) option(settings, value);
  }
  // Without a line the server is on this host.
  if (settings.servers.length === 0) settings.servers.push(0x7f00_0001);
  return settings;
}

function option(settings: ResolverSettings, text: string): void {
  const [name, value] = text.split(':');
  const number = Number(value);
  if (!Number.isInteger(number)) return;
  if (name === 'ndots') settings.ndots = Math.min(15, number);
  else if (name === 'timeout') settings.timeout = Math.min(30, number) * SECOND;
  else if (name === 'attempts') settings.attempts = Math.min(5, number);
}

/** What DNS said: addresses, `none` for a name that doesn't exist or has none, `again` when no server answered. */
export type DnsAnswer = { name: string; addresses: IP[] } | 'none' | 'again';

/**
 * Asks DNS for a name's addresses as glibc does: the search list for names with few dots, each server in turn, everything again
 * `attempts` times. Answers that were cut (TC) are taken as they are: asking again over TCP is not modelled.
 *
 * @param families which to ask for
 */
export function* lookupDns(process: Process, name: string, families: readonly (4 | 6)[] = [4, 6]): Blocking<DnsAnswer> {
  const settings = yield* readResolvConf(process);
  const absolute = name.endsWith('.');
  const plain = absolute ? name.slice(0, -1) : name;
  const dots = plain.split('.').length - 1;
  const searched = absolute ? [] : settings.search.map((domain) => (domain === '.' ? plain : `${plain}.${domain.replace(/\.$/, '')}`));
  const candidates = absolute || dots >= settings.ndots ? [plain, ...searched] : [...searched, plain];
  let silent = false;
  for (const candidate of candidates) {
    const found = yield* ask(process, settings, candidate, families);
    if (typeof found !== 'string') return found;
    if (found === 'again') silent = true;
  }
  return silent ? 'again' : 'none';
}

function* ask(process: Process, settings: ResolverSettings, name: string, families: readonly (4 | 6)[]): Blocking<DnsAnswer> {
  const addresses: IP[] = [];
  let canonical = name;
  for (const family of families) {
    const reply = yield* queryServers(process, settings, name, family === 4 ? DNS_TYPE.A : DNS_TYPE.AAAA);
    if (reply === undefined) return addresses.length > 0 ? { name: canonical, addresses } : 'again';
    if (reply.rcode !== DNS_RCODE.NoError) return reply.rcode === DNS_RCODE.NXDomain ? 'none' : 'again';
    for (const record of reply.answers) {
      if ('address' in record.data && (record.data.kind === 'A' || record.data.kind === 'AAAA')) {
        addresses.push(record.data.address);
        canonical = record.name.replace(/\.$/, '');
      }
    }
  }
  return addresses.length > 0 ? { name: canonical, addresses } : 'none';
}

/** One question to each server in turn, until one says something useful (res_nsend). */
export function* queryServers(process: Process, settings: ResolverSettings, name: string, type: number): Blocking<DnsMessage | undefined> {
  const id = process.host.random(`dns/${process.pid}/${name}/${type}/${process.host.now}`).below(65_536);
  let last: DnsMessage | undefined;
  for (let attempt = 0; attempt < settings.attempts; attempt++) {
    for (const server of settings.servers) {
      const reply = yield* queryServer(process, server, dnsQuery(id, `${name}.`, type), settings.timeout);
      if (!reply) continue;
      if (reply.rcode === DNS_RCODE.NoError || reply.rcode === DNS_RCODE.NXDomain) return reply;
      last = reply;
    }
  }
  return last;
}

/** Sends one query by UDP and waits for its answer. @returns `undefined` when none came or the port is closed */
export function* queryServer(
  process: Process,
  server: IP,
  query: DnsMessage,
  timeout: Micros,
  port = 53,
): Blocking<DnsMessage | undefined> {
  const socket = openDatagramSocket(process, typeof server === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  try {
    if (socket.connect(server, port) || socket.sendTo(encodeDns(query))) return undefined;
    const until = process.host.now + timeout;
    for (;;) {
      const datagram = socket.receive();
      if (datagram === 'EAGAIN') {
        if ((yield { on: [socket.readable], until }) === 'timeout') return undefined;
        continue;
      }
      if (typeof datagram === 'string') return undefined;
      const message = parseDns(datagram.data, 0, datagram.data.length);
      if (isWireError(message) || !message.response || message.id !== query.id) continue;
      const asked = query.questions[0];
      const answered = message.questions[0];
      if (asked && answered && asked.type === answered.type && sameName(asked.name, answered.name)) return message;
    }
  } finally {
    process.close(fd);
  }
}
