import { formatIP, type IP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import type { OpenFile } from '../../host/file.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { waitReadable } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import type { SocketError, SocketOptions } from '../../kernel/socket/socket.ts';
import { describeAddress } from '../name-resolution.ts';
import { annotation } from './annotation.ts';
import { headerLine, type Settings, Stop } from './options.ts';
import { hopsFromTtl, newProbe, type Probe } from './probe.ts';

/** Added to a round trip before it is multiplied into a timeout. */
const PRECISION: Micros = MILLISECOND;

/** What sending one probe costs the program. */
const SEND_COST: Micros = 8;

/** A kind of probe. */
export interface Method {
  /** Sends one probe; false when the kernel has no room just now. */
  send(probe: Probe, ttl: number): boolean;
  /** Takes in whatever has arrived. */
  receive(): void;
  /** Sockets that all probes share. */
  readonly files: readonly OpenFile[];
}

/** One run: the probes, in the order in which they are sent and printed (traceroute.c `do_it`). */
export class Trace {
  readonly process: Process;
  readonly settings: Settings;
  readonly destination: IP;
  readonly family: 4 | 6;
  readonly probes: Probe[];
  /** IP header and, where the method has one of fixed length, its own. */
  readonly headerLength: number;
  /** What follows; shrinks while the path MTU is being looked for. */
  dataLength: number;
  readonly #out: string[] = [];

  constructor(process: Process, settings: Settings, destination: IP, lengths: { header: number; data: number }) {
    this.process = process;
    this.settings = settings;
    this.destination = destination;
    this.family = typeof destination === 'bigint' ? 6 : 4;
    this.headerLength = lengths.header;
    this.dataLength = lengths.data;
    this.probes = Array.from({ length: settings.maxHops * settings.queries }, newProbe);
  }

  get now(): Micros {
    return this.process.host.now;
  }

  /** Ends the program as perror(3) does, on a line of its own. */
  fail(what: string, errno: Errno): never {
    throw new Stop(`\n${what}: ${strerror(errno)}\n`, 1);
  }

  // ---- for the methods --------------------------------------------------------------------------------------------------

  /** Options that every socket gets (tune_socket), without the source address. */
  tune(options: SocketOptions): void {
    const { device, mark, tos, dontFragment } = this.settings;
    options.mark = mark;
    options.tos = tos;
    options.pathMtuDiscovery = dontFragment ? 'probe' : 'dont';
    if (device === undefined) return;
    const link = openRtNetlink(this.process.namespaces.net).link(device);
    if (!link) this.fail('setsockopt SO_BINDTODEVICE', 'ENODEV');
    else options.boundDevice = link.ifindex;
  }

  /** What send(2) said. @returns false to try again later */
  sent(errno: Errno | undefined): boolean {
    if (errno === 'ENOBUFS' || errno === 'EAGAIN') return false;
    // These come again by the error queue, and with more detail.
    if (errno && errno !== 'EMSGSIZE' && errno !== 'EHOSTUNREACH') this.fail('send', errno);
    return true;
  }

  /** An answer that is no error: the destination's. */
  answered(probe: Probe, from: IP, ttl: number): void {
    probe.from = from;
    probe.ttl = ttl;
    probe.received = this.now;
    probe.final = true;
    this.finish(probe);
  }

  /** An entry of the error queue. */
  failed(probe: Probe, error: SocketError): void {
    probe.received = this.now;
    probe.ttl = error.ttl;
    if (error.origin === 'local') this.#failedHere(probe, error);
    else {
      probe.from = error.offender;
      const note = annotation(this.family, error.type, error.code, error.info);
      probe.final = note !== undefined;
      // What a shorter path MTU left here stays.
      if (note) probe.note = note;
    }
    this.finish(probe);
    if (!this.settings.mtu || error.info < this.headerLength || error.info >= this.headerLength + this.dataLength) return;
    // Too long for the hop before: shorter from here on, this one included.
    this.dataLength = error.info - this.headerLength;
    Object.assign(probe, newProbe(), { note: `F=${error.info}` });
  }

  #failedHere(probe: Probe, error: SocketError): void {
    if (error.errno !== 'EMSGSIZE' || error.info === 0) this.fail('local recverr', error.errno);
    probe.note = `!F-${error.info}`;
    probe.final = true;
  }

  /** Nothing more is expected of a probe. */
  finish(probe: Probe): void {
    if (probe.fd !== undefined) this.process.close(probe.fd);
    probe.fd = undefined;
    probe.file = undefined;
    probe.key = 0;
    probe.done = true;
  }

  /** The probe that an answer belongs to. */
  byKey(key: number): Probe | undefined {
    return key === 0 ? undefined : this.probes.find((probe) => probe.key === key);
  }

  // ---- the loop ---------------------------------------------------------------------------------------------------------

  *run(method: Method): Blocking<void> {
    const { queries } = this.settings;
    const length = this.headerLength + this.dataLength;
    yield* this.process.write(1, headerLine(this.settings, this.destination, length));
    const window = { start: (this.settings.firstHop - 1) * queries, end: this.probes.length };
    while (window.start < window.end) {
      const until = yield* this.#turn(method, window);
      yield* this.#print();
      if (until === undefined) continue;
      const files = [...method.files, ...this.probes.flatMap(({ file }) => file ?? [])];
      // poll(2) waits whole milliseconds, at least one.
      const wait = Math.max(1, Math.trunc((until - this.now) / MILLISECOND)) * MILLISECOND;
      yield* waitReadable(files, this.now + wait);
      method.receive();
    }
    this.#out.push('\n');
    yield* this.#print();
  }

  *#print(): Blocking<void> {
    const text = this.#out.splice(0).join('');
    if (text !== '') yield* this.process.write(1, text);
  }

  /** Prints what can be printed and sends what may be sent. @returns until when to wait */
  *#turn(method: Method, window: { start: number; end: number }): Blocking<Micros | undefined> {
    const { queries, simultaneous, sendWait } = this.settings;
    let until: Micros | undefined;
    let pending = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const { sent } of this.probes) if (sent !== undefined && sent > last) last = sent;
    for (let n = window.start; n < window.end; n++) {
      const probe = this.probes[n] as Probe;
      if (n === window.start && !probe.done && probe.sent !== undefined) {
        const expires = probe.sent + this.#timeout(n);
        if (expires > this.now) until = expires;
        else {
          this.finish(probe);
          this.#expired(n);
        }
      }
      if (probe.done) {
        if (n === window.start) {
          yield* this.#show(n);
          window.start++;
        }
        if (probe.final) window.end = (Math.floor(n / queries) + 1) * queries;
        continue;
      }
      if (probe.sent === undefined) {
        if (sendWait > 0 && last + sendWait * SECOND > this.now) return until ?? last + sendWait * SECOND;
        probe.sent = this.now;
        if (!method.send(probe, Math.floor(n / queries) + 1)) {
          probe.sent = undefined;
          if (until !== undefined) return until;
          this.fail('send probe', 'EAGAIN');
        }
        last = this.now;
        yield* this.process.spend(SEND_COST);
      }
      until ??= (probe.sent as Micros) + this.#timeout(n);
      if (++pending >= simultaneous) break;
    }
    return until;
  }

  /** How long to wait for a probe: some times as long as another of its hop took, or a later hop's, but no longer than the limit. */
  #timeout(n: number): Micros {
    const { queries, wait } = this.settings;
    const most = wait.max * SECOND;
    const first = n - (n % queries);
    const of = (probe: Probe | undefined, factor: number): Micros | undefined => {
      if (!probe?.done || probe.received === undefined || probe.sent === undefined) return undefined;
      const took = probe.received - probe.sent;
      return took > 0 ? Math.min(most, Math.round((took + PRECISION) * factor)) : undefined;
    };
    if (wait.here > 0) {
      for (let i = first; i < first + queries; i++) {
        const found = of(this.probes[i], wait.here);
        if (found !== undefined) return found;
      }
    }
    if (wait.near > 0) {
      for (let i = n + 1; i < this.probes.length && this.probes[i]?.sent !== undefined; i++) {
        const found = of(this.probes[i], wait.near);
        if (found !== undefined) return found;
      }
    }
    return most;
  }

  /**
   * A probe got no answer. When a later one was told that there is no way on, that router may have answered the later one instead of
   * this, because it answers only so many a second; the answer then moves here (check_expired).
   */
  #expired(n: number): void {
    const { probes } = this;
    const { queries } = this.settings;
    const first = n - (n % queries);
    const before = probes.slice(first, n);
    if (before.some((probe) => !probe.done || !probe.final)) return;
    let at = n + 1;
    while (at < probes.length && probes[at]?.sent !== undefined && !probes[at]?.done) at++;
    const later = probes[at];
    if (!later?.done || !later.final || later.note === '') return;
    if (before.length === 0 && (n % queries) + (at - n) >= queries && !this.#sameRouter(n, later)) return;
    Object.assign(probes[n] as Probe, later);
    // It is not to be sent again.
    Object.assign(later, newProbe(), { sent: 0 });
  }

  /** Whether a final answer seems to come from as far as hop of probe `n`. */
  #sameRouter(n: number, later: Probe): boolean {
    const { queries } = this.settings;
    const earlier = this.probes.slice(0, n).reverse();
    if (earlier.some(({ from }) => from === later.from)) return true;
    if (later.ttl === 0) return false;
    let back = hopsFromTtl(later.ttl);
    for (const [i, probe] of earlier.entries()) {
      if (!probe.done || probe.final || probe.ttl === 0) continue;
      const hops = hopsFromTtl(probe.ttl);
      if (hops >= back) continue;
      back = back - hops + Math.floor((n - 1 - i) / queries) + 1;
      break;
    }
    return back <= Math.floor(n / queries) + 1;
  }

  // ---- print ------------------------------------------------------------------------------------------------------------

  *#show(n: number): Blocking<void> {
    const { queries, back, numeric } = this.settings;
    const probe = this.probes[n] as Probe;
    const hop = Math.floor(n / queries) + 1;
    const nth = n % queries;
    if (nth === 0) this.#out.push(`\n${String(hop).padStart(2)} `);
    if (probe.from === undefined) this.#out.push(' *');
    else if (this.#differs(n, nth, probe)) {
      const name = numeric ? undefined : yield* describeAddress(this.process, probe.from);
      this.#out.push(` ${numeric ? formatIP(probe.from) : (name as string).includes(' ') ? name : `${name} (${name})`}`);
      if (back && probe.ttl !== 0 && hopsFromTtl(probe.ttl) !== hop) this.#out.push(` '-${hopsFromTtl(probe.ttl)}'`);
    }
    if (probe.received !== undefined && probe.sent !== undefined)
      this.#out.push(`  ${((probe.received - probe.sent) / MILLISECOND).toFixed(3)} ms`);
    if (probe.note !== '') this.#out.push(` ${probe.note}`);
  }

  /** The first answer of a hop names its router; another only if it is another. */
  #differs(n: number, nth: number, probe: Probe): boolean {
    for (let i = 1; i <= nth; i++) {
      const before = this.probes[n - i] as Probe;
      if (before.from === undefined) continue;
      return before.from !== probe.from || (this.settings.back && before.ttl !== probe.ttl);
    }
    return true;
  }
}
