import { StreamDecoder } from '../../../base/bytes.ts';
import type { Process } from '../../../host/process.ts';
import type { Blocking } from '../../../host/wait.ts';

/** A key as the editor sees it: a character to insert, or the name of a key (`ctrl-a`, `alt-b`, `up`, `delete`, `paste`). */
export type Key = { kind: 'char'; char: string } | { kind: 'key'; name: string } | { kind: 'paste'; text: string } | { kind: 'end' };

/** Sequences that terminals send behind `ESC [` or `ESC O`. */
const SEQUENCES: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '2~': 'insert',
  '3~': 'delete',
  '5~': 'page-up',
  '6~': 'page-down',
  '1;5C': 'ctrl-right',
  '1;5D': 'ctrl-left',
  '1;3C': 'alt-f',
  '1;3D': 'alt-b',
  '5C': 'ctrl-right',
  '5D': 'ctrl-left',
  '3;5~': 'alt-d',
  Z: 'shift-tab',
};

/** Reads keys from a terminal, one byte at a time, so that what is typed ahead stays for the program that is started. */
export class KeyReader {
  readonly #process: Process;
  readonly #decoder = new StreamDecoder();

  constructor(process: Process) {
    this.#process = process;
  }

  *next(): Blocking<Key> {
    const char = yield* this.#char();
    if (char === undefined) return { kind: 'end' };
    if (char === '\x1b') return yield* this.#escape();
    const code = char.charCodeAt(0);
    if (char === '\x7f' || char === '\b') return { kind: 'key', name: 'backspace' };
    if (char === '\n' || char === '\r') return { kind: 'key', name: 'enter' };
    if (char === '\t') return { kind: 'key', name: 'tab' };
    if (code === 31) return { kind: 'key', name: 'ctrl-_' };
    if (code < 32) return { kind: 'key', name: `ctrl-${String.fromCharCode(code + 96)}` };
    return { kind: 'char', char };
  }

  /** The next character; `undefined` at the end of the input. */
  *#char(): Blocking<string | undefined> {
    for (;;) {
      const bytes = yield* this.#process.read(0, 1);
      if (bytes === 'EINTR') continue;
      if (typeof bytes === 'string' || bytes.length === 0) return undefined;
      const text = this.#decoder.push(bytes);
      if (text !== '') return text;
    }
  }

  *#escape(): Blocking<Key> {
    const first = yield* this.#char();
    if (first === undefined) return { kind: 'end' };
    if (first === '[' || first === 'O') {
      let sequence = '';
      for (;;) {
        const char = yield* this.#char();
        if (char === undefined) return { kind: 'end' };
        sequence += char;
        if (/[@-~]/.test(char) || sequence.length > 12) break;
      }
      if (sequence === '200~') return yield* this.#paste();
      return { kind: 'key', name: SEQUENCES[sequence] ?? 'unknown' };
    }
    if (first === '\x7f' || first === '\b') return { kind: 'key', name: 'alt-backspace' };
    return { kind: 'key', name: `alt-${first.toLowerCase()}` };
  }

  /** Bracketed paste: everything up to `ESC [ 201 ~` is text, newlines included. */
  *#paste(): Blocking<Key> {
    const end = '\x1b[201~';
    let text = '';
    while (!text.endsWith(end)) {
      const char = yield* this.#char();
      if (char === undefined) return { kind: 'end' };
      text += char;
      if (text.length > 1_000_000) break;
    }
    return { kind: 'paste', text: text.slice(0, text.endsWith(end) ? -end.length : undefined).replaceAll('\r', '\n') };
  }
}
