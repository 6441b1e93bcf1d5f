import { doubleText } from './number-text.ts';
import { isArray, type JsonObject, NumberLiteral, sortedKeys, type Value } from './value.ts';

/** How values are written. */
export interface PrintOptions {
  /** One level of indentation; `undefined` writes everything on one line. */
  indent: string | undefined;
  sortKeys: boolean;
  ascii: boolean;
  colour: boolean;
}

export const COMPACT: PrintOptions = { indent: undefined, sortKeys: false, ascii: false, colour: false };

/** Deeper than this a value is not written out. */
const MAX_DEPTH = 10_000;

const COLOURS = { null: '0;90', boolean: '0;39', number: '0;39', string: '0;32', structure: '1;39', key: '1;34' };

/** A value as JSON text. */
export function jsonText(value: Value, options: PrintOptions = COMPACT): string {
  const parts: string[] = [];
  write(value, options, 0, parts);
  return parts.join('');
}

function paint(text: string, colour: keyof typeof COLOURS, options: PrintOptions): string {
  return options.colour ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}

function write(value: Value, options: PrintOptions, depth: number, parts: string[]): void {
  if (depth > MAX_DEPTH) {
    parts.push('"<skipped: too deep>"');
    return;
  }
  if (value === null) parts.push(paint('null', 'null', options));
  else if (typeof value === 'boolean') parts.push(paint(String(value), 'boolean', options));
  else if (typeof value === 'number') parts.push(paint(doubleText(value), 'number', options));
  else if (value instanceof NumberLiteral) parts.push(paint(value.text, 'number', options));
  else if (typeof value === 'string') parts.push(paint(quote(value, options.ascii), 'string', options));
  else if (isArray(value)) writeArray(value, options, depth, parts);
  else writeObject(value, options, depth, parts);
}

function writeArray(value: readonly Value[], options: PrintOptions, depth: number, parts: string[]): void {
  if (value.length === 0) {
    parts.push(paint('[]', 'structure', options));
    return;
  }
  parts.push(paint('[', 'structure', options));
  value.forEach((member, i) => {
    if (i > 0) parts.push(paint(',', 'structure', options));
    breakLine(options, depth + 1, parts);
    write(member, options, depth + 1, parts);
  });
  breakLine(options, depth, parts);
  parts.push(paint(']', 'structure', options));
}

function writeObject(value: JsonObject, options: PrintOptions, depth: number, parts: string[]): void {
  if (value.size === 0) {
    parts.push(paint('{}', 'structure', options));
    return;
  }
  parts.push(paint('{', 'structure', options));
  const keys = options.sortKeys ? sortedKeys(value) : value.keys();
  let first = true;
  for (const key of keys) {
    if (!first) parts.push(paint(',', 'structure', options));
    first = false;
    breakLine(options, depth + 1, parts);
    parts.push(paint(quote(key, options.ascii), 'key', options), paint(':', 'structure', options));
    if (options.indent !== undefined) parts.push(' ');
    write(value.get(key) as Value, options, depth + 1, parts);
  }
  breakLine(options, depth, parts);
  parts.push(paint('}', 'structure', options));
}

function breakLine(options: PrintOptions, depth: number, parts: string[]): void {
  if (options.indent !== undefined) parts.push(`\n${options.indent.repeat(depth)}`);
}

const SHORT: Record<string, string | undefined> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quote(text: string, ascii: boolean): string {
  const special = ascii ? /["\\\x00-\x1f\x7f-\uffff]/g : /["\\\x00-\x1f\x7f]/g;
  return `"${text.replace(special, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
