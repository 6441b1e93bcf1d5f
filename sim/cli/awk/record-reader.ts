import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { TextInput } from '../text-stream.ts';
import { byteString } from '../tool/byte-string.ts';
import { Fatal } from './fatal.ts';
import { compileRegex } from './regex.ts';

/** How input is cut into records: RS. */
export type RecordMode = { kind: 'text'; separator: string } | { kind: 'paragraph' } | { kind: 'regex'; regex: RegExp };

export function recordMode(rs: string): RecordMode {
  if (rs === '') return { kind: 'paragraph' };
  if (rs.length === 1) return { kind: 'text', separator: rs };
  const regex = compileRegex(rs);
  if ('error' in regex) throw new Fatal(`regular expression compile failed (${regex.error})\n${rs}`, 'regex');
  return { kind: 'regex', regex };
}

/** Reads records from a descriptor. */
export class RecordReader {
  readonly #input: TextInput;

  constructor(process: Process, fd: number) {
    this.#input = new TextInput(process, fd, { push: (bytes) => byteString(bytes), end: () => '' });
  }

  get error() {
    return this.#input.error;
  }

  /** The next record if it is here already, without blocking. */
  buffered(mode: RecordMode): string | undefined {
    return mode.kind === 'text' ? this.#input.buffered(mode.separator) : undefined;
  }

  /** The next record, or `undefined` at the end. */
  *read(mode: RecordMode): Blocking<string | undefined> {
    if (mode.kind === 'text') return yield* this.#input.line(mode.separator);
    return mode.kind === 'paragraph' ? yield* this.#paragraph() : yield* this.#regex(mode.regex);
  }

  *#paragraph(): Blocking<string | undefined> {
    const input = this.#input;
    for (;;) {
      const { pending } = input;
      let start = 0;
      while (pending[start] === '\n') start++;
      input.take(start);
      if (start < pending.length) break;
      if (!(yield* input.fill())) return undefined;
    }
    for (;;) {
      const end = input.pending.indexOf('\n\n');
      if (end >= 0) {
        const record = input.take(end);
        input.take(2);
        return record;
      }
      if (!(yield* input.fill())) return input.rest()?.replace(/\n$/, '');
    }
  }

  *#regex(regex: RegExp): Blocking<string | undefined> {
    const input = this.#input;
    for (;;) {
      const { pending } = input;
      regex.lastIndex = 0;
      let match = regex.exec(pending);
      while (match && match[0] === '') {
        regex.lastIndex++;
        match = regex.exec(pending);
      }
      // A match that touches the end of what has been read might go on.
      if (match && match.index + match[0].length < pending.length) return this.#cut(match);
      if (yield* input.fill()) continue;
      return match ? this.#cut(match) : input.rest();
    }
  }

  #cut(match: RegExpExecArray): string {
    const record = this.#input.take(match.index);
    this.#input.take(match[0].length);
    return record;
  }
}
