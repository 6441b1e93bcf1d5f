import { formatIP, type IP, type IPv4, isLinkLocalIPv6 } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import { type OpenIcmpSocket, waitReadable } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { RawSocket } from '../../kernel/socket/raw.ts';
import { RawSocket6 } from '../../kernel/socket/raw6.ts';
import type { Datagram, SocketError } from '../../kernel/socket/socket.ts';
import { ICMP_HEADER, ICMP_TYPE } from '../../wire/icmp.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import { describeAddress } from '../name-resolution.ts';
import { ECHO4, ECHO6, type EchoProtocol } from './echo.ts';
import { HeaderOptionsText } from './header-options.ts';
import { icmpText } from './icmp-text.ts';
import { nodeQuery } from './node-information.ts';
import type { PingOptions } from './options.ts';
import { PingStatistics, tripText } from './statistics.ts';

/** Longer than a packet of this host to itself takes, in microseconds. */
const LOOPBACK_TIME = 10;

/** Never send faster than this without an answer (MIN_INTERVAL_MS). */
const MIN_INTERVAL = 10;

/** `struct timeval` at the start of the data. */
const TIMESTAMP = 16;

/** What a send or a receive costs the program; it also keeps a flood from stopping time. */
const CALL_COST: Micros = 5;

interface Target {
  program: string;
  name: string;
  destination: IP;
  numeric: boolean;
  multicast: boolean;
  /** The program was given raw sockets; -v then shows the identifier. */
  raw: boolean;
  /** The name of a device by its number, for the zones of link-local addresses. */
  device: (ifindex: number) => string;
}

/** Whether answers come with their IP header and for every ping of the machine. */
export function isRaw(socket: OpenIcmpSocket): boolean {
  return socket.socket instanceof RawSocket || socket.socket instanceof RawSocket6;
}

/** One run of ping: sending on time, receiving, counting (ping/ping_common.c). */
export class PingSession {
  readonly #process: Process;
  readonly #socket: OpenIcmpSocket;
  readonly #options: PingOptions;
  readonly #target: Target;
  readonly #counts = new PingStatistics();
  /** Of raw sockets; the kernel chooses one for datagram sockets and hands over only its answers. */
  readonly #identifier: number;
  readonly #raw: boolean;
  readonly #echo: EchoProtocol;
  readonly #data: Uint8Array;
  /** Milliseconds; -A adapts it to the round trip. */
  #interval: number;
  /** Milliseconds of waiting that have been saved up. */
  #tokens = 0;
  #first = true;
  /** How often a device had no room. */
  #refused = 0;
  #confirm = false;
  #exiting = false;
  #snapshot = false;
  /** When the run ends whatever happens: -w, or the wait for the last answer. */
  #exitAt: Micros | undefined;
  #lingering = false;
  readonly #described = new Map<IP, string>();
  readonly #headerText: HeaderOptionsText;

  constructor(process: Process, socket: OpenIcmpSocket, options: PingOptions, target: Target) {
    this.#process = process;
    this.#socket = socket;
    this.#options = options;
    this.#target = target;
    this.#interval = options.flood && !options.intervalGiven ? 0 : options.interval;
    this.#identifier = options.identifier ?? process.nspid & 0xffff;
    this.#raw = isRaw(socket);
    this.#echo = typeof target.destination === 'bigint' ? ECHO6 : ECHO4;
    this.#data = fill(options);
    this.#headerText = new HeaderOptionsText((address) => this.#describe(address), options.flood);
  }

  #isOurs(identifier: number): boolean {
    return !this.#raw || identifier === this.#identifier;
  }

  /** Whether there is room for a timestamp in the data. */
  get #timing(): boolean {
    return this.#options.size >= TIMESTAMP;
  }

  /** Pings until count, deadline or SIGINT; returns the exit status. */
  *run(): Blocking<number> {
    const { deadline } = this.#options;
    this.#process.onSignal('SIGINT', () => {
      this.#exiting = true;
    });
    this.#process.onSignal('SIGQUIT', () => {
      this.#snapshot = true;
    });
    this.#counts.started = this.#now;
    if (deadline > 0) this.#exitAt = this.#now + deadline * SECOND;
    while (!this.#finished) yield* this.#turn();
    return yield* this.#finish();
  }

  get #now(): Micros {
    return this.#process.host.now;
  }

  get #finished(): boolean {
    const { count, deadline } = this.#options;
    if (this.#exiting || (this.#exitAt !== undefined && this.#now >= this.#exitAt)) return true;
    if (count !== undefined && this.#counts.received + this.#counts.errors >= count) return true;
    return deadline > 0 && this.#counts.errors > 0;
  }

  *#turn(): Blocking<void> {
    if (this.#snapshot) {
      this.#snapshot = false;
      yield* this.#process.write(2, this.#counts.interim(this.#timing));
    }
    let next: number;
    do {
      next = this.#scheduleExit(yield* this.#send());
      if (this.#exiting) return;
    } while (next <= 0);
    const until = this.#now + this.#waitFor(next) * MILLISECOND;
    yield* waitReadable([this.#socket], this.#exitAt === undefined ? until : Math.min(until, this.#exitAt));
    yield* this.#receiveAll();
  }

  /** Very short waits become longer ones while an answer is due. (Where none is due the real program spins.) */
  #waitFor(next: number): number {
    const short = next <= 1 && (this.#options.adaptive || next < (this.#interval || MIN_INTERVAL));
    return short && this.#counts.inFlight > 0 ? MIN_INTERVAL : next;
  }

  /** After the last packet: wait for its answer as long as the others took, or -W if there were none. */
  #scheduleExit(next: number): number {
    const { count, deadline, linger } = this.#options;
    if (count === undefined || this.#counts.transmitted < count || deadline > 0 || this.#lingering) return next;
    this.#lingering = true;
    const wait = this.#counts.received > 0 ? Math.max(2 * this.#counts.max, 1000 * this.#interval) : linger;
    // setitimer(2) with zero sets nothing.
    if (wait > 0) this.#exitAt = this.#now + wait;
    return Math.max(next, Math.trunc(wait / 1000));
  }

  // ---- sending --------------------------------------------------------------------------------------------------------

  /** Sends a packet if it is time; returns the milliseconds until the next one (`pinger`). */
  *#send(): Blocking<number> {
    const { count, deadline, preload } = this.#options;
    if (count !== undefined && this.#counts.transmitted >= count && deadline === 0) return 1000;
    const wait = this.#spendTokens(preload);
    if (wait > 0) return wait;
    if (this.#options.outstanding && this.#counts.transmitted > 0 && !this.#counts.answered(this.#counts.transmitted)) {
      yield* this.#print(`${this.#timestamp()}no answer yet for icmp_seq=${this.#counts.transmitted % 0x10000}\n`);
    }
    const failed = this.#socket.sendTo(this.#packet(), this.#target.destination, this.#confirm);
    this.#confirm = false;
    yield* this.#process.spend(CALL_COST);
    if (!failed) {
      this.#counts.sent();
      if (this.#options.flood && !this.#options.quiet) yield* this.#print('.');
      return this.#interval - this.#tokens;
    }
    if (failed === 'ENOBUFS') {
      const pause = this.#noRoom();
      if (pause > 0) return pause;
    }
    yield* this.#sendFailed(failed);
    return this.#interval || MIN_INTERVAL;
  }

  /** A token bucket of `preload` packets; returns the milliseconds to wait, or 0 for go. */
  #spendTokens(preload: number): number {
    const interval = this.#interval;
    if (this.#first) {
      this.#first = false;
      this.#counts.last = this.#now;
      this.#tokens = interval * (preload - 1);
      return 0;
    }
    const elapsed = Math.trunc((this.#now - this.#counts.last) / MILLISECOND);
    if (interval === 0 && elapsed < MIN_INTERVAL && this.#counts.inFlight >= preload) return MIN_INTERVAL - elapsed;
    const tokens = Math.min(elapsed + this.#tokens, interval * preload);
    if (tokens < interval) return interval - tokens;
    this.#counts.last = this.#now;
    this.#tokens = tokens - interval;
    return 0;
  }

  /**
   * The device had no room: the packet is tried again, as long as an answer would be waited for (`oom_count`).
   * @returns the milliseconds until then; 0 when it has been tried long enough
   */
  #noRoom(): number {
    this.#tokens = 0;
    const pause = Math.min(500, Math.max(MIN_INTERVAL, Math.trunc(this.#interval / 2)));
    this.#refused++;
    return this.#refused * pause < this.#options.linger / MILLISECOND ? pause : 0;
  }

  /** A packet that didn't leave counts as sent. An error of the network that came with it is shown first. */
  *#sendFailed(failed: Errno): Blocking<void> {
    let spoken = true;
    if (failed === 'ENOBUFS') {
      // Said whatever else has come.
    } else if (failed === 'EMSGSIZE') {
      this.#counts.errors++;
      this.#socket.receiveError();
    } else {
      // What the loopback brought meanwhile is there when the call returns.
      yield* this.#process.spend(LOOPBACK_TIME);
      spoken = yield* this.#receiveError();
    }
    this.#counts.sent();
    this.#tokens = 0;
    if (!spoken || this.#options.quiet) return;
    if (this.#options.flood) yield* this.#print('E');
    else yield* this.#process.write(2, `${this.#target.program}: sendmsg: ${strerror(failed)}\n`);
  }

  #packet(): Uint8Array {
    const data = this.#data.slice();
    if (this.#timing) {
      const view = new DataView(data.buffer);
      view.setBigUint64(0, BigInt(EPOCH_SECONDS + Math.trunc(this.#now / SECOND)), true);
      view.setBigUint64(8, BigInt(this.#now % SECOND), true);
    }
    const sequence = (this.#counts.transmitted + 1) & 0xffff;
    const { nodeInformation } = this.#options;
    if (nodeInformation) return nodeQuery(nodeInformation, this.#target.destination, this.#identifier, sequence);
    return this.#echo.request(this.#identifier, sequence, data);
  }

  // ---- receiving ------------------------------------------------------------------------------------------------------

  /** Takes what has come, until nothing is left or nothing more is expected. */
  *#receiveAll(): Blocking<void> {
    for (;;) {
      const received = this.#socket.receive();
      if (received === 'EAGAIN') {
        if (!(yield* this.#receiveError())) return;
      } else if (typeof received === 'string') yield* this.#receiveError();
      else yield* this.#reply(received);
      if (this.#counts.inFlight === 0) return;
    }
  }

  /** Takes an entry of the error queue; false if there was none of ours. */
  *#receiveError(): Blocking<boolean> {
    const error = this.#socket.receiveError();
    if (!error) return false;
    if (error.origin === 'local') {
      this.#counts.errors++;
      if (!this.#options.quiet) yield* this.#localError(error);
      return true;
    }
    const ours =
      error.destination === this.#target.destination &&
      error.data.length >= ICMP_HEADER &&
      this.#echo.isRequest(error.data, 0) &&
      this.#isOurs(icmp.identifier(error.data, 0));
    if (!ours) return true;
    const sequence = icmp.sequence(error.data, 0);
    this.#counts.acknowledge(sequence);
    this.#counts.errors++;
    if (this.#options.quiet) return true;
    if (this.#options.flood) yield* this.#print('\bE');
    else yield* this.#networkError(error, sequence);
    return true;
  }

  *#localError(error: SocketError): Blocking<void> {
    if (this.#options.flood) return yield* this.#print('E');
    const text = error.errno === 'EMSGSIZE' ? `local error: message too long, mtu=${error.info}` : `local error: ${strerror(error.errno)}`;
    yield* this.#process.write(2, `${this.#target.program}: ${text}\n`);
  }

  *#networkError(error: SocketError, sequence: number): Blocking<void> {
    const from =
      error.offender === undefined ? '' : yield* this.#describe(error.offender, error.ifindex ?? this.#socket.options.boundDevice);
    yield* this.#print(`${this.#timestamp()}From ${from} icmp_seq=${sequence} ${this.#echo.text(error.type, error.code, error.info)}\n`);
  }

  /** A datagram with its IP header: an answer, a redirect, or somebody else's. */
  *#reply(datagram: Datagram): Blocking<void> {
    const { data } = datagram;
    const at = this.#raw ? this.#echo.start(data) : 0;
    if (data.length < at + ICMP_HEADER) return;
    const redirect = typeof datagram.source === 'number' && icmp.type(data, at) === ICMP_TYPE.Redirect;
    if (redirect) return yield* this.#redirect(data, at, datagram.source as IPv4);
    if (!this.#echo.isReply(data, at) || !this.#isOurs(icmp.identifier(data, at))) return;
    if (!this.#echo.intact(data, at)) {
      this.#counts.corrupted++;
      if (!this.#options.quiet) yield* this.#print(this.#options.flood ? '\bC' : yield* this.#line(datagram, at, { corrupted: true }));
      return;
    }
    const trip = this.#tripOf(data, at, datagram.time);
    const duplicate = this.#counts.receive(icmp.sequence(data, at), trip);
    if (this.#options.adaptive) this.#interval = Math.trunc((Math.trunc(this.#counts.average8 / 8) + 500) / 1000);
    this.#confirm = true;
    if (this.#options.quiet) return;
    if (this.#options.flood) yield* this.#print('\b \b');
    else yield* this.#print(yield* this.#line(datagram, at, { duplicate, ...(trip === undefined ? {} : { trip }) }));
  }

  #tripOf(data: Uint8Array, at: number, time: Micros): Micros | undefined {
    const start = at + ICMP_HEADER;
    if (!this.#timing || data.length < start + TIMESTAMP) return undefined;
    const view = new DataView(data.buffer, data.byteOffset + start, TIMESTAMP);
    const seconds = Number(view.getBigUint64(0, true)) - EPOCH_SECONDS;
    return Math.max(0, time - (seconds * SECOND + Number(view.getBigUint64(8, true))));
  }

  *#line(datagram: Datagram, at: number, seen: { duplicate?: boolean; corrupted?: boolean; trip?: Micros }): Blocking<string> {
    const { data } = datagram;
    const options = this.#options;
    const from = yield* this.#describe(datagram.source, datagram.ifindex);
    let line = `${this.#timestamp()}${data.length - at} bytes from ${from}: icmp_seq=${icmp.sequence(data, at)}`;
    if (options.verbose && this.#target.raw) line += ` ident=${this.#identifier}`;
    line += ` ttl=${datagram.ttl}`;
    if (data.length - at < options.size + ICMP_HEADER) return `${line} (truncated)\n`;
    if (seen.trip !== undefined) line += ` time=${tripText(seen.trip, options.precise)} ms`;
    if (seen.duplicate && (!this.#target.multicast || options.verbose)) line += ' (DUP!)';
    if (seen.corrupted) line += ' (BAD CHECKSUM!)';
    if (this.#fromSomebodyElse(datagram.source)) line += ' (DIFFERENT ADDRESS!)';
    line += this.#wrongData(data.subarray(at + ICMP_HEADER));
    if (options.header !== undefined && this.#raw) line += yield* this.#headerText.of(data);
    return `${line}${options.audible ? '\x07' : ''}\n`;
  }

  /** Groups and IPv6's anycast address of the routers of a network are answered from other addresses. */
  #fromSomebodyElse(source: IP): boolean {
    const { destination, multicast } = this.#target;
    const anycast = typeof destination === 'bigint' && BigInt.asUintN(64, destination) === 0n;
    return !this.#options.broadcast && !multicast && !anycast && source !== destination;
  }

  /** The first byte after the timestamp that isn't what was sent, and then all of them. */
  #wrongData(data: Uint8Array): string {
    const wrong = data.findIndex((byte, i) => i >= TIMESTAMP && i < this.#data.length && byte !== this.#data[i]);
    if (wrong < 0) return '';
    const hex = (byte: number | undefined) => (byte ?? 0).toString(16);
    let text = `\nwrong data byte #${wrong} should be 0x${hex(this.#data[wrong])} but was 0x${hex(data[wrong])}`;
    for (let i = TIMESTAMP; i < this.#data.length; i++) text += `${i % 32 === TIMESTAMP ? `\n#${i}\t` : ''}${hex(data[i])} `;
    return text;
  }

  *#redirect(data: Uint8Array, at: number, from: IPv4): Blocking<void> {
    const quoted = at + ICMP_HEADER;
    if (this.#options.quiet || this.#options.flood || data.length < quoted + ip.IPV4_HEADER + ICMP_HEADER) return;
    const echo = quoted + ip.headerLength(data, quoted);
    if (ip.destination(data, quoted) !== this.#target.destination || !this.#isOurs(icmp.identifier(data, echo))) return;
    const text = icmpText(ICMP_TYPE.Redirect, icmp.code(data, at), icmp.gateway(data, at));
    yield* this.#print(`${this.#timestamp()}From ${yield* this.#describe(from)}: icmp_seq=${icmp.sequence(data, echo)} ${text}\n`);
  }

  // ---- words ----------------------------------------------------------------------------------------------------------

  *#print(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  /** An address, with its name unless the target was an address or -n was given. */
  *#describe(address: IP, ifindex = 0): Blocking<string> {
    const zone = typeof address === 'bigint' && isLinkLocalIPv6(address) && ifindex !== 0 ? `%${this.#target.device(ifindex)}` : '';
    if (zone !== '' || (this.#target.numeric && !this.#options.forceLookup)) return `${formatIP(address)}${zone}`;
    const known = this.#described.get(address);
    if (known !== undefined) return known;
    const text = yield* describeAddress(this.#process, address);
    this.#described.set(address, text);
    return text;
  }

  #timestamp(): string {
    if (!this.#options.timestamps) return '';
    return `[${EPOCH_SECONDS + Math.trunc(this.#now / SECOND)}.${String(this.#now % SECOND).padStart(6, '0')}] `;
  }

  *#finish(): Blocking<number> {
    const { flood, adaptive, deadline, count } = this.#options;
    const spaced = this.#interval === 0 || flood || adaptive;
    yield* this.#print(this.#counts.summary(this.#target.name, { timing: this.#timing, spaced }));
    return this.#counts.received === 0 || (deadline > 0 && this.#counts.received < (count ?? 0)) ? 1 : 0;
  }
}

/** The data of every packet: 0, 1, 2 … or the pattern over and over. */
function fill({ size, pattern }: PingOptions): Uint8Array {
  const data = new Uint8Array(size);
  const repeats = pattern !== undefined && pattern.length > 0;
  for (let i = 0; i < size; i++) data[i] = repeats ? (pattern[i % pattern.length] as number) : i;
  return data;
}
