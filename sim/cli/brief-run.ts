import { decode, encode } from '../base/bytes.ts';
import type { Host } from '../host/host.ts';
import { makePipe } from '../host/pipe.ts';
import { exitCode } from '../host/process.ts';

/** What a program did before it ended or was stopped. */
export interface BriefOutcome {
  stdout: string;
  stderr: string;
  /** `undefined` when it was still running and had to be killed. */
  status: number | undefined;
}

/**
 * Runs a program for at most `events` events and kills it then: for generated programs, which may well never end by themselves.
 * What counts is that the world goes on; a program that throws makes this throw.
 */
export function runBriefly(host: Host, path: string, args: readonly string[], stdin: string, events = 300): BriefOutcome {
  const [input, output, errors] = [makePipe(1), makePipe(2), makePipe(3)];
  for (const end of [input.writer, output.reader, errors.reader]) end.hold();
  const fds = new Map([
    [0, input.reader],
    [1, output.writer],
    [2, errors.writer],
  ]);
  const child = host.init.spawn(path, { argv: [path, ...args], fds, cwd: '/root', session: { tty: undefined } });
  if (typeof child === 'string') throw new Error(`${path}: ${child}`);
  input.writer.write(encode(stdin));
  input.writer.release();
  const outcome: BriefOutcome = { stdout: '', stderr: '', status: undefined };
  child.onExit.push((status) => {
    outcome.status = exitCode(status);
  });
  const drain = () => {
    for (const [end, name] of [
      [output.reader, 'stdout'],
      [errors.reader, 'stderr'],
    ] as const) {
      for (let bytes = end.read(65_536); typeof bytes !== 'string' && bytes.length > 0; bytes = end.read(65_536))
        outcome[name] += decode(bytes);
    }
  };
  for (let i = 0; i < events && outcome.status === undefined && host.events.step(); i++) drain();
  drain();
  if (outcome.status === undefined) {
    child.signal('SIGKILL');
    outcome.status = undefined;
  }
  for (let i = 0; i < 50 && host.events.busy; i++) host.events.step();
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  return outcome;
}
