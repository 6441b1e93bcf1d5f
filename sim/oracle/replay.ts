import { type Console, type Run, RUN_LIMITS, World } from '../complete.ts';
import { formatCommand, formatHeader, type Step, type Transcript } from './transcript.ts';

/** What a command gets to end after Ctrl-C. */
const AFTER_INTERRUPT = { events: 200_000, virtual: 20_000_000 };

/**
 * Types a transcript's commands in the simulation and writes the new transcript, piece by piece. A command that doesn't end
 * within `RUN_LIMITS` is interrupted, with a note where its output ends.
 *
 * @throws UnknownScenario when the transcript's world doesn't exist, UnknownHost when one of its hosts doesn't
 */
export function replay(transcript: Transcript, write: (text: string) => void): World {
  const world = World.create(transcript.world);
  const consoles = new Map(transcript.steps.map(({ host }) => [host, world.console(host)]));
  write(formatHeader(transcript));
  for (const step of transcript.steps) {
    write(formatCommand(step));
    write(asOutput(runStep(world, consoles.get(step.host) as Console, step)));
  }
  return world;
}

/** As the recorder writes it: without newlines at the end, then one. */
function asOutput(printed: string): string {
  return printed === '' ? '' : `${printed.replace(/\n+$/, '')}\n`;
}

function runStep(world: World, console: Console, step: Step): string {
  if (console.busy) return '[netdive: not run, since an earlier command still keeps this shell busy]';
  let printed = '';
  const run = console.run(step.command, (text) => {
    printed += text;
  });
  const outcome = world.runUntil(() => run.done);
  if (outcome === 'done') return printed;
  const why =
    outcome === 'idle'
      ? 'it waits for something that never comes'
      : `it did not end within ${RUN_LIMITS.virtual / 1e6} s or ${RUN_LIMITS.events} events`;
  const stopped = interrupt(world, run);
  return `${endLine(printed)}[netdive: interrupted, since ${why}${stopped ? '' : '; it goes on regardless'}]`;
}

function interrupt(world: World, run: Run): boolean {
  run.interrupt();
  return world.runUntil(() => run.done, AFTER_INTERRUPT) === 'done';
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
