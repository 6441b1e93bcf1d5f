import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { scenarios, UnknownHost, UnknownScenario } from '../index.ts';
import { replay } from '../oracle/replay.ts';
import { isBadLine, parseTranscript, type Transcript } from '../oracle/transcript.ts';
import { session } from './session.ts';

const USAGE = 'usage: lab run FILE.console… | lab shell WORLD [HOST] | lab worlds';

/** Where the command prints, and what relative file names are relative to. */
export interface Surroundings {
  out(text: string): void;
  error(text: string): void;
  folder: string;
}

/** A mistake of whoever called: one line, exit status 2. */
class UsageError extends Error {}

/**
 * The lab command:
 *
 *     lab worlds                  lists the worlds
 *     lab run FILE…               replays transcripts and prints the new ones
 *     lab shell WORLD [HOST]      a session in this process's terminal
 *
 * @returns the exit status
 */
export async function lab(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await dispatch(args, surroundings);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof UnknownScenario || error instanceof UnknownHost)) throw error;
    surroundings.error(`lab: ${error.message}\n`);
    return 2;
  }
}

async function dispatch([verb, ...args]: readonly string[], surroundings: Surroundings): Promise<void> {
  if (verb === 'worlds' && args.length === 0) return worlds(surroundings);
  if (verb === 'run' && args.length > 0) return run(args, surroundings);
  const [world, host] = args;
  if (verb === 'shell' && world !== undefined && args.length <= 2) return session(world, host);
  throw new UsageError(USAGE);
}

function worlds({ out }: Surroundings): void {
  const width = Math.max(...scenarios().map(({ name }) => name.length));
  for (const { name, title, hosts } of scenarios()) out(`${name.padEnd(width)}  ${title} (${hosts.join(', ')})\n`);
}

/** Reads all files first, so that a mistake in the last doesn't come after minutes of output. */
function run(files: readonly string[], { out, folder }: Surroundings): void {
  const transcripts = files.map((file) => readTranscript(file, folder));
  for (const transcript of transcripts) replay(transcript, out);
}

function readTranscript(file: string, folder: string): Transcript {
  let text: string;
  try {
    text = readFileSync(resolve(folder, file), 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: ${reason(error)}`);
  }
  const transcript = parseTranscript(text);
  if (isBadLine(transcript)) {
    throw new UsageError(`${file}:${transcript.number}: neither a comment (#) nor a command (HOST$ …): ${transcript.text.slice(0, 80)}`);
  }
  const scenario = scenarios().find(({ name }) => name === transcript.world);
  if (!scenario) throw new UsageError(`${file}: ${new UnknownScenario(transcript.world).message}`);
  const stranger = transcript.steps.find(({ host }) => !scenario.hosts.includes(host));
  if (stranger)
    throw new UsageError(`${file}: world '${scenario.name}' has no host '${stranger.host}'; it has ${scenario.hosts.join(', ')}`);
  return transcript;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a directory' : message;
}
