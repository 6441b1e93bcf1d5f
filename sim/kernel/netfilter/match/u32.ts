import { be32 } from '../../../wire/endian.ts';
import { hex, not, problem, type Problem, type Range } from '../options.ts';
import type { MatchExtension } from './match.ts';

type Operation = '&' | '<<' | '>>' | '@';

/** A place, what is done with the four bytes there, and what they may then be. */
interface Test {
  position: number;
  steps: { operation: Operation; number: number }[];
  values: Range[];
}

interface U32 {
  tests: Test[];
  inverted: boolean;
}

/** Reads `POSITION [OPERATION NUMBER]… = RANGE[,RANGE…] [&& …]` (u32_parse). */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): number | Problem {
    this.#skip();
    const digits = /^(?:0[xX][0-9a-fA-F]+|\d+)/.exec(this.#text.slice(this.#at))?.[0];
    const value = digits === undefined ? Number.NaN : /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    if (digits === undefined || value > 0xffff_ffff) return problem(`u32: at char ${this.#at}: not a number or out of range`);
    this.#at += digits.length;
    this.#skip();
    return value;
  }

  tests(): Test[] | Problem {
    const tests: Test[] = [];
    for (;;) {
      const test = this.#test();
      if ('problem' in test) return test;
      tests.push(test);
      if (this.#at >= this.#text.length) return tests;
      if (!this.#take('&&')) return problem(`u32: at char ${this.#at}: && expected`);
      this.#skip();
    }
  }

  #test(): Test | Problem {
    const abrupt = problem('u32: abrupt end of input after location specifier');
    if (this.#at >= this.#text.length && this.#at > 0) return abrupt;
    const position = this.#number();
    if (typeof position !== 'number') return position;
    const steps: Test['steps'] = [];
    while (!this.#take('=')) {
      if (this.#at >= this.#text.length) return abrupt;
      const operation = (['<<', '>>', '&', '@'] as const).find((candidate) => this.#take(candidate));
      if (!operation) return problem(`u32: at char ${this.#at}: operator expected`);
      const number = this.#number();
      if (typeof number !== 'number') return number;
      steps.push({ operation, number });
    }
    const values: Range[] = [];
    do {
      const min = this.#number();
      if (typeof min !== 'number') return min;
      const max = this.#take(':') ? this.#number() : min;
      if (typeof max !== 'number') return max;
      values.push({ min, max });
    } while (this.#take(','));
    return { position, steps, values };
  }
}

function text({ tests }: U32): string {
  const one = ({ position, steps, values }: Test): string => {
    const way = steps.map(({ operation, number }) => `${operation}${hex(number)}`).join('');
    return `${hex(position)}${way}=${values.map(({ min, max }) => (min === max ? hex(min) : `${hex(min)}:${hex(max)}`)).join(',')}`;
  };
  return tests.map(one).join('&&');
}

/** The u32 match: any four bytes of a packet, from the IP header on, with arithmetic (net/netfilter/xt_u32.c). */
export const u32: MatchExtension<U32> = {
  name: 'u32',
  options: [{ name: 'u32', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('u32') as { values: readonly string[]; inverted: boolean };
    const tests = new Reader(option.values[0] as string).tests();
    return 'problem' in tests ? tests : { tests, inverted: option.inverted };
  },
  save: (data) => `${not(data.inverted)} --u32 "${text(data)}"`,
  list: (data) => ` u32${not(data.inverted)} "${text(data)}"`,
  matches: ({ tests, inverted }, { bytes, network, end }) => tests.every((test) => fits(test, bytes, network, end)) !== inverted,
};

function fits({ position, steps, values }: Test, b: Uint8Array, start: number, end: number): boolean {
  let base = start;
  if (base + position + 4 > end) return false;
  let value = be32(b, base + position);
  for (const { operation, number } of steps) {
    if (operation === '&') value = (value & number) >>> 0;
    else if (operation === '<<') value = number > 31 ? 0 : (value << number) >>> 0;
    else if (operation === '>>') value = number > 31 ? 0 : value >>> number;
    else {
      base += value;
      if (base + number + 4 > end) return false;
      value = be32(b, base + number);
    }
  }
  return values.some(({ min, max }) => value >= min && value <= max);
}
