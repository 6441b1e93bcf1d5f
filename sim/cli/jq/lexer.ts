import type { Span } from './syntax.ts';

/** A token. Strings are several: their start, texts, interpolations and end. */
export interface Token extends Span {
  kind:
    | 'field'
    | 'ident'
    | 'keyword'
    | 'number'
    | 'format'
    | 'binding'
    | 'operator'
    | 'string-start'
    | 'string-text'
    | 'interpolation-start'
    | 'interpolation-end'
    | 'string-end'
    | 'invalid'
    | 'end';
  text: string;
}

const KEYWORDS = new Set('and or as def reduce foreach if then elif else end try catch label import include __loc__'.split(' '));

const OPERATORS = ['?//=', '?//', '|=', '+=', '-=', '*=', '/=', '%=', '//=', '==', '!=', '<=', '>=', '//', '..', ...'.[]{}()|,:;=<>+-*/%?'];

const NAME = /^(?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*/;

/** Splits a program into tokens. What no token can begin with is an `invalid` one. */
export function tokenize(program: string): Token[] {
  const tokens: Token[] = [];
  // What is open: brackets, and strings with the depth of brackets at which their interpolation ends.
  const open: string[] = [];
  let at = 0;
  // The end of the program is shown at what was read last, be it blanks.
  let last: Span = { start: 0, end: 0 };
  const add = (kind: Token['kind'], length: number, text = program.slice(at, at + length)) => {
    last = { start: at, end: at + length };
    tokens.push({ kind, text, ...last });
    at += length;
  };
  while (at < program.length) {
    if (open.at(-1) === '"') {
      stringPart(program.slice(at), add, open);
      continue;
    }
    const rest = program.slice(at, at + 512);
    const blank = /^(?:[ \t\r\n]+|#(?:\\(?:\r\n|[\s\S])|[^\n\r\\])*)/.exec(program.slice(at))?.[0];
    if (blank !== undefined) {
      last = { start: at, end: at + blank.length };
      at += blank.length;
    } else if (rest[0] === '"') {
      open.push('"');
      add('string-start', 1);
    } else code(rest, add, open);
  }
  tokens.push({ kind: 'end', text: '', ...last });
  return tokens;
}

type Add = (kind: Token['kind'], length: number, text?: string) => void;

function code(rest: string, add: Add, open: string[]): void {
  const field = /^\.([a-zA-Z_][a-zA-Z_0-9]*)/.exec(rest);
  if (field) return add('field', field[0].length, field[1]);
  const number = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest)?.[0];
  if (number !== undefined) return add('number', number.length);
  const name = NAME.exec(rest)?.[0];
  if (name !== undefined) return add(KEYWORDS.has(name) ? 'keyword' : 'ident', name.length);
  const format = /^@[a-zA-Z0-9_]+/.exec(rest)?.[0];
  if (format !== undefined) return add('format', format.length);
  const binding = /^\$[ \t]*((?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*)/.exec(rest);
  if (binding) return add('binding', binding[0].length, binding[1]);
  const operator = OPERATORS.find((candidate) => candidate !== '?//=' && rest.startsWith(candidate));
  if (operator === undefined) return add('invalid', String.fromCodePoint(rest.codePointAt(0) as number).length);
  if ('([{'.includes(operator)) open.push(operator);
  else if (')]}'.includes(operator)) {
    const opener = open.at(-1);
    if (operator === ')' && opener === '\\(') {
      open.pop();
      return add('interpolation-end', 1);
    }
    if (opener !== { ')': '(', ']': '[', '}': '{' }[operator]) return add('invalid', 1);
    open.pop();
  }
  add('operator', operator.length);
}

/** Inside a string: text up to an interpolation or the closing quote. */
function stringPart(rest: string, add: Add, open: string[]): void {
  if (rest.startsWith('"')) {
    open.pop();
    return add('string-end', 1);
  }
  if (rest.startsWith('\\(')) {
    open.push('\\(');
    return add('interpolation-start', 2);
  }
  const text = /^(?:[^"\\]|\\(?!\()[\s\S]?)+/.exec(rest)?.[0] ?? '';
  add('string-text', text.length || 1);
}

/** How bison names a token in messages. */
export function tokenName(token: Token): string {
  switch (token.kind) {
    case 'field':
      return 'FIELD';
    case 'ident':
      return 'IDENT';
    case 'number':
      return 'LITERAL';
    case 'format':
      return 'FORMAT';
    case 'binding':
      return 'BINDING';
    case 'string-start':
      return 'QQSTRING_START';
    case 'string-text':
      return 'QQSTRING_TEXT';
    case 'interpolation-start':
      return 'QQSTRING_INTERP_START';
    case 'interpolation-end':
      return 'QQSTRING_INTERP_END';
    case 'string-end':
      return 'QQSTRING_END';
    case 'invalid':
      return 'INVALID_CHARACTER';
    case 'end':
      return 'end of file';
    case 'operator':
      return token.text.length === 1 ? `'${token.text}'` : token.text;
    case 'keyword':
      return token.text;
  }
}
