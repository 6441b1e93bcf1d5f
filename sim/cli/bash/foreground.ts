import { SIGNAL } from '../../host/signal.ts';
import type { WaitStatus } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Job, jobState, jobStatus, signalDescription, stateText } from './jobs.ts';
import type { Shell } from './shell.ts';
import { checkSignals } from './signals.ts';

/** A child that the shell waits for, with its command as text. */
export interface Member {
  pid: number;
  /** Its number in the shell's PID namespace. */
  shown: number;
  text: string;
}

/** `$?` for a child's end. */
export function statusOf(status: WaitStatus): number {
  return status.kind === 'exited' ? status.code : 128 + status.code;
}

/**
 * Waits for the processes of a foreground pipeline and returns their statuses. With job control the terminal is theirs
 * meanwhile, and a stopped pipeline becomes a job.
 */
export function* waitForeground(shell: Shell, members: readonly Member[], text: string, pgid: number): Blocking<number[]> {
  const { process } = shell;
  if (shell.monitor && shell.tty) shell.tty.foreground = pgid;
  const ended = new Map<number, WaitStatus>();
  for (const { pid } of members) {
    const status = yield* waitFor(shell, pid);
    if (!status) continue;
    ended.set(pid, status);
    if (status.kind === 'stopped') {
      yield* becomeJob(shell, members, text, pgid, ended);
      return members.map(({ pid: member }) => 128 + (ended.get(member)?.kind === 'stopped' ? status.code : SIGNAL.SIGTSTP));
    }
  }
  if (shell.monitor && shell.tty) shell.tty.foreground = process.pgid;
  yield* afterSignals(shell, members, ended, text);
  return members.map(({ pid }) => {
    const status = ended.get(pid);
    return status ? statusOf(status) : 127;
  });
}

function* waitFor(shell: Shell, pid: number): Blocking<WaitStatus | undefined> {
  for (;;) {
    const status = yield* shell.process.wait({ pid }, { stopped: shell.monitor });
    if (status === 'EINTR') continue;
    if (typeof status === 'string' || status === undefined) return undefined;
    if (status.kind === 'continued') continue;
    return status;
  }
}

function* becomeJob(shell: Shell, members: readonly Member[], text: string, pgid: number, ended: Map<number, WaitStatus>): Blocking<void> {
  const job = shell.jobs.add({
    pgid,
    text,
    cwd: shell.process.cwd,
    processes: members.map((member) => ({ ...member, status: ended.get(member.pid) })),
  });
  yield* tellStopped(shell, job);
}

/** After a job in the foreground was stopped: the terminal comes back and the user is told. */
export function* tellStopped(shell: Shell, job: Job): Blocking<void> {
  if (shell.tty) shell.tty.foreground = shell.process.pgid;
  for (const member of job.processes) if (!member.status) yield* pollMember(shell, job, member.pid);
  job.foreground = false;
  job.notified = true;
  shell.jobs.touch(job);
  yield* shell.process.write(2, `\n${shell.jobs.line(job)}\n`);
}

function* pollMember(shell: Shell, job: Job, pid: number): Blocking<void> {
  const status = yield* shell.process.wait({ pid }, { stopped: true, nohang: true });
  const member = job.processes.find((p) => p.pid === pid);
  if (member && status !== undefined && typeof status !== 'string') member.status = status;
}

/** What bash says, and does, when a foreground child died by a signal. */
function* afterSignals(shell: Shell, members: readonly Member[], ended: Map<number, WaitStatus>, text: string): Blocking<void> {
  const last = ended.get(members.at(-1)?.pid ?? -1);
  const byInterrupt = [...ended.values()].some((status) => status.kind === 'signaled' && status.code === SIGNAL.SIGINT);
  if (byInterrupt) {
    // Ctrl-C reached only the job's group: the shell behaves as if it had got it too, and drops the list it runs.
    if (shell.monitor && !shell.traps.has('SIGINT')) shell.interrupted = true;
    if (shell.interactive) yield* checkSignals(shell);
    return;
  }
  // A child that caught the signal and went on living means that the shell lives, too.
  if (!shell.interactive && !shell.persistent) shell.interrupted = false;
  if (last?.kind !== 'signaled' || last.code === SIGNAL.SIGPIPE) return;
  const description = signalDescription(last.code);
  if (shell.interactive || last.code === SIGNAL.SIGTERM) yield* shell.process.write(2, `${description.padEnd(27)}${text}\n`);
  else {
    const first = members.at(-1) as Member;
    yield* shell.process.write(2, `${shell.prefix()}${String(first.shown).padStart(5)} ${description.padEnd(27)}${text}\n`);
  }
}

/** Collects what children have done meanwhile, without waiting. */
export function* pollJobs(shell: Shell): Blocking<void> {
  for (const job of shell.jobs.jobs) {
    for (const member of job.processes) {
      if (member.status && member.status.kind !== 'stopped') continue;
      const status = yield* shell.process.wait({ pid: member.pid }, { stopped: true, nohang: true });
      if (status !== undefined && typeof status !== 'string') shell.jobs.update(status);
    }
  }
}

/**
 * Tells about jobs that changed: all of it at a prompt, only deaths by signal in a script. Jobs whose end was told are forgotten; a script's
 * others stay for `jobs`, `wait` and `kill` (notify_of_job_status).
 */
export function* notifyJobs(shell: Shell): Blocking<void> {
  if (shell.jobs.jobs.length === 0) return;
  yield* pollJobs(shell);
  for (const job of [...shell.jobs.jobs]) {
    const state = jobState(job);
    if (state === 'running' || job.notified) {
      if (state === 'done' && !shell.interactive) shell.jobs.remove(job);
      continue;
    }
    if (shell.interactive) yield* shell.process.write(2, `${shell.jobs.line(job, { cwd: shell.process.cwd })}\n`);
    else if (!(yield* tellDeath(shell, job)) && state === 'done') continue;
    job.notified = true;
    if (state === 'done') shell.jobs.remove(job);
  }
}

/** `bash: line 3:  1234 Terminated              sleep 100`. @returns whether there was something to tell */
export function* tellDeath(shell: Shell, job: Job): Blocking<boolean> {
  const status = job.processes.at(-1)?.status;
  if (status?.kind !== 'signaled' || [SIGNAL.SIGINT, SIGNAL.SIGPIPE, SIGNAL.SIGTERM].some((quiet) => quiet === status.code)) return false;
  const pid = String(job.processes[0]?.shown).padStart(5);
  yield* shell.process.write(2, `${shell.prefix()}${pid} ${stateText(job).padEnd(27)}${job.text}\n`);
  return true;
}

/** Waits until a job in the foreground ends or stops (`fg`). */
export function* waitJob(shell: Shell, job: Job): Blocking<number> {
  if (shell.tty) shell.tty.foreground = job.pgid;
  for (const member of job.processes) {
    if (member.status && member.status.kind !== 'stopped') continue;
    member.status = undefined;
    const status = yield* waitFor(shell, member.pid);
    if (!status) continue;
    shell.jobs.update(status);
    if (status.kind === 'stopped') {
      yield* tellStopped(shell, job);
      return 128 + status.code;
    }
  }
  if (shell.tty) shell.tty.foreground = shell.process.pgid;
  shell.jobs.remove(job);
  const ended = new Map(job.processes.flatMap((p) => (p.status ? [[p.pid, p.status] as const] : [])));
  yield* afterSignals(shell, job.processes, ended, job.text);
  return jobStatus(job);
}
