/**
 * Named randomness: every choice (a MAC, a container id, a source port) draws from a stream of its own, derived from the
 * world's seed and a stable name, so that one consumer more does not renumber the rest.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** The stream that belongs to `name` under `seed`; the same pair always gives the same stream. */
  constructor(seed: string, name: string) {
    const mix = hashWords(`${seed}\u0000${name}`);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    this.#d = 1;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The next unsigned 32-bit value (sfc32 by Chris Doty-Humphrey). */
  uint32(): number {
    const t = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return t >>> 0;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}

/** A random, locally administered unicast MAC as the kernel's `eth_random_addr` makes it; 48 bits in a number. */
export function randomMac(random: Random): number {
  const first = (random.below(256) & 0xfe) | 0x02;
  return first * 2 ** 40 + random.below(256) * 2 ** 32 + random.uint32();
}

/** Four words from any text (xmur3). */
function hashWords(text: string): () => number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h >>> 0;
  };
}
