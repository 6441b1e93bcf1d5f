import { concat, decode, encode } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import type { Host } from '../../host/host.ts';
import { makePipe } from '../../host/pipe.ts';
import { exitCode } from '../../host/process.ts';
import type { Command } from '../command.ts';
import { makeDirectories } from '../install.ts';
import { testMachine } from '../harness.ts';

/**
 * For tests: runs the commands of a transcript on a fresh machine and gives the transcript back with what they really print,
 * so that a test is one comparison. `$ COMMAND` lines are commands (words in single quotes, `$'…'` escapes, pipelines; no
 * other shell syntax), everything else is output, `%` at a line's end says that no newline was printed there, and `? N` ends a
 * command whose status is N rather than 0.
 *
 * @param files the files in /t, where the commands run
 */
export function replay(commands: readonly Command[], files: Record<string, string>, transcript: string): string {
  const placed = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/t/${name}`, text]));
  const host = testMachine(commands, placed);
  makeDirectories(host.init.namespaces.mnt.root, '/t');
  const lines = transcript.split('\n').filter((line) => line.startsWith('$ '));
  return lines.map((line) => `${line}\n${outcome(host, commands, line.slice(2))}`).join('');
}

function outcome(host: Host, commands: readonly Command[], line: string): string {
  const { output, status } = runPipeline(host, commands, line.split(' | ').map(words));
  return `${output}${output === '' || output.endsWith('\n') ? '' : '%\n'}${status === 0 ? '' : `? ${status}\n`}`;
}

/** Starts all stages at once, with stdout and stderr of everything in one stream but for what goes down the pipeline. */
export function runPipeline(
  host: Host,
  commands: readonly Command[],
  stages: readonly string[][],
  stdin: string | Uint8Array = '',
): { output: string; status: number } {
  const out = makePipe(host.nextPipeNumber());
  out.reader.hold();
  out.writer.hold();
  const input = makePipe(host.nextPipeNumber());
  input.writer.hold();
  let upstream = input.reader.hold();
  const statuses: (number | undefined)[] = [];
  for (const [i, argv] of stages.entries()) {
    const command = commands.find((candidate) => candidate.name === argv[0]);
    if (!command) throw new Error(`no command ${argv[0]}`);
    const pipe = i < stages.length - 1 ? makePipe(host.nextPipeNumber()) : undefined;
    const fds = new Map([
      [0, upstream],
      [1, pipe?.writer ?? out.writer],
      [2, out.writer],
    ]);
    const child = host.init.spawn(command.paths[0] as string, { argv, fds, cwd: '/t', session: { tty: undefined } });
    if (typeof child === 'string') throw new Error(`${argv[0]}: ${child}`);
    upstream.release();
    if (pipe) upstream = pipe.reader.hold();
    child.onExit.push((ended) => {
      statuses[i] = exitCode(ended);
    });
  }
  out.writer.release();
  const chunks = pump(host, out.reader, input.writer, typeof stdin === 'string' ? encode(stdin) : stdin);
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  return { output: decode(concat(chunks)), status: statuses.at(-1) ?? -1 };
}

/** Feeds the input and collects the output until every writer is gone. */
function pump(
  host: Host,
  reader: { read(max: number): Uint8Array | string },
  writer: { write(bytes: Uint8Array): number | string; release(): void },
  stdin: Uint8Array,
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const deadline = host.now + 1_000_000 * SECOND;
  let rest: Uint8Array | undefined = stdin;
  for (;;) {
    const count = rest && rest.length > 0 ? writer.write(rest) : 0;
    if (rest && typeof count === 'number') rest = rest.subarray(count);
    if (rest && (rest.length === 0 || count === 'EPIPE')) {
      writer.release();
      rest = undefined;
    }
    const bytes = reader.read(65_536);
    if (bytes instanceof Uint8Array && bytes.length === 0) return chunks;
    if (bytes instanceof Uint8Array) chunks.push(bytes);
    else if (!host.events.step() || host.now > deadline) throw new Error('the pipeline never ended');
  }
}

/** Splits a command line into words: single quotes, `$'\t'` escapes, backslashes. */
function words(text: string): string[] {
  const pattern = /((?:\$'(?:[^'\\]|\\.)*'|'[^']*'|\\.|[^\s'\\])+)/gs;
  return (text.match(pattern) ?? []).map((word) =>
    word.replace(/\$'((?:[^'\\]|\\.)*)'|'([^']*)'|\\(.)/gs, (_whole, ansi?: string, quoted?: string, escaped?: string) =>
      ansi === undefined
        ? (quoted ?? escaped ?? '')
        : ansi.replace(/\\([ntr0])/g, (_match, letter: string) => ({ n: '\n', t: '\t', r: '\r', 0: '\0' })[letter] ?? ''),
    ),
  );
}
