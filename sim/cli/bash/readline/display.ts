import type { Process } from '../../../host/process.ts';
import type { Tty } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { charWidth, shownChar } from './width.ts';

/** A place on the screen, from where the prompt's last line begins. */
interface Place {
  row: number;
  column: number;
}

/** Draws a prompt and a line that may be longer than the terminal is wide, and keeps track of where the cursor is. */
export class Display {
  readonly #process: Process;
  readonly #tty: Tty;
  #prompt = '';
  /** The prompt's visible characters. */
  #visible = '';
  #cursorRow = 0;

  constructor(process: Process, tty: Tty) {
    this.#process = process;
    this.#tty = tty;
  }

  /**
   * Begins a line. Of a prompt with several lines only the last is drawn again later.
   *
   * @param prompt with `\x01` and `\x02` around what takes no room on the screen
   */
  *begin(prompt: string): Blocking<void> {
    const cut = prompt.lastIndexOf('\n') + 1;
    this.#prompt = plain(prompt.slice(cut));
    this.#visible = visible(prompt.slice(cut));
    this.#cursorRow = 0;
    yield* this.#write(plain(prompt));
    yield* this.#settle(this.#place(this.#visible));
  }

  /** A temporary prompt of the same line: the one of ^R. */
  setPrompt(prompt: string): void {
    this.#prompt = plain(prompt);
    this.#visible = visible(prompt);
  }

  /** Draws everything again. */
  *refresh(chars: readonly string[], cursor: number): Blocking<void> {
    const up = this.#cursorRow > 0 ? `\x1b[${this.#cursorRow}A` : '';
    yield* this.#write(`\r${up}\x1b[J${this.#prompt}${chars.map(shownChar).join('')}`);
    const end = this.#place(this.#visible, chars);
    yield* this.#settle(end);
    yield* this.#move(end, this.#place(this.#visible, chars.slice(0, cursor)));
  }

  /** Draws a character that was added at the very end; cheaper than `refresh`, and what a terminal log shows best. */
  *append(chars: readonly string[]): Blocking<void> {
    yield* this.#write(shownChar(chars.at(-1) ?? ''));
    const end = this.#place(this.#visible, chars);
    yield* this.#settle(end);
    this.#cursorRow = end.row;
  }

  /** Moves the cursor from one position of the line to another. */
  *moveCursor(chars: readonly string[], to: number, from: number): Blocking<void> {
    yield* this.#move(this.#place(this.#visible, chars.slice(0, from)), this.#place(this.#visible, chars.slice(0, to)));
  }

  /** Leaves the line: the cursor goes below it. */
  *finish(chars: readonly string[], cursor: number, suffix = ''): Blocking<void> {
    yield* this.moveCursor(chars, chars.length, cursor);
    yield* this.#write(`${suffix}\n`);
    this.#cursorRow = 0;
  }

  /** Prints lines below the edited one and starts over beneath them. */
  *below(text: string): Blocking<void> {
    yield* this.#write(`\n${text}`);
    this.#cursorRow = 0;
  }

  *clearScreen(): Blocking<void> {
    yield* this.#write('\x1b[H\x1b[2J');
    this.#cursorRow = 0;
  }

  *bell(): Blocking<void> {
    yield* this.#write('\x07');
  }

  *#write(text: string): Blocking<void> {
    yield* this.#process.write(2, text);
  }

  /** When the last column has just been filled, terminals wait before they wrap: a blank and a return make them. */
  *#settle(end: Place): Blocking<void> {
    if (end.column === 0 && end.row > this.#cursorRow) yield* this.#write(' \r');
    this.#cursorRow = end.row;
  }

  *#move(from: Place, to: Place): Blocking<void> {
    let text = '';
    if (to.row < from.row) text += `\x1b[${from.row - to.row}A`;
    if (to.row > from.row) text += `\x1b[${to.row - from.row}B`;
    if (to.row !== from.row) text += `\r${to.column > 0 ? `\x1b[${to.column}C` : ''}`;
    else if (to.column < from.column)
      text += from.column - to.column < 5 ? '\b'.repeat(from.column - to.column) : `\x1b[${from.column - to.column}D`;
    else if (to.column > from.column) text += `\x1b[${to.column - from.column}C`;
    this.#cursorRow = to.row;
    if (text !== '') yield* this.#write(text);
  }

  /** Where the cursor is after the prompt and some characters. */
  #place(prompt: string, chars: readonly string[] = []): Place {
    const columns = Math.max(2, this.#tty.columns);
    let row = 0;
    let column = 0;
    for (const char of [...prompt, ...chars]) {
      const width = charWidth(char);
      if (column + width > columns) {
        row++;
        column = 0;
      }
      column += width;
      if (column >= columns) {
        row++;
        column -= columns;
      }
    }
    return { row, column };
  }
}

function plain(prompt: string): string {
  return prompt.replace(/[\x01\x02]/g, '');
}

/** Without what is marked as taking no room, and without escape sequences that somebody forgot to mark. */
function visible(prompt: string): string {
  return prompt.replace(/\x01[^\x02]*\x02?/g, '').replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '');
}
