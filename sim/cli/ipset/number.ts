import { type Refusal, syntaxError } from './refusal.ts';

/** A number as strtoull reads it with base 0; anything behind it is refused. */
export function parseNumber(text: string, min: number, max: number): number | Refusal {
  const match = /^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/.exec(text);
  if (!match) return syntaxError(`'${text}' is invalid as number`);
  const digits = match[1] as string;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (text.startsWith('-') || value < min || value > max) return syntaxError(`'${text}' is out of range ${min}-${maxText(max)}`);
  return value;
}

/** Counters go up to one below the largest 64-bit number, which JavaScript can't write. */
function maxText(max: number): string {
  return max > Number.MAX_SAFE_INTEGER ? '18446744073709551614' : String(max);
}
