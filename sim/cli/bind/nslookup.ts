import { formatIP, parseIP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { ResolverSettings } from '../../host/resolv-conf.ts';
import { reverseName } from '../../host/resolver.ts';
import { Input } from '../../host/stdio.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { DNS_RCODE, DNS_TYPE } from '../../wire/dns.ts';
import { className, rcodeName, typeByName, classByName } from '../../wire/dns-text.ts';
import { type Command, notModelled } from '../command.ts';
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
  type Server,
} from './lookup.ts';
import { answerText, bareName, debugText } from './nslookup-print.ts';
import { NSLOOKUP_USAGE } from './usage.ts';

/** nslookup(1) of BIND, with commands from standard input when no name is given. */
export const nslookup: Command = { name: 'nslookup', paths: ['/usr/bin/nslookup'], run: runNslookup };

function* runNslookup(process: Process): Blocking<number> {
  const session = new Session(process, yield* readResolvConf(process));
  const args = process.argv.slice(1);
  let status: number | undefined;
  while (args[0] !== undefined && /^-./.test(args[0])) {
    const option = (args.shift() as string).slice(1);
    if (option === 'version') {
      yield* process.write(1, `nslookup ${BIND_VERSION}\n`);
      return 0;
    }
    status = yield* session.set(option);
    if (status !== undefined) return status;
  }
  if (args.length > 2) {
    yield* process.write(2, NSLOOKUP_USAGE);
    return 1;
  }
  const [name, server] = args;
  if (server !== undefined) {
    const failed = yield* session.useServer(server);
    if (failed) return failed;
  }
  if (name === undefined || name === '-') yield* session.converse();
  else {
    const stopped = yield* session.look(name);
    if (stopped !== undefined) return stopped;
  }
  yield* process.write(1, '\n');
  return session.status;
}

class Session {
  readonly #process: Process;
  readonly #settings: ResolverSettings;
  #servers: Server[];
  /** `set timeout`; resolv.conf's while 0. */
  #timeout = 0;
  #retry: number;
  #port = 53;
  #type: number = DNS_TYPE.A;
  #typeText = 'A';
  #class = 1;
  #tcp = false;
  #debug = false;
  #search = true;
  #recurse = true;
  #passOnFailure = true;
  #plain = true;
  /** Until an answer comes it has failed. */
  status = 1;

  constructor(process: Process, settings: ResolverSettings) {
    this.#process = process;
    this.#settings = settings;
    this.#servers = configuredServers(settings, 0);
    this.#retry = settings.attemptsGiven ? settings.attempts : 3;
  }

  *say(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  /** Commands, one per line, until the end or `exit`. */
  *converse(): Blocking<void> {
    const input = new Input(this.#process, 0);
    const prompts = terminalOf(this.#process.fds.get(0)) !== undefined;
    for (;;) {
      if (prompts) yield* this.say('> ');
      const line = yield* input.line();
      if (line === undefined) return;
      const [word, ...rest] = line.trim().split(/\s+/);
      if (word === 'exit') return;
      if (word !== undefined && word !== '') yield* this.#command(word, rest);
    }
  }

  *#command(word: string, rest: readonly string[]): Blocking<void> {
    const [argument] = rest;
    if (word === 'set') {
      if (argument === 'all') yield* this.#showAll();
      else if (argument !== undefined) yield* this.set(argument);
    } else if (word === 'server' || word === 'lserver') {
      if (argument !== undefined) yield* this.useServer(argument);
      yield* this.#showServers();
    } else if (['help', '?', 'ls', 'finger', 'view', 'root'].includes(word)) {
      yield* this.say(`The '${word}' command is not yet implemented.\n`);
    } else {
      const usual = this.#servers;
      const failed = argument === undefined ? undefined : yield* this.useServer(argument);
      if (!failed) yield* this.look(word);
      this.#servers = usual;
    }
  }

  /** @returns the exit status when there is no such server */
  *useServer(given: string): Blocking<number | undefined> {
    const found = yield* namedServers(this.#process, given, 0);
    if ('error' in found) {
      yield* this.#process.write(2, `nslookup: couldn't get address for '${given}': ${found.error}\n`);
      return 1;
    }
    this.#servers = found;
    return undefined;
  }

  /** An option of the command line or of `set`. @returns an exit status for what isn't modelled */
  *set(option: string): Blocking<number | undefined> {
    const [name = '', value] = option.split('=', 2) as [string, string?];
    if (value !== undefined) return yield* this.#setValue(name, value, option);
    const on = !name.startsWith('no');
    const bare = on ? name : name.slice(2);
    const is = (word: string, least: number): boolean => bare.length >= least && word.startsWith(bare);
    if (bare === 'vc') this.#tcp = on;
    else if (is('debug', 3)) this.#debug = on;
    else if (is('search', 3)) this.#search = on;
    else if (is('defname', 3)) this.#search = on;
    else if (is('recurse', 3)) this.#recurse = on;
    else if (is('fail', 3)) this.#passOnFailure = !on;
    else if (bare === 'd2' || is('sil', 3)) return undefined;
    else yield* this.say(`*** Invalid option: ${option}\n`);
    return undefined;
  }

  *#setValue(name: string, value: string, option: string): Blocking<number | undefined> {
    const is = (word: string, least: number): boolean => name.length >= least && word.startsWith(name);
    if (is('type', 2) || is('querytype', 1)) {
      const type = typeByName(value);
      if (type === undefined) {
        yield* this.say(`unknown query type: ${value}\n`);
        return undefined;
      }
      this.#type = type;
      this.#typeText = value;
      this.#plain = false;
    } else if (is('class', 2)) {
      const found = classByName(value);
      if (found === undefined) yield* this.say(`unknown query class: ${value}\n`);
      else this.#class = found;
    } else if (is('domain', 2)) this.#settings.search = [value];
    else if (is('srchlist', 4)) this.#settings.search = value.split('/');
    else if (is('port', 2)) yield* this.#number('port', value, (n) => (this.#port = n));
    else if (is('timeout', 2)) yield* this.#number('timeout', value, (n) => (this.#timeout = n));
    else if (is('retry', 3)) yield* this.#number('tries', value, (n) => (this.#retry = n));
    else if (is('ndots', 2)) yield* this.#number('ndots', value, (n) => (this.#settings.ndots = n));
    else yield* this.say(`*** Invalid option: ${option}\n`);
    return undefined;
  }

  *#number(what: string, text: string, keep: (value: number) => void): Blocking<void> {
    if (/^\d{1,5}$/.test(text)) keep(Number(text));
    else yield* this.say(`invalid ${what} '${text}': not a valid number\n`);
  }

  *#showServers(): Blocking<void> {
    for (const { given, address } of this.#servers) {
      yield* this.say(`Default server: ${given}\nAddress: ${formatIP(address)}#${this.#port}\n`);
    }
  }

  *#showAll(): Blocking<void> {
    yield* this.#showServers();
    yield* this.say(
      `\nSet options:\n  ${this.#tcp ? 'vc' : 'novc'}\t\t\t${this.#debug ? 'debug' : 'nodebug'}\t\tnod2\n` +
        `  ${this.#search ? 'search' : 'nosearch'}\t\t${this.#recurse ? 'recurse' : 'norecurse'}\n` +
        `  timeout = ${this.#timeout}\t\tretry = ${this.#retry}\tport = ${this.#port}\tndots = ${this.#settings.ndots}\n` +
        `  querytype = ${this.#typeText.padEnd(8)}\tclass = ${className(this.#class)}\n  srchlist = ${this.#settings.search.join('/')}\n`,
    );
  }

  /** One name or address. @returns the exit status when nothing could be asked */
  *look(name: string): Blocking<number | undefined> {
    const address = this.#plain || this.#type === DNS_TYPE.PTR ? parseIP(name) : undefined;
    if (this.#type === DNS_TYPE.AXFR) {
      yield* this.#process.write(2, notModelled('nslookup', 'a zone transfer'));
      return 1;
    }
    const illegal = address === undefined ? illegalName(name) : undefined;
    if (illegal) {
      yield* this.#process.write(2, `nslookup: ${illegal}\n`);
      return 10;
    }
    const lookup: Lookup = {
      ...PLAIN_LOOKUP,
      name: address === undefined ? name : reverseName(address),
      type: address === undefined ? this.#type : DNS_TYPE.PTR,
      class: this.#class,
      servers: this.#servers,
      port: this.#port,
      tries: Math.max(1, this.#retry),
      timeout: this.#timeout > 0 ? this.#timeout * SECOND : this.#settings.timeout,
      tcp: this.#tcp,
      recurse: this.#recurse,
      search: this.#search && address === undefined,
      passOnFailure: this.#passOnFailure,
      wantRecursion: true,
    };
    const answer = yield* lookUp(this.#process, this.#settings, lookup, this);
    if (!answer) return undefined;
    if (address === undefined) {
      yield* this.say(`Server:\t\t${answer.from.given}\nAddress:\t${formatIP(answer.from.address)}#${answer.server.port}\n\n`);
    }
    const found = yield* this.#show(answer, lookup, true);
    if (found === undefined) return undefined;
    const both = this.#plain && address === undefined;
    const next = both ? yield* lookUp(this.#process, this.#settings, { ...lookup, ...followUp(answer) }, this) : undefined;
    const more = next ? yield* this.#show(next, lookup, false) : 0;
    if (found + (more ?? 0) === 0) yield* this.say(`*** Can't find ${bareName(name)}: No answer\n`);
    return undefined;
  }

  /** @returns how many records were shown; `undefined` after an error, which is shown instead */
  *#show(answer: Answer, lookup: Lookup, first: boolean): Blocking<number | undefined> {
    const { message } = answer;
    this.status = 0;
    if (this.#debug) yield* this.say(debugText(message));
    if (message.rcode !== DNS_RCODE.NoError) {
      if (!first) return undefined;
      this.status = 1;
      const name = message.rcode === DNS_RCODE.NXDomain ? lookup.name : (message.questions[0]?.name ?? lookup.name);
      yield* this.say(`** server can't find ${bareName(name)}: ${rcodeName(message.rcode)}\n`);
      return undefined;
    }
    if (first && !message.authoritative && message.answers.length > 0) yield* this.say('Non-authoritative answer:\n');
    for (const record of message.answers) yield* this.say(answerText(record));
    return message.answers.length;
  }
}

/** The AAAA question after an A question, about the name that aliases led to. */
function followUp({ message, query }: Answer): Pick<Lookup, 'name' | 'type' | 'search'> {
  let name = query.questions[0]?.name ?? '.';
  for (const { data } of message.answers) if (data.kind === 'CNAME') name = data.name;
  return { name, type: DNS_TYPE.AAAA, search: false };
}
