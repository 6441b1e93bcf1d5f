import type { Random } from '../../../base/random.ts';
import type { EventQueue } from '../../../base/events.ts';
import { MILLISECOND, SECOND } from '../../../base/time.ts';
import { Countdown } from '../../countdown.ts';

/** How long what lasts (drivers/net/wireguard/messages.h). */
export const REKEY_AFTER = 120 * SECOND;
export const REJECT_AFTER = 180 * SECOND;
export const REKEY_TIMEOUT = 5 * SECOND;
export const KEEPALIVE_TIMEOUT = 10 * SECOND;
/** 90 seconds of trying. */
const MAX_ATTEMPTS = 18;
/** A third of a second, so that two ends don't begin at the same time again and again. */
const JITTER = 333 * MILLISECOND;

/** What the timers make a peer do. */
export interface TimedPeer {
  /** Seconds, 0 for none. */
  readonly persistentKeepalive: number;
  readonly running: boolean;
  sendKeepalive(): void;
  /** @param retry it isn't the first of a row */
  initiate(retry: boolean): void;
  /** The underlay's route is looked up anew for the next packet. */
  forgetSource(): void;
  purgeStaged(): void;
  zeroKeys(): void;
}

/** When a peer speaks although nobody told it to (drivers/net/wireguard/timers.c). None of it keeps the world awake. */
export class PeerTimers {
  readonly #peer: TimedPeer;
  readonly #random: Random;
  readonly #retransmit: Countdown;
  readonly #keepalive: Countdown;
  readonly #newHandshake: Countdown;
  readonly #zero: Countdown;
  readonly #persistent: Countdown;
  #attempts = 0;
  #anotherKeepalive = false;

  constructor(peer: TimedPeer, events: EventQueue, random: Random) {
    this.#peer = peer;
    this.#random = random;
    const timer = (name: string, expired: () => void) => new Countdown(events, `wireguard ${name}`, true, expired);
    this.#retransmit = timer('handshake retry', () => this.#retry());
    this.#keepalive = timer('keepalive', () => this.#passiveKeepalive());
    this.#newHandshake = timer('new handshake', () => {
      peer.forgetSource();
      peer.initiate(false);
    });
    this.#zero = timer('keys end', () => peer.zeroKeys());
    this.#persistent = timer('persistent keepalive', () => {
      if (peer.persistentKeepalive > 0) peer.sendKeepalive();
    });
  }

  /** No response to an initiation (wg_expired_retransmit_handshake). */
  #retry(): void {
    if (this.#attempts > MAX_ATTEMPTS) {
      this.#keepalive.stop();
      this.#peer.purgeStaged();
      if (!this.#zero.running) this.#zero.start(3 * REJECT_AFTER);
      return;
    }
    this.#attempts++;
    this.#peer.forgetSource();
    this.#peer.initiate(true);
  }

  /** Something came and nothing went back for a while: the other end should know that it arrived. */
  #passiveKeepalive(): void {
    this.#peer.sendKeepalive();
    if (!this.#anotherKeepalive) return;
    this.#anotherKeepalive = false;
    this.#keepalive.start(KEEPALIVE_TIMEOUT);
  }

  #withJitter(delay: number): number {
    return delay + this.#random.below(JITTER);
  }

  /** A new row of attempts. */
  firstAttempt(): void {
    this.#attempts = 0;
  }

  dataSent(): void {
    if (this.#peer.running && !this.#newHandshake.running) this.#newHandshake.start(this.#withJitter(KEEPALIVE_TIMEOUT + REKEY_TIMEOUT));
  }

  dataReceived(): void {
    if (!this.#peer.running) return;
    if (this.#keepalive.running) this.#anotherKeepalive = true;
    else this.#keepalive.start(KEEPALIVE_TIMEOUT);
  }

  anySent(): void {
    this.#keepalive.stop();
  }

  anyReceived(): void {
    this.#newHandshake.stop();
  }

  /** Anything that was proved to be the peer's went either way. */
  anyTraversal(): void {
    const interval = this.#peer.persistentKeepalive;
    if (interval > 0 && this.#peer.running) this.#persistent.start(interval * SECOND);
  }

  initiated(): void {
    this.#retransmit.start(this.#withJitter(REKEY_TIMEOUT));
  }

  handshakeComplete(): void {
    this.#retransmit.stop();
    this.#attempts = 0;
  }

  sessionDerived(): void {
    this.#zero.start(3 * REJECT_AFTER);
  }

  stop(): void {
    for (const timer of [this.#retransmit, this.#keepalive, this.#newHandshake, this.#zero, this.#persistent]) timer.stop();
    this.#attempts = 0;
    this.#anotherKeepalive = false;
  }
}
