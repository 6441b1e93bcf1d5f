import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import { perform, type Prepared, prepare, type Session } from './perform.ts';
import { isRefusal, kernelRefusal, type Refusal, unmodelled } from './refusal.ts';
import { parseWords, type Request, splitLine } from './words.ts';

/** Lines after which other processes get a turn. */
const PAUSE_EVERY = 100;

/** Changes of one kind to one set that are sent together: a line that can't be read takes those before it along. */
interface Batch {
  command: string;
  set: string;
  changes: { prepared: Prepared; line: number }[];
}

/** `ipset restore`: what `save` printed, and any other command but itself, line by line. */
export function* restore(process: Process, session: Session, { exist, file }: Request): Blocking<Refusal | undefined> {
  const fd = file === undefined ? 0 : process.open(file);
  if (typeof fd === 'string') return undefined;
  const input = new Input(process, fd);
  let batch: Batch | undefined;
  for (let line = 1; ; line++) {
    const text = yield* input.line();
    if (text === undefined) return send(batch);
    if (line % PAUSE_EVERY === 0) yield* process.spend(500);
    const words = splitLine(text);
    if (words.length === 0 || text.startsWith('#')) continue;
    if (words[0] === 'COMMIT') {
      const wrong = send(batch);
      if (wrong) return wrong;
      batch = undefined;
      continue;
    }
    const parsed = parseWords(words);
    if (isRefusal(parsed)) return parsed;
    const request = { ...parsed, exist: exist || parsed.exist };
    const { command } = request;
    if (command === 'add' || command === 'del') {
      const next = joined(session, request, batch, line);
      if (isRefusal(next)) return next;
      batch = next;
      continue;
    }
    const wrong = send(batch);
    if (wrong) return wrong;
    batch = undefined;
    if (command === 'restore' || command === 'help' || command === 'version') return unmodelled(`${command} inside restore`);
    const result = yield* perform(process, session, request);
    if (result) return atLine(result, line);
  }
}

/** The batch with one more change, or a new one; the old is sent then. */
function joined(session: Session, request: Request, batch: Batch | undefined, line: number): Batch | Refusal {
  const { command, words } = request;
  const set = words[0] as string;
  let current = batch;
  if (!current || current.command !== command || current.set !== set) {
    const wrong = send(current);
    if (wrong) return wrong;
    current = { command, set, changes: [] };
  }
  const prepared = prepare(session, request);
  if (isRefusal(prepared)) return atLine(prepared, line);
  current.changes.push({ prepared, line });
  return current;
}

function send(batch: Batch | undefined): Refusal | undefined {
  for (const { prepared, line } of batch?.changes ?? []) {
    const error = prepared.run();
    if (error) return atLine(kernelRefusal(batch?.command as string, error), line);
  }
  return undefined;
}

/** Only what is no mistake in the words names its line. */
function atLine(refusal: Refusal, line: number): Refusal {
  return refusal.kind === 'failed' ? { ...refusal, problem: `Error in line ${line}: ${refusal.problem}` } : refusal;
}
