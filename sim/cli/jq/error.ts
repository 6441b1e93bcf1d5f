import { decode, encode } from '../../base/bytes.ts';
import { jsonText } from './json-text.ts';
import { kindOf, type Value } from './value.ts';

/** An error that a program can catch: any value, usually a text. */
export class JqError {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** `break $label`: leaves the label that made the token. */
export class Break {
  readonly token: object;

  constructor(token: object) {
    this.token = token;
  }
}

/** `halt` and `halt_error`. */
export class Halt {
  readonly status: number;
  readonly message: string | undefined;

  constructor(status: number, message: string | undefined) {
    this.status = status;
    this.message = message;
  }
}

export function fail(message: string): never {
  throw new JqError(message);
}

/** The longest that a value is shown in a message, in bytes. */
const SHOWN = 29;

/** A value as messages show it: `number (1)`, `array ([1,2,3,...])`. */
export function shown(value: Value): string {
  return `${kindOf(value)} (${shortened(jsonText(value))})`;
}

/** JSON text cut to what fits in a message; the closing quote or bracket is kept. */
export function shortened(text: string): string {
  const bytes = encode(text);
  if (bytes.length <= SHOWN) return text;
  const closing = /["\]}]$/.exec(text)?.[0] ?? '';
  let end = SHOWN - 3 - closing.length;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${decode(bytes.subarray(0, end))}...${closing}`;
}
