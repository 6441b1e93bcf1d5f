import type { Lookup } from '../iptables/lookup.ts';
import type { Json } from './json.ts';
import { INTERNAL, Rejected, reject, type Source, type Span } from './source.ts';

export type Members = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** How jansson calls what a value is. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'real';
  return typeof value === 'boolean' ? String(value) : typeof value;
}

type Kind = 'string' | 'integer' | 'any';
type Unpacked<W extends Record<string, Kind>> = {
  [K in keyof W]: W[K] extends 'string' ? string : W[K] extends 'integer' ? number : Json;
};

/** A text of JSON as it is read: what has a place in it, and what is wrong with it (src/parser_json.c). */
export class JsonReader {
  readonly source: Source;
  readonly lookup: Lookup;
  #places = 0;

  constructor(source: Source, lookup: Lookup) {
    this.source = source;
    this.lookup = lookup;
  }

  /** A place of its own, of which messages can tell nothing. */
  place(): Span {
    this.#places++;
    return { source: INTERNAL, start: this.#places, end: this.#places };
  }

  error(message: string): never {
    return reject(message, this.place());
  }

  /** What went wrong inside is told first, then what that has spoilt. */
  inside<T>(message: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Rejected) || error.complaints.some(({ unmodelled }) => unmodelled)) throw error;
      throw new Rejected([...error.complaints, { message, at: this.place() }]);
    }
  }

  /**
   * Members that must be there. Complaints point at the column that the member has in jansson's pattern, which is what nft shows of
   * the first line (`json_unpack_err`).
   */
  unpack<W extends Record<string, Kind>>(value: Json, wanted: W): Unpacked<W> {
    const at = (column: number): Span => ({ source: this.source, start: column, end: column + 1 });
    if (!isObject(value)) return reject(`Expected object, got ${kindOf(value)}`, at(0));
    for (const [i, [key, kind]] of Object.entries(wanted).entries()) {
      const found = value[key];
      if (found === undefined) return reject(`Object item not found: ${key}`, at(3 + 5 * i));
      if (kind !== 'any' && kindOf(found) !== kind) return reject(`Expected ${kind}, got ${kindOf(found)} for key ${key}`, at(3 + 5 * i));
    }
    return value as Unpacked<W>;
  }

  /** The only member of an object. */
  single(value: Json): [key: string, value: Json] {
    const entries = isObject(value) ? Object.entries(value) : [];
    const [entry] = entries;
    if (!entry || entries.length > 1) return this.error(`Malformed object (too many properties): '${JSON.stringify(value)}'.`);
    return entry;
  }

  /** A word or a list of them. @throws when one isn't known */
  flags(value: Members, key: string, known: readonly string[]): string[] {
    const found = value[key];
    if (found === undefined) return [];
    if (typeof found === 'string') return known.includes(found) ? [found] : this.nothing();
    if (!isList(found)) return this.error(`Expecting string or array in '${key}' property.`);
    return found.map((flag, i) =>
      typeof flag === 'string' && known.includes(flag) ? flag : this.error(`Invalid flag in '${key}' property array at index ${i}.`),
    );
  }

  /** Something is wrong, but only what is around it says so. */
  nothing(): never {
    throw new Rejected([]);
  }
}

export function stringOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function integerOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}
