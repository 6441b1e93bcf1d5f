import { parseIPv6 } from '../../base/address.ts';
import type { Source, Span } from './source.ts';

export interface Token {
  /** `word` for names, addresses and the like; `wildcard` for `eth*`; `sign` for operators and brackets. */
  kind: 'word' | 'number' | 'quoted' | 'wildcard' | 'sign' | 'newline' | 'end' | 'junk';
  text: string;
  at: Span;
}

const MAC = /(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}(?![0-9a-fA-F:])/y;
const IPV6 = /[0-9a-fA-F:]*:[0-9a-fA-F]*:[0-9a-fA-F:]*(?:\.\d+){0,3}/y;
const IPV4 = /\d{1,3}(?:\.\d{1,3}){3}(?![A-Za-z\d])/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|\d+)(?![A-Za-z0-9])/y;
const WORD = /(?:[A-Za-z_]|\.(?=[A-Za-z\d/\-_.])|\d+[A-Za-z])(?:[A-Za-z0-9/\-_.]*[A-Za-z0-9/\-_])?/y;
const SIGN = /==|!=|<=|>=|<<|>>|[{}();,:.@$=<>!&|^/*+\-[\]]/y;
const SPACE = /(?:[ \t\r]|\\\n|#[^\n]*)+/y;

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Splits a text into tokens (src/scanner.l). The last is always `end`. */
export function scan(source: Source): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: Token['kind'], value: string, length = value.length) => {
    tokens.push({ kind, text: value, at: { source, start: at, end: at + length } });
    at += length;
  };
  while (at < text.length) {
    const space = take(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (text[at] === '\n') {
      push('newline', '\n');
      continue;
    }
    if (text[at] === '"') {
      const close = text.indexOf('"', at + 1);
      if (close < 0) push('junk', text[at] as string);
      else {
        const inside = text.slice(at + 1, close);
        push(inside.length > 1 && inside.endsWith('*') ? 'wildcard' : 'quoted', inside, close + 1 - at);
      }
      continue;
    }
    const address = take(MAC, text, at) ?? ipv6At(text, at) ?? take(IPV4, text, at);
    if (address !== undefined) {
      push('word', address);
      continue;
    }
    const number = take(NUMBER, text, at);
    if (number !== undefined) {
      push('number', number);
      continue;
    }
    const word = take(WORD, text, at);
    if (word !== undefined) {
      if (text[at + word.length] === '*') push('wildcard', `${word}*`);
      else push('word', word);
      continue;
    }
    const sign = take(SIGN, text, at);
    if (sign !== undefined) push('sign', sign);
    else push('junk', text[at] as string);
  }
  tokens.push({ kind: 'end', text: '', at: { source, start: at, end: at } });
  return tokens;
}

function ipv6At(text: string, at: number): string | undefined {
  const found = take(IPV6, text, at);
  return found !== undefined && parseIPv6(found) !== undefined ? found : undefined;
}
