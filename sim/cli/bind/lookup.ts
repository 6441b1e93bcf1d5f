import { formatIP, type IP, parseIP } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import { type DnsReply, exchangeDatagram, exchangeStream } from '../../host/dns/exchange.ts';
import { EDNS_SIZE } from '../../host/dns/server.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { readResolvConf, type ResolverSettings, searchedNames } from '../../host/resolv-conf.ts';
import type { Blocking } from '../../host/wait.ts';
import { DNS_CLASS, DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsName, dnsQuery, nameLabels } from '../../wire/dns.ts';
import { resolveName } from '../name-resolution.ts';

/** What dig, host and nslookup have in common (bin/dig/dighost.c): one question, asked of servers in turn. */

/** The version of BIND that the three come with. */
export const BIND_VERSION = '9.20.30-1-Debian';

/** A server to ask, and how the user named it. */
export interface Server {
  address: IP;
  given: string;
}

/** A question and how to ask it. */
export interface Lookup {
  /** As the user typed it; the name asked for may be one of the search list's. */
  name: string;
  type: number;
  class: number;
  servers: readonly Server[];
  port: number;
  /** UDP attempts, shared by all servers. */
  tries: number;
  timeout: Micros;
  tcp: boolean;
  /** Keep an answer that was cut (+ignore). */
  keepTruncated: boolean;
  recurse: boolean;
  authenticData: boolean;
  checkingDisabled: boolean;
  authoritativeOnly: boolean;
  opcode: number;
  /** The UDP size of EDNS0; 0 for none of it. */
  edns: number;
  dnssec: boolean;
  /** Send a client cookie (RFC 7873). */
  cookie: boolean;
  search: boolean;
  /** Go to the next server when one says SERVFAIL, or doesn't recurse. */
  passOnFailure: boolean;
  wantRecursion: boolean;
  from?: Endpoint | undefined;
  id?: number | undefined;
}

export const PLAIN_LOOKUP: Lookup = {
  name: '.',
  type: DNS_TYPE.A,
  class: DNS_CLASS.IN,
  servers: [],
  port: 53,
  tries: 3,
  timeout: 5_000_000,
  tcp: false,
  keepTruncated: false,
  recurse: true,
  authenticData: false,
  checkingDisabled: false,
  authoritativeOnly: false,
  opcode: 0,
  edns: 0,
  dnssec: false,
  cookie: false,
  search: false,
  passOnFailure: false,
  wantRecursion: false,
};

export { EDNS_SIZE };

/** An answer, and where it came from. */
export interface Answer extends DnsReply {
  query: DnsMessage;
  from: Server;
  transport: 'UDP' | 'TCP';
  took: Micros;
}

/** What happens on the way, for programs that tell. */
export interface Listener {
  /** A line about a failure; on standard output in all three programs. */
  say(text: string): Blocking<void>;
  /** Before a question is sent. */
  asking?(query: DnsMessage): Blocking<void>;
  /** Before the last line about servers that could not be reached. */
  givingUp?(): Blocking<void>;
  /** An answer after which the search list goes on. */
  passing?(answer: Answer): Blocking<void>;
}

const UNREACHED = ';; no servers could be reached\n';

/** Asks along the search list until a name exists. @returns `undefined` when no server could be reached */
export function* lookUp(process: Process, settings: ResolverSettings, lookup: Lookup, listener: Listener): Blocking<Answer | undefined> {
  // A name with enough dots is never looked for below other domains (next_origin).
  const dots = lookup.name.split('.').length - 1;
  const whole = lookup.name.endsWith('.') ? lookup.name : `${lookup.name}.`;
  const names = lookup.search && dots < settings.ndots ? searchedNames(settings, lookup.name) : [whole];
  let answer: Answer | undefined;
  for (const [i, name] of names.entries()) {
    answer = yield* askServers(process, lookup, name, listener);
    if (!answer || answer.message.rcode !== DNS_RCODE.NXDomain || i === names.length - 1) break;
    if (listener.passing) yield* listener.passing(answer);
  }
  return answer;
}

function makeQuery(process: Process, lookup: Lookup, name: DnsName): DnsMessage {
  const random = process.host.random(`dig/${process.pid}/${name}/${lookup.type}/${process.host.now}`);
  const query = dnsQuery(lookup.id ?? random.below(65_536), name, lookup.type);
  query.questions = [{ name, type: lookup.type, class: lookup.class }];
  query.opcode = lookup.opcode;
  query.recursionDesired = lookup.recurse;
  query.authenticData = lookup.authenticData;
  query.checkingDisabled = lookup.checkingDisabled;
  query.authoritative = lookup.authoritativeOnly;
  if (lookup.edns > 0) {
    const options = lookup.cookie ? [{ code: 10, data: Uint8Array.from({ length: 8 }, () => random.below(256)) }] : [];
    query.edns = { udpSize: lookup.edns, version: 0, dnssecOk: lookup.dnssec, options };
  }
  return query;
}

function* askServers(process: Process, lookup: Lookup, name: DnsName, listener: Listener): Blocking<Answer | undefined> {
  let { tries, tcp } = lookup;
  for (let n = 0; n < lookup.servers.length; ) {
    const from = lookup.servers[n] as Server;
    const last = n === lookup.servers.length - 1;
    const query = makeQuery(process, lookup, name);
    if (listener.asking) yield* listener.asking(query);
    const began = process.host.now;
    const server = { address: from.address, port: lookup.port };
    const exchange = tcp ? exchangeStream : exchangeDatagram;
    const options = { until: began + lookup.timeout, ...(lookup.from ? { from: lookup.from } : {}) };
    const reply = yield* exchange(process, server, query, options);
    if (typeof reply === 'string') {
      const setup = tcp ? reply !== 'ECONNRESET' : SETUP_ERRORS.includes(reply);
      const at = `${formatIP(from.address)}#${lookup.port}`;
      if (setup) {
        const start = tcp ? 'Connection to' : 'UDP setup with';
        yield* listener.say(`;; ${start} ${at}(${from.given}) for ${name.replace(/(?<=.)\.$/, '')} failed: ${errorWords(reply)}.\n`);
      } else yield* listener.say(`;; communications error to ${at}: ${errorWords(reply)}\n`);
      if (tries > 1) {
        tries--;
        if (setup) yield* listener.say(UNREACHED);
      } else if (last) {
        if (!setup && listener.givingUp) yield* listener.givingUp();
        yield* listener.say(UNREACHED);
        return undefined;
      } else n++;
      continue;
    }
    if (reply.message.truncated && !tcp && !lookup.keepTruncated) {
      yield* listener.say(';; Truncated, retrying in TCP mode.\n');
      tcp = true;
      continue;
    }
    const answer: Answer = { ...reply, query, from, transport: tcp ? 'TCP' : 'UDP', took: process.host.now - began };
    const unwanted = yield* complaint(lookup, answer, last, listener);
    if (!unwanted || last) return answer;
    n++;
  }
  return undefined;
}

/** Answers that make the three programs go on to the next server. @returns whether this is one */
function* complaint(lookup: Lookup, { message, from }: Answer, last: boolean, listener: Listener): Blocking<boolean> {
  const next = last ? '' : ', trying next server';
  if (lookup.passOnFailure && message.rcode === DNS_RCODE.ServFail) {
    yield* listener.say(`;; Got SERVFAIL reply from ${formatIP(from.address)}${next}\n`);
    return true;
  }
  if (lookup.wantRecursion && lookup.recurse && !message.recursionAvailable) {
    yield* listener.say(`;; Got recursion not available from ${formatIP(from.address)}${next}\n`);
    return true;
  }
  return false;
}

/** Errors of connect(2) and bind(2), before anything is sent. */
const SETUP_ERRORS: readonly Errno[] = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EADDRINUSE', 'EINVAL', 'EACCES', 'EPERM', 'EAFNOSUPPORT'];

/** BIND's own words for errors (isc_result_totext). */
function errorWords(error: Errno): string {
  const words: Partial<Record<Errno, string>> = {
    ECONNREFUSED: 'connection refused',
    ETIMEDOUT: 'timed out',
    ENETUNREACH: 'network unreachable',
    EHOSTUNREACH: 'host unreachable',
    EHOSTDOWN: 'host down',
    ENETDOWN: 'network down',
    EADDRNOTAVAIL: 'address not available',
    EADDRINUSE: 'address in use',
    ECONNRESET: 'end of file',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EINVAL: 'invalid file',
    EINTR: 'operation canceled',
  };
  return words[error] ?? 'unexpected error';
}

/** `NAME is not a legal name (empty label)`, or nothing when it is one. */
export function illegalName(name: string): string | undefined {
  const labels = nameLabels(name);
  return 'error' in labels ? `'${name}' is not a legal name (${labels.error})` : undefined;
}

/** The servers of /etc/resolv.conf, as far as they are of the family. */
export function configuredServers(settings: ResolverSettings, family: 0 | 4 | 6): Server[] {
  const fitting = settings.servers.filter((address) => family === 0 || (typeof address === 'bigint') === (family === 6));
  // Without a server of that kind the host itself is asked.
  if (fitting.length === 0) fitting.push(family === 6 ? 1n : 0x7f00_0001);
  return fitting.map((address) => ({ address, given: formatIP(address) }));
}

/** The addresses of a server that the user named. @returns what is wrong: `not found` or `failure` */
export function* namedServers(process: Process, given: string, family: 0 | 4 | 6): Blocking<Server[] | { error: string }> {
  const literal = parseIP(given);
  if (literal !== undefined && family === 4 && typeof literal === 'bigint') return { error: 'address family not supported' };
  const resolved = yield* resolveName(process, given, literal === undefined ? family : 0);
  if (typeof resolved === 'string') return { error: resolved === 'EAI_AGAIN' ? 'failure' : 'not found' };
  return resolved.addresses.map((address) => ({ address, given }));
}

export { readResolvConf };
