/** A value that prints into JSON. `Fixed` keeps a number's decimals. */
export type Json = string | number | boolean | null | Fixed | Json[] | { [key: string]: Json };

/** A number whose text is given, as `0.00`. */
export class Fixed {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What has a color of its own under `-c`. */
export type Color = 'ifname' | 'mac' | 'inet' | 'inet6' | 'up' | 'down';

/** The colors for a dark background, which is assumed (lib/color.c). */
const COLORS: Record<Color, string> = { ifname: '1;36', mac: '1;33', inet: '1;35', inet6: '1;94', up: '1;32', down: '1;31' };

/** The color of an address. */
export function familyColor(address: number | bigint): Color {
  return typeof address === 'bigint' ? 'inet6' : 'inet';
}

/**
 * Output that is text or JSON: each field goes to whichever is asked for (lib/json_print.c). Objects are opened and closed
 * around the records; in text mode that has no effect.
 */
export class Report {
  readonly json: boolean;
  readonly #pretty: boolean;
  readonly #print: (text: string) => void;
  readonly #colored: boolean;
  readonly #root: Json[] = [];
  readonly #stack: (Json[] | { [key: string]: Json })[] = [];

  /**
   * @param json whether `-j` is on; JSON comes out as one list when `end` is called
   * @param colored whether what is marked comes out in its color
   */
  constructor(json: boolean, pretty: boolean, print: (text: string) => void, colored = false) {
    this.json = json;
    this.#colored = colored;
    this.#pretty = pretty;
    this.#print = print;
    this.#stack.push(this.#root);
  }

  /** A field under its JSON key, or its text, in a color where colors are wanted. */
  field(key: string, value: Json, text: string, color?: Color): void {
    if (this.json) this.#put(key, value);
    else this.text(text, color);
  }

  /** What only text shows. */
  text(text: string, color?: Color): void {
    if (this.json) return;
    this.#print(this.#colored && color ? `\x1b[${COLORS[color]}m${text}\x1b[0m` : text);
  }

  /** What only JSON shows. */
  data(key: string, value: Json): void {
    if (this.json) this.#put(key, value);
  }

  /** An element of the list being written. */
  item(value: Json, text: string): void {
    if (this.json) this.#put('', value);
    else this.#print(text);
  }

  /** What `write` reports, inside an object of its own. */
  object(key: string, write: () => void): void {
    this.#nested(key, {}, write);
  }

  /** What `write` reports, inside a list of its own. */
  list(key: string, write: () => void): void {
    this.#nested(key, [], write);
  }

  /** Ends the report: JSON is printed now. */
  end(): void {
    if (this.json) this.#print(`${formatJson(this.#root, this.#pretty)}\n`);
  }

  #nested(key: string, container: Json[] | { [key: string]: Json }, write: () => void): void {
    if (!this.json) return write();
    this.#put(key, container);
    this.#stack.push(container);
    write();
    this.#stack.pop();
  }

  #put(key: string, value: Json): void {
    const top = this.#stack.at(-1) as Json[] | { [key: string]: Json };
    if (Array.isArray(top)) top.push(value);
    else top[key] = value;
  }
}

/** JSON as lib/json_writer.c writes it: without spaces, or with its own way of indenting. */
export function formatJson(value: Json, pretty: boolean, depth = 0): string {
  if (value instanceof Fixed) return value.text;
  if (Array.isArray(value)) {
    const items = value.map((item) => formatJson(item, pretty, depth + 1));
    if (!pretty) return `[${items.join(',')}]`;
    return items.length === 0 ? '[ ]' : `[ ${items.join(',')} ]`;
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  if (!pretty) return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${formatJson(item, false)}`).join(',')}}`;
  const indent = '    '.repeat(depth + 1);
  const lines = entries.map(([key, item]) => `\n${indent}${JSON.stringify(key)}: ${formatJson(item, true, depth + 1)}`);
  return `{${lines.join(',')}\n${'    '.repeat(depth)}}`;
}
