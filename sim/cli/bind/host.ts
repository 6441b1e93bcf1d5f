import { formatIP, parseIP } from '../../base/address.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { ResolverSettings } from '../../host/resolv-conf.ts';
import { reverseName } from '../../host/resolver.ts';
import type { Blocking } from '../../host/wait.ts';
import { DNS_RCODE, DNS_TYPE, type DnsRecord } from '../../wire/dns.ts';
import { classByName, dataText, rcodeName, shownType, typeByName } from '../../wire/dns-text.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue } from '../getopt.ts';
import {
  type Answer,
  BIND_VERSION,
  configuredServers,
  illegalName,
  type Lookup,
  lookUp,
  namedServers,
  PLAIN_LOOKUP,
  readResolvConf,
} from './lookup.ts';
import { headerText, recordStyle, sectionText } from './print.ts';
import { HOST_USAGE } from './usage.ts';

/** host(1) of BIND. */
export const host: Command = { name: 'host', paths: ['/usr/bin/host'], run: runHost };

const OPTIONS: readonly OptionSpec[] = [
  ...[...'aAdirsTUvVw46'].map((short) => ({ name: short, short })),
  ...[...'cNRptW'].map((short) => ({ name: short, short, argument: 'required' as const })),
  ...[...'Clm'].map((short) => ({ name: short, short, unmodelled: true })),
];

/** What a plain `host NAME` asks for after the address. */
const DEFAULT_TYPES = [DNS_TYPE.AAAA, DNS_TYPE.MX, DNS_TYPE.HTTPS];

function* runHost(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    if (parsed.unmodelled) yield* process.write(2, notModelled('host', `the option ${parsed.unmodelled}`));
    else {
      const wrong = /'(.)'$/.exec(parsed.error)?.[1];
      const what = parsed.error.startsWith('invalid') ? 'illegal option' : 'option requires an argument';
      yield* process.write(2, `host: ${what} -- ${wrong}\n${HOST_USAGE}`);
    }
    return 1;
  }
  if (hasOption(parsed, 'V')) {
    yield* process.write(2, `host ${BIND_VERSION}\n`);
    return 0;
  }
  const [name, server] = parsed.operands;
  if (name === undefined) {
    yield* process.write(2, HOST_USAGE);
    return 1;
  }
  const all = hasOption(parsed, 'a') || hasOption(parsed, 'A');
  const typeText = optionValue(parsed, 't');
  const type = all ? DNS_TYPE.ANY : typeText === undefined ? undefined : typeByName(typeText);
  const dnsClass = classByName(optionValue(parsed, 'c') ?? 'IN');
  if (type === undefined && typeText !== undefined) return yield* fatal(process, `invalid type: ${typeText}\n`, 2);
  if (dnsClass === undefined) return yield* fatal(process, `invalid class: ${optionValue(parsed, 'c')}\n`, 2);
  const family = hasOption(parsed, '4') ? 4 : hasOption(parsed, '6') ? 6 : 0;
  const settings = yield* readResolvConf(process);
  settings.ndots = Number(optionValue(parsed, 'N') ?? settings.ndots);
  const servers = server === undefined ? configuredServers(settings, family) : yield* namedServers(process, server, family);
  if ('error' in servers) return yield* fatal(process, `couldn't get address for '${server}': ${servers.error}`, 1);
  const address = parseIP(name);
  const illegal = address === undefined ? illegalName(name) : undefined;
  if (illegal) return yield* fatal(process, illegal, 1);
  const seconds = hasOption(parsed, 'w') ? 0x7fff_ffff / 2 : Math.max(1, Math.trunc(Number(optionValue(parsed, 'W'))) || 0);
  const lookup: Lookup = {
    ...PLAIN_LOOKUP,
    name: address === undefined ? name : reverseName(address),
    type: type ?? (address === undefined ? DNS_TYPE.A : DNS_TYPE.PTR),
    class: dnsClass,
    servers,
    port: Math.trunc(Number(optionValue(parsed, 'p') ?? 53)) || 0,
    tries: Math.max(1, Math.trunc(Number(optionValue(parsed, 'R') ?? 1)) + 1),
    timeout: optionValue(parsed, 'W') === undefined && !hasOption(parsed, 'w') ? settings.timeout : seconds * SECOND,
    tcp: hasOption(parsed, 'T') || (type === DNS_TYPE.ANY && !hasOption(parsed, 'U')),
    recurse: !hasOption(parsed, 'r'),
    search: address === undefined,
    passOnFailure: hasOption(parsed, 's'),
  };
  const run = new HostRun(process, settings, all || hasOption(parsed, 'v') || hasOption(parsed, 'd'), server);
  return yield* run.ask(lookup, type === undefined && address === undefined);
}

function* fatal(process: Process, text: string, status: number): Blocking<number> {
  yield* process.write(2, `host: ${text}\n`);
  return status;
}

/** Phrases between a name and a record's data. */
const PHRASES: Readonly<Record<string, string>> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  CNAME: 'is an alias for',
  MX: 'mail is handled by',
  NS: 'name server',
  PTR: 'domain name pointer',
  TXT: 'descriptive text',
};

class HostRun {
  readonly #process: Process;
  readonly #settings: ResolverSettings;
  readonly #verbose: boolean;
  /** The server that was named; shown in front of the first answer. */
  #server: string | undefined;

  constructor(process: Process, settings: ResolverSettings, verbose: boolean, server: string | undefined) {
    this.#process = process;
    this.#settings = settings;
    this.#verbose = verbose;
    this.#server = server;
  }

  *say(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  *asking(query: { questions: { name: string }[] }): Blocking<void> {
    if (this.#verbose) yield* this.say(`Trying "${bare(query.questions[0]?.name ?? '.')}"\n`);
  }

  /** @param usual whether AAAA and MX are asked for as well */
  *ask(lookup: Lookup, usual: boolean): Blocking<number> {
    const answer = yield* lookUp(this.#process, this.#settings, lookup, this);
    if (!answer) return 1;
    yield* this.#introduce(answer);
    yield* this.#print(answer, lookup, usual);
    if (answer.message.rcode !== DNS_RCODE.NoError) return 1;
    if (!usual) return 0;
    const name = canonicalName(answer);
    let status = 0;
    for (const type of DEFAULT_TYPES) {
      const next = yield* lookUp(this.#process, this.#settings, { ...lookup, name, type, search: false }, this);
      if (next) yield* this.#print(next, { ...lookup, type }, true);
      else status = 1;
    }
    return status;
  }

  *#introduce(answer: Answer): Blocking<void> {
    if (this.#server === undefined) return;
    const { given, address } = answer.from;
    this.#server = undefined;
    yield* this.say(`Using domain server:\nName: ${given}\nAddress: ${formatIP(address)}#${answer.server.port}\nAliases: \n\n`);
  }

  *#print(answer: Answer, lookup: Lookup, usual: boolean): Blocking<void> {
    const { message } = answer;
    if (message.rcode !== DNS_RCODE.NoError) {
      const name = message.rcode === DNS_RCODE.NXDomain ? lookup.name : bare(message.questions[0]?.name ?? lookup.name);
      return yield* this.say(`Host ${name} not found: ${message.rcode}(${rcodeName(message.rcode)})\n`);
    }
    if (this.#verbose) return yield* this.#printWhole(answer);
    const records = message.answers.filter((record) => shownInShort(record, lookup.type));
    for (const record of records) yield* this.say(shortLine(record));
    if (!usual && message.answers.length === 0) yield* this.say(`${bare(lookup.name)} has no ${shownType(lookup.type)} record\n`);
  }

  *#printWhole({ message, size, server, took }: Answer): Blocking<void> {
    const style = recordStyle(true, true, false, false);
    let text = `${headerText(message)}\n`;
    for (const section of ['question', 'answer', 'authority', 'additional'] as const) text += sectionText(message, section, style, true);
    text += `Received ${size} bytes from ${formatIP(server.address)}#${server.port} in ${Math.round(took / MILLISECOND)} ms\n`;
    yield* this.say(text);
  }
}

/** Aliases are shown with what they lead to; otherwise only what was asked for. */
function shownInShort({ data }: DnsRecord, type: number): boolean {
  if (type === DNS_TYPE.ANY || data.kind === 'CNAME') return data.kind !== 'CNAME' || type !== DNS_TYPE.AAAA;
  return data.kind === 'other' ? data.type === type : DNS_TYPE[data.kind] === type;
}

function shortLine({ name, data }: DnsRecord): string {
  const kind = data.kind === 'other' ? shownType(data.type) : data.kind;
  return `${bare(name)} ${PHRASES[kind] ?? `has ${kind} record`} ${dataText(data)}\n`;
}

/** Where the chain of aliases ends. */
function canonicalName({ message, query }: Answer): string {
  let name = message.questions[0]?.name ?? query.questions[0]?.name ?? '.';
  for (const { data } of message.answers) if (data.kind === 'CNAME') name = data.name;
  return name;
}

/** Without the final dot. */
function bare(name: string): string {
  return name.replace(/(?<=.)\.$/, '');
}
