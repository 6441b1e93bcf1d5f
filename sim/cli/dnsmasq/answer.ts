import { formatIP, formatIPv4, formatIPv6, type IP } from '../../base/address.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { type DnsRequest, EDNS_SIZE, forwardQuery } from '../../host/dns/server.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { encode } from '../../base/bytes.ts';
import {
  DNS_CLASS,
  DNS_OPCODE,
  DNS_RCODE,
  DNS_TYPE,
  type DnsMessage,
  type DnsName,
  type DnsRecord,
  dnsResponse,
  lowerName,
} from '../../wire/dns.ts';
import { rcodeName, shownType } from '../../wire/dns-text.ts';
import type { Log } from './log.ts';
import { addressOfReverse, type KnownNames, rulesFor } from './names.ts';
import type { DnsmasqSettings } from './options.ts';

export const DNSMASQ_VERSION = '2.93';

/** How long a server has before the next one is asked. */
const FORWARD_TIMEOUT: Micros = 10 * SECOND;
const MAX_CHAIN = 10;
/** Extended errors (RFC 8914). */
const EDE = { NotReady: 14, NetworkError: 23 } as const;

interface Cached {
  reply: DnsMessage;
  stored: Micros;
  until: Micros;
}

/** What dnsmasq does with a question: its own records, rules for domains, what it remembers, other servers (forward.c, rfc1035.c). */
export class Resolver {
  readonly #process: Process;
  readonly #settings: DnsmasqSettings;
  readonly #names: KnownNames;
  readonly #log: Log;
  /** The usual servers, the one that answered last in front. */
  #servers: Endpoint[];
  readonly #cache = new Map<string, Cached>();

  constructor(process: Process, settings: DnsmasqSettings, names: KnownNames, servers: Endpoint[], log: Log) {
    this.#process = process;
    this.#settings = settings;
    this.#names = names;
    this.#servers = servers;
    this.#log = log;
  }

  *answer({ query, client, transport }: DnsRequest): Blocking<DnsMessage | undefined> {
    const question = query.questions[0];
    if (!question || query.questions.length !== 1 || query.opcode !== DNS_OPCODE.Query) return this.#reply(query, DNS_RCODE.NotImp);
    const plain = shown(question.name);
    yield* this.#log.query(`query[${shownType(question.type)}] ${plain} from ${formatIP(client.address)}`, client);
    if (question.class === DNS_CLASS.CH) return yield* this.#chaos(query, question.name, question.type);
    const own = yield* this.#own(query, question.name, question.type);
    if (own) return own;
    const kept = yield* this.#cached(query, question.name, question.type);
    if (kept) return kept;
    return yield* this.#forward(query, question.name, question.type, transport);
  }

  #reply(query: DnsMessage, rcode: number, answers: DnsRecord[] = []): DnsMessage {
    const reply = { ...dnsResponse(query, rcode), recursionAvailable: true, authoritative: answers.length > 0, answers };
    if (query.edns) reply.edns = { udpSize: EDNS_SIZE, version: 0, dnssecOk: query.edns.dnssecOk, options: [] };
    return reply;
  }

  *#refuse(query: DnsMessage, code: number, why: string): Blocking<DnsMessage> {
    yield* this.#log.query(`config error is REFUSED (EDE: ${why})`);
    const reply = this.#reply(query, DNS_RCODE.Refused);
    reply.edns?.options.push({ code: 15, data: Uint8Array.of(code >>> 8, code & 255) });
    return reply;
  }

  *#chaos(query: DnsMessage, name: DnsName, type: number): Blocking<DnsMessage> {
    const known = lowerName(name) === 'version.bind.' && type === DNS_TYPE.TXT;
    if (!known) return yield* this.#refuse(query, EDE.NotReady, 'not ready');
    yield* this.#log.query(`config ${shown(name)} is <TXT>`);
    const data = { kind: 'TXT' as const, strings: [encode(`dnsmasq-${DNSMASQ_VERSION}`)] };
    return this.#reply(query, DNS_RCODE.NoError, [{ name, class: DNS_CLASS.CH, ttl: this.#settings.localTtl, data }]);
  }

  /** An answer out of the configuration and hosts files, if they say anything. */
  *#own(query: DnsMessage, asked: DnsName, type: number): Blocking<DnsMessage | undefined> {
    const answers: DnsRecord[] = [];
    let name = asked;
    for (let n = 0; n < MAX_CHAIN; n++) {
      const records = this.#names.records(name, type).filter(({ data }) => type !== DNS_TYPE.ANY || data.kind !== 'CNAME');
      for (const { data, ttl, source } of records) {
        answers.push({ name, class: DNS_CLASS.IN, ttl: ttl ?? this.#settings.localTtl, data });
        yield* this.#log.query(`${source} ${logged(name, data)}`);
      }
      if (records.length > 0) break;
      const ruled = yield* this.#ruled(name, type);
      answers.push(...ruled);
      if (ruled.length > 0) break;
      const alias = this.#names.records(name, DNS_TYPE.CNAME)[0];
      if (alias?.data.kind !== 'CNAME') break;
      answers.push({ name, class: DNS_CLASS.IN, ttl: alias.ttl ?? this.#settings.localTtl, data: alias.data });
      yield* this.#log.query(`config ${shown(name)} is <CNAME>`);
      name = alias.data.name;
    }
    if (answers.length > 0) {
      const reply = this.#reply(query, DNS_RCODE.NoError, answers);
      reply.additionals = this.#glue(answers);
      return reply;
    }
    return this.#isLocal(asked, type) ? yield* this.#nothing(query, asked, type) : undefined;
  }

  /** --address */
  *#ruled(name: DnsName, type: number): Blocking<DnsRecord[]> {
    const records: DnsRecord[] = [];
    for (const { action } of rulesFor(this.#settings, name, type)) {
      if (action.kind !== 'address' && action.kind !== 'null') continue;
      const found: IP = action.kind === 'address' ? action.address : type === DNS_TYPE.A ? 0 : 0n;
      const data = typeof found === 'bigint' ? ({ kind: 'AAAA', address: found } as const) : ({ kind: 'A', address: found } as const);
      records.push({ name, class: DNS_CLASS.IN, ttl: this.#settings.localTtl, data });
      yield* this.#log.query(`config ${shown(name)} is ${formatIP(found)}`);
    }
    return records;
  }

  #glue(answers: readonly DnsRecord[]): DnsRecord[] {
    const targets = answers.flatMap(({ data }) => (data.kind === 'SRV' ? [data.target] : data.kind === 'MX' ? [data.exchange] : []));
    return targets.flatMap((target) =>
      [DNS_TYPE.A, DNS_TYPE.AAAA].flatMap((type) =>
        this.#names
          .records(target, type)
          .map(({ data, ttl }) => ({ name: target, class: DNS_CLASS.IN, ttl: ttl ?? this.#settings.localTtl, data })),
      ),
    );
  }

  /** Whether nobody else is asked about a name. */
  #isLocal(name: DnsName, type: number): boolean {
    const rules = rulesFor(this.#settings, name, type);
    if (rules.some(({ action }) => action.kind === 'local')) return true;
    const plain = !shown(name).includes('.');
    if (this.#settings.domainNeeded && plain && rules.length === 0 && (type === DNS_TYPE.A || type === DNS_TYPE.AAAA)) return true;
    const address = this.#settings.bogusPrivate && type === DNS_TYPE.PTR ? addressOfReverse(name) : undefined;
    return typeof address === 'number' && isPrivate(address);
  }

  *#nothing(query: DnsMessage, name: DnsName, type: number): Blocking<DnsMessage> {
    const exists = this.#names.exists(name);
    const family = type === DNS_TYPE.A ? '-IPv4' : type === DNS_TYPE.AAAA ? '-IPv6' : '';
    yield* this.#log.query(`config ${shown(name)} is ${exists ? `NODATA${family}` : 'NXDOMAIN'}`);
    return this.#reply(query, exists ? DNS_RCODE.NoError : DNS_RCODE.NXDomain);
  }

  *#cached(query: DnsMessage, name: DnsName, type: number): Blocking<DnsMessage | undefined> {
    const key = `${lowerName(name)} ${type}`;
    const entry = this.#cache.get(key);
    if (!entry || entry.until <= this.#process.host.now) return undefined;
    const age = Math.floor((this.#process.host.now - entry.stored) / SECOND);
    yield* this.#logReply('cached', entry.reply, name, type);
    const older = (records: readonly DnsRecord[]) => records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - age) }));
    const { rcode, answers } = entry.reply;
    return { ...this.#reply(query, rcode), authoritative: false, answers: older(answers) };
  }

  *#forward(query: DnsMessage, name: DnsName, type: number, transport: 'udp' | 'tcp'): Blocking<DnsMessage | undefined> {
    const rules = rulesFor(this.#settings, name, type);
    const special = rules.flatMap(({ action }) => (action.kind === 'server' ? [action.server] : []));
    const servers = special.length > 0 ? special : this.#servers;
    if (servers.length === 0) return yield* this.#refuse(query, EDE.NotReady, 'not ready');
    for (const server of servers) {
      const port = server.port === 53 ? '' : `#${server.port}`;
      yield* this.#log.query(`forwarded ${shown(name)} to ${formatIP(server.address)}${port}`);
      const reply = yield* forwardQuery(this.#process, query, [server], { transport, timeout: FORWARD_TIMEOUT });
      if (!reply) continue;
      const useless = reply.rcode === DNS_RCODE.Refused || reply.rcode === DNS_RCODE.ServFail;
      if (useless && server !== servers.at(-1)) continue;
      if (special.length === 0 && !this.#settings.strictOrder) this.#prefer(server);
      yield* this.#logReply('reply', reply, name, type);
      this.#keep(reply, name, type);
      return reply;
    }
    // A client that asked by datagram asks again by itself.
    return transport === 'udp' ? undefined : yield* this.#refuse(query, EDE.NetworkError, 'network error');
  }

  #prefer(server: Endpoint): void {
    this.#servers = [server, ...this.#servers.filter((other) => other !== server)];
  }

  #keep(reply: DnsMessage, name: DnsName, type: number): void {
    if (reply.truncated || (reply.rcode !== DNS_RCODE.NoError && reply.rcode !== DNS_RCODE.NXDomain)) return;
    const negative = reply.answers.length === 0;
    if (negative && !this.#settings.negativeCache) return;
    const soa = reply.authorities.find(({ data }) => data.kind === 'SOA');
    const seconds = negative
      ? soa?.data.kind === 'SOA'
        ? Math.min(soa.ttl, soa.data.minimum)
        : 0
      : Math.min(...reply.answers.map(({ ttl }) => ttl));
    if (seconds === 0 || this.#settings.cacheSize === 0) return;
    const { now } = this.#process.host;
    if (this.#cache.size >= this.#settings.cacheSize) this.#cache.delete(this.#cache.keys().next().value as string);
    this.#cache.set(`${lowerName(name)} ${type}`, { reply, stored: now, until: now + seconds * SECOND });
  }

  *#logReply(source: 'reply' | 'cached', reply: DnsMessage, name: DnsName, type: number): Blocking<void> {
    if (reply.rcode === DNS_RCODE.NXDomain) return yield* this.#log.query(`${source} ${shown(name)} is NXDOMAIN`);
    if (reply.rcode !== DNS_RCODE.NoError) return yield* this.#log.query(`${source} error is ${rcodeName(reply.rcode)}`);
    for (const record of reply.answers) yield* this.#log.query(`${source} ${logged(record.name, record.data)}`);
    const family = type === DNS_TYPE.A ? '-IPv4' : type === DNS_TYPE.AAAA ? '-IPv6' : '';
    if (reply.answers.length === 0) yield* this.#log.query(`${source} ${shown(name)} is NODATA${family}`);
  }
}

function shown(name: DnsName): string {
  return name.replace(/(?<=.)\.$/, '');
}

/** `web.test is 10.0.0.1`: what the log says about a record. */
function logged(name: DnsName, data: DnsRecord['data']): string {
  const pointed = data.kind === 'PTR' ? addressOfReverse(name) : undefined;
  if (data.kind === 'PTR' && pointed !== undefined) return `${formatIP(pointed)} is ${shown(data.name)}`;
  if (data.kind === 'A') return `${shown(name)} is ${formatIPv4(data.address)}`;
  if (data.kind === 'AAAA') return `${shown(name)} is ${formatIPv6(data.address)}`;
  if (data.kind === 'TXT') return `${shown(name)} is <TXT>`;
  return `${shown(name)} is <${data.kind === 'other' ? shownType(data.type) : data.kind}>`;
}

/** 10/8, 172.16/12, 192.168/16, 127/8, 169.254/16. */
function isPrivate(address: number): boolean {
  const [first, second] = [address >>> 24, (address >>> 16) & 255];
  return (
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254)
  );
}
