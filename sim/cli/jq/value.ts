/** A number of the input that a double would print differently: it keeps its literal until something is computed with it. */
export class NumberLiteral {
  readonly value: number;
  /** In the canonical form of decimal arithmetic: `1.10`, `1E+1000`. */
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

export type JsonObject = Map<string, Value>;

/** A JSON value. Arrays and objects are never changed once they are made. */
export type Value = null | boolean | number | NumberLiteral | string | readonly Value[] | JsonObject;

export type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export function kindOf(value: Value): Kind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number' || value instanceof NumberLiteral) return 'number';
  if (typeof value === 'string') return 'string';
  return value instanceof Map ? 'object' : 'array';
}

export function isNumber(value: Value): value is number | NumberLiteral {
  return typeof value === 'number' || value instanceof NumberLiteral;
}

/** The double of a number; NaN for anything else. */
export function toDouble(value: Value): number {
  if (typeof value === 'number') return value;
  return value instanceof NumberLiteral ? value.value : Number.NaN;
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function truthy(value: Value): boolean {
  return value !== null && value !== false;
}

const RANK: Record<Kind, number> = { null: 0, boolean: 1, number: 2, string: 3, array: 4, object: 5 };

/** jq's order of all values: by kind, then within the kind. NaN is less than any number. */
export function compareValues(a: Value, b: Value): number {
  const [ka, kb] = [kindOf(a), kindOf(b)];
  if (ka !== kb) return RANK[ka] - RANK[kb];
  switch (ka) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(a) - Number(b);
    case 'number': {
      const [x, y] = [toDouble(a), toDouble(b)];
      return x < y || Number.isNaN(x) ? -1 : x === y ? 0 : 1;
    }
    case 'string':
      return compareStrings(a as string, b as string);
    case 'array':
      return compareArrays(a as Value[], b as Value[]);
    case 'object':
      return compareObjects(a as JsonObject, b as JsonObject);
  }
}

/** By code points, which is the order of the UTF-8 bytes. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = compareValues(a[i] as Value, b[i] as Value);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** First the sorted keys as arrays, then the values in the order of the keys. */
function compareObjects(a: JsonObject, b: JsonObject): number {
  const [keysA, keysB] = [sortedKeys(a), sortedKeys(b)];
  const difference = compareArrays(keysA, keysB);
  if (difference !== 0) return difference;
  for (const key of keysA) {
    const inner = compareValues(a.get(key) as Value, b.get(key) as Value);
    if (inner !== 0) return inner;
  }
  return 0;
}

export function sortedKeys(object: JsonObject): string[] {
  return [...object.keys()].sort(compareStrings);
}

export function equal(a: Value, b: Value): boolean {
  return a === b || compareValues(a, b) === 0;
}
