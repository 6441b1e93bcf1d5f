import { expand } from './replacement.ts';
import type { Substitution } from './script.ts';

/** An empty regular expression was used before any other. */
export class NoPreviousRegex {}

/** The text has grown beyond what sed may hold. */
export class TooLong {}

const MAX_LENGTH = 32 * 1024 * 1024;

/**
 * The text with its matches replaced, or `undefined` when nothing was. An empty match right after another match doesn't count.
 *
 * @see sed/execute.c `do_subst`
 */
export function substitute(text: string, substitution: Substitution, regex: RegExp): string | undefined {
  let result = '';
  let copied = 0;
  let count = 0;
  let replaced = false;
  let previousEnd = -1;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    const end = match.index + match[0].length;
    if (match[0] === '' && match.index === previousEnd) {
      regex.lastIndex = after(text, end);
      if (end >= text.length) break;
      continue;
    }
    previousEnd = end;
    if (++count >= substitution.number) {
      result += text.slice(copied, match.index) + expand(substitution.replacement, match);
      if (result.length > MAX_LENGTH) throw new TooLong();
      copied = end;
      replaced = true;
      if (!substitution.global) break;
    }
    if (match[0] === '') regex.lastIndex = after(text, end);
    if (regex.lastIndex > text.length) break;
  }
  return replaced ? result + text.slice(copied) : undefined;
}

/** The index one character on. */
function after(text: string, index: number): number {
  return index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
}
