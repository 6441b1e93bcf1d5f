import { decode } from '../../../base/bytes.ts';
import { charWidth } from './width.ts';

/** As much of a terminal's screen as the editor's output needs, for tests: wrapping, cursor movement, erasing. */
export class Screen {
  readonly columns: number;
  rows: string[][] = [[]];
  row = 0;
  column = 0;
  bells = 0;
  /** The last column was filled: the next character wraps. */
  #pending = false;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** Lines down to the last one that has anything on it. */
  get text(): string {
    return this.rows
      .map((row) =>
        Array.from(row, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  write(bytes: Uint8Array): void {
    const text = decode(bytes);
    for (let i = 0; i < text.length; ) {
      const sequence = /^\x1b\[([0-9;?]*)([A-Za-z])/.exec(text.slice(i));
      if (sequence) {
        this.#control(sequence[2] as string, sequence[1] as string);
        i += sequence[0].length;
        continue;
      }
      const char = String.fromCodePoint(text.codePointAt(i) as number);
      this.#char(char);
      i += char.length;
    }
  }

  #line(): string[] {
    while (this.rows.length <= this.row) this.rows.push([]);
    return this.rows[this.row] as string[];
  }

  #char(char: string): void {
    if (char === '\r') this.column = 0;
    else if (char === '\n') this.row++;
    else if (char === '\b') this.column = Math.max(0, this.column - 1);
    else if (char === '\x07') this.bells++;
    else {
      const width = charWidth(char);
      if (this.#pending || this.column + width > this.columns) {
        this.row++;
        this.column = 0;
      }
      const line = this.#line();
      line[this.column] = char;
      if (width === 2) line[this.column + 1] = '';
      this.column += width;
      this.#pending = this.column >= this.columns;
      if (this.#pending) this.column = this.columns - 1;
      return;
    }
    this.#pending = false;
    this.#line();
  }

  #control(letter: string, argument: string): void {
    const count = Number(argument || 1);
    this.#pending = false;
    if (letter === 'A') this.row = Math.max(0, this.row - count);
    else if (letter === 'B') this.row += count;
    else if (letter === 'C') this.column = Math.min(this.columns - 1, this.column + count);
    else if (letter === 'D') this.column = Math.max(0, this.column - count);
    else if (letter === 'H') this.row = this.column = 0;
    else if (letter === 'J' && argument === '2') this.rows = [[]];
    else if (letter === 'J' || letter === 'K') {
      this.#line().length = Math.min(this.#line().length, this.column);
      if (letter === 'J') this.rows.length = this.row + 1;
    }
    this.#line();
  }
}
