import { pollJobs } from './foreground.ts';
import { openPath } from '../../host/open.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Blocking } from '../../host/wait.ts';
import { descriptors, forkShell } from './fork.ts';
import type { AndOr, PipelineNode } from './parse.ts';
import { startPipeline } from './pipeline.ts';
import { commandText } from './print.ts';
import type { Shell } from './shell.ts';

/** `command &` */
export function* startBackground(shell: Shell, node: PipelineNode | AndOr): Blocking<number> {
  const text = commandText(shell.unit, node);
  const cwd = shell.process.cwd;
  if (node.type === 'Pipeline' && node.commands.length > 1 && node.prefixes.length === 0) {
    const started = yield* startPipeline(shell, node, { background: true });
    if (!started) return 254;
    yield* pollJobs(shell);
    const job = shell.jobs.add({ pgid: started.pgid, text, cwd, processes: started.members.map((m) => ({ ...m, status: undefined })) });
    return yield* announce(shell, job.id, started.members.at(-1)?.shown ?? 0);
  }
  // Without job control the console gives jobs a group of their own, too: its Ctrl-C is meant for the foreground.
  // `( … ) &` is one child, not two.
  const work = node.type === 'Subshell' ? node.body : node;
  const child = yield* forkShell(shell, (sub) => sub.interpreter.run(sub, work, true), {
    pgid: shell.monitor || shell.persistent ? 0 : undefined,
    background: true,
    fds: backgroundDescriptors(shell),
  });
  if (!child) return 254;
  const pgid = shell.monitor || shell.persistent ? child.pid : shell.process.pgid;
  yield* pollJobs(shell);
  const job = shell.jobs.add({ pgid, text, cwd, processes: [{ pid: child.pid, shown: child.nspid, text, status: undefined }] });
  return yield* announce(shell, job.id, child.nspid);
}

/** Without job control a background command reads from /dev/null (POSIX 2.9.3). */
function backgroundDescriptors(shell: Shell): Map<number, OpenFile> {
  if (shell.monitor) return descriptors(shell.process, new Map());
  const empty = openPath(shell.process, '/dev/null', { read: true });
  return descriptors(shell.process, typeof empty === 'string' ? new Map() : new Map([[0, empty]]));
}

function* announce(shell: Shell, id: number, pid: number): Blocking<number> {
  shell.lastBackground = pid;
  if (shell.interactive) yield* shell.process.write(2, `[${id}] ${pid}\n`);
  return 0;
}
