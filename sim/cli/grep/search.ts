import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, isAscii, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { isUtf8 } from '../tool/locale.ts';
import type { Reader } from '../tool/reader.ts';
import type { Matcher } from './matcher.ts';

/** How a run of grep prints. */
export interface Plan {
  matcher: Matcher;
  before: number;
  after: number;
  /** Whether lines around matches were asked for, if only none of them. */
  context: boolean;
  limit: number;
  names: boolean;
  color: boolean;
  /** Between groups of lines that are not neighbours; `undefined` prints nothing. */
  separator: string | undefined;
  end: string;
  binary: 'binary' | 'text' | 'without-match';
  /** Whether any group has been printed, in any file. */
  printed: boolean;
}

interface Line {
  text: ByteString;
  number: number;
  offset: number;
}

const paint = (code: string, text: string): string => `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K`;

/** Searches one stream and prints what there is to print; the number of selected lines. */
export class Search {
  readonly #call: Call;
  readonly #plan: Plan;
  readonly #name: string;
  readonly #invert: boolean;
  readonly #silent: boolean;
  #binary = false;
  #lastPrinted = 0;

  constructor(call: Call, plan: Plan, name: string) {
    this.#call = call;
    this.#plan = plan;
    this.#name = name;
    this.#invert = call.has('invert-match');
    this.#silent = call.has('quiet', 'files-with-matches', 'files-without-match', 'count');
  }

  *run(reader: Reader): Blocking<number> {
    const plan = this.#plan;
    const held: Line[] = [];
    let selected = 0;
    let trailing = 0;
    let offset = 0;
    const stopEarly = this.#call.has('quiet', 'files-with-matches', 'files-without-match');
    for (let number = 1; selected < plan.limit || trailing > 0; number++) {
      const text = yield* reader.line(plan.end);
      if (text === undefined) break;
      const line: Line = { text, number, offset };
      offset += text.length + 1;
      if (plan.binary !== 'text' && !this.#binary && this.#looksBinary(text)) {
        this.#binary = true;
        if (plan.binary === 'without-match') return 0;
      }
      if (selected < plan.limit && plan.matcher.matches(text) !== this.#invert) {
        selected++;
        if (stopEarly) return selected;
        if (this.#binary && !this.#silent) break;
        if (!this.#silent) yield* this.#select(line, held);
        trailing = plan.after;
        continue;
      }
      if (this.#silent) continue;
      if (trailing > 0) {
        trailing--;
        yield* this.#print(line, '-');
      } else if (plan.before > 0) {
        held.push(line);
        if (held.length > plan.before) held.shift();
      }
    }
    if (this.#binary && selected > 0 && !this.#silent) yield* this.#binaryMessage();
    return selected;
  }

  /** NUL bytes, or in a UTF-8 locale bytes that are no characters. */
  #looksBinary(text: ByteString): boolean {
    if (text.includes('\0') && this.#plan.end === '\n') return true;
    return (
      !isAscii(text) && isUtf8(this.#call.process) && /[\udc80-\udcff]/.test(textOf(text).replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
    );
  }

  *#binaryMessage(): Blocking<void> {
    const name = this.#name;
    if (this.#call.has('only-matching') && this.#invert) return;
    if (this.#call.busybox) yield* this.#call.out.text(`Binary file ${name} matches\n`);
    else yield* this.#call.warn(`${name}: binary file matches`, 0);
  }

  *#select(line: Line, held: Line[]): Blocking<void> {
    for (const before of held.splice(0)) yield* this.#print(before, '-');
    if (this.#call.has('only-matching')) {
      if (this.#invert) return;
      yield* this.#separate(line);
      for (const span of this.#plan.matcher.spans(line.text)) {
        const part = line.text.slice(span.start, span.end);
        const shown = this.#plan.color ? paint('01;31', part) : part;
        yield* this.#call.out.write(this.#prefix({ ...line, offset: line.offset + span.start }, ':') + shown + this.#plan.end);
      }
      this.#lastPrinted = line.number;
      return;
    }
    yield* this.#print(line, ':');
  }

  /** The line between groups. */
  *#separate(line: Line): Blocking<void> {
    const { context, separator } = this.#plan;
    const gap = line.number > this.#lastPrinted + 1 || this.#lastPrinted === 0;
    if (context && separator !== undefined && this.#plan.printed && gap) {
      yield* this.#call.out.text(`${this.#plan.color ? paint('36', separator) : separator}\n`);
    }
    this.#plan.printed = true;
  }

  *#print(line: Line, sign: ':' | '-'): Blocking<void> {
    if (this.#call.has('only-matching') && sign === '-') return;
    yield* this.#separate(line);
    this.#lastPrinted = line.number;
    const paints = this.#plan.color && (sign === ':') !== this.#invert;
    yield* this.#call.out.write(this.#prefix(line, sign) + (paints ? this.#painted(line.text) : line.text) + this.#plan.end);
  }

  #painted(text: ByteString): ByteString {
    let out = '';
    let at = 0;
    for (const { start, end } of this.#plan.matcher.spans(text)) {
      out += text.slice(at, start) + paint('01;31', text.slice(start, end));
      at = end;
    }
    return out + text.slice(at);
  }

  #prefix(line: Line, sign: string): ByteString {
    const { color, names } = this.#plan;
    const mark = color ? paint('36', sign) : sign;
    let text = '';
    if (names) {
      const name = byteString(this.#name);
      text += (color ? paint('35', name) : name) + (this.#call.has('null') ? '\0' : mark);
    }
    const tab = this.#call.has('initial-tab');
    if (this.#call.has('line-number')) {
      const number = tab ? String(line.number).padStart(2) : String(line.number);
      text += (color ? paint('32', number) : number) + mark;
    }
    if (this.#call.has('byte-offset')) text += (color ? paint('32', String(line.offset)) : String(line.offset)) + mark;
    return tab && text !== '' ? `${text}\t` : text;
  }
}
