import { strerror } from '../../base/errno.ts';
import { decode } from '../../base/bytes.ts';
import type { Blocking } from '../../host/wait.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Call } from '../tool/call.ts';
import { findProgram } from '../tool/execute.ts';
import { parseDuration } from '../tool/numbers.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { usage } from './kill.ts';

/** What the command prints on both streams, and its status. */
function* capture(call: Call, argv: readonly string[]): Blocking<{ text: string; status: number } | undefined> {
  const { process } = call;
  const pipe = process.pipe();
  const program = findProgram(process, argv);
  const writer = process.fds.get(pipe.write);
  const input = process.fds.get(0);
  const child =
    typeof program === 'string' || !writer
      ? program
      : process.spawn(program.path, {
          argv: program.argv,
          fds: new Map([...(input ? ([[0, input]] as const) : []), [1, writer], [2, writer]]),
        });
  process.close(pipe.write);
  if (typeof child === 'string' || !('pid' in child)) {
    process.close(pipe.read);
    yield* call.warn(`unable to execute '${argv[0]}': ${typeof child === 'string' ? strerror(child) : ''}`);
    return undefined;
  }
  const reader = call.reader(pipe.read);
  const text = yield* reader.rest();
  process.close(pipe.read);
  const status = yield* process.wait({ pid: child.pid });
  return { text: decode(Uint8Array.from(text, (char) => char.charCodeAt(0))), status: typeof status === 'object' ? status.code : 1 };
}

/** The page: a heading, an empty line, and as much of the output as fits. */
function page(call: Call, seconds: number, title: string, text: string): string {
  const columns = call.terminal?.columns ?? 80;
  const rows = call.terminal?.rows ?? 24;
  const right = `${call.process.namespaces.uts.hostname}: ${strftime('%a %b %e %H:%M:%S %Y', momentOf(call.process.host.now))}`;
  const left = `Every ${seconds.toFixed(1)}s: ${title}`;
  const heading = `${left.slice(0, Math.max(0, columns - right.length - 1)).padEnd(columns - right.length)}${right}`;
  const bare = call.has('no-title');
  const lines = text
    .replaceAll('\t', '        ')
    .split('\n')
    .slice(0, rows - (bare ? 0 : 2));
  return `\x1b[H\x1b[2J${bare ? '' : `${heading}\n\n`}${lines.map((line) => line.slice(0, columns)).join('\n')}`;
}

export const watch: Tool = {
  name: 'watch',
  suite: 'procps-ng',
  usage: ['[options] command'],
  about: 'Run a command again and again and show what it prints on the whole screen.',
  options: [
    valued('n', 'interval', 'SECONDS', 'wait so long between runs, instead of 2'),
    flag('t', 'no-title', 'without the heading'),
    flag('x', 'exec', 'run the command itself, not sh -c'),
    flag('e', 'errexit', 'stop when the command fails'),
    flag('g', 'chgexit', 'stop when the output changes'),
    unmodelled('b', 'beep'),
    flag('c', 'color', 'ignored'),
    { ...flag('d', 'differences', ''), unmodelled: true },
  ],
  stopAtOperand: true,
  *main(call) {
    if (call.operands.length === 0) {
      yield* call.complain(usage(call));
      return 1;
    }
    const seconds = parseDuration(call.value('interval') ?? '2');
    if (seconds === undefined) return yield* call.fail(`failed to parse argument: '${call.value('interval')}'`);
    const title = call.operands.join(' ');
    const argv = call.has('exec') ? call.operands : ['/bin/sh', '-c', title];
    let previous: string | undefined;
    for (;;) {
      const result = yield* capture(call, argv);
      if (!result) return 1;
      yield* call.out.text(page(call, Math.max(seconds, 0.1), title, result.text));
      yield* call.out.flush();
      if (call.out.error) return 1;
      if (call.has('errexit') && result.status !== 0) return result.status;
      if (call.has('chgexit') && previous !== undefined && previous !== result.text) return 0;
      previous = result.text;
      yield* call.process.sleep(Math.max(seconds, 0.1) * 1_000_000);
    }
  },
};
