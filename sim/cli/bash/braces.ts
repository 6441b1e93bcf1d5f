import { skipConstruct } from './balance.ts';

/** Brace expansions that make more words than this are refused; bash would run out of memory. */
export const MAX_BRACE_WORDS = 100_000;

export class TooManyWords extends Error {}

/**
 * Brace expansion, purely on source text: `a{b,c}d` → `abd acd`, `{1..10..2}`, `{a..e}`. Text without a real brace expression
 * comes back as it is.
 *
 * @throws TooManyWords
 */
export function expandBraces(text: string): string[] {
  if (!text.includes('{')) return [text];
  const found = firstBrace(text);
  if (!found) return [text];
  const { open, close, commas } = found;
  const prefix = text.slice(0, open);
  const tails = expandBraces(text.slice(close + 1));
  const middles = commas.length > 0 ? alternatives(text, open, close, commas) : sequence(text.slice(open + 1, close));
  const words: string[] = [];
  if (middles.length * tails.length > MAX_BRACE_WORDS) throw new TooManyWords();
  for (const middle of middles) for (const tail of tails) words.push(prefix + middle + tail);
  return words;
}

/** The first brace expression that is one: with a comma at its own level, or a sequence. */
function firstBrace(text: string): { open: number; close: number; commas: number[] } | undefined {
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '{') {
      i = skipConstruct(text, i);
      continue;
    }
    const found = closeBrace(text, i);
    if (found && (found.commas.length > 0 || sequence(text.slice(i + 1, found.close)).length > 0)) return { open: i, ...found };
    i++;
  }
  return undefined;
}

function closeBrace(text: string, open: number): { close: number; commas: number[] } | undefined {
  let depth = 0;
  const commas: number[] = [];
  for (let i = open; i < text.length; ) {
    const char = text[i];
    if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return { close: i, commas };
    else if (char === ',' && depth === 1) commas.push(i);
    else if (char !== ',' && char !== '}') {
      i = skipConstruct(text, i);
      continue;
    }
    i++;
  }
  return undefined;
}

function alternatives(text: string, open: number, close: number, commas: number[]): string[] {
  const words: string[] = [];
  let start = open + 1;
  for (const end of [...commas, close]) {
    for (const word of expandBraces(text.slice(start, end))) words.push(word);
    start = end + 1;
  }
  return words;
}

/** `1..5`, `a..e`, `1..10..2`, with zero padding; empty when it is none of them. */
function sequence(text: string): string[] {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(text);
  if (numbers) {
    const [, from = '', to = '', step] = numbers;
    if ([from, to, step ?? ''].some((n) => n.length > 15)) return [];
    const padded = [from, to].some((n) => /^-?0\d/.test(n));
    const width = padded ? Math.max(from.length, to.length) : 0;
    return range(Number(from), Number(to), Number(step ?? 1), (n) => {
      const digits = String(Math.abs(n));
      return n < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
    });
  }
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/.exec(text);
  if (!letters) return [];
  const [, from = '', to = '', step] = letters;
  // Between the cases lie characters that would be special; bash quotes the backslash and backtick away.
  return range(from.charCodeAt(0), to.charCodeAt(0), Number(step ?? 1), (n) => {
    const char = String.fromCharCode(n);
    return /[A-Za-z0-9]/.test(char) ? char : `\\${char}`;
  });
}

function range(from: number, to: number, step: number, show: (value: number) => string): string[] {
  const size = Math.abs(step) || 1;
  if (Math.abs(to - from) / size > MAX_BRACE_WORDS) throw new TooManyWords();
  const words: string[] = [];
  if (from <= to) for (let n = from; n <= to; n += size) words.push(show(n));
  else for (let n = from; n >= to; n -= size) words.push(show(n));
  return words;
}
