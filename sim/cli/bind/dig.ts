import { formatIP } from '../../base/address.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { ResolverSettings } from '../../host/resolv-conf.ts';
import type { Blocking } from '../../host/wait.ts';
import { DNS_TYPE, type DnsMessage, encodeDns } from '../../wire/dns.ts';
import { type Command, notModelled } from '../command.ts';
import { DigFailure, type DigLookup, type DigRun, parseDig } from './dig-options.ts';
import { type Answer, BIND_VERSION, configuredServers, illegalName, lookUp, namedServers, readResolvConf, type Server } from './lookup.ts';
import { ednsText, headerText, recordStyle, sectionText, shortText } from './print.ts';
import { DIG_HELP, DIG_USAGE } from './usage.ts';

/** dig(1) of BIND. DNSSEC validation, zone transfers, other transports than UDP and TCP, and tracing from the root aren't modelled. */
export const dig: Command = { name: 'dig', paths: ['/usr/bin/dig'], run: runDig };

function* runDig(process: Process): Blocking<number> {
  const args = process.argv.slice(1);
  const parsed = parseDig(args);
  if (!(parsed instanceof DigFailure)) return yield* runLookups(process, parsed, args);
  if (parsed.kind === 'batch') return yield* runBatch(process, args, parsed.text);
  return yield* report(process, parsed);
}

function* report(process: Process, failure: DigFailure): Blocking<number> {
  if (failure.kind === 'help') yield* process.write(1, DIG_USAGE + DIG_HELP);
  else if (failure.kind === 'version') yield* process.write(1, `DiG ${BIND_VERSION}\n`);
  else if (failure.kind === 'unmodelled') yield* process.write(2, notModelled('dig', failure.text));
  else if (failure.kind === 'usage') yield* process.write(2, `${failure.text}${DIG_USAGE}${MORE}`);
  else yield* process.write(2, failure.text);
  return failure.kind === 'help' || failure.kind === 'version' ? 0 : failure.status;
}

const MORE = '\nUse "dig -h" (or "dig -h | more") for complete list of options\n';

/** `-f FILE`: a command line per line, each starting from what the command itself sets. */
function* runBatch(process: Process, args: readonly string[], file: string): Blocking<number> {
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-f') i++;
    else if (!args[i]?.startsWith('-f')) rest.push(args[i] as string);
  }
  const bytes = yield* process.readFile(file);
  if (typeof bytes === 'string') {
    yield* process.write(2, `${file}: ${strerror(bytes)}\ndig: couldn't open specified batch file\n`);
    return 8;
  }
  let status = 0;
  for (const line of decode(bytes).split('\n')) {
    if (/^[\s;#]*$/.test(line) || /^[;#]/.test(line)) continue;
    const words = line.trim().split(/\s+/);
    const parsed = parseDig([...rest, ...words]);
    if (parsed instanceof DigFailure) return yield* report(process, parsed);
    status = Math.max(status, yield* runLookups(process, parsed, words));
  }
  return status;
}

function* runLookups(process: Process, run: DigRun, args: readonly string[]): Blocking<number> {
  const settings = yield* readResolvConf(process);
  if (run.ndots !== undefined) settings.ndots = run.ndots;
  for (const warning of run.warnings) yield* process.write(2, warning);
  let status = 0;
  let first = true;
  for (const lookup of run.lookups) {
    const illegal = illegalName(lookup.ask.name);
    if (illegal) {
      yield* process.write(2, `dig: ${illegal}\n`);
      return 10;
    }
    if (lookup.ask.type === DNS_TYPE.AXFR || lookup.ask.type === 251) {
      yield* process.write(2, notModelled('dig', 'a zone transfer'));
      return 1;
    }
    const servers = yield* serversOf(process, run, lookup, settings);
    if (typeof servers === 'number') return servers;
    const search = new Search(process, run, lookup, first ? commandLine(args, lookup, servers, run) : '');
    first = false;
    lookup.ask.servers = servers;
    lookup.ask.timeout = lookup.timeout === undefined ? settings.timeout : lookup.timeout * SECOND;
    lookup.ask.tries = lookup.tries ?? (settings.attemptsGiven ? settings.attempts : 3);
    const answer = yield* lookUp(process, settings, lookup.ask, search);
    if (answer) yield* search.print(answer);
    else status = 9;
  }
  return status;
}

/** What stands in front of the first answer. */
function commandLine(args: readonly string[], lookup: DigLookup, servers: readonly Server[], run: DigRun): string {
  const given = lookup.servers.length > 0 ? servers.filter(({ given: name }) => name === lookup.servers.at(-1)).length : 0;
  const found = given > 0 ? `; (${given} server${given === 1 ? '' : 's'} found)\n` : '';
  return `\n; <<>> DiG ${BIND_VERSION} <<>>${args.map((arg) => ` ${arg}`).join('')}\n${found};; global options:${run.short ? ' +short' : ''} +cmd\n`;
}

/** @returns the exit status when there is nobody to ask */
function* serversOf(process: Process, run: DigRun, lookup: DigLookup, settings: ResolverSettings): Blocking<Server[] | number> {
  if (lookup.servers.length === 0) return configuredServers(settings, run.family);
  const servers: Server[] = [];
  for (const given of lookup.servers) {
    const found = yield* namedServers(process, given, run.family);
    if ('error' in found) {
      yield* process.write(2, `dig: couldn't get address for '${given}': ${found.error}\n`);
      return 1;
    }
    servers.push(...found);
  }
  const usable = servers.filter(({ address }) => run.family !== 6 || typeof address === 'bigint');
  const skipped = servers.filter((server) => !usable.includes(server));
  if (usable.length > 0) return usable;
  const lines = skipped.map(({ address }) => `;; Skipping mapped address '::ffff:${formatIP(address)}'\n`);
  yield* process.write(1, `${lines.join('')};; No acceptable nameservers\n`);
  return 0;
}

/** One lookup's output. */
class Search {
  readonly #process: Process;
  readonly #run: DigRun;
  readonly #lookup: DigLookup;
  #command: string;

  constructor(process: Process, run: DigRun, lookup: DigLookup, command: string) {
    this.#process = process;
    this.#run = run;
    this.#lookup = lookup;
    this.#command = command;
  }

  *say(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  *asking(query: DnsMessage): Blocking<void> {
    if (!this.#lookup.display.query || this.#run.short) return;
    const { comments } = this.#lookup.display;
    yield* this.say(this.#takeCommand() + this.#message(query, true));
    if (comments) yield* this.say(`;; QUERY SIZE: ${encodeDns(query).length}\n\n`);
  }

  *givingUp(): Blocking<void> {
    yield* this.say(this.#takeCommand());
  }

  *passing(answer: Answer): Blocking<void> {
    if (this.#lookup.display.showSearch) yield* this.print(answer);
  }

  *print(answer: Answer): Blocking<void> {
    const { display } = this.#lookup;
    if (this.#run.short) {
      const suffix = display.identify
        ? ` from server ${formatIP(answer.from.address)} in ${Math.round(answer.took / MILLISECOND)} ms.`
        : '';
      return yield* this.say(shortText(answer.message, suffix));
    }
    yield* this.say(this.#takeCommand() + this.#message(answer.message, false, answer.query) + this.#statistics(answer));
  }

  #takeCommand(): string {
    const command = this.#run.command && !this.#run.short ? this.#command : '';
    this.#command = '';
    return command;
  }

  #message(message: DnsMessage, sending: boolean, query?: DnsMessage): string {
    const { display } = this.#lookup;
    let text = '';
    if (display.comments) {
      text += `${sending ? ';; Sending:' : ';; Got answer:'}\n${headerText(message)}`;
      if (!sending && message.recursionDesired && !message.recursionAvailable)
        text += ';; WARNING: recursion requested but not available\n';
      text += `\n${ednsText(message, query)}`;
    }
    const style = recordStyle(display.ttl, display.class, display.ttlUnits, display.multiline);
    for (const section of ['question', 'answer', 'authority', 'additional'] as const) {
      if (display[section]) text += sectionText(message, section, style, display.comments);
    }
    return text;
  }

  #statistics(answer: Answer): string {
    if (!this.#lookup.display.stats) return '';
    const took = this.#run.microseconds ? `${answer.took} usec` : `${Math.round(answer.took / MILLISECOND)} msec`;
    const address = formatIP(answer.from.address);
    return (
      `;; Query time: ${took}\n;; SERVER: ${address}#${answer.server.port}(${answer.from.given}) (${answer.transport})\n` +
      `;; WHEN: ${strftime('%a %b %d %H:%M:%S UTC %Y', momentOf(this.#process.host.now))}\n;; MSG SIZE  rcvd: ${answer.size}\n\n`
    );
  }
}
