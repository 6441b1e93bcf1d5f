import { substitutionEnd } from './parse.ts';

/**
 * The position behind the parenthesis that closes the one at `open`, in shell source: quotes, comments and nested
 * substitutions are skipped; a `case` or a here-document inside is left to the parser. `undefined` when there is none.
 */
export function matchingParenthesis(text: string, open: number): number | undefined {
  const end = countParentheses(text, open);
  // A `case` or a here-document may hold a parenthesis or an apostrophe that is none.
  const inside = text.slice(open, end);
  return /\bcase\b|<</.test(inside) ? substitutionEnd(text, open - 1) : end;
}

function countParentheses(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const char = text[i] as string;
    if (char === '\\') i++;
    else if (char === '(') depth++;
    else if (char === ')') {
      if (--depth === 0) return i + 1;
    } else {
      const end = skipQuoted(text, i);
      if (end === undefined) return undefined;
      i = end - 1;
    }
  }
  return undefined;
}

/** Where what begins at `at` ends if it is a quotation or a comment, otherwise the next position; `undefined` if it isn't closed. */
function skipQuoted(text: string, at: number): number | undefined {
  const char = text[at];
  if (char === "'") return closeAt(text.indexOf("'", at + 1));
  if (char === '$' && text[at + 1] === "'") {
    let i = at + 2;
    while (i < text.length && text[i] !== "'") i += text[i] === '\\' ? 2 : 1;
    return i < text.length ? i + 1 : undefined;
  }
  if (char === '"') return skipDouble(text, at);
  if (char === '`') {
    let i = at + 1;
    while (i < text.length && text[i] !== '`') i += text[i] === '\\' ? 2 : 1;
    return i < text.length ? i + 1 : undefined;
  }
  if (char === '$' && text[at + 1] === '{') return skipBraces(text, at + 1);
  if (char === '#' && (at === 0 || /[\s;&|(]/.test(text[at - 1] as string))) {
    const end = text.indexOf('\n', at);
    return end < 0 ? undefined : end;
  }
  return at + 1;
}

function closeAt(position: number): number | undefined {
  return position < 0 ? undefined : position + 1;
}

function skipDouble(text: string, open: number): number | undefined {
  for (let i = open + 1; i < text.length; ) {
    const char = text[i] as string;
    if (char === '"') return i + 1;
    if (char === '\\') i += 2;
    else if (char === '$' && text[i + 1] === '(') {
      const end = matchingParenthesis(text, i + 1);
      if (end === undefined) return undefined;
      i = end;
    } else if ((char === '$' && text[i + 1] === '{') || char === '`') {
      const end = skipQuoted(text, i);
      if (end === undefined) return undefined;
      i = end;
    } else i++;
  }
  return undefined;
}

function skipBraces(text: string, open: number): number | undefined {
  for (let i = open + 1; i < text.length; ) {
    const char = text[i] as string;
    if (char === '}') return i + 1;
    if (char === '\\') i += 2;
    else if (char === '$' && text[i + 1] === '(') {
      const end = matchingParenthesis(text, i + 1);
      if (end === undefined) return undefined;
      i = end;
    } else if (char === '#') i++;
    else {
      const end = skipQuoted(text, i);
      if (end === undefined) return undefined;
      i = end;
    }
  }
  return undefined;
}

/** Where a construct that begins at `at` in a word's source ends: quotes, `${…}`, `$(…)`, backticks, `<(…)`; otherwise `at + 1`. */
export function skipConstruct(text: string, at: number): number {
  const char = text[at];
  if (char === '\\') return at + 2;
  if ((char === '$' || char === '<' || char === '>') && text[at + 1] === '(') return matchingParenthesis(text, at + 1) ?? text.length;
  if (char === '#') return at + 1;
  return skipQuoted(text, at) ?? text.length;
}
