import type { OpenFile } from '../../host/file.ts';
import { makePipe } from '../../host/pipe.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { descriptors, forkShell } from './fork.ts';
import { type Member, waitForeground } from './foreground.ts';
import type { CommandNode, Pipeline } from './parse.ts';
import { commandText } from './print.ts';
import { SavedDescriptors } from './redirect.ts';
import type { Shell } from './shell.ts';

/** The children of a started pipeline, in order. */
export interface Started {
  members: Member[];
  pgid: number;
}

/** Runs `a | b | c` in the foreground: every command is a child, the statuses go to PIPESTATUS. */
export function* runPipeline(shell: Shell, node: Pipeline): Blocking<number> {
  const lastHere = shell.shopt('lastpipe') && !shell.monitor;
  const started = yield* startPipeline(shell, node, { background: false, lastHere });
  if (!started) return 254;
  const text = commandText(shell.unit, node);
  let here: number | undefined;
  if (started.lastInput) here = yield* runLast(shell, node.commands.at(-1) as CommandNode, started.lastInput);
  const statuses = yield* waitForeground(shell, started.members, text, started.pgid);
  if (here !== undefined) statuses.push(here);
  shell.pipeStatus = statuses;
  if (shell.option('pipefail')) return statuses.findLast((status) => status !== 0) ?? 0;
  return statuses.at(-1) ?? 0;
}

/** `shopt -s lastpipe`: the last command runs in the shell itself. */
function* runLast(shell: Shell, node: CommandNode, input: OpenFile): Blocking<number> {
  const saved = new SavedDescriptors(shell.process);
  saved.save(0);
  shell.process.install(input, 0);
  input.release();
  try {
    return yield* shell.interpreter.run(shell, node);
  } finally {
    saved.restore();
  }
}

/** Forks the commands of a pipeline and joins them with pipes. */
export function* startPipeline(
  shell: Shell,
  node: Pipeline,
  how: { background: boolean; lastHere?: boolean },
): Blocking<(Started & { lastInput?: OpenFile }) | undefined> {
  const { process } = shell;
  const members: Member[] = [];
  let pgid: number | undefined = shell.monitor || (shell.persistent && how.background) ? 0 : undefined;
  let input: OpenFile | undefined;
  const count = node.commands.length;
  for (const [i, command] of node.commands.entries()) {
    const isLast = i === count - 1;
    if (isLast && how.lastHere && input) return { members, pgid: pgid || process.pgid, lastInput: input };
    const changes = new Map<number, OpenFile | undefined>();
    if (input) changes.set(0, input);
    let next: OpenFile | undefined;
    let output: OpenFile | undefined;
    if (!isLast) {
      const pipe = makePipe(process.host.nextPipeNumber());
      next = pipe.reader.hold();
      output = pipe.writer.hold();
      changes.set(1, output);
      if (node.operators[i] === '|&') changes.set(2, output);
    }
    const child: Process | undefined = yield* forkShell(shell, (sub) => runElement(sub, command), {
      fds: descriptors(process, changes),
      pgid,
      background: how.background,
      keepsJobs: tellsJobs(command),
    });
    input?.release();
    output?.release();
    input = next;
    if (!child) {
      next?.release();
      return undefined;
    }
    if (pgid === 0) {
      pgid = child.pid;
      if (shell.monitor && !how.background && shell.tty) shell.tty.foreground = pgid;
    }
    members.push({ pid: child.pid, shown: child.nspid, text: commandText(shell.unit, command) });
  }
  return { members, pgid: pgid || process.pgid };
}

/** `jobs | grep …` tells of the jobs of the shell that made the pipeline (execute_in_subshell, jobs_hack). */
function tellsJobs(command: CommandNode): boolean {
  return command.type === 'Command' && command.name?.text === 'jobs';
}

function* runElement(shell: Shell, command: CommandNode): Blocking<number> {
  return yield* shell.interpreter.run(shell, command.type === 'Subshell' ? command.body : command, true);
}
