import type { Pattern, PatternChar } from '../shell-pattern.ts';

/** `${x#pattern}`, `##`, `%`, `%%`: the text without its shortest or longest matching beginning or end. */
export function removePart(text: string, pattern: Pattern, side: '#' | '%', longest: boolean): string {
  const literal = pattern.literal;
  if (literal !== undefined) {
    if (side === '#') return text.startsWith(literal) ? text.slice(literal.length) : text;
    return text.endsWith(literal) ? text.slice(0, text.length - literal.length) : text;
  }
  if (side === '#') {
    const ends = pattern.ends(text, 0);
    const end = longest ? ends.at(-1) : ends[0];
    return end === undefined ? text : text.slice(end);
  }
  const starts: number[] = [];
  for (let i = 0; i <= text.length; i++) {
    if (isInsidePair(text, i)) continue;
    if (pattern.ends(text, i).at(-1) === text.length) {
      starts.push(i);
      if (longest) break;
    }
  }
  const start = longest ? starts[0] : starts.at(-1);
  return start === undefined ? text : text.slice(0, start);
}

function isInsidePair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return code >= 0xdc00 && code < 0xe000 && before >= 0xd800 && before < 0xdc00;
}

/** `${x/pattern/replacement}` and its kin; an unquoted `&` in the replacement is what matched. */
export function replaceMatches(text: string, pattern: Pattern, where: '' | '/' | '#' | '%', replacement: readonly PatternChar[]): string {
  const substitute = (matched: string): string => {
    let out = '';
    for (let i = 0; i < replacement.length; i++) {
      const { char, quoted } = replacement[i] as PatternChar;
      const next = replacement[i + 1];
      if (char === '\\' && !quoted && (next?.char === '&' || next?.char === '\\')) {
        out += next.char;
        i++;
      } else out += char === '&' && !quoted ? matched : char;
    }
    return out;
  };
  if (where === '%') {
    const kept = removePart(text, pattern, '%', true);
    const matched = text.slice(kept.length);
    return kept === text && !pattern.matches('') ? text : kept + substitute(matched);
  }
  if (where === '#') {
    const end = pattern.ends(text, 0).at(-1);
    return end === undefined ? text : substitute(text.slice(0, end)) + text.slice(end);
  }
  const literal = pattern.literal;
  if (literal !== undefined) {
    if (literal === '') return text;
    return where === '/' ? text.split(literal).join(substitute(literal)) : replaceFirst(text, literal, substitute(literal));
  }
  return replaceScanning(text, pattern, where === '/', substitute);
}

function replaceFirst(text: string, literal: string, replacement: string): string {
  const at = text.indexOf(literal);
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + literal.length);
}

function replaceScanning(text: string, pattern: Pattern, all: boolean, substitute: (matched: string) => string): string {
  const parts: string[] = [];
  let i = 0;
  while (i < text.length || (text === '' && i === 0)) {
    const end = pattern.ends(text, i).at(-1);
    if (end === undefined || (end === i && text !== '')) {
      parts.push(text[i] ?? '');
      i++;
      continue;
    }
    parts.push(substitute(text.slice(i, end)));
    i = Math.max(end, i + 1);
    if (!all || text === '') break;
  }
  return parts.join('') + text.slice(i);
}

/** `${x^}`, `^^`, `,`, `,,`: changes the case of the first or of all characters that match (any, without a pattern). */
export function caseModify(text: string, to: '^' | ',', all: boolean, pattern: Pattern | undefined): string {
  const change = (char: string): string => {
    if (pattern && !pattern.matches(char)) return char;
    return to === '^' ? char.toUpperCase() : char.toLowerCase();
  };
  const [first = '', ...rest] = [...text];
  return change(first) + (all ? rest.map(change) : rest).join('');
}
