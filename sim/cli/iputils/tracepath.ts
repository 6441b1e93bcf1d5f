import { addressBits, formatIP, type IP } from '../../base/address.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { type OpenDatagramSocket, openDatagramSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { waitReadable } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import type { SocketError } from '../../kernel/socket/socket.ts';
import type { Command } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue } from '../getopt.ts';
import { nameInformation, resolutionErrorText, resolveName } from '../name-resolution.ts';
import { TRACEPATH_USAGE, VERSION_LINES } from './usage.ts';

/** tracepath(8) of iputils. */
export const tracepath: Command = { name: 'tracepath', paths: ['/usr/bin/tracepath'], run: runTracepath };

const BASE_PORT = 44_444;
const MAX_PROBES = 64;
/** Where the time begins. */
const HOST_COLUMN = 52;
const USAGE_STATUS = 255;

const OPTIONS: readonly OptionSpec[] = [
  ...['4', '6', 'b', 'n', 'V', 'h'].map((short) => ({ name: short, short })),
  ...['l', 'm', 'p'].map((short) => ({ name: short, short, argument: 'required' as const })),
];

interface Settings {
  numeric: boolean;
  both: boolean;
  length: number | undefined;
  hops: number;
  port: number;
  family: 0 | 4 | 6;
  target: string;
}

/** Ends the program. */
interface End {
  fd: 1 | 2;
  text: string;
  status: number;
}

function* runTracepath(process: Process): Blocking<number> {
  const settings = readSettings(process.argv.slice(1));
  if ('status' in settings) {
    yield* process.write(settings.fd, settings.text);
    return settings.status;
  }
  const destination = yield* resolve(process, settings);
  if (typeof destination === 'string') {
    yield* process.write(2, destination);
    return 1;
  }
  yield* new PathTrace(process, settings, destination).run();
  return 0;
}

function readSettings(args: readonly string[]): Settings | End {
  const parsed = getopt(OPTIONS, args);
  const usage: End = { fd: 2, text: TRACEPATH_USAGE, status: USAGE_STATUS };
  if (isFailure(parsed)) return { ...usage, text: `tracepath: ${parsed.error}\n${TRACEPATH_USAGE}` };
  const settings: Settings = {
    numeric: hasOption(parsed, 'n'),
    both: hasOption(parsed, 'b'),
    length: undefined,
    hops: 30,
    port: BASE_PORT,
    family: 0,
    target: '',
  };
  for (const { name, value } of parsed.options) {
    if (name === '4' || name === '6') {
      const family = name === '4' ? 4 : 6;
      if (settings.family !== 0 && settings.family !== family) return fatal('only one -4 or -6 option may be specified');
      settings.family = family;
    } else if (name === 'V') return { fd: 1, text: `tracepath ${VERSION_LINES}`, status: 0 };
    else if (name === 'h') return usage;
    else if ('lmp'.includes(name)) {
      const [least, most] = name === 'l' ? [0, 2_147_483_647] : name === 'm' ? [0, 255] : [0, 65_535];
      if (!/^\s*[-+]?[0-9]+$/.test(value)) return fatal(`invalid argument: '${value}'`);
      const number = Number(value);
      if (name === 'l' && number <= 28) return fatal('pktlen must be within: 28 < value <= 2147483647');
      if (number < least || number > most) return fatal(`invalid argument: '${value}': out of range: ${least} <= value <= ${most}`);
      if (name === 'l') settings.length = number;
      else if (name === 'm') settings.hops = number;
      else settings.port = number;
    }
  }
  const [target, ...more] = parsed.operands;
  if (target === undefined || more.length > 0) return usage;
  const [host = '', port] = target.split('/');
  settings.target = host;
  if (port !== undefined && optionValue(parsed, 'p') === undefined) settings.port = Number.parseInt(port, 10) || BASE_PORT;
  return settings;
}

function fatal(text: string): End {
  return { fd: 2, text: `tracepath: ${text}\n`, status: 1 };
}

function* resolve(process: Process, { target, family }: Settings): Blocking<IP | string> {
  const found = yield* resolveName(process, target);
  if (typeof found === 'string') return `tracepath: ${target}: ${resolutionErrorText(found)}\n`;
  const bits = family === 4 ? 32 : 128;
  const address = found.addresses.find((candidate) => family === 0 || addressBits(candidate) === bits);
  return address ?? `tracepath: ${target}: ${resolutionErrorText('EAI_ADDRFAMILY')}\n`;
}

/** What came of taking in errors: nothing yet, the end of the trace, or progress. */
type Progress = 'none' | 'end' | 'progress';

/** One trace: probes of rising time to live and of the largest size that the path is known to take (tracepath.c). */
class PathTrace {
  readonly #process: Process;
  readonly #settings: Settings;
  readonly #destination: IP;
  readonly #socket: OpenDatagramSocket;
  /** Time to live and moment of the probes, by their port; each is asked for once. */
  readonly #history = new Map<number, { hops: number; sent: Micros }>();
  #slot = 0;
  #mtu: number;
  readonly #overhead: number;
  #hop = 0;
  #hopsTo: number | undefined;
  #hopsBack: number | undefined;

  constructor(process: Process, settings: Settings, destination: IP) {
    this.#process = process;
    this.#settings = settings;
    this.#destination = destination;
    const six = typeof destination === 'bigint';
    this.#socket = openDatagramSocket(process, six ? 6 : 4);
    process.install(this.#socket);
    this.#socket.options.pathMtuDiscovery = 'probe';
    this.#socket.options.receiveErrors = true;
    this.#overhead = six ? 48 : 28;
    this.#mtu = settings.length ?? (six ? 128_000 : 65_535);
  }

  *#print(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  *run(): Blocking<void> {
    if (!(yield* this.#allHops())) yield* this.#print(`     Too many hops: pmtu ${this.#mtu}\n`);
    const to = this.#hopsTo === undefined ? '' : `hops ${this.#hopsTo} `;
    const back = this.#hopsBack === undefined ? '' : `back ${this.#hopsBack} `;
    yield* this.#print(`     Resume: pmtu ${this.#mtu} ${to}${back}\n`);
  }

  /** @returns whether the trace came to an end */
  *#allHops(): Blocking<boolean> {
    for (this.#hop = 1; this.#hop <= this.#settings.hops; this.#hop++) {
      this.#socket.options.ttl = this.#hop;
      let result: Progress = 'none';
      for (let attempt = 0; attempt < 3; attempt++) {
        const before = this.#mtu;
        result = yield* this.#probe();
        if (this.#mtu !== before) attempt = -1;
        else if (result === 'end') return true;
        else if (result === 'progress') break;
      }
      if (result === 'none') yield* this.#print(`${this.#hopNumber()}:  no reply\n`);
    }
    return false;
  }

  #hopNumber(hop = this.#hop): string {
    return String(hop).padStart(2);
  }

  *#probe(): Blocking<Progress> {
    const { port } = this.#settings;
    for (let attempt = 0; attempt < 10; attempt++) {
      this.#history.set(this.#slot, { hops: this.#hop, sent: this.#process.host.now });
      const failed = this.#socket.sendTo(new Uint8Array(Math.max(0, this.#mtu - this.#overhead)), this.#destination, port + this.#slot);
      yield* this.#process.spend(5);
      if (!failed) return yield* this.#await();
      const result = yield* this.#takeErrors();
      this.#history.delete(this.#slot);
      if (result === 'end') return result;
      if (result === 'progress') attempt = -1;
    }
    this.#slot = (this.#slot + 1) % MAX_PROBES;
    yield* this.#print(`${this.#hopNumber()}:  send failed\n`);
    return 'end';
  }

  *#await(): Blocking<Progress> {
    this.#slot = (this.#slot + 1) % MAX_PROBES;
    yield* waitReadable([this.#socket], this.#process.host.now + SECOND);
    if (this.#socket.socket.waiting > 0) {
      yield* this.#print(`${this.#hopNumber()}?: reply received 8)\n`);
      return 'end';
    }
    return yield* this.#takeErrors();
  }

  *#takeErrors(): Blocking<Progress> {
    let progress: Progress = 'none';
    for (;;) {
      const error = this.#socket.receiveError();
      if (!error) return progress;
      // The copy of the error that the socket keeps for the next call.
      this.#socket.socket.takeError();
      progress = 'progress';
      if (yield* this.#take(error)) return 'end';
    }
  }

  /** @returns whether it ends the trace */
  *#take(error: SocketError): Blocking<boolean> {
    const slot = error.destinationPort - this.#settings.port;
    const probe = this.#history.get(slot);
    this.#history.delete(slot);
    let line = '';
    if (error.origin === 'local') line = `${this.#hopNumber()}?: ${'[LOCALHOST]'.padEnd(32)} `;
    else line = `${probe ? `${this.#hopNumber(probe.hops)}: ` : `${this.#hopNumber()}?:`} ${yield* this.#host(error.offender as IP)}`;
    if (probe) {
      const took = this.#process.host.now - probe.sent;
      line += `${String(Math.floor(took / 1000)).padStart(3)}.${String(took % 1000).padStart(3, '0')}ms `;
    }
    const { text, end } = this.#meaning(error, probe?.hops);
    yield* this.#print(`${line}${text}\n`);
    return end;
  }

  *#host(address: IP): Blocking<string> {
    const { numeric, both } = this.#settings;
    const found = numeric && !both ? undefined : yield* nameInformation(this.#process, address);
    const number = formatIP(address);
    // An address without a name is its own name; question marks are for a question that nobody answered (getnameinfo(3)).
    const name = typeof found === 'object' ? found.name : found === 'EAI_AGAIN' ? '???' : number;
    const [first, second] = numeric ? [number, name] : [name, number];
    const text = both ? `${first} (${second})` : first;
    return text.padEnd(HOST_COLUMN - 1).padEnd(Math.max(HOST_COLUMN, text.length + 1));
  }

  #meaning(error: SocketError, sent: number | undefined): { text: string; end: boolean } {
    const back = (error.ttl <= 64 ? 65 : error.ttl <= 128 ? 129 : 256) - error.ttl;
    switch (error.errno) {
      case 'EMSGSIZE':
        this.#mtu = error.info;
        return { text: `pmtu ${error.info}`, end: false };
      case 'ECONNREFUSED':
        this.#hopsTo = sent ?? this.#hop;
        this.#hopsBack = back;
        return { text: 'reached', end: true };
      case 'EPROTO':
        return { text: '!P', end: true };
      case 'EHOSTUNREACH':
        if ((error.origin === 'icmp' ? error.type !== 11 : error.type !== 3) || error.code !== 0) return { text: '!H', end: true };
        return { text: back === (sent ?? this.#hop) ? '' : `asymm ${this.#hopNumber(back)} `, end: false };
      case 'ENETUNREACH':
        return { text: '!N', end: true };
      case 'EACCES':
        return { text: '!A', end: true };
      default:
        return { text: '', end: true };
    }
  }
}
