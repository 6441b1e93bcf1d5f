import type { Micros } from '../../../base/time.ts';
import { type Atom, keyOf, type Value } from './expression.ts';
import type { Stateful } from './stateful.ts';
import type { Verdict } from './verdict.ts';

/** One field of an element's key: a value, or a range of them; interface names may end with `*`. */
export interface Span {
  from: Atom;
  to: Atom;
}

/** An element as a set holds it (struct nft_set_ext). */
export interface SetElement {
  /** By field; a set without concatenation has one. */
  key: readonly Span[];
  /** The element `*`, which matches when no other does. */
  catchall: boolean;
  verdict: Verdict | undefined;
  data: Value | undefined;
  /** The object of an object map. */
  object: string | undefined;
  /** Of its own, else the set's. */
  timeout: Micros | undefined;
  expires: Micros | undefined;
  comment: string | undefined;
  stateful: Stateful[];
  /** A rule put it there for a packet, which nobody is told of. */
  learned?: true;
  /** Its number among the elements of its set. */
  order?: number;
}

export type SetFlag = 'constant' | 'interval' | 'timeout' | 'dynamic';

/** What a set is for. */
export interface SetSpec {
  name: string;
  /** Names of data types, by field. */
  key: readonly string[];
  /** Of a map: types of the values, `verdict`, or the kind of object. */
  data: readonly string[] | undefined;
  objects: 'counter' | 'quota' | 'limit' | undefined;
  /** When it was declared by `typeof`: the expressions. */
  typeOf: { key: string; data: string | undefined } | undefined;
  flags: ReadonlySet<SetFlag>;
  timeout: Micros | undefined;
  gcInterval: Micros | undefined;
  size: number | undefined;
  policy: 'performance' | 'memory' | undefined;
  autoMerge: boolean;
  comment: string | undefined;
  /** What every element counts or limits. */
  stateful: readonly Stateful[];
}

/** A set, a map or a verdict map (net/netfilter/nft_set_hash.c, nft_set_rbtree.c, nft_set_pipapo.c in one). */
export class NftSet {
  readonly spec: SetSpec;
  handle = 0;
  /** Made only because there was none of this name (NLM_F_EXCL), as those who listen are told. */
  exclusive = false;
  /** Rules that use it. */
  references = 0;
  /** Elements with single values, by key. */
  #exact = new Map<Atom, SetElement>();
  /** Elements with ranges; those of a set with one field are sorted when they are first looked up in. */
  #ranges: SetElement[] = [];
  #sorted = true;
  #lastOrder = 0;
  #catchall: SetElement | undefined;
  readonly #now: () => Micros;

  constructor(spec: SetSpec, now: () => Micros) {
    this.spec = spec;
    this.#now = now;
  }

  get name(): string {
    return this.spec.name;
  }

  get isMap(): boolean {
    return this.spec.data !== undefined || this.spec.objects !== undefined;
  }

  /** Part of the one rule that it is written in. */
  get anonymous(): boolean {
    return this.spec.name.startsWith('__');
  }

  get size(): number {
    return this.#exact.size + this.#ranges.length + (this.#catchall ? 1 : 0);
  }

  /** Elements that have not expired, in the order of their keys. */
  elements(): SetElement[] {
    const now = this.#now();
    const all = [...this.#exact.values(), ...this.#ranges].filter((element) => element.expires === undefined || element.expires > now);
    // Ranges of concatenations stay in the order in which they came.
    if (this.spec.key.length > 1 && this.spec.flags.has('interval') && (!this.anonymous || this.#ranges.length > 0))
      all.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    else all.sort(compareElements);
    if (this.#catchall) all.push(this.#catchall);
    return all;
  }

  /** The element for a packet's value. */
  lookup(value: Value): SetElement | undefined {
    const exact = this.#exact.get(keyOf(value));
    if (exact && this.#alive(exact)) return exact;
    if (this.#ranges.length > 0) {
      const found = typeof value === 'object' ? this.#searchFields(value) : this.#search(value);
      if (found && this.#alive(found)) return found;
    }
    return this.#catchall;
  }

  #alive(element: SetElement): boolean {
    if (element.expires === undefined || element.expires > this.#now()) return true;
    this.remove(element);
    return false;
  }

  #search(value: Atom): SetElement | undefined {
    const ranges = this.#ranges;
    if (typeof value === 'string') return ranges.find((element) => within(value, element.key[0] as Span));
    if (!this.#sorted) {
      ranges.sort(compareElements);
      this.#sorted = true;
    }
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((((ranges[middle] as SetElement).key[0] as Span).from as number) <= (value as number)) low = middle + 1;
      else high = middle;
    }
    const candidate = ranges[low - 1];
    return candidate && within(value, candidate.key[0] as Span) ? candidate : undefined;
  }

  #searchFields(values: readonly Atom[]): SetElement | undefined {
    return this.#ranges.find((element) => element.key.every((span, i) => within(values[i] as Atom, span)));
  }

  /** The element with just this key. */
  find(key: readonly Span[], catchall = false): SetElement | undefined {
    if (catchall) return this.#catchall;
    const found = single(key)
      ? this.#exact.get(keyOf(valuesOf(key)))
      : this.#ranges.find((element) => element.key.every((span, i) => span.from === key[i]?.from && span.to === key[i]?.to));
    return found && this.#alive(found) ? found : undefined;
  }

  /** Elements that share values with a key. */
  overlapping(key: readonly Span[]): SetElement[] {
    const meets = (element: SetElement) =>
      element.key.every((span, i) => span.from <= (key[i] as Span).to && span.to >= (key[i] as Span).from);
    const found = this.#ranges.filter((element) => this.#alive(element) && meets(element));
    if (single(key)) {
      const exact = this.#exact.get(keyOf(valuesOf(key)));
      return exact && this.#alive(exact) ? [...found, exact] : found;
    }
    for (const element of this.#exact.values()) if (meets(element) && this.#alive(element)) found.push(element);
    return found;
  }

  add(element: SetElement): void {
    element.order ??= ++this.#lastOrder;
    if (element.catchall) this.#catchall = element;
    else if (single(element.key)) this.#exact.set(keyOf(valuesOf(element.key)), element);
    else {
      this.#ranges.push(element);
      this.#sorted = false;
    }
  }

  remove(element: SetElement): void {
    if (element.catchall) this.#catchall = undefined;
    else if (single(element.key)) this.#exact.delete(keyOf(valuesOf(element.key)));
    else this.#ranges = this.#ranges.filter((other) => other !== element);
  }

  clear(): SetElement[] {
    const elements = this.elements();
    this.#exact = new Map();
    this.#ranges = [];
    this.#catchall = undefined;
    return elements;
  }
}

function single(key: readonly Span[]): boolean {
  for (const span of key) if (span.from !== span.to || (typeof span.from === 'string' && span.from.endsWith('*'))) return false;
  return true;
}

function valuesOf(key: readonly Span[]): Value {
  return key.length === 1 ? (key[0] as Span).from : key.map((span) => span.from);
}

function within(value: Atom, { from, to }: Span): boolean {
  if (typeof from === 'string') return from.endsWith('*') ? String(value).startsWith(from.slice(0, -1)) : value === from;
  return (value as number) >= (from as number) && (value as number) <= (to as number);
}

function compareElements(a: SetElement, b: SetElement): number {
  for (const [i, span] of a.key.entries()) {
    const other = b.key[i] as Span;
    if (span.from < other.from) return -1;
    if (span.from > other.from) return 1;
    if (span.to < other.to) return -1;
    if (span.to > other.to) return 1;
  }
  return 0;
}
