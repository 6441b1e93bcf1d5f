import { byteString, type ByteString, textOf } from '../tool/byte-string.ts';
import { isUtf8 } from '../tool/locale.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Breaks one line into pieces of at most `width` columns (or bytes). */
function pieces(line: ByteString, width: number, options: { bytes: boolean; spaces: boolean; wide: boolean }): ByteString[] {
  const units = options.wide ? [...textOf(line)] : [...line];
  const result: ByteString[] = [];
  let start = 0;
  let column = 0;
  for (let at = 0; at < units.length; at++) {
    const next = options.bytes ? column + 1 : advance(column, units[at] as string);
    if (next <= width || at === start) {
      column = next;
      continue;
    }
    let cut = at;
    if (options.spaces) {
      for (let back = at - 1; back >= start; back--) {
        if (units[back] !== ' ' && units[back] !== '\t') continue;
        cut = back + 1;
        break;
      }
    }
    result.push(units.slice(start, cut).join(''));
    start = cut;
    at = cut - 1;
    column = 0;
  }
  result.push(units.slice(start).join(''));
  return options.wide ? result.map(byteString) : result;
}

function advance(column: number, char: string): number {
  if (char === '\b') return Math.max(0, column - 1);
  if (char === '\r') return 0;
  return char === '\t' ? column + 8 - (column % 8) : column + 1;
}

export const fold: Tool = {
  name: 'fold',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Break long lines.',
  options: [
    flag('b', 'bytes', 'count bytes instead of columns'),
    flag('c', 'characters', 'count characters instead of columns'),
    flag('s', 'spaces', 'break behind a blank where there is one'),
    valued('w', 'width', 'WIDTH', 'at most WIDTH columns instead of 80'),
  ],
  rewrite: (args) => args.map((arg) => arg.replace(/^-(\d+)$/, '-w$1')),
  *main(call) {
    const text = call.value('width') ?? '80';
    if (!/^\d+$/.test(text)) return yield* call.fail(`invalid number of columns: ${call.quote(text)}`);
    if (Number(text) === 0) return yield* call.fail(`invalid number of columns: ${call.quote(text)}: Numerical result out of range`);
    const options = {
      bytes: call.has('bytes', 'characters'),
      spaces: call.has('spaces'),
      wide: isUtf8(call.process) && !call.has('bytes'),
    };
    yield* call.eachFile(
      function* (reader) {
        for (;;) {
          const line = yield* reader.line();
          if (line === undefined) return;
          yield* call.out.write(pieces(line, Number(text), options).join('\n') + (reader.terminated ? '\n' : ''));
        }
      },
      (path) => call.dialect.fileName(path),
    );
    return call.status;
  },
};
