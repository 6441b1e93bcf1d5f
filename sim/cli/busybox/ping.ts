import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { type OpenIcmpSocket, openRawSocket, waitReadable } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { emitIcmp, ICMP_HEADER, ICMP_TYPE } from '../../wire/icmp.ts';
import * as icmp from '../../wire/icmp.ts';
import { emitIcmpv6, ICMPV6_TYPE } from '../../wire/icmpv6.ts';
import * as ip from '../../wire/ipv4.ts';
import { resolveName } from '../name-resolution.ts';
import { appletProgram, Die, letters, options, ShowUsage } from './failure.ts';

/** busybox's ping and ping6 (networking/ping.c). */
export const ping = appletProgram('ping', (process, args) => runPing(process, args, 'ping'));
export const ping6 = appletProgram('ping6', (process, args) => runPing(process, args, 'ping6'));

const SPECS = letters('46c:s:t:w:W:I:np:i:qvA');

const IPPROTO_ICMPV6 = 58;

/** What a call costs the program. */
const CALL_COST: Micros = 5;

interface Plan {
  name: string;
  destination: IP;
  /** With the percent sign. */
  zone: string;
  source: IP | undefined;
  device: string | undefined;
  count: number;
  size: number;
  ttl: number;
  interval: Micros;
  /** Seconds to wait for the first answer after the last packet. */
  timeout: number;
  deadline: Micros | undefined;
  pattern: number;
  quiet: boolean;
  atOnce: boolean;
}

function* runPing(process: Process, args: readonly string[], applet: string): Blocking<number> {
  const { options: given, operands } = options(SPECS, args);
  const value = (name: string) => given.findLast((option) => option.name === name)?.value;
  const [name] = operands;
  if (name === undefined || operands.length !== 1) throw new ShowUsage();
  const size = number(value('s') ?? '56', 0, 65_535);
  const plan: Plan = {
    name,
    destination: 0,
    zone: name.includes('%') ? name.slice(name.indexOf('%')) : '',
    ...source(process, value('I')),
    count: number(value('c') ?? '0', 0, 0xffff_ffff),
    size,
    ttl: number(value('t') ?? '0', 0, 255),
    interval: Math.round(seconds(value('i') ?? '1') * SECOND),
    timeout: number(value('W') ?? '10', 0, 0x7fff_ffff),
    deadline: undefined,
    pattern: hexByte(value('p') ?? '0'),
    quiet: value('q') !== undefined,
    atOnce: value('A') !== undefined,
  };
  const wait = value('w') === undefined ? 0 : number(value('w') as string, 0, 0x7fff_ffff);
  if (wait > 0) plan.deadline = process.host.now + wait * SECOND;
  const resolved = yield* resolveName(process, name);
  const only = applet === 'ping6' || value('6') !== undefined ? 'bigint' : value('4') !== undefined ? 'number' : undefined;
  const fits = (address: IP) => only === undefined || typeof address === only;
  const found = typeof resolved === 'string' ? undefined : resolved.addresses.find(fits);
  if (found === undefined) throw new Die(`bad address '${name}'`);
  plan.destination = found;
  if (plan.zone !== '') plan.device ??= plan.zone.slice(1);
  return yield* new BusyboxPing(process, applet, plan).run();
}

/** xatou: a whole number within limits. */
function number(text: string, least: number, most: number): number {
  if (!/^[0-9]+$/.test(text)) throw new Die(`invalid number '${text}'`);
  const value = Number(text);
  if (value < least || value > most) throw new Die(`number ${text} is not in ${least}..${most} range`);
  return value;
}

function seconds(text: string): number {
  const match = /^([0-9]*\.?[0-9]+)([smhd]?)$/.exec(text);
  if (!match) throw new Die(`invalid number '${text}'`);
  return Number(match[1]) * { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as '' | 's'];
}

function hexByte(text: string): number {
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new Die(`invalid number '${text}'`);
  const value = Number.parseInt(text, 16);
  if (value > 255) throw new Die(`number ${text} is not in 0..255 range`);
  return value;
}

/** `-I`: a device if there is one of that name, else an address. */
function source(process: Process, text: string | undefined): { source: IP | undefined; device: string | undefined } {
  if (text === undefined) return { source: undefined, device: undefined };
  if (openRtNetlink(process.namespaces.net).link(text)) return { source: undefined, device: text };
  const address = parseIP(text);
  if (address === undefined) throw new Die(`bad address '${text}'`);
  return { source: address, device: undefined };
}

class BusyboxPing {
  readonly #process: Process;
  readonly #applet: string;
  readonly #plan: Plan;
  readonly #identifier: number;
  readonly #seen = new Set<number>();
  #transmitted = 0;
  #received = 0;
  #repeats = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #interrupted = false;

  constructor(process: Process, applet: string, plan: Plan) {
    this.#process = process;
    this.#applet = applet;
    this.#plan = plan;
    this.#identifier = process.nspid & 0xffff;
  }

  get #six(): boolean {
    return typeof this.#plan.destination === 'bigint';
  }

  get #now(): Micros {
    return this.#process.host.now;
  }

  *run(): Blocking<number> {
    const { name, destination, zone, source, size } = this.#plan;
    const from = source === undefined ? '' : ` from ${formatIP(source)}`;
    yield* this.#print(`PING ${name} (${formatIP(destination)}${zone})${from}: ${size} data bytes\n`);
    const socket = this.#open();
    this.#process.onSignal('SIGINT', () => {
      this.#interrupted = true;
    });
    const end = yield* this.#loop(socket);
    if (end !== undefined) return end;
    return yield* this.#finish();
  }

  #open(): OpenIcmpSocket {
    const socket = openRawSocket(this.#process, this.#six ? IPPROTO_ICMPV6 : ip.PROTOCOL.ICMP, this.#six ? 6 : 4);
    if (typeof socket === 'string') throw new Die('permission denied (are you root?)');
    this.#process.install(socket);
    const { device, source, ttl } = this.#plan;
    if (device !== undefined) socket.options.boundDevice = openRtNetlink(this.#process.namespaces.net).link(device)?.ifindex ?? 0;
    if (source !== undefined && socket.bind(source)) throw new Die("can't set multicast source interface");
    socket.options.broadcast = true;
    if (ttl !== 0) {
      socket.options.ttl = ttl;
      socket.options.multicastTtl = ttl;
    }
    return socket;
  }

  /** Sends and receives until enough answers have come or time is up; an exit status means: end without statistics. */
  *#loop(socket: OpenIcmpSocket): Blocking<number | undefined> {
    const { count, interval, timeout, deadline, atOnce } = this.#plan;
    let due: Micros = this.#now;
    for (;;) {
      if (this.#interrupted) return undefined;
      if (this.#now >= due) {
        if ((deadline !== undefined && this.#now >= deadline) || (count > 0 && this.#transmitted >= count)) return undefined;
        const failed = yield* this.#send(socket);
        if (failed !== undefined) return failed;
        const last = count > 0 && this.#transmitted >= count;
        // After the last packet: two round trips if any answer has come, else the timeout.
        const linger = this.#received > 0 ? Math.max(1, Math.trunc(this.#max / 524_288)) : timeout;
        due = this.#now + (last ? linger * SECOND : interval);
      }
      yield* waitReadable([socket], due);
      const answered = yield* this.#receive(socket);
      if (count > 0 && this.#received >= count) return undefined;
      if (answered && atOnce && (count === 0 || this.#transmitted < count)) due = this.#now;
    }
  }

  *#send(socket: OpenIcmpSocket): Blocking<number | undefined> {
    const { size, pattern, destination } = this.#plan;
    const data = new Uint8Array(size).fill(pattern);
    const stamp = new DataView(new ArrayBuffer(4));
    stamp.setUint32(0, this.#now >>> 0, true);
    if (size >= 4) data.set(new Uint8Array(stamp.buffer), 0);
    const packet = new Uint8Array(ICMP_HEADER + size);
    const message = { kind: 'echo-request', identifier: this.#identifier, sequence: this.#transmitted & 0xffff, data } as const;
    if (this.#six) emitIcmpv6(packet, 0, message);
    else emitIcmp(packet, 0, message);
    this.#seen.delete(this.#transmitted & 0xffff);
    this.#transmitted++;
    const failed = socket.sendTo(packet, destination);
    yield* this.#process.spend(CALL_COST);
    if (!failed) return undefined;
    yield* this.#process.write(2, `${this.#applet}: sendto: ${strerror(failed)}\n`);
    return 1;
  }

  /** Takes all that has come; true if there was an answer of ours. */
  *#receive(socket: OpenIcmpSocket): Blocking<boolean> {
    let answered = false;
    for (;;) {
      const datagram = socket.receive();
      if (typeof datagram === 'string') {
        if (datagram !== 'EAGAIN') yield* this.#process.write(2, `${this.#applet}: recvfrom: ${strerror(datagram)}\n`);
        return answered;
      }
      const { data } = datagram;
      // A raw socket of IPv6 hands over the message without the header.
      const at = this.#six ? 0 : ip.headerLength(data, 0);
      const echo = data.length >= this.#plan.size + ICMP_HEADER && icmp.identifier(data, at) === this.#identifier;
      if (!echo || icmp.type(data, at) !== (this.#six ? ICMPV6_TYPE.EchoReply : ICMP_TYPE.EchoReply)) continue;
      if (datagram.source === undefined) continue;
      answered = true;
      yield* this.#answer(data.subarray(at), datagram.source, datagram.ttl, datagram.time);
    }
  }

  *#answer(message: Uint8Array, from: IP, ttl: number, time: Micros): Blocking<void> {
    const sequence = icmp.sequence(message, 0);
    const trip = message.length >= ICMP_HEADER + 4 ? tripOf(message, time) : undefined;
    if (trip !== undefined) {
      this.#sum += trip;
      this.#min = Math.min(this.#min, trip);
      this.#max = Math.max(this.#max, trip);
    }
    const duplicate = this.#seen.has(sequence);
    this.#seen.add(sequence);
    if (duplicate) this.#repeats++;
    else this.#received++;
    if (this.#plan.quiet) return;
    const timed = trip === undefined ? '' : ` time=${milliseconds(trip)} ms`;
    yield* this.#print(`${message.length} bytes from ${formatIP(from)}: seq=${sequence} ttl=${ttl}${timed}${duplicate ? ' (DUP!)' : ''}\n`);
  }

  *#finish(): Blocking<number> {
    const loss = this.#transmitted > 0 ? Math.trunc(((this.#transmitted - this.#received) * 100) / this.#transmitted) : 0;
    const repeats = this.#repeats > 0 ? `${this.#repeats} duplicates, ` : '';
    let text = `\n--- ${this.#plan.name} ping statistics ---\n`;
    text += `${this.#transmitted} packets transmitted, ${this.#received} packets received, ${repeats}${loss}% packet loss\n`;
    if (this.#min !== Number.POSITIVE_INFINITY) {
      const mean = Math.trunc(this.#sum / (this.#received + this.#repeats));
      text += `round-trip min/avg/max = ${milliseconds(this.#min)}/${milliseconds(mean)}/${milliseconds(this.#max)} ms\n`;
    }
    yield* this.#print(text);
    return this.#received === 0 || (this.#plan.deadline !== undefined && this.#received < this.#plan.count) ? 1 : 0;
  }

  *#print(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }
}

/** The time is a 32-bit count of microseconds, as the real one's. */
function tripOf(message: Uint8Array, time: Micros): Micros {
  const sent = new DataView(message.buffer, message.byteOffset + ICMP_HEADER, 4).getUint32(0, true);
  return ((time >>> 0) - sent) >>> 0;
}

function milliseconds(micros: number): string {
  return `${Math.trunc(micros / 1000)}.${String(micros % 1000).padStart(3, '0')}`;
}
