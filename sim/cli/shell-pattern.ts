/**
 * Shell patterns (glob(7), with bash's extended ones): compiled to elements and matched by following sets of positions, so
 * that no pattern takes more than polynomial time. Characters that were quoted in the source stand for themselves.
 */

/** One character of a pattern's source; quoted ones have no special meaning. */
export interface PatternChar {
  char: string;
  quoted: boolean;
}

export interface PatternOptions {
  extglob?: boolean;
  ignoreCase?: boolean;
}

type Element =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; matches: (char: string) => boolean }
  | { kind: 'group'; operator: string; alternatives: Element[][] };

/** Text whose every character is unquoted (or quoted). */
export function patternChars(text: string, quoted = false): PatternChar[] {
  return [...text].map((char) => ({ char, quoted }));
}

const CLASSES: Record<string, RegExp> = {
  alnum: /[\p{L}\p{N}]/u,
  alpha: /\p{L}/u,
  ascii: /[\x00-\x7f]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[^\s\x00-\x1f\x7f]/,
  lower: /\p{Ll}/u,
  print: /[^\x00-\x1f\x7f]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r\f\v]/,
  upper: /\p{Lu}/u,
  word: /[\p{L}\p{N}_]/u,
  xdigit: /[0-9a-fA-F]/,
};

/** A compiled pattern. Positions are offsets in UTF-16 units, always between whole characters. */
export class Pattern {
  readonly #elements: Element[];
  readonly #fold: boolean;

  constructor(source: readonly PatternChar[], options: PatternOptions = {}) {
    this.#fold = options.ignoreCase ?? false;
    this.#elements = new Compiler(source, options).compile();
  }

  /** Whether it matches the whole text. */
  matches(text: string): boolean {
    return this.ends(text, 0).includes(text.length);
  }

  /** Every position where a match that starts at `from` may end, ascending. */
  ends(text: string, from: number): number[] {
    const folded = this.#fold ? text.toLowerCase() : text;
    return sorted(follow(this.#elements, folded, new Set([from]), this.#fold));
  }

  /** The text when the pattern is only literal characters. */
  get literal(): string | undefined {
    let text = '';
    for (const element of this.#elements) {
      if (element.kind !== 'char') return undefined;
      text += element.char;
    }
    return this.#fold ? undefined : text;
  }

  /** Whether the pattern explicitly begins with a dot. */
  get startsWithDot(): boolean {
    const first = this.#elements[0];
    if (first?.kind === 'group') return first.alternatives.some((a) => a[0]?.kind === 'char' && a[0].char === '.');
    return first?.kind === 'char' && first.char === '.';
  }
}

function sorted(set: Set<number>): number[] {
  return [...set].sort((a, b) => a - b);
}

function widthAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code < 0xdc00 && at + 1 < text.length ? 2 : 1;
}

function follow(elements: readonly Element[], text: string, from: Set<number>, fold: boolean): Set<number> {
  let positions = from;
  for (const element of elements) {
    if (positions.size === 0) return positions;
    positions = step(element, text, positions, fold);
  }
  return positions;
}

function step(element: Element, text: string, from: Set<number>, fold: boolean): Set<number> {
  const to = new Set<number>();
  switch (element.kind) {
    case 'char': {
      const char = fold ? element.char.toLowerCase() : element.char;
      for (const at of from) if (text.startsWith(char, at)) to.add(at + char.length);
      return to;
    }
    case 'any':
      for (const at of from) if (at < text.length) to.add(at + widthAt(text, at));
      return to;
    case 'set':
      for (const at of from) {
        if (at >= text.length) continue;
        const width = widthAt(text, at);
        const char = text.slice(at, at + width);
        if (element.matches(char) || (fold && element.matches(char.toUpperCase()))) to.add(at + width);
      }
      return to;
    case 'star': {
      let least = text.length + 1;
      for (const at of from) if (at < least) least = at;
      for (let at = least; at <= text.length; at += at < text.length ? widthAt(text, at) : 1) to.add(at);
      return to;
    }
    case 'group':
      return group(element, text, from, fold);
  }
}

function group(element: Element & { kind: 'group' }, text: string, from: Set<number>, fold: boolean): Set<number> {
  const once = (positions: Set<number>): Set<number> => {
    const to = new Set<number>();
    for (const alternative of element.alternatives) for (const at of follow(alternative, text, positions, fold)) to.add(at);
    return to;
  };
  if (element.operator === '@') return once(from);
  if (element.operator === '?') return new Set([...from, ...once(from)]);
  if (element.operator === '!') {
    const to = new Set<number>();
    for (const start of from) {
      const excluded = once(new Set([start]));
      for (let at = start; at <= text.length; at += at < text.length ? widthAt(text, at) : 1) if (!excluded.has(at)) to.add(at);
    }
    return to;
  }
  const reached = element.operator === '*' ? new Set(from) : new Set<number>();
  let frontier = from;
  while (frontier.size > 0) {
    const next = new Set<number>();
    for (const at of once(frontier)) if (!reached.has(at)) next.add(at);
    for (const at of next) reached.add(at);
    frontier = next;
  }
  return reached;
}

class Compiler {
  readonly #source: readonly PatternChar[];
  readonly #extglob: boolean;
  #at = 0;

  constructor(source: readonly PatternChar[], options: PatternOptions) {
    this.#source = source;
    this.#extglob = options.extglob ?? true;
  }

  compile(): Element[] {
    const elements: Element[] = [];
    while (this.#at < this.#source.length) elements.push(this.#element());
    return elements;
  }

  #special(at: number): string | undefined {
    const char = this.#source[at];
    return char && !char.quoted ? char.char : undefined;
  }

  #element(): Element {
    const special = this.#special(this.#at);
    if (this.#extglob && special !== undefined && '?*+@!'.includes(special) && this.#special(this.#at + 1) === '(') {
      const parsed = this.#group(special);
      if (parsed) return parsed;
    }
    const { char } = this.#source[this.#at] as PatternChar;
    if (special === '*') {
      this.#at++;
      return { kind: 'star' };
    }
    if (special === '?') {
      this.#at++;
      return { kind: 'any' };
    }
    if (special === '[') {
      const set = this.#set();
      if (set) return set;
    }
    if (special === '\\' && this.#at + 1 < this.#source.length) {
      this.#at += 2;
      return { kind: 'char', char: (this.#source[this.#at - 1] as PatternChar).char };
    }
    this.#at++;
    return { kind: 'char', char };
  }

  #group(operator: string): Element | undefined {
    const alternatives: PatternChar[][] = [[]];
    let depth = 1;
    let i = this.#at + 2;
    for (; i < this.#source.length; i++) {
      const special = this.#special(i);
      if (special === '\\') {
        alternatives.at(-1)?.push(...this.#source.slice(i, i + 2));
        i++;
        continue;
      }
      if (special === '(') depth++;
      if (special === ')' && --depth === 0) break;
      if (special === '|' && depth === 1) alternatives.push([]);
      else alternatives.at(-1)?.push(this.#source[i] as PatternChar);
    }
    if (depth > 0) return undefined;
    this.#at = i + 1;
    return { kind: 'group', operator, alternatives: alternatives.map((chars) => new Compiler(chars, { extglob: true }).compile()) };
  }

  /** A bracket expression; `undefined` when it isn't closed and the bracket stands for itself. */
  #set(): Element | undefined {
    const source = this.#source;
    let i = this.#at + 1;
    const negated = this.#special(i) === '!' || this.#special(i) === '^';
    if (negated) i++;
    const tests: ((char: string) => boolean)[] = [];
    for (let first = true; ; first = false) {
      const current = source[i];
      if (!current) return undefined;
      if (this.#special(i) === ']' && !first) break;
      if (this.#special(i) === '[' && this.#special(i + 1) === ':') {
        const close = this.#classEnd(i + 2);
        if (close !== undefined) {
          const name = source
            .slice(i + 2, close)
            .map((c) => c.char)
            .join('');
          const members = CLASSES[name];
          tests.push((char) => members?.test(char) ?? false);
          i = close + 2;
          continue;
        }
      }
      const low = this.#member(i);
      i = low.next;
      if (this.#special(i) === '-' && source[i + 1] && this.#special(i + 1) !== ']') {
        const high = this.#member(i + 1);
        i = high.next;
        tests.push((char) => char >= low.char && char <= high.char);
      } else tests.push((char) => char === low.char);
    }
    this.#at = i + 1;
    return { kind: 'set', matches: (char) => tests.some((test) => test(char)) !== negated };
  }

  #member(at: number): { char: string; next: number } {
    const source = this.#source;
    if (this.#special(at) === '\\' && source[at + 1]) return { char: (source[at + 1] as PatternChar).char, next: at + 2 };
    return { char: (source[at] as PatternChar).char, next: at + 1 };
  }

  #classEnd(from: number): number | undefined {
    for (let i = from; i < this.#source.length; i++) {
      const special = this.#special(i);
      if (special === ':' && this.#special(i + 1) === ']') return i;
      if (special === undefined || !/[a-z]/.test(special)) return undefined;
    }
    return undefined;
  }
}
