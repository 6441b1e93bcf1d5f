import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool } from '../tool/tool.ts';

/** What is carried from file to file: a line may begin in one and end in the next. */
interface State {
  number: number;
  /** Nothing of the current line has been printed yet. */
  fresh: boolean;
  /** Empty lines seen in a row. */
  empty: number;
}

/** `^A`, `M-x`: control characters and bytes above 127 made visible (cat -v). */
export function visible(line: string): string {
  return line.replace(/[^\t -~]/g, (char) => {
    const code = char.charCodeAt(0);
    const low = code & 0x7f;
    const shown = low < 32 ? `^${String.fromCharCode(low + 64)}` : low === 127 ? '^?' : String.fromCharCode(low);
    return code >= 128 ? `M-${shown}` : shown;
  });
}

function* formatted(call: Call, reader: Reader, state: State): Blocking<void> {
  const showAll = call.has('show-all');
  const nonprinting = showAll || call.has('show-nonprinting', 'e', 't');
  const tabs = showAll || call.has('show-tabs', 't');
  const ends = showAll || call.has('show-ends', 'e');
  const nonblank = call.has('number-nonblank');
  const number = call.has('number') && !nonblank;
  const squeeze = call.has('squeeze-blank');
  for (;;) {
    const line = yield* reader.line();
    if (line === undefined) return;
    const blank = line === '' && state.fresh && reader.terminated;
    state.empty = blank ? state.empty + 1 : 0;
    if (squeeze && state.empty > 1) continue;
    let shown = nonprinting ? visible(line) : line;
    if (tabs) shown = shown.replaceAll('\t', '^I');
    if (ends && !nonprinting && reader.terminated) shown = shown.replace(/\r$/, '^M');
    const counted = state.fresh && (number || (nonblank && !blank));
    if (counted) yield* call.out.write(`${String(++state.number).padStart(6)}\t`);
    yield* call.out.write(shown + (reader.terminated ? (ends ? '$\n' : '\n') : ''));
    state.fresh = reader.terminated;
  }
}

export const cat: Tool = {
  name: 'cat',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Copy the files, or standard input where there is none or it is -, to standard output one after the other.',
  options: [
    flag('A', 'show-all', 'same as -vET'),
    flag('b', 'number-nonblank', 'number the lines that are not empty; overrides -n'),
    flag('e', '', 'same as -vE'),
    flag('E', 'show-ends', 'put $ at the end of each line'),
    flag('n', 'number', 'number all lines'),
    flag('s', 'squeeze-blank', 'print only one of several empty lines in a row'),
    flag('t', '', 'same as -vT'),
    flag('T', 'show-tabs', 'show tabs as ^I'),
    flag('u', '', 'ignored'),
    flag('v', 'show-nonprinting', 'show other control characters as ^X and bytes above 127 as M-x'),
  ],
  *main(call) {
    const plain = call.parsed.options.every((option) => option.name === 'u');
    const state: State = { number: 0, fresh: true, empty: 0 };
    yield* call.eachFile(function* (reader) {
      if (!plain) return yield* formatted(call, reader, state);
      for (;;) {
        const chunk = yield* reader.bytes();
        if (chunk === undefined || call.out.error) return;
        yield* call.out.bytes(chunk);
      }
    });
    return call.status;
  },
};
