import { characterEscape } from './regex.ts';

type CaseMode = 'U' | 'L' | 'E';
type CaseOnce = 'u' | 'l';

/** A stretch of the right side of `s`: text, a reference (0 is the whole match), or a case conversion (`\U \L \E \u \l`). */
export type Part = { text: string } | { reference: number } | { mode: CaseMode } | { once: CaseOnce };

export interface Replacement {
  parts: readonly Part[];
  /** The greatest reference used. */
  references: number;
}

/** Parses what stands between the second and the third delimiter. */
export function parseReplacement(source: string, posix: boolean): Replacement {
  const parts: Part[] = [];
  let text = '';
  let references = 0;
  const add = (part: Part) => {
    if (text !== '') parts.push({ text });
    text = '';
    parts.push(part);
  };
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string;
    if (char === '&') add({ reference: 0 });
    if (char !== '\\') {
      if (char !== '&') text += char;
      continue;
    }
    const next = source[i + 1] ?? '\\';
    const named = posix ? undefined : characterEscape(source, i + 1);
    if (next >= '0' && next <= '9') {
      add({ reference: Number(next) });
      references = Math.max(references, Number(next));
    } else if (!posix && (next === 'U' || next === 'L' || next === 'E')) add({ mode: next });
    else if (!posix && (next === 'u' || next === 'l')) add({ once: next });
    else if (named) text += named.char;
    else text += next === 'n' ? '\n' : next;
    i += named?.length ?? 1;
  }
  if (text !== '') parts.push({ text });
  return { parts, references };
}

/** The text that a match is replaced by. A pending `\u` or `\l` waits for the next text that is not empty. */
export function expand(replacement: Replacement, match: RegExpExecArray): string {
  let result = '';
  let mode: CaseMode = 'E';
  let once: CaseOnce | undefined;
  for (const part of replacement.parts) {
    if ('mode' in part) {
      mode = part.mode;
      once = undefined;
    } else if ('once' in part) once = part.once;
    else {
      const text = 'text' in part ? part.text : (match[part.reference] ?? '');
      if (text === '') continue;
      result += mode === 'E' && !once ? text : convert(text, mode, once);
      once = undefined;
    }
  }
  return result;
}

function convert(text: string, mode: CaseMode, once: CaseOnce | undefined): string {
  const rest = mode === 'U' ? text.toUpperCase() : mode === 'L' ? text.toLowerCase() : text;
  if (!once) return rest;
  const first = String.fromCodePoint(text.codePointAt(0) as number);
  return (once === 'u' ? first.toUpperCase() : first.toLowerCase()) + rest.slice(first.length);
}
