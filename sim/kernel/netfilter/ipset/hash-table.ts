import type { Micros } from '../../../base/time.ts';
import { sameWords, type Stored } from './element.ts';
import { jhash } from './jhash.ts';

/** Slots that a bucket grows by (AHASH_INIT_SIZE). */
const STEP = 2;
/** The head of a bucket in bytes (struct hbucket). */
const BUCKET_HEAD = 32;
/** Buckets that share a lock and its counters, and the size of those (HTABLE_REGION_BITS, struct htable_region). */
const REGION = 1024;
const REGION_SIZE = 24;

interface Bucket {
  /** Slots; freed ones are empty until they are used again. */
  slots: (Stored | undefined)[];
  /** Slots that there is memory for. */
  size: number;
}

/**
 * The hash of hash:* sets (net/netfilter/ipset/ip_set_hash_gen.h): buckets that are arrays and grow by two; once one is full the
 * whole table doubles. Elements are listed by bucket and slot.
 */
export class HashTable {
  readonly initval: number;
  readonly bucketsize: number;
  #buckets: (Bucket | undefined)[];
  #count = 0;
  /** What the kernel has accounted for: bucket heads and slots. Growing counts another head, which emptying doesn't give back. */
  #heads = 0;
  #slots = 0;

  /** @param hashsize a power of two */
  constructor(hashsize: number, initval: number, bucketsize: number) {
    this.initval = initval;
    this.bucketsize = bucketsize;
    this.#buckets = new Array(hashsize).fill(undefined);
  }

  get hashsize(): number {
    return this.#buckets.length;
  }

  get count(): number {
    return this.#count;
  }

  hash(words: readonly number[]): number {
    return jhash(words, this.initval);
  }

  find(words: readonly number[], same?: (element: Stored) => boolean): Stored | undefined {
    const bucket = this.#buckets[this.hash(words) & (this.#buckets.length - 1)];
    if (!bucket) return undefined;
    for (const element of bucket.slots) if (element && sameWords(element.words, words) && (!same || same(element))) return element;
    return undefined;
  }

  /** Adds an element that isn't there yet. */
  insert(element: Stored): void {
    element.hash = this.hash(element.words);
    while (!this.#place(element)) this.#double();
    this.#count++;
  }

  /** Puts an element in the place of another of its bucket (forceadd). Returns false when the bucket is empty. */
  evict(element: Stored): Stored | undefined {
    element.hash = this.hash(element.words);
    const bucket = this.#buckets[element.hash & (this.#buckets.length - 1)];
    const old = bucket?.slots[0];
    if (bucket && old) bucket.slots[0] = element;
    return old;
  }

  #place(element: Stored): boolean {
    const at = element.hash & (this.#buckets.length - 1);
    let bucket = this.#buckets[at];
    if (!bucket) {
      bucket = { slots: [], size: STEP };
      this.#buckets[at] = bucket;
      this.#account(1, STEP);
    }
    const free = bucket.slots.indexOf(undefined);
    if (free >= 0) {
      bucket.slots[free] = element;
      return true;
    }
    if (bucket.slots.length >= bucket.size) {
      if (bucket.size >= this.bucketsize) return false;
      bucket.size += STEP;
      this.#account(1, STEP);
    }
    bucket.slots.push(element);
    return true;
  }

  #account(heads: number, slots: number): void {
    this.#heads += heads;
    this.#slots += slots;
  }

  #double(): void {
    let size = this.#buckets.length * 2;
    for (;;) {
      const old = this.#buckets;
      this.#buckets = new Array(size).fill(undefined);
      this.#heads = this.#slots = 0;
      const fits = old.every((bucket) => bucket?.slots.every((element) => !element || this.#place(element)) ?? true);
      if (fits) return;
      this.#buckets = old;
      size *= 2;
    }
  }

  remove(element: Stored): void {
    const at = element.hash & (this.#buckets.length - 1);
    const bucket = this.#buckets[at];
    const slot = bucket?.slots.indexOf(element) ?? -1;
    if (!bucket || slot < 0) return;
    this.#count--;
    bucket.slots[slot] = undefined;
    if (slot + 1 === bucket.slots.length) bucket.slots.pop();
    const unused = bucket.slots.filter((each) => each === undefined).length;
    if (unused === bucket.slots.length) {
      this.#buckets[at] = undefined;
      this.#account(-1, -bucket.size);
    } else if (unused >= STEP) {
      bucket.slots = bucket.slots.filter((each) => each !== undefined);
      bucket.size -= STEP;
      this.#account(-1, -STEP);
    }
  }

  flush(): void {
    this.#buckets.fill(undefined);
    this.#count = this.#heads = this.#slots = 0;
  }

  *elements(): Generator<Stored> {
    for (const bucket of this.#buckets) {
      if (bucket) for (const element of bucket.slots) if (element) yield element;
    }
  }

  /** Takes out what has expired; a bucket gives up memory only for two free slots (mtype_gc_do). */
  expire(now: Micros, gone: (element: Stored) => void): void {
    for (const [at, bucket] of this.#buckets.entries()) {
      if (!bucket) continue;
      for (const [slot, element] of bucket.slots.entries()) {
        if (!element || element.expires > now) continue;
        bucket.slots[slot] = undefined;
        this.#count--;
        gone(element);
      }
      const unused = bucket.slots.filter((each) => each === undefined).length;
      if (unused < STEP) continue;
      if (unused >= bucket.size) {
        this.#buckets[at] = undefined;
        this.#account(-1, -bucket.size);
        continue;
      }
      bucket.slots = bucket.slots.filter((each) => each !== undefined);
      bucket.size -= STEP;
      this.#account(-1, -STEP);
    }
  }

  /** Bytes that the kernel would use for the table, with elements of `size` bytes each. */
  memory(size: number): number {
    const regions = Math.max(1, this.#buckets.length / REGION);
    return (regions - 1) * REGION_SIZE + this.#heads * BUCKET_HEAD + this.#slots * size;
  }
}
