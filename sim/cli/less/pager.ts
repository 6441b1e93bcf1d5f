import type { Tty } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import { byteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { visible } from '../coreutils/cat.ts';
import type { Key, Keyboard } from './keys.ts';

/** What the pager shows: all the text, its name, and how. */
export interface PagerOptions {
  name: string;
  lines: string[];
  numbers: boolean;
  chop: boolean;
  /** Colour sequences of the text reach the terminal (`-R`). */
  raw: boolean;
  /** `more` ends at the end of the text. */
  endsAtEnd: boolean;
}

/** A full-screen view of lines, moved by keys (less(1)). Long lines are folded, or cut with `-S`. */
export class Pager {
  readonly #call: Call;
  readonly #tty: Tty;
  readonly #keyboard: Keyboard;
  readonly #options: PagerOptions;
  #top = 0;
  #message: string | undefined;
  #pattern: RegExp | undefined;
  #backwards = false;
  #count = '';

  constructor(call: Call, tty: Tty, keyboard: Keyboard, options: PagerOptions) {
    this.#call = call;
    this.#tty = tty;
    this.#keyboard = keyboard;
    this.#options = options;
  }

  *run(): Blocking<void> {
    for (;;) {
      yield* this.#draw();
      if (this.#options.endsAtEnd && this.#atEnd) return;
      const key = yield* this.#keyboard.next();
      if (key === undefined || key === 'q' || key === 'Q') return;
      if (/^\d$/.test(key)) {
        this.#count += key;
        continue;
      }
      yield* this.#act(key, Number(this.#count || '0'));
      this.#count = '';
    }
  }

  get #rows(): number {
    return Math.max(1, this.#tty.rows - 1);
  }

  /** The line that must be on top for the end to be at the bottom. */
  get #last(): number {
    let rows = 0;
    for (let i = this.#options.lines.length - 1; i >= 0; i--) {
      rows += this.#folded(i).length;
      if (rows >= this.#rows) return rows > this.#rows ? i + 1 : i;
    }
    return 0;
  }

  get #atEnd(): boolean {
    return this.#top >= this.#last;
  }

  /** The screen rows of one line. */
  #folded(index: number): string[] {
    const { numbers, chop, raw } = this.#options;
    const prefix = numbers ? `${String(index + 1).padStart(7)} ` : '';
    const text = this.#options.lines[index] as string;
    const shown = [...(prefix + expandTabs(raw ? text : controlsShown(text)))];
    if (chop || raw) return [shown.slice(0, raw ? undefined : this.#tty.columns).join('')];
    const rows: string[] = [];
    for (let i = 0; i === 0 || i < shown.length; i += this.#tty.columns) rows.push(shown.slice(i, i + this.#tty.columns).join(''));
    return rows;
  }

  *#draw(): Blocking<void> {
    const rows: string[] = [];
    for (let i = this.#top; i < this.#options.lines.length && rows.length < this.#rows; i++) rows.push(...this.#folded(i));
    const body = rows.slice(0, this.#rows).map((row) => this.#highlighted(row));
    while (body.length < this.#rows) body.push(this.#options.endsAtEnd ? '' : '~');
    const prompt =
      this.#message !== undefined
        ? inverse(this.#message)
        : this.#atEnd
          ? inverse('(END)')
          : this.#top === 0 && this.#options.name !== ''
            ? inverse(this.#options.name)
            : ':';
    this.#message = undefined;
    yield* this.#call.out.text(`\x1b[H\x1b[J${body.join('\n')}\n${prompt}`);
    yield* this.#call.out.flush();
  }

  #highlighted(row: string): string {
    const pattern = this.#pattern;
    return pattern ? row.replace(new RegExp(pattern.source, `${pattern.flags}g`), (match) => (match === '' ? '' : inverse(match))) : row;
  }

  *#act(key: Key, count: number): Blocking<void> {
    const half = Math.max(1, Math.floor(this.#rows / 2));
    const moves: Record<string, number> = {
      ' ': count || this.#rows,
      f: count || this.#rows,
      '\x06': count || this.#rows,
      'page-down': this.#rows,
      b: -(count || this.#rows),
      '\x02': -(count || this.#rows),
      'page-up': -this.#rows,
      d: count || half,
      '\x04': count || half,
      u: -(count || half),
      '\x15': -(count || half),
      j: count || 1,
      e: count || 1,
      down: count || 1,
      '\r': count || 1,
      '\n': count || 1,
      k: -(count || 1),
      y: -(count || 1),
      up: -(count || 1),
    };
    const move = moves[key];
    if (move !== undefined) this.#moveTo(this.#top + move);
    else if (key === 'g' || key === '<' || key === 'home') this.#moveTo(Math.max(0, count - 1));
    else if (key === 'G' || key === '>' || key === 'end') this.#moveTo(count > 0 ? count - 1 : this.#last);
    else if (key === '/' || key === '?') yield* this.#search(key);
    else if (key === 'n') this.#findNext(this.#backwards);
    else if (key === 'N') this.#findNext(!this.#backwards);
    else if (key === '=' || key === '\x07') this.#message = this.#position();
    else if (key === 'h') this.#message = 'SPACE b d u: move  j k: line  g G: ends  /text ?text n N: search  q: quit';
  }

  #moveTo(line: number): void {
    this.#top = Math.max(0, Math.min(line, this.#last));
  }

  #position(): string {
    const total = this.#options.lines.length;
    const bottom = Math.min(total, this.#top + this.#rows);
    return `${this.#options.name} lines ${this.#top + 1}-${bottom}/${total} ${total === 0 ? 100 : Math.floor((bottom * 100) / total)}%`.trimStart();
  }

  /** Reads a pattern on the bottom line. */
  *#search(sign: string): Blocking<void> {
    let text = '';
    for (;;) {
      yield* this.#call.out.text(`\r\x1b[K${sign}${text}`);
      yield* this.#call.out.flush();
      const key = yield* this.#keyboard.next();
      if (key === undefined || key === '\x1b' || key === '\x03') return;
      if (key === '\r' || key === '\n') break;
      if (key === '\x7f' || key === '\b') {
        if (text === '') return;
        text = text.slice(0, -1);
      } else if (key.length === 1 && key >= ' ') text += key;
    }
    this.#backwards = sign === '?';
    if (text !== '') {
      const compiled = compilePosix(text, { extended: true, ignoreCase: this.#call.has('ignore-case') && !/[A-Z]/.test(text) });
      if (isPosixError(compiled)) {
        this.#message = compiled.error;
        return;
      }
      this.#pattern = compiled;
    }
    this.#findNext(this.#backwards);
  }

  #findNext(backwards: boolean): void {
    const pattern = this.#pattern;
    if (!pattern) {
      this.#message = 'No previous regular expression';
      return;
    }
    const { lines } = this.#options;
    for (let i = this.#top + (backwards ? -1 : 1); i >= 0 && i < lines.length; i += backwards ? -1 : 1) {
      if (!pattern.test(lines[i] as string)) continue;
      this.#top = i;
      return;
    }
    this.#message = 'Pattern not found';
  }
}

function inverse(text: string): string {
  return `\x1b[7m${text}\x1b[27m`;
}

/** Control characters as `^X`; tabs stay for `expandTabs`. */
function controlsShown(text: string): string {
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, (char) => visible(byteString(char)));
}

function expandTabs(text: string): string {
  let out = '';
  for (const char of text) out += char === '\t' ? ' '.repeat(8 - ([...out].length % 8)) : char;
  return out;
}
