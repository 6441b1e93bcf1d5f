import { compileRegex } from './regex.ts';
import type { Address, RangeEnd } from './script.ts';
import type { ScriptReader } from './script-reader.ts';

interface AddressOptions {
  extended: boolean;
  posix: boolean;
}

export interface Delimited {
  text: string;
}

/** No, one or two addresses in front of a command. */
export function parseAddresses(reader: ScriptReader, options: AddressOptions): { from: Address | undefined; to: RangeEnd | undefined } {
  const from = parseAddress(reader, options);
  if (from === undefined) return { from: undefined, to: undefined };
  if (from.kind === 'plus' || from.kind === 'multiple') return reader.fail('invalid usage of +N or ~N as first address');
  const comma = reader.nextAfterBlanks();
  if (comma !== ',') {
    if (from.kind === 'line' && from.line === 0) reader.fail('invalid usage of line address 0');
    reader.back(comma);
    return { from, to: undefined };
  }
  reader.back(reader.nextAfterBlanks());
  const to = parseAddress(reader, options);
  if (to === undefined) {
    reader.next();
    return reader.fail("unexpected `,'");
  }
  if (from.kind === 'line' && from.line === 0 && (to.kind !== 'regex' || options.posix)) {
    reader.nextAfterBlanks();
    reader.fail('invalid usage of line address 0');
  }
  return { from, to };
}

function parseAddress(reader: ScriptReader, options: AddressOptions): RangeEnd | undefined {
  const char = reader.next();
  if (char === '/' || char === '\\') return regexAddress(reader, char, options);
  if (char === '$') return { kind: 'last' };
  if (char !== undefined && char >= '0' && char <= '9') return numericAddress(reader, char, options);
  if ((char === '+' || char === '~') && !options.posix) {
    const digit = reader.nextAfterBlanks();
    const number = digit !== undefined && digit >= '0' && digit <= '9' ? reader.number(digit) : undefined;
    if (number === undefined) reader.back(digit);
    return char === '+' ? { kind: 'plus', count: number ?? 0 } : { kind: 'multiple', of: number ?? 0 };
  }
  reader.back(char);
  return undefined;
}

function numericAddress(reader: ScriptReader, digit: string, options: AddressOptions): Address {
  const first = reader.number(digit);
  const tilde = reader.nextAfterBlanks();
  if (tilde !== '~' || options.posix) {
    reader.back(tilde);
    return { kind: 'line', line: first };
  }
  const next = reader.nextAfterBlanks();
  const step = next !== undefined && next >= '0' && next <= '9' ? reader.number(next) : undefined;
  if (step === undefined) reader.back(next);
  return step ? { kind: 'step', first, step } : { kind: 'line', line: first };
}

function regexAddress(reader: ScriptReader, char: string, options: AddressOptions): Address {
  const delimiter = char === '/' ? '/' : reader.next();
  const pattern = delimiter === undefined ? undefined : parseDelimited(reader, delimiter, 'regex');
  if (pattern === undefined) return reader.fail('unterminated address regex');
  let [ignoreCase, multiline] = [false, false];
  for (;;) {
    const flag = reader.nextAfterBlanks();
    if (flag === 'I' && !options.posix) ignoreCase = true;
    else if (flag === 'M' && !options.posix) multiline = true;
    else {
      reader.back(flag);
      break;
    }
  }
  if (pattern.text === '' && (ignoreCase || multiline)) reader.fail('cannot specify modifiers on empty regexp');
  const regex = compileRegex(pattern.text, { ...options, ignoreCase, multiline });
  if ('error' in regex) return reader.fail(regex.error);
  return { kind: 'regex', regex };
}

/**
 * The text up to the delimiter, with `\` + delimiter turned into the delimiter and, outside replacements, `\n` into a newline;
 * other escapes are kept. A delimiter inside a bracket expression doesn't end a regular expression. A bare newline ends
 * everything early, as does the end of the script: `undefined`.
 */
export function parseDelimited(
  reader: ScriptReader,
  delimiter: string,
  kind: 'regex' | 'replacement' | 'characters',
): Delimited | undefined {
  let text = '';
  // Where the bracket expression that is open began in `text`, after `[` and `^`.
  let bracket: number | undefined;
  for (;;) {
    let char = reader.next();
    if (char === undefined) return undefined;
    if (char === delimiter && bracket === undefined) return { text };
    if (char === '\n') {
      reader.back(char);
      return undefined;
    }
    if (char === '\\') {
      char = reader.next();
      if (char === undefined) return undefined;
      if (char === 'n' && kind !== 'replacement') char = '\n';
      else if (char === delimiter) text += kind === 'replacement' && char === '&' ? '\\' : '';
      else if (char !== '\n' || kind === 'replacement') text += '\\';
      text += char;
      continue;
    }
    text += char;
    if (kind !== 'regex') continue;
    if (bracket === undefined) {
      if (char === '[') bracket = text.length;
    } else if (char === '^' && text.length === bracket + 1 && text[bracket - 1] === '[') bracket++;
    else if (char === ']' && text.length > bracket + 1 && !insideElement(text.slice(bracket))) bracket = undefined;
  }
}

/** Whether the `]` at the end of a bracket expression's text only ends a `[:class:]`, `[.element.]` or `[=class=]` in it. */
function insideElement(text: string): boolean {
  const open = Math.max(text.lastIndexOf('[:'), text.lastIndexOf('[.'), text.lastIndexOf('[='));
  if (open < 0) return false;
  const kind = text[open + 1] as string;
  const closed = text.indexOf(`${kind}]`, open + 2);
  return closed < 0 || closed === text.length - 2;
}
