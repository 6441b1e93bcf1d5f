import { decode } from '../../../base/bytes.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Shell } from '../shell.ts';
import { NAME_PATTERN } from '../variables.ts';
import { singleQuote } from '../quote.ts';
import { fail, options, usage } from './builtin.ts';

export function* mapfile(shell: Shell, args: string[], name: string): Blocking<number> {
  const synopsis = `${name} [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]`;
  const parsed = options(args, 'd:n:O:s:tu:C:c:');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error.replace(/^(-.): option requires/, '$1: option requires'), synopsis);
  const { values, letters } = parsed;
  const array = parsed.rest[0] ?? 'MAPFILE';
  if (!NAME_PATTERN.test(array)) return yield* fail(shell, name, `\`${array}': not a valid identifier`);
  const number = (letter: string): number | undefined => (values.has(letter) ? Number(values.get(letter)) : undefined);
  for (const letter of ['n', 'O', 's', 'u', 'c']) {
    const given = values.get(letter);
    if (given !== undefined && !/^\d+$/.test(given))
      return yield* fail(
        shell,
        name,
        `${given}: invalid ${letter === 'O' ? 'array origin' : letter === 'u' ? 'file descriptor specification' : 'line count'}`,
      );
  }
  const variable = shell.variables.find(array) ?? shell.variables.declareGlobal(array);
  const lines = new Map<number, string>(values.has('O') && variable.value instanceof Map ? variable.value : []);
  const delimiter = values.has('d') ? (values.get('d') ?? '').charCodeAt(0) || 0 : 10;
  let index = number('O') ?? 0;
  let skip = number('s') ?? 0;
  const most = number('n') || Number.POSITIVE_INFINITY;
  const quantum = number('c') ?? 5_000;
  for (let taken = 0; taken < most; ) {
    const line = yield* readDelimited(shell, number('u') ?? 0, delimiter);
    if (line === undefined) break;
    if (skip > 0) {
      skip--;
      continue;
    }
    taken++;
    const text = letters.has('t') && line.endsWith(String.fromCharCode(delimiter)) ? line.slice(0, -1) : line;
    const callback = values.get('C');
    if (callback !== undefined && taken % quantum === 0)
      yield* shell.interpreter.runSource(shell, `${callback} ${index} ${singleQuote(text)}`, shell.line, 'mapfile');
    lines.set(index++, text.replaceAll('\0', ''));
  }
  shell.variables.setArray(variable, array, lines, false);
  return 0;
}

function* readDelimited(shell: Shell, fd: number, delimiter: number): Blocking<string | undefined> {
  const bytes: number[] = [];
  for (;;) {
    const byte = yield* shell.process.read(fd, 1);
    if (byte === 'EINTR') continue;
    if (typeof byte === 'string' || byte.length === 0) return bytes.length > 0 ? decode(Uint8Array.from(bytes)) : undefined;
    bytes.push(byte[0] as number);
    if (byte[0] === delimiter) {
      yield* shell.process.spend(2);
      return decode(Uint8Array.from(bytes));
    }
  }
}
