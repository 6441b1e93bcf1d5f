import { COOKED, RAW, type Tty } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Shell } from '../shell.ts';
import { inColumns } from './columns.ts';
import { commonPrefix, complete } from './complete.ts';
import { Display } from './display.ts';
import { type Key, KeyReader } from './keys.ts';
import { Line } from './line.ts';

/** How editing a line ended: Enter, ^D on an empty line (or a closed terminal), ^C. */
export type Edited = { kind: 'line'; text: string } | { kind: 'end' } | { kind: 'interrupt' };

/** More candidates than this are listed only after a question (readline's completion-query-items). */
const QUERY_ITEMS = 100;
/** A line takes no more characters than this. */
const MAX_LINE = 100_000;

const KILLS = new Set(['ctrl-k', 'ctrl-u', 'ctrl-w', 'alt-d', 'alt-backspace']);

/** Line editing on a terminal: readline's emacs mode with its default bindings. */
export class Editor {
  readonly #shell: Shell;
  readonly #tty: Tty;
  readonly #keys: KeyReader;
  readonly #display: Display;
  readonly #line = new Line();
  /** Which history entry is shown; its length means the line being typed. */
  #place = 0;
  /** Changed copies of history entries, and the line being typed. */
  #edited = new Map<number, string>();
  #lastTab = false;
  #prompt = '';

  constructor(shell: Shell, tty: Tty) {
    this.#shell = shell;
    this.#tty = tty;
    this.#keys = new KeyReader(shell.process);
    this.#display = new Display(shell.process, tty);
  }

  /** Reads one line. The terminal is raw meanwhile, whatever ends the editing. */
  *read(prompt: string): Blocking<Edited> {
    this.#line.set('');
    this.#prompt = prompt;
    this.#place = this.#shell.history.length;
    this.#edited.clear();
    this.#tty.termios = { ...RAW };
    try {
      yield* this.#display.begin(prompt);
      for (;;) {
        const key = yield* this.#keys.next();
        const ended = yield* this.#handle(key);
        if (ended) return ended;
      }
    } finally {
      this.#tty.termios = { ...COOKED };
    }
  }

  *#handle(key: Key): Blocking<Edited | undefined> {
    const tab = this.#lastTab;
    this.#lastTab = false;
    this.#line.startKey(key.kind === 'key' && KILLS.has(key.name));
    if (key.kind === 'end') return { kind: 'end' };
    if (key.kind === 'char') {
      yield* this.#insert(key.char);
      return undefined;
    }
    if (key.kind === 'paste') {
      this.#line.insert(key.text.slice(0, MAX_LINE));
      yield* this.#refresh();
      return undefined;
    }
    switch (key.name) {
      case 'enter':
        yield* this.#display.finish(this.#line.chars, this.#line.cursor);
        return { kind: 'line', text: this.#line.text };
      case 'ctrl-c':
        yield* this.#display.finish(this.#line.chars, this.#line.cursor, '^C');
        return { kind: 'interrupt' };
      case 'ctrl-d':
        if (this.#line.chars.length === 0) return { kind: 'end' };
        break;
      case 'tab':
        this.#lastTab = !(yield* this.#complete(tab));
        return undefined;
      case 'ctrl-r':
        return yield* this.#search();
      case 'ctrl-l':
        yield* this.#display.clearScreen();
        yield* this.#refresh();
        return undefined;
    }
    yield* this.#edit(key.name);
    return undefined;
  }

  *#insert(char: string): Blocking<void> {
    if (this.#line.chars.length >= MAX_LINE) {
      yield* this.#display.bell();
      return;
    }
    const atEnd = this.#line.cursor === this.#line.chars.length;
    this.#line.insert(char);
    if (atEnd) yield* this.#display.append(this.#line.chars);
    else yield* this.#refresh();
  }

  #refresh(): Blocking<void> {
    return this.#display.refresh(this.#line.chars, this.#line.cursor);
  }

  *#moveTo(cursor: number): Blocking<void> {
    const to = Math.max(0, Math.min(cursor, this.#line.chars.length));
    yield* this.#display.moveCursor(this.#line.chars, to, this.#line.cursor);
    this.#line.cursor = to;
  }

  /** Keys that move or change the line. */
  *#edit(name: string): Blocking<void> {
    const line = this.#line;
    switch (name) {
      case 'ctrl-a':
      case 'home':
        return yield* this.#moveTo(0);
      case 'ctrl-e':
      case 'end':
        return yield* this.#moveTo(line.chars.length);
      case 'ctrl-b':
      case 'left':
        return yield* this.#moveTo(line.cursor - 1);
      case 'ctrl-f':
      case 'right':
        return yield* this.#moveTo(line.cursor + 1);
      case 'alt-b':
      case 'ctrl-left':
        return yield* this.#moveTo(line.wordBack());
      case 'alt-f':
      case 'ctrl-right':
        return yield* this.#moveTo(line.wordForward());
      case 'ctrl-p':
      case 'up':
        return yield* this.#history(this.#place - 1);
      case 'ctrl-n':
      case 'down':
        return yield* this.#history(this.#place + 1);
      case 'alt-<':
      case 'page-up':
        return yield* this.#history(0);
      case 'alt->':
      case 'page-down':
        return yield* this.#history(this.#shell.history.length);
    }
    const changed = this.#change(name);
    if (changed) yield* this.#refresh();
    else yield* this.#display.bell();
  }

  #change(name: string): boolean {
    const line = this.#line;
    switch (name) {
      case 'backspace':
      case 'ctrl-h':
        return line.deleteBack();
      case 'delete':
      case 'ctrl-d':
        return line.deleteForward();
      case 'ctrl-k':
        line.kill(line.cursor, line.chars.length);
        return true;
      case 'ctrl-u':
        line.kill(0, line.cursor);
        return true;
      case 'ctrl-w':
        line.kill(line.blankWordBack(), line.cursor);
        return true;
      case 'alt-backspace':
        line.kill(line.wordBack(), line.cursor);
        return true;
      case 'alt-d':
        line.kill(line.cursor, line.wordForward());
        return true;
      case 'ctrl-y':
        line.yank();
        return true;
      case 'ctrl-t':
        return line.transpose();
      case 'ctrl-_':
        return line.undo();
      case 'alt-u':
        line.changeCase('upper');
        return true;
      case 'alt-l':
        line.changeCase('lower');
        return true;
      case 'alt-c':
        line.changeCase('capital');
        return true;
      default:
        return false;
    }
  }

  *#history(place: number): Blocking<void> {
    const { history } = this.#shell;
    if (place < 0 || place > history.length || place === this.#place) return yield* this.#display.bell();
    this.#edited.set(this.#place, this.#line.text);
    this.#place = place;
    this.#line.set(this.#edited.get(place) ?? history[place] ?? '');
    yield* this.#refresh();
  }

  /** ^R: searches backwards while the text is typed. */
  *#search(): Blocking<Edited | undefined> {
    const { history } = this.#shell;
    const before = { text: this.#line.text, cursor: this.#line.cursor };
    let wanted = '';
    let place = this.#place;
    let failed = false;
    const find = (from: number): void => {
      const at = from < 0 ? -1 : history.findLastIndex((line, i) => i <= from && line.includes(wanted));
      failed = at < 0;
      if (failed) return;
      place = at;
      const text = history[at] as string;
      this.#line.set(text, [...text.slice(0, text.indexOf(wanted))].length);
    };
    for (;;) {
      this.#display.setPrompt(`(${failed ? 'failed ' : ''}reverse-i-search)\`${wanted}': `);
      yield* this.#refresh();
      const key = yield* this.#keys.next();
      if (key.kind === 'char') {
        wanted += key.char;
        find(Math.min(place, history.length - 1));
      } else if (key.kind === 'key' && key.name === 'ctrl-r') {
        if (wanted !== '') find(place - 1);
      } else if (key.kind === 'key' && key.name === 'backspace') {
        wanted = [...wanted].slice(0, -1).join('');
        find(history.length - 1);
      } else {
        this.#display.setPrompt(this.#prompt.slice(this.#prompt.lastIndexOf('\n') + 1));
        const cancelled = key.kind === 'key' && key.name === 'ctrl-g';
        if (cancelled) this.#line.set(before.text, before.cursor);
        else this.#place = place;
        yield* this.#refresh();
        return cancelled || (key.kind === 'key' && key.name === 'unknown') ? undefined : yield* this.#handle(key);
      }
    }
  }

  /** Tab: completes as far as it is clear; once that changes nothing any more, it lists what there is. Returns whether the line changed. */
  *#complete(again: boolean): Blocking<boolean> {
    const line = this.#line;
    const found = yield* complete(this.#shell, line.beforeCursor);
    if (found.candidates.length === 0) {
      yield* this.#display.bell();
      return false;
    }
    const typed = line.chars.slice(found.start, line.cursor).join('');
    const [only] = found.candidates;
    if (found.candidates.length === 1 && only !== undefined) {
      const suffix = found.suffix(only);
      const next = line.chars[line.cursor];
      line.replace(found.start, line.cursor, only + (suffix === next ? '' : suffix));
      yield* this.#refresh();
      return true;
    }
    const prefix = commonPrefix(found.candidates);
    if (prefix.length > typed.length) {
      line.replace(found.start, line.cursor, prefix);
      yield* this.#refresh();
      return true;
    }
    if (again) yield* this.#list(found.labels);
    else yield* this.#display.bell();
    return false;
  }

  *#list(labels: readonly string[]): Blocking<void> {
    const cursor = this.#line.cursor;
    yield* this.#moveTo(this.#line.chars.length);
    let text = inColumns(labels, this.#tty.columns);
    if (labels.length >= QUERY_ITEMS) {
      yield* this.#display.below(`Display all ${labels.length} possibilities? (y or n)`);
      if (!(yield* this.#confirm())) text = '';
      yield* this.#display.below(text);
    } else yield* this.#display.below(text);
    this.#line.cursor = cursor;
    yield* this.#refresh();
  }

  *#confirm(): Blocking<boolean> {
    for (;;) {
      const key = yield* this.#keys.next();
      if (key.kind === 'char' && /[yY ]/.test(key.char)) return true;
      if (key.kind === 'char' && /[nN]/.test(key.char)) return false;
      if (key.kind === 'end' || (key.kind === 'key' && /^(?:backspace|ctrl-[cgd])$/.test(key.name))) return false;
      yield* this.#display.bell();
    }
  }
}
