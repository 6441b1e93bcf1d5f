import { AwkSyntaxError } from './syntax.ts';

/** A token: `text` is how it is written, `value` what a string, number or regular expression stands for. */
export interface Token {
  kind: 'number' | 'string' | 'regex' | 'name' | 'call' | 'builtin' | 'keyword' | 'operator' | 'newline' | 'end' | 'error';
  text: string;
  value: string;
  line: number;
}

const KEYWORDS = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf'.split(' '),
);

/** Every function that is built in. `getline` is not a function but a keyword. */
export const BUILTINS = new Set(
  (
    'length substr index split sub gsub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush ' +
    'strftime systime mktime'
  ).split(' '),
);

const OPERATORS = [
  ...['**=', '&&', '||', '++', '--', '+=', '-=', '*=', '/=', '%=', '^=', '**', '==', '<=', '>=', '!=', '!~', '>>'],
  ...'{}()[];,+-*/%^!<>|?:~$='.split(''),
];

/** After these a slash divides; anywhere else it begins a regular expression. */
function endsOperand(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === 'operator') return [')', ']', '$', '++', '--'].includes(token.text);
  return ['number', 'string', 'regex', 'name', 'builtin'].includes(token.kind);
}

/** Splits a program into tokens. What can't be one becomes a last token of kind `error`, whose value is the message. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const add = (kind: Token['kind'], text: string, value = text) => tokens.push({ kind, text, value, line });
  while (at < source.length) {
    const char = source[at] as string;
    if (char === '\n') {
      add('newline', 'end of line');
      line++;
      at++;
    } else if (' \t\r'.includes(char)) at++;
    else if (char === '\\' && /^\\\r?\n/.test(source.slice(at, at + 3))) {
      at += source[at + 1] === '\r' ? 3 : 2;
      line++;
    } else if (char === '#') while (at < source.length && source[at] !== '\n') at++;
    else {
      const length = token(source, at, tokens.at(-1), add);
      if (length === undefined) return tokens;
      for (const inner of source.slice(at, at + length)) if (inner === '\n') line++;
      at += length;
    }
  }
  add('end', 'end of line');
  return tokens;
}

type Add = (kind: Token['kind'], text: string, value?: string) => void;

/** One token from `at`; its length, or `undefined` after an error. */
function token(source: string, at: number, previous: Token | undefined, add: Add): number | undefined {
  const rest = source.slice(at, at + 256);
  const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest)?.[0];
  if (number !== undefined) return added(number, () => add('number', number));
  const word = /^[A-Za-z_][A-Za-z_0-9]*/.exec(rest)?.[0];
  if (word !== undefined) return added(word, () => add(wordKind(word, source[at + word.length]), word));
  if (rest[0] === '"') return text(source, at, '"', add);
  if (rest[0] === '/' && !endsOperand(previous)) return text(source, at, '/', add);
  const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
  if (operator === undefined) {
    add('error', rest[0] as string, `unexpected character '${rest[0]}'`);
    return undefined;
  }
  return added(operator, () => add('operator', operator));
}

function added(text: string, add: () => void): number {
  add();
  return text.length;
}

function wordKind(word: string, next: string | undefined): Token['kind'] {
  if (KEYWORDS.has(word)) return 'keyword';
  if (BUILTINS.has(word)) return 'builtin';
  return next === '(' ? 'call' : 'name';
}

/** A string or a regular expression, up to its closing quote. */
function text(source: string, start: number, quote: '"' | '/', add: Add): number | undefined {
  let bracket = false;
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at] as string;
    if (char === '\\') at++;
    else if (char === '\n') break;
    else if (quote === '/' && char === '[' && !bracket) {
      bracket = true;
      if (source[at + 1] === '^') at++;
      if (source[at + 1] === ']') at++;
    } else if (bracket && char === ']') bracket = false;
    else if (char === quote && !bracket) {
      const inside = source.slice(start + 1, at);
      if (quote === '"') add('string', `"${inside}"`, resolveEscapes(inside));
      else add('regex', `/${inside}/`, inside);
      return at + 1 - start;
    }
  }
  const shown = source.slice(start, start + 11).replace(/ ?\n[\s\S]*/, ' ');
  add('error', shown, `runaway ${quote === '"' ? 'string constant' : 'regular expression'} ${shown.trimEnd()} ...`);
  return undefined;
}

const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The value of a string constant: C's escapes; an unknown one keeps its backslash. */
export function resolveEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|\n|[\s\S])/g, (whole, what: string) => {
    if (what === '\n') return '';
    if (what.length > 1 && what[0] === 'x') return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 0xff);
    return ESCAPES[what] ?? whole;
  });
}

/** Throws what an error token says. */
export function failToken(token: Token): never {
  if (token.value.startsWith('unexpected')) throw new AwkSyntaxError(`${token.line}: ${token.value}`);
  throw new AwkSyntaxError(`line ${token.line}: ${token.value}`);
}
