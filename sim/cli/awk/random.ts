/** The generator behind glibc's random(3): additive feedback of degree 31, which mawk on Debian uses for `rand`. */
export class GlibcRandom {
  #state: number[] = [];

  constructor(seed: number) {
    this.seed(seed);
  }

  /** As srandom(3): an unsigned 32-bit seed, 0 counting as 1. */
  seed(seed: number): void {
    const state = [seed >>> 0 === 0 ? 1 : seed | 0];
    for (let i = 1; i < 31; i++) {
      const previous = state[i - 1] as number;
      const word = 16_807 * (previous % 127_773) - 2_836 * Math.trunc(previous / 127_773);
      state.push(word < 0 ? word + 0x7fff_ffff : word);
    }
    for (let i = 31; i < 34; i++) state.push(state[i - 31] as number);
    this.#state = state.slice(3).map((word) => word | 0);
    for (let i = 0; i < 310; i++) this.next();
  }

  /** A whole number in [0, 2^31). */
  next(): number {
    const state = this.#state;
    const word = ((state[0] as number) + (state[28] as number)) | 0;
    state.shift();
    state.push(word);
    return word >>> 1;
  }
}
