import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import { type DnsReply, exchangeDatagrams } from '../../host/dns/exchange.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { readResolvConf } from '../../host/resolv-conf.ts';
import { reverseName } from '../../host/resolver.ts';
import type { Blocking } from '../../host/wait.ts';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsRecord, dnsQuery } from '../../wire/dns.ts';
import { dataText, rcodeName } from '../../wire/dns-text.ts';
import { resolveName } from '../name-resolution.ts';
import { appletProgram, Die, ShowUsage, type Speech } from './failure.ts';

/** busybox's nslookup (networking/nslookup.c): its own questions to the servers, by UDP, all at once. */
export const nslookup = appletProgram('nslookup', runNslookup);

const TYPES: Readonly<Record<string, number>> = {
  soa: DNS_TYPE.SOA,
  ns: DNS_TYPE.NS,
  a: DNS_TYPE.A,
  aaaa: DNS_TYPE.AAAA,
  cname: DNS_TYPE.CNAME,
  mx: DNS_TYPE.MX,
  txt: DNS_TYPE.TXT,
  ptr: DNS_TYPE.PTR,
  srv: DNS_TYPE.SRV,
  any: DNS_TYPE.ANY,
};

const TIMEOUT = 5 * SECOND;

interface Wish {
  debug: boolean;
  types: number[];
  port: number;
  words: string[];
}

function parse(args: readonly string[]): Wish {
  const wish: Wish = { debug: false, types: [], port: 53, words: [] };
  for (const arg of args) {
    const [, name = '', value] = /^--?([a-z]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (!arg.startsWith('-')) wish.words.push(arg);
    else if (name !== '' && 'debug'.startsWith(name)) wish.debug = true;
    else if (value !== undefined && ('type'.startsWith(name) || 'querytype'.startsWith(name))) {
      const type = TYPES[value.toLowerCase()];
      if (type === undefined) throw new Die(`invalid query type "${value}"`);
      wish.types.push(type);
    } else if (value !== undefined && name === 'port') wish.port = Number(value);
    else throw new ShowUsage(`invalid option -- '${arg[1] ?? ''}'`);
  }
  if (wish.words.length === 0 || wish.words.length > 2) throw new ShowUsage();
  return wish;
}

function* runNslookup(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const wish = parse(args);
  const [host = '', given] = wish.words;
  const settings = yield* readResolvConf(process);
  const servers =
    given === undefined
      ? settings.servers.map((address) => ({ address, port: wish.port }))
      : [yield* namedServer(process, given, wish.port)];
  const queries = makeQueries(process, host, wish.types, settings.search);
  let failure = '';
  for (const server of servers) {
    const began = process.host.now;
    const replies = yield* exchangeDatagrams(process, server, queries, { until: began + TIMEOUT });
    if (replies === 'ENETUNREACH') throw new Die(`can't connect to remote host (${formatIP(server.address)}): ${strerror(replies)}`);
    if (typeof replies === 'string') {
      if (replies !== 'ETIMEDOUT') failure = `write to '${given ?? formatIP(server.address)}': ${strerror(replies)}`;
      if (failure !== '') speech.complain(failure);
      continue;
    }
    speech.print(`Server:\t\t${given ?? formatIP(server.address)}\nAddress:\t${endpointText(server)}\n\n`);
    return report(speech, queries, replies, wish.debug, process.host.now - began);
  }
  speech.print(';; connection timed out; no servers could be reached\n\n');
  return 1;
}

function endpointText({ address, port }: Endpoint): string {
  return typeof address === 'bigint' ? `[${formatIP(address)}]:${port}` : `${formatIP(address)}:${port}`;
}

/** `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`. */
function* namedServer(process: Process, given: string, usual: number): Blocking<Endpoint> {
  const match = parseIP(given) === undefined ? /^\[?(.*?)\]?:(\d+)$/.exec(given) : null;
  const host = match?.[1] ?? given;
  const resolved = yield* resolveName(process, host);
  if (typeof resolved === 'string') throw new Die(`bad address '${host}'`);
  return { address: resolved.addresses[0] as IP, port: match ? Number(match[2]) : usual };
}

/** An address is asked for its name; a name without dots below every domain of the search list, any other as it is. */
function makeQueries(process: Process, host: string, types: readonly number[], search: readonly string[]): DnsMessage[] {
  const address = parseIP(host);
  const plain = types.length === 0;
  const wanted = plain ? (address === undefined ? [DNS_TYPE.A, DNS_TYPE.AAAA] : [DNS_TYPE.PTR]) : types;
  const reverse = address !== undefined && wanted.every((type) => type === DNS_TYPE.PTR);
  const bare = host.replace(/\.$/, '');
  const names = reverse
    ? [reverseName(address)]
    : host.includes('.') || search.length === 0
      ? [`${bare}.`]
      : search.map((domain) => `${host}.${domain.replace(/\.$/, '')}.`);
  const random = process.host.random(`nslookup/${process.pid}/${host}`);
  return wanted.flatMap((type) => names.map((name) => dnsQuery(random.below(65_536), name, type)));
}

function report(speech: Speech, queries: readonly DnsMessage[], replies: readonly DnsReply[], debug: boolean, took: number): number {
  let status = 0;
  for (const [i, { message }] of replies.entries()) {
    if (debug) speech.print(`Query #${i} completed in ${Math.round(took / MILLISECOND)}ms:\n`);
    if (message.rcode !== DNS_RCODE.NoError) {
      status = 1;
      speech.print(`** server can't find ${bareName(queries[i]?.questions[0]?.name ?? '')}: ${rcodeName(message.rcode)}\n`);
    } else {
      if (!message.authoritative) speech.print('Non-authoritative answer:\n');
      else if (debug) speech.print('authoritative answer:\n');
      for (const record of message.answers) speech.print(recordText(record));
    }
    speech.print('\n');
  }
  return status;
}

function bareName(name: string): string {
  return name.replace(/(?<=.)\.$/, '');
}

function recordText({ name, data }: DnsRecord): string {
  const owner = bareName(name);
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return `Name:\t${owner}\nAddress: ${formatIP(data.address)}\n`;
    case 'CNAME':
      return `${owner}\tcanonical name = ${bareName(data.name)}\n`;
    case 'NS':
      return `${owner}\tnameserver = ${bareName(data.name)}\n`;
    case 'PTR':
      return `${owner}\tname = ${bareName(data.name)}\n`;
    case 'MX':
      return `${owner}\tmail exchanger = ${data.preference} ${bareName(data.exchange)}\n`;
    case 'TXT':
      return `${owner}\ttext = ${dataText(data)}\n`;
    case 'SRV':
      return `${owner}\tservice = ${data.priority} ${data.weight} ${data.port} ${bareName(data.target)}\n`;
    case 'SOA': {
      const { serial, refresh, retry, expire, minimum } = data;
      const numbers = Object.entries({ serial, refresh, retry, expire, minimum }).map(([field, value]) => `\t${field} = ${value}\n`);
      return `${owner}\n\torigin = ${bareName(data.primary)}\n\tmail addr = ${bareName(data.mailbox)}\n${numbers.join('')}`;
    }
    case 'other':
      return `Record type ${data.type} is unsupported\n`;
  }
}
