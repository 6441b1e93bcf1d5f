import { formatIP, type IP, type Mac } from '../../base/address.ts';
import type { Timer } from '../../base/events.ts';
import { type Micros, MILLISECOND } from '../../base/time.ts';
import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import type { NeighbourParameters, NeighbourTable } from './table.ts';

export type NudState = 'NONE' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED' | 'NOARP' | 'PERMANENT';

/** Sends a packet once the link-layer address is known; the packet's `data` stands at its network header. */
export type NeighbourOutput = (skb: Skb, mac: Mac) => void;

/** States in which the address may be used (NUD_VALID). */
const VALID: ReadonlySet<NudState> = new Set(['PERMANENT', 'NOARP', 'REACHABLE', 'PROBE', 'STALE', 'DELAY']);
/** States that need no confirmation (NUD_CONNECTED). */
const CONNECTED: ReadonlySet<NudState> = new Set(['PERMANENT', 'NOARP', 'REACHABLE']);
const MIN_INTERVAL: Micros = 10 * MILLISECOND;

/**
 * One neighbour and its reachability state (net/core/neighbour.c, RFC 4861 §7.3.2): the same machine for ARP and for IPv6
 * neighbour discovery.
 */
export class Neighbour {
  readonly table: NeighbourTable;
  readonly device: NetDevice;
  readonly address: IP;
  state: NudState = 'NONE';
  mac: Mac | undefined;
  used: Micros;
  confirmed: Micros;
  updated: Micros;
  probes = 0;
  router = false;
  /** Whose it is, by route protocol's name, if somebody has said so; it changes nothing. */
  protocol: string | undefined;
  /** An administrator's program learned it (NTF_EXT_LEARNED), or vouches for it: then it goes stale where others fail (NTF_EXT_VALIDATED). */
  externLearn = false;
  externValid = false;
  #managed: Timer | undefined;
  /** It is in its table no more. */
  dead = false;
  #timer: Timer | undefined;
  #queue: { skb: Skb; output: NeighbourOutput }[] = [];
  #queuedBytes = 0;

  constructor(table: NeighbourTable, device: NetDevice, address: IP) {
    this.table = table;
    this.device = device;
    this.address = address;
    this.used = this.confirmed = this.updated = this.#now;
    // A new entry has never been confirmed: set back so that the first check does not think so (neigh_alloc, __neigh_create).
    this.confirmed = this.#now - 2 * this.#parameters.base_reachable_time;
  }

  /** Needs no confirmation: packets may go at once. */
  get connected(): boolean {
    const { state } = this;
    return state === 'REACHABLE' || state === 'PERMANENT' || state === 'NOARP';
  }

  get valid(): boolean {
    return VALID.has(this.state);
  }

  get #now(): Micros {
    return this.device.net.kernel.events.now;
  }

  get #parameters(): NeighbourParameters {
    return this.table.parametersOf(this.device);
  }

  setNoArp(mac: Mac): void {
    this.mac = mac;
    this.state = 'NOARP';
  }

  /** Sends now if the address is usable, else asks for it and keeps the packet (neigh_resolve_output). */
  resolve(skb: Skb, output: NeighbourOutput): void {
    if (!CONNECTED.has(this.state)) {
      this.used = this.#now;
      if (this.state !== 'DELAY' && this.state !== 'PROBE' && !this.#eventSend(skb, output)) return;
    }
    output(skb, this.mac as Mac);
  }

  /** Asks for the address although nothing waits for it (neigh_event_send without a packet). */
  ask(): void {
    this.used = this.#now;
    if (!CONNECTED.has(this.state) && this.state !== 'DELAY' && this.state !== 'PROBE') this.#eventSend(undefined, undefined);
  }

  /** Whether it is looked for again and again, wanted or not (NTF_MANAGED). */
  get managed(): boolean {
    return this.#managed !== undefined;
  }

  set managed(on: boolean) {
    if (on === this.managed) return;
    const { events } = this.device.net.kernel;
    events.cancel(this.#managed);
    this.#managed = undefined;
    if (on) this.#managed = events.at(events.now + this.table.defaults.interval_probe_time, 'neighbour', () => this.#manage(), true);
  }

  /** Its turn has come (neigh_managed_work). */
  #manage(): void {
    this.#managed = undefined;
    this.managed = true;
    this.ask();
  }

  /** Returns true when the packet, if any, may go now (__neigh_event_send). */
  #eventSend(skb: Skb | undefined, output: NeighbourOutput | undefined): boolean {
    const parameters = this.#parameters;
    if (this.state === 'STALE') {
      this.#setState('DELAY');
      this.updated = this.#now;
      this.#schedule(this.#now + parameters.delay_first_probe_time);
      return true;
    }
    let probeNow = false;
    if (this.state !== 'INCOMPLETE') {
      if (parameters.mcast_solicit + parameters.app_solicit === 0) {
        this.#setState('FAILED');
        this.updated = this.#now;
        if (skb) drop(this.device.net, skb, 'NEIGH_FAILED');
        return false;
      }
      this.probes = parameters.ucast_solicit;
      this.#setState('INCOMPLETE');
      this.updated = this.#now;
      this.#schedule(this.#now + Math.max(parameters.retrans_time, MIN_INTERVAL));
      probeNow = true;
    }
    if (skb && output) this.#enqueue(skb, output, parameters);
    if (probeNow) this.#probe();
    return false;
  }

  #enqueue(skb: Skb, output: NeighbourOutput, parameters: NeighbourParameters): void {
    while (this.#queue.length > 0 && this.#queuedBytes + skb.length > parameters.unres_qlen_bytes) {
      const oldest = this.#queue.shift() as { skb: Skb };
      this.#queuedBytes -= oldest.skb.length;
      drop(this.device.net, oldest.skb, 'NEIGH_QUEUEFULL');
    }
    this.#queue.push({ skb, output });
    this.#queuedBytes += skb.length;
  }

  /**
   * New knowledge: an answer, a gratuitous announcement, an administrator (neigh_update).
   *
   * @param flags override: may replace a different known address; weak: only marks a different one STALE; administrator:
   * may leave NOARP and PERMANENT
   */
  update(mac: Mac | undefined, state: NudState, flags: { override?: boolean; weakOverride?: boolean; administrator?: boolean } = {}): void {
    if (!flags.administrator && (this.state === 'NOARP' || this.state === 'PERMANENT')) return;
    if (!VALID.has(state)) {
      this.#stopTimer();
      const before = this.state;
      this.#setState(state);
      if (VALID.has(before)) this.#tell(false);
      if ((before === 'INCOMPLETE' || before === 'PROBE') && state === 'FAILED') this.#invalidate();
      return;
    }
    const wasValid = this.valid;
    let next = state;
    let address = mac ?? this.mac;
    if (address === undefined) return;
    const differs = wasValid && address !== this.mac;
    if (CONNECTED.has(next)) this.confirmed = this.#now;
    if (differs && !flags.override && !flags.administrator) {
      if (flags.weakOverride && CONNECTED.has(this.state)) {
        address = this.mac as Mac;
        next = 'STALE';
      } else return;
    } else if (!differs && next === 'STALE' && CONNECTED.has(this.state) && !flags.administrator) next = this.state;
    const changed = next !== this.state || address !== this.mac;
    if (next !== this.state) {
      this.#stopTimer();
      this.updated = this.#now;
      this.#setState(next);
      if (next === 'REACHABLE') this.#schedule(this.#now + this.#parameters.reachable_time);
      else if (next === 'DELAY') this.#schedule(this.#now + this.#parameters.delay_first_probe_time);
    }
    if (address !== this.mac) {
      this.mac = address;
      this.updated = this.#now;
      if (!CONNECTED.has(next)) this.confirmed = this.#now - 2 * this.#parameters.base_reachable_time;
    }
    if (!wasValid) this.#flushQueue();
    if (changed) this.#tell(false);
  }

  /** An upper layer got an answer from it (dst_confirm): counts as confirmation at the next check. */
  confirm(): void {
    if (this.valid) this.confirmed = this.#now;
  }

  /** Ends it: packets that wait are dropped. */
  destroy(): void {
    this.dead = true;
    this.managed = false;
    this.#tell(true);
    this.#stopTimer();
    for (const { skb } of this.#queue) drop(this.device.net, skb, 'NEIGH_DEAD');
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #tell(gone: boolean): void {
    const { notices } = this.device.net;
    if (notices.heard) notices.tell({ kind: 'neighbour', neighbour: this, gone });
  }

  #setState(state: NudState): void {
    if (state === this.state) return;
    this.state = state;
    const { net, uid } = this.device;
    net.kernel.trace.emit(TraceKind.Neighbour, uid, net.uid, 0, 0, `${formatIP(this.address)} ${state}`);
  }

  #schedule(due: Micros): void {
    this.#stopTimer();
    const background = this.state !== 'INCOMPLETE' && this.state !== 'PROBE';
    this.#timer = this.device.net.kernel.events.at(due, 'neighbour', () => this.#expired(), background);
  }

  #stopTimer(): void {
    this.device.net.kernel.events.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** The state's time is up (neigh_timer_handler). */
  #expired(): void {
    this.#timer = undefined;
    const now = this.#now;
    const parameters = this.#parameters;
    const retry = now + Math.max(parameters.retrans_time, MIN_INTERVAL);
    if (this.state === 'REACHABLE') {
      if (now <= this.confirmed + parameters.reachable_time - 1) return this.#schedule(this.confirmed + parameters.reachable_time);
      if (now <= this.used + parameters.delay_first_probe_time) {
        this.#setState('DELAY');
        this.updated = now;
        return this.#schedule(now + parameters.delay_first_probe_time);
      }
      this.#setState('STALE');
      this.updated = now;
      return this.#tell(false);
    }
    if (this.state === 'DELAY') {
      if (now <= this.confirmed + parameters.delay_first_probe_time) {
        this.#setState('REACHABLE');
        this.updated = now;
        this.#tell(false);
        return this.#schedule(this.confirmed + parameters.reachable_time);
      }
      this.#setState('PROBE');
      this.updated = now;
      this.probes = 0;
      this.#tell(false);
    }
    if (this.state !== 'INCOMPLETE' && this.state !== 'PROBE') return;
    if (this.probes >= this.#maxProbes(parameters)) {
      if (this.state === 'PROBE' && this.externValid) {
        this.#setState('STALE');
        this.updated = now;
        return this.#tell(false);
      }
      this.#setState('FAILED');
      this.updated = now;
      this.#tell(false);
      return this.#invalidate();
    }
    this.#schedule(retry);
    this.#probe();
  }

  #maxProbes(parameters: NeighbourParameters): number {
    return (
      parameters.ucast_solicit + parameters.app_solicit + (this.state === 'PROBE' ? parameters.mcast_resolicit : parameters.mcast_solicit)
    );
  }

  #probe(): void {
    const unicast = this.state === 'PROBE' && this.probes < this.#parameters.ucast_solicit;
    this.probes++;
    this.table.protocol.solicit(this.device, this.address, unicast ? this.mac : undefined, this.#queue.at(-1)?.skb);
  }

  /** Nobody answered: every packet that waited is reported back as undeliverable (neigh_invalidate). */
  #invalidate(): void {
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const { skb } of waiting) this.table.protocol.failed(this.device, skb);
  }

  #flushQueue(): void {
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const { skb, output } of waiting) output(skb, this.mac as Mac);
  }
}
