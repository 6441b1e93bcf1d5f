import { concat, decode, encode } from '../../base/bytes.ts';

/** A value of the Redis serialization protocol, version 2. */
export type Resp =
  | { kind: 'status' | 'error' | 'bulk'; text: string }
  | { kind: 'integer'; value: number }
  | { kind: 'nil' }
  | { kind: 'array'; items: Resp[] };

export const OK: Resp = { kind: 'status', text: 'OK' };
export const NIL: Resp = { kind: 'nil' };
export const bulk = (text: string): Resp => ({ kind: 'bulk', text });
export const integer = (value: number): Resp => ({ kind: 'integer', value });
export const error = (text: string): Resp => ({ kind: 'error', text });

export function encodeResp(value: Resp): Uint8Array {
  switch (value.kind) {
    case 'status':
      return encode(`+${value.text}\r\n`);
    case 'error':
      return encode(`-${value.text}\r\n`);
    case 'integer':
      return encode(`:${value.value}\r\n`);
    case 'nil':
      return encode('$-1\r\n');
    case 'bulk': {
      const bytes = encode(value.text);
      return concat([encode(`$${bytes.length}\r\n`), bytes, encode('\r\n')]);
    }
    case 'array':
      return concat([encode(`*${value.items.length}\r\n`), ...value.items.map(encodeResp)]);
  }
}

/** Reads values out of bytes that come in pieces. */
export class RespReader {
  #held: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): void {
    this.#held = concat([this.#held, bytes]);
  }

  /** The next whole value, an inline command as an array, `undefined` when more has to come, or what is wrong. */
  next(): Resp | undefined | { malformed: string } {
    const read = this.#value(0);
    if (!read || 'malformed' in read) return read;
    this.#held = this.#held.slice(read.end);
    return read.value;
  }

  #line(at: number): { text: string; end: number } | undefined {
    const newline = this.#held.indexOf(10, at);
    if (newline < 0) return undefined;
    return { text: decode(this.#held.subarray(at, newline)).replace(/\r$/, ''), end: newline + 1 };
  }

  #value(at: number): { value: Resp; end: number } | undefined | { malformed: string } {
    const line = this.#line(at);
    if (!line) return undefined;
    const rest = line.text.slice(1);
    switch (line.text[0]) {
      case '+':
        return { value: { kind: 'status', text: rest }, end: line.end };
      case '-':
        return { value: { kind: 'error', text: rest }, end: line.end };
      case ':':
        return { value: integer(Number(rest)), end: line.end };
      case '$': {
        const length = Number(rest);
        if (length === -1) return { value: NIL, end: line.end };
        if (!Number.isInteger(length) || length < 0) return { malformed: 'invalid bulk length' };
        if (this.#held.length < line.end + length + 2) return undefined;
        return { value: bulk(decode(this.#held.subarray(line.end, line.end + length))), end: line.end + length + 2 };
      }
      case '*':
        return this.#array(Number(rest), line.end);
      default: {
        const words = line.text
          .trim()
          .split(/\s+/)
          .filter((word) => word !== '');
        return { value: { kind: 'array', items: words.map(bulk) }, end: line.end };
      }
    }
  }

  #array(count: number, at: number): { value: Resp; end: number } | undefined | { malformed: string } {
    if (!Number.isInteger(count) || count > 1_048_576) return { malformed: 'invalid multibulk length' };
    const items: Resp[] = [];
    let end = at;
    for (let i = 0; i < count; i++) {
      const item = this.#value(end);
      if (!item || 'malformed' in item) return item;
      items.push(item.value);
      end = item.end;
    }
    return { value: { kind: 'array', items }, end };
  }
}
