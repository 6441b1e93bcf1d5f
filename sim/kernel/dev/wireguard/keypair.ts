import type { Micros } from '../../../base/time.ts';

/** How far behind the newest message a late one may be (COUNTER_WINDOW_SIZE). */
const WINDOW = 8192 - 64;

/** Which counters of the other side's messages have been seen (counter_validate; RFC 6479). */
export class ReplayWindow {
  readonly #seen = new Uint32Array(8192 / 32);
  #next = 0;

  /** Takes a message's counter. @returns false for one that came before, or is too old to tell */
  accept(counter: number): boolean {
    if (counter + WINDOW < this.#next) return false;
    const slots = this.#seen.length;
    const slot = Math.floor(counter / 32);
    if (counter >= this.#next) {
      const newest = Math.floor(Math.max(0, this.#next - 1) / 32);
      for (let i = 1; i <= Math.min(slot - newest, slots); i++) this.#seen[(newest + i) % slots] = 0;
      this.#next = counter + 1;
    }
    const word = this.#seen[slot % slots] as number;
    const bit = 1 << (counter & 31);
    if ((word & bit) !== 0) return false;
    this.#seen[slot % slots] = word | bit;
    return true;
  }
}

/** The keys of one session, as a handshake left them (`struct noise_keypair`). */
export interface Keypair {
  /** What the other side puts into its messages. */
  localIndex: number;
  remoteIndex: number;
  sending: Uint8Array;
  receiving: Uint8Array;
  /** This side began the handshake, and begins the next one when the keys get old. */
  initiator: boolean;
  born: Micros;
  /** The next message's counter. */
  counter: number;
  /** Too old, or set aside: nothing is sent or taken with it any more. */
  expired: boolean;
  window: ReplayWindow;
}

/** The three sessions that a peer may have at a time: keys in use, those before, and those not yet confirmed (`struct noise_keypairs`). */
export class Keypairs {
  current: Keypair | undefined;
  #previous: Keypair | undefined;
  #next: Keypair | undefined;
  readonly #forget: (index: number) => void;

  /** @param forget is told of the local indices that mean nothing any more */
  constructor(forget: (index: number) => void) {
    this.#forget = forget;
  }

  /** A handshake is complete (add_new_keypair): who answered it may use its keys once the other side has. */
  add(fresh: Keypair): void {
    if (fresh.initiator) {
      this.#drop(this.#previous);
      if (this.#next) {
        this.#drop(this.current);
        this.#previous = this.#next;
        this.#next = undefined;
      } else this.#previous = this.current;
      this.current = fresh;
    } else {
      this.#drop(this.#next);
      this.#next = fresh;
      this.#drop(this.#previous);
      this.#previous = undefined;
    }
  }

  /** A message came with these keys. @returns whether they are the awaited ones and in use from now on */
  received(keypair: Keypair): boolean {
    if (keypair !== this.#next) return false;
    this.#drop(this.#previous);
    this.#previous = this.current;
    this.current = this.#next;
    this.#next = undefined;
    return true;
  }

  find(index: number): Keypair | undefined {
    return [this.current, this.#previous, this.#next].find((keypair) => keypair?.localIndex === index);
  }

  /** Nothing is sent with the present keys any more (wg_noise_expire_current_peer_keypairs). */
  expire(): void {
    for (const keypair of [this.current, this.#next]) if (keypair) keypair.expired = true;
  }

  clear(): void {
    for (const keypair of [this.current, this.#previous, this.#next]) this.#drop(keypair);
    this.current = undefined;
    this.#previous = undefined;
    this.#next = undefined;
  }

  #drop(keypair: Keypair | undefined): void {
    if (keypair) this.#forget(keypair.localIndex);
  }
}
