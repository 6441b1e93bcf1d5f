import type { IP } from '../base/address.ts';
import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsName, dnsQuery } from '../wire/dns.ts';
import { type DnsReply, exchangeDatagrams, exchangeStream } from './dns/exchange.ts';
import { EDNS_SIZE } from './dns/server.ts';
import type { Process } from './process.ts';
import { type ResolverSettings, readResolvConf, searchedNames } from './resolv-conf.ts';
import type { Blocking } from './wait.ts';

/**
 * What DNS said: addresses under the canonical name, `none` for a name that doesn't exist, `nodata` for one without addresses, `again`
 * when no server gave a useful answer.
 */
export type DnsAnswer = { name: string; addresses: IP[]; aliases: string[] } | 'none' | 'nodata' | 'again';

/**
 * Asks DNS for a name's addresses as glibc does: along the search list, A and AAAA together, each server in turn, everything again
 * `attempts` times, by TCP what was cut.
 *
 * @param families which to ask for
 */
export function* lookupDns(process: Process, name: string, families: readonly (4 | 6)[] = [4, 6]): Blocking<DnsAnswer> {
  const settings = yield* readResolvConf(process);
  const types = families.map((family) => (family === 4 ? DNS_TYPE.A : DNS_TYPE.AAAA));
  let worst: 'none' | 'nodata' | 'again' = 'none';
  for (const candidate of searchedNames(settings, name)) {
    const replies = yield* queryServers(process, settings, candidate, types);
    if (!replies) return 'again';
    const found = addressesIn(candidate, replies);
    if (typeof found !== 'string') return found;
    if (found === 'again') worst = 'again';
    else if (found === 'nodata' && worst === 'none') worst = 'nodata';
  }
  return worst;
}

/** The addresses of several replies, in the replies' order, and the name at the end of the chain of aliases. */
function addressesIn(name: DnsName, replies: readonly DnsMessage[]): DnsAnswer {
  const addresses: IP[] = [];
  const aliases = new Set<string>();
  let canonical = name;
  for (const record of replies.flatMap((reply) => reply.answers)) {
    if (record.data.kind === 'CNAME') aliases.add(bare(record.name));
    if (record.data.kind !== 'A' && record.data.kind !== 'AAAA') continue;
    addresses.push(record.data.address);
    canonical = record.name;
  }
  if (addresses.length > 0) return { name: bare(canonical), addresses, aliases: [...aliases] };
  if (replies.some((reply) => reply.rcode === DNS_RCODE.NoError)) return 'nodata';
  return replies.every((reply) => reply.rcode === DNS_RCODE.NXDomain) ? 'none' : 'again';
}

/** Without the final dot. */
function bare(name: DnsName): string {
  return name.replace(/(?<=.)\.$/, '');
}

/** The name that DNS has for an address (a PTR record below in-addr.arpa or ip6.arpa), or `again` when no server answers. */
export function* lookupPointer(process: Process, address: IP): Blocking<{ name: string } | 'again' | undefined> {
  const settings = yield* readResolvConf(process);
  // Where no server is named and none runs here, the question would only meet this host's closed port: it isn't sent.
  if (!settings.named && [...process.namespaces.net.sockets.udp.ports.holders(53)].length === 0) return 'again';
  const replies = yield* queryServers(process, settings, reverseName(address), [DNS_TYPE.PTR]);
  if (!replies) return 'again';
  for (const { data } of replies[0]?.answers ?? []) if (data.kind === 'PTR') return { name: bare(data.name) };
  return undefined;
}

/** Where an address's name stands: `1.0.0.10.in-addr.arpa.`, or 32 hexadecimal digits below ip6.arpa. */
export function reverseName(address: IP): DnsName {
  if (typeof address === 'number') {
    const bytes = [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24];
    return `${bytes.join('.')}.in-addr.arpa.`;
  }
  return `${[...address.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa.`;
}

/**
 * Questions about one name to each server in turn, until one says something useful (res_nsend).
 *
 * @returns the answers in the questions' order; `undefined` when no server answered, the last useless answers (SERVFAIL, REFUSED) when
 *   there was nothing better
 */
export function* queryServers(
  process: Process,
  settings: ResolverSettings,
  name: DnsName,
  types: readonly number[],
): Blocking<DnsMessage[] | undefined> {
  let last: DnsMessage[] | undefined;
  const random = process.host.random(`dns/${process.pid}/${name}/${types.join()}/${process.host.now}`);
  const first = settings.rotate ? random.below(settings.servers.length) : 0;
  for (let attempt = 0; attempt < settings.attempts; attempt++) {
    for (let n = 0; n < settings.servers.length; n++) {
      const server = settings.servers[(first + n) % settings.servers.length] as IP;
      const queries = types.map((type) => resolverQuery(random.below(65_536), name, type, settings.edns));
      const until = serverTimeout(settings, n);
      const replies = yield* ask(process, settings, server, queries, until);
      if (typeof replies === 'string') continue;
      const messages = replies.map((reply) => reply.message);
      if (messages.every(({ rcode }) => rcode === DNS_RCODE.NoError || rcode === DNS_RCODE.NXDomain)) return messages;
      last = messages;
    }
  }
  return last;
}

function resolverQuery(id: number, name: DnsName, type: number, edns: boolean): DnsMessage {
  const query = dnsQuery(id, name, type);
  if (edns) query.edns = { udpSize: EDNS_SIZE, version: 0, dnssecOk: false, options: [] };
  return query;
}

/** Later servers get more time, shared among all (send_dg). */
function serverTimeout(settings: ResolverSettings, index: number): Micros {
  const whole = 1_000_000;
  const seconds = Math.floor(settings.timeout / whole) * 2 ** index;
  return Math.max(1, index === 0 ? seconds : Math.floor(seconds / settings.servers.length)) * whole;
}

function* ask(
  process: Process,
  settings: ResolverSettings,
  address: IP,
  queries: readonly DnsMessage[],
  timeout: Micros,
): Blocking<DnsReply[] | Errno> {
  const server = { address, port: 53 };
  if (!settings.tcp) {
    const batches = settings.single === 'no' ? [queries] : queries.map((query) => [query]);
    const replies: DnsReply[] = [];
    for (const batch of batches) {
      const some = yield* exchangeDatagrams(process, server, batch, { until: process.host.now + timeout });
      if (typeof some === 'string') return some;
      replies.push(...some);
    }
    if (!replies.some((reply) => reply.message.truncated)) return replies;
  }
  const whole: DnsReply[] = [];
  for (const query of queries) {
    const reply = yield* exchangeStream(process, server, query, { until: process.host.now + timeout });
    if (typeof reply === 'string') return reply;
    whole.push(reply);
  }
  return whole;
}
