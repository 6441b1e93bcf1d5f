import { strerror } from '../../base/errno.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Outcome, Tool } from './tool.ts';
import { Quit } from './words.ts';

/**
 * `-batch FILE`: one command per line, `-` for standard input (lib/utils.c `do_batch`). The first failure ends it unless
 * `-force` is on. A bad word ends the whole program, as exit(3) does there.
 */
export function* runBatch(tool: Tool, file: string, run: (line: readonly string[]) => Outcome): Blocking<number> {
  const fd = file === '-' ? 0 : tool.process.open(file);
  if (typeof fd === 'string') throw new Quit(`Cannot open file "${file}" for reading: ${strerror(fd)}\n`, 1);
  const input = new Input(tool.process, fd);
  let failed = 0;
  for (let number = 1; ; number++) {
    const first = yield* input.line();
    if (first === undefined) break;
    let text = first;
    while (text.endsWith('\\')) {
      text = text.slice(0, -1) + ((yield* input.line()) ?? '');
      number++;
    }
    const words = splitLine(text);
    if (words.length === 0) continue;
    const status = yield* runLine(tool, words, run);
    if (status !== 0) {
      tool.warn(`Command failed ${file}:${number}\n`);
      failed = 1;
    }
    yield* tool.flush();
    if (status !== 0 && !tool.options.force) break;
  }
  return failed;
}

/** An unknown object or a missing device fails its line; a malformed one (status 255) ends everything. */
function* runLine(tool: Tool, words: readonly string[], run: (line: readonly string[]) => Outcome): Blocking<number> {
  try {
    const outcome = run(words);
    return typeof outcome === 'number' ? outcome : yield* outcome;
  } catch (quit) {
    if (!(quit instanceof Quit) || (quit.status === 255 && ends(tool, quit))) throw quit;
    tool.warn(quit.text);
    return quit.status;
  }
}

/** `bridge` returns what `ip` exits with: only what its parsers say ends it. */
function ends(tool: Tool, { text }: Quit): boolean {
  return tool.name === 'ip' || /^(Error: |Command line|Usage)/.test(text);
}

/** Words of a line, in quotes of either kind or bare; `#` starts a comment. */
function splitLine(line: string): string[] {
  const words: string[] = [];
  const comment = line.indexOf('#');
  const text = comment < 0 ? line : line.slice(0, comment);
  for (const match of text.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)) words.push(match[1] ?? match[2] ?? match[0]);
  return words;
}
