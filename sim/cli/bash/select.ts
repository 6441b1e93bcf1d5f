import type { Blocking } from '../../host/wait.ts';
import { readLine } from './read-line.ts';
import type { Shell } from './shell.ts';

/** The menu of `select`: items in columns on standard error, then answers until the input ends or the body breaks. */
export function* runSelect(shell: Shell, name: string, words: readonly string[], body: () => Blocking<boolean>): Blocking<void> {
  if (words.length === 0) return;
  for (let show = true; ; ) {
    if (show) yield* shell.process.write(2, menu(words, Number(shell.variables.get('COLUMNS') ?? 80)));
    yield* shell.process.write(2, shell.variables.get('PS3') ?? '#? ');
    const line = yield* readLine(shell.process, 0);
    if (line === undefined) {
      yield* shell.process.write(2, '\n');
      shell.status = 1;
      return;
    }
    show = line.trim() === '';
    if (show) continue;
    shell.variables.set('REPLY', line);
    const choice = /^\s*\d+\s*$/.test(line) ? words[Number(line) - 1] : undefined;
    shell.variables.set(name, choice ?? '');
    if (yield* body()) return;
    show = (shell.variables.get('REPLY') ?? '') === '';
  }
}

/** `1) one  2) two`, filled by columns. */
function menu(words: readonly string[], width: number): string {
  const digits = String(words.length).length;
  const longest = Math.max(...words.map((word) => [...word].length));
  const column = longest + digits + 2 + 2;
  const columns = Math.max(1, Math.min(words.length, Math.floor(width / column)));
  const rows = Math.ceil(words.length / columns);
  const single = rows === 1 ? words.length : rows;
  let text = '';
  for (let row = 0; row < (rows === 1 ? words.length : rows); row++) {
    const cells: string[] = [];
    for (let i = row; i < words.length; i += single) cells.push(`${String(i + 1).padStart(digits)}) ${words[i]}`);
    text += `${cells.map((cell, i) => (i < cells.length - 1 ? cell.padEnd(column) : cell)).join('')}\n`;
  }
  return text;
}
