import { backslashQuote } from './quote.ts';
import { expandEscapes, readEscape } from './escapes.ts';
import { formatFloat } from './printf-float.ts';
import { moment, strftime } from '../../base/calendar.ts';

/** What printing came to. Errors are in order, without the command's name in front and without newlines. */
export interface PrintfResult {
  /** May hold escaped bytes (base/bytes.ts); encode it, or `normalize` it to keep it as text. */
  output: string;
  errors: string[];
  /** 1 if anything was wrong. */
  status: number;
}

export interface PrintfOptions {
  /** Whose words errors are in: the shell's builtin (default) or /usr/bin/printf. */
  wording?: 'bash' | 'coreutils';
  /** Seconds since 1970 for `%(…)T` with -1 (now) and -2 (when the shell started). */
  now?: number;
  started?: number;
}

/** Formats with a width or precision beyond this print an error instead of filling the reader's memory. */
const MAX_WIDTH = 1_000_000;
/** Output longer than this ends the formatting, with an error. */
const MAX_OUTPUT = 64 * 1024 * 1024;

interface Conversion {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
  letter: string;
  /** The format between the parentheses of `%(…)T`. */
  time: string;
}

/**
 * printf(1) as bash's builtin does it: the format is used again until the arguments are used up; missing arguments count as
 * empty or zero.
 *
 * @see bash builtins/printf.def
 */
export function formatPrintf(format: string, args: readonly string[], options: PrintfOptions = {}): PrintfResult {
  return new Formatter(format, args, options).run();
}

class Formatter {
  readonly #format: string;
  readonly #args: readonly string[];
  readonly #options: PrintfOptions;
  readonly #out: string[] = [];
  #length = 0;
  readonly #errors: string[] = [];
  #next = 0;
  #stopped = false;

  constructor(format: string, args: readonly string[], options: PrintfOptions) {
    this.#format = format;
    this.#args = args;
    this.#options = options;
  }

  run(): PrintfResult {
    do {
      const before = this.#next;
      this.#pass();
      if (this.#next === before) break;
    } while (this.#next < this.#args.length && !this.#stopped);
    if (this.#next < this.#args.length && !this.#stopped && this.#coreutils)
      this.#errors.push(`warning: ignoring excess arguments, starting with '${this.#args[this.#next]}'`);
    const failed = this.#errors.some((error) => !error.startsWith('warning:'));
    return { output: this.#out.join(''), errors: this.#errors, status: failed ? 1 : 0 };
  }

  get #coreutils(): boolean {
    return this.#options.wording === 'coreutils';
  }

  #emit(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_OUTPUT) {
      this.#fail('output too long: Cannot allocate memory');
      this.#stopped = true;
    } else this.#out.push(text);
  }

  #fail(error: string): void {
    this.#errors.push(error);
  }

  #pass(): void {
    const format = this.#format;
    for (let i = 0; i < format.length && !this.#stopped; ) {
      const char = format[i] as string;
      if (char === '\\') {
        const read = readEscape(format, i, 'format');
        if (read.missing) this.#missingDigits(read.missing);
        this.#emit(read.text);
        i += read.length;
      } else if (char === '%') i = this.#percent(i + 1);
      else {
        const next = format.slice(i).search(/[\\%]/);
        const end = next < 0 ? format.length : i + next;
        this.#emit(format.slice(i, end));
        i = end;
      }
    }
  }

  #missingDigits(kind: 'hex' | 'unicode'): void {
    if (this.#coreutils) this.#fail('missing hexadecimal number in escape');
    else this.#fail(kind === 'hex' ? 'missing hex digit for \\x' : 'missing unicode digit for \\u');
  }

  /** Handles one conversion; `at` is behind the percent sign. Returns where the format goes on. */
  #percent(at: number): number {
    const start = at - 1;
    const format = this.#format;
    if (format[at] === '%') {
      this.#emit('%');
      return at + 1;
    }
    let i = at;
    while (i < format.length && "-+ #0'".includes(format[i] as string)) i++;
    let flags = format.slice(at, i);
    let width: number | undefined;
    [width, i] = this.#number(i);
    let precision: number | undefined;
    if (format[i] === '.') {
      [precision, i] = this.#number(i + 1);
      precision = precision === undefined ? 0 : precision < 0 ? undefined : precision;
    }
    if (width !== undefined && width < 0) {
      flags += '-';
      width = -width;
    }
    let time = '';
    if (format[i] === '(') {
      const close = format.indexOf(')', i);
      if (close >= 0 && format[close + 1] === 'T') {
        time = format.slice(i + 1, close);
        i = close + 1;
      }
    }
    while ('hljztL'.includes(format[i] ?? '-')) i++;
    const letter = format[i];
    if (letter === undefined) {
      this.#fail(this.#coreutils ? `${format.slice(start)}: invalid conversion specification` : "`%': missing format character");
      this.#stopped = true;
      return format.length;
    }
    if ((width ?? 0) > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH) {
      this.#fail(`${format.slice(start, i + 1)}: width or precision too large`);
      this.#stopped = true;
      return format.length;
    }
    this.#convert({ flags, width, precision, letter, time }, format.slice(start, i + 1));
    return i + 1;
  }

  #number(at: number): [number | undefined, number] {
    if (this.#format[at] === '*') return [Number(this.#integer()), at + 1];
    const digits = /^\d+/.exec(this.#format.slice(at, at + 20))?.[0] ?? '';
    return [digits === '' ? undefined : Number(digits), at + digits.length];
  }

  #convert(c: Conversion, whole: string): void {
    switch (c.letter) {
      case 's':
        return this.#emit(padded(c, clip(this.#string(), c.precision)));
      case 'c': {
        const char = [...this.#string()][0];
        return this.#emit(padded(c, char ?? (this.#coreutils ? '' : '\0')));
      }
      case 'b':
        return this.#backslashed(c);
      case 'q':
        return this.#emit(padded(c, clip(backslashQuote(this.#string()), c.precision)));
      case 'Q':
        if (this.#coreutils) break;
        return this.#emit(padded(c, backslashQuote(clip(this.#string(), c.precision))));
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        return this.#emit(integerText(c, this.#integer()));
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
      case 'a':
      case 'A':
        return this.#emit(zeroPadded(c, formatFloat(this.#float(), c.letter, c.precision, c.flags)));
      case 'T':
        if (whole.includes('(')) return this.#time(c);
        break;
      case 'n':
        this.#string();
        return;
    }
    this.#fail(this.#coreutils ? `${whole}: invalid conversion specification` : `\`${c.letter}': invalid format character`);
    this.#stopped = true;
  }

  #backslashed(c: Conversion): void {
    const expanded = expandEscapes(this.#string(), '%b');
    for (const missing of expanded.missing) this.#missingDigits(missing);
    this.#emit(padded(c, clip(expanded.text, c.precision)));
    if (expanded.stop) this.#stopped = true;
  }

  #time(c: Conversion): void {
    const given = this.#next < this.#args.length ? Number(this.#integer()) : -1;
    const now = this.#options.now ?? 0;
    const seconds = given === -1 ? now : given === -2 ? (this.#options.started ?? now) : given;
    this.#emit(padded(c, clip(strftime(c.time === '' ? '%X' : c.time, moment(seconds)), c.precision)));
  }

  #string(): string {
    return this.#args[this.#next++] ?? '';
  }

  /** The next argument as a C integer constant: decimal, 0octal, 0xhex, or `'c` for a character's code. */
  #integer(): bigint {
    if (this.#next >= this.#args.length) {
      this.#next++;
      return 0n;
    }
    const text = this.#string();
    const code = characterCode(text);
    if (code !== undefined) return BigInt(code);
    const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text);
    if (!match) {
      this.#badNumber(text, false);
      return 0n;
    }
    const digits = match[2] as string;
    const magnitude = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
    const value = match[1] === '-' ? -magnitude : magnitude;
    if (match[0].length < text.length) this.#badNumber(text, true);
    return this.#inRange(text, value);
  }

  #inRange(text: string, value: bigint): bigint {
    const most = 2n ** 63n - 1n;
    const unsigned = 2n ** 64n - 1n;
    if (value >= -most - 1n && value <= most) return value;
    if (value > most && value <= unsigned && this.#lastLetterUnsigned) return BigInt.asIntN(64, value);
    this.#fail(`${this.#coreutils ? `'${text}'` : text}: Numerical result out of range`);
    return value < 0n ? -most - 1n : this.#lastLetterUnsigned ? -1n : most;
  }

  /** Whether the format's next conversion is an unsigned one; only these take numbers from 2⁶³ to 2⁶⁴ − 1. */
  get #lastLetterUnsigned(): boolean {
    return /%[^a-zA-Z]*[ouxX]/.test(this.#format);
  }

  #float(): number {
    if (this.#next >= this.#args.length) {
      this.#next++;
      return 0;
    }
    const text = this.#string();
    const code = characterCode(text);
    if (code !== undefined) return code;
    const special = /^\s*([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
    if (special) return (special[2] as string).toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
    const hex = /^\s*([+-]?)0[xX]([0-9a-fA-F]+)/.exec(text);
    const match = hex ?? /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
    if (!match) {
      this.#badNumber(text, false);
      return 0;
    }
    if (match[0].length < text.length) this.#badNumber(text, true);
    return hex ? (hex[1] === '-' ? -1 : 1) * Number.parseInt(hex[2] as string, 16) : Number(match[0]);
  }

  #badNumber(text: string, partly: boolean): void {
    if (!this.#coreutils) this.#fail(`${text}: invalid number`);
    else this.#fail(partly ? `'${text}': value not completely converted` : `'${text}': expected a numeric value`);
  }
}

function characterCode(text: string): number | undefined {
  if (text[0] !== "'" && text[0] !== '"') return undefined;
  const code = text.codePointAt(1) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
}

function clip(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function padded(c: Conversion, text: string): string {
  const missing = (c.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  return c.flags.includes('-') ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

/** Pads a number, with zeros behind its sign when the `0` flag says so. */
function zeroPadded(c: Conversion, text: string): string {
  const missing = (c.width ?? 0) - text.length;
  const finite = !/[in]f|nan/i.test(text);
  if (missing <= 0 || c.flags.includes('-') || !c.flags.includes('0') || !finite) return padded(c, text);
  const prefix = /^[+\- ]?(?:0[xX])?/.exec(text)?.[0] ?? '';
  return prefix + '0'.repeat(missing) + text.slice(prefix.length);
}

function integerText(c: Conversion, value: bigint): string {
  const signed = c.letter === 'd' || c.letter === 'i';
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const base = c.letter === 'o' ? 8 : c.letter === 'x' || c.letter === 'X' ? 16 : 10;
  let digits = c.precision === 0 && magnitude === 0n ? '' : magnitude.toString(base);
  if (c.precision !== undefined) digits = digits.padStart(c.precision, '0');
  if (c.flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (c.flags.includes('#') && base === 16 && magnitude !== 0n) digits = `0x${digits}`;
  if (c.letter === 'X') digits = digits.toUpperCase();
  const sign = !signed ? '' : value < 0n ? '-' : c.flags.includes('+') ? '+' : c.flags.includes(' ') ? ' ' : '';
  return c.precision === undefined ? zeroPadded(c, sign + digits) : padded(c, sign + digits);
}
