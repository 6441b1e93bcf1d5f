import { type Signal, SIGNAL } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import { pollJobs, tellDeath, waitJob } from '../foreground.ts';
import { type Job, jobState, jobStatus } from '../jobs.ts';
import type { Shell } from '../shell.ts';
import { checkSignals } from '../signals.ts';
import { fail, options, output, usage } from './builtin.ts';

/** The job that an operand names, after complaining if there is none. */
function* findJob(shell: Shell, name: string, spec: string | undefined): Blocking<Job | undefined> {
  const found =
    spec === undefined
      ? shell.jobs.current
      : /^\d+$/.test(spec)
        ? (shell.jobs.byPid(hostNumber(shell, Number(spec))) ?? shell.jobs.find(spec))
        : shell.jobs.find(spec);
  if (found === 'ambiguous') yield* fail(shell, name, `${spec}: ambiguous job spec`);
  else if (!found) yield* fail(shell, name, `${spec ?? 'current'}: no such job`);
  else return found;
  return undefined;
}

export function* jobs(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'lpnrs');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'jobs [-lnprs] [jobspec ...] or jobs -x command [args]');
  const { letters, rest } = parsed;
  yield* pollJobs(shell);
  let status = 0;
  const wanted: Job[] = [];
  for (const spec of rest) {
    const found = yield* findJob(shell, name, spec);
    if (found) wanted.push(found);
    else status = 1;
  }
  const ended: Job[] = [];
  for (const job of rest.length > 0 ? wanted : shell.jobs.jobs) {
    const state = jobState(job);
    if ((letters.has('r') && state !== 'running') || (letters.has('s') && state !== 'stopped')) continue;
    if (letters.has('n') && job.notified) continue;
    const text = letters.has('p')
      ? String(job.processes[0]?.shown)
      : shell.jobs.line(job, { long: letters.has('l'), cwd: shell.process.cwd });
    yield* output(shell, name, `${text}\n`);
    job.notified = true;
    if (state === 'done') ended.push(job);
  }
  for (const job of ended) shell.jobs.remove(job);
  return status;
}

export function* fg(shell: Shell, args: string[], name: string): Blocking<number> {
  if (!shell.monitor) return yield* fail(shell, name, 'no job control');
  yield* pollJobs(shell);
  const job = yield* findJob(shell, name, args[0]);
  if (!job) return 1;
  if (jobState(job) === 'done') {
    shell.jobs.remove(job);
    return yield* fail(shell, name, 'job has terminated');
  }
  yield* output(shell, name, `${job.text}\n`);
  job.foreground = true;
  shell.jobs.touch(job);
  for (const member of job.processes) if (member.status?.kind === 'stopped') member.status = undefined;
  if (shell.tty) shell.tty.foreground = job.pgid;
  shell.process.host.signalGroup(job.pgid, 'SIGCONT');
  const status = yield* waitJob(shell, job);
  yield* checkSignals(shell);
  return status;
}

export function* bg(shell: Shell, args: string[], name: string): Blocking<number> {
  if (!shell.monitor) return yield* fail(shell, name, 'no job control');
  yield* pollJobs(shell);
  let status = 0;
  for (const spec of args.length > 0 ? args : [undefined]) {
    const job = yield* findJob(shell, name, spec);
    if (!job) {
      status = 1;
      continue;
    }
    if (jobState(job) === 'running') {
      yield* fail(shell, name, `job ${job.id} already in background`);
      continue;
    }
    for (const member of job.processes) if (member.status?.kind === 'stopped') member.status = undefined;
    job.foreground = false;
    yield* output(shell, name, `[${job.id}]${shell.jobs.mark(job)} ${job.text} &\n`);
    shell.process.host.signalGroup(job.pgid, 'SIGCONT');
  }
  return status;
}

export function* disown(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'har');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'disown [-h] [-ar] [jobspec ... | pid ...]');
  const { letters, rest } = parsed;
  const chosen =
    letters.has('a') || letters.has('r') ? shell.jobs.jobs.filter((job) => !letters.has('r') || jobState(job) === 'running') : [];
  if (chosen.length === 0) {
    for (const spec of rest.length > 0 ? rest : [undefined]) {
      const job = yield* findJob(shell, name, spec);
      if (!job) return 1;
      chosen.push(job);
    }
  }
  for (const job of chosen) {
    if (letters.has('h')) job.keep = true;
    else shell.jobs.remove(job);
  }
  return 0;
}

/** The host's number of a child that the user names by the number in its own PID namespace. */
function hostNumber(shell: Shell, shown: number): number {
  return shell.jobs.numbers.get(shown) ?? [...shell.process.children].find((child) => child.nspid === shown)?.pid ?? -1;
}

/** Waits for one child that is no job or part of one; its status, or 127. */
function* waitPid(shell: Shell, pid: number): Blocking<number> {
  for (;;) {
    const known = shell.jobs.remembered.get(pid);
    if (known !== undefined) {
      shell.jobs.remembered.delete(pid);
      const job = shell.jobs.byPid(pid);
      if (job && jobState(job) === 'done') shell.jobs.remove(job);
      return known;
    }
    const job = shell.jobs.byPid(pid);
    const member = job?.processes.find((p) => p.pid === pid);
    if (job && member?.status && member.status.kind !== 'stopped') {
      const { status } = member;
      if (jobState(job) === 'done') shell.jobs.remove(job);
      return status.kind === 'exited' ? status.code : 128 + status.code;
    }
    const status = yield* shell.process.wait({ pid });
    if (status === 'EINTR') {
      const interrupted = yield* interruption(shell);
      if (interrupted !== undefined) return interrupted;
      continue;
    }
    if (typeof status === 'string' || status === undefined) return 127;
    if (!shell.jobs.update(status)) return status.kind === 'exited' ? status.code : 128 + status.code;
    if (job && jobState(job) === 'done') {
      if (!shell.interactive) yield* tellDeath(shell, job);
      job.notified = true;
      if (!shell.interactive) shell.jobs.remove(job);
    }
    shell.jobs.remembered.delete(pid);
    return status.kind === 'exited' ? status.code : 128 + status.code;
  }
}

/** A trapped signal ends `wait` with 128 + its number. */
function* interruption(shell: Shell): Blocking<number | undefined> {
  const [signal] = shell.pendingTraps;
  yield* checkSignals(shell);
  return signal === undefined ? undefined : 128 + SIGNAL[signal as Signal];
}

export function* wait(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'fnp:');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'wait [-fn] [-p var] [id ...]');
  const { letters, values, rest } = parsed;
  const variable = values.get('p');
  if (letters.has('n')) return yield* waitNext(shell, name, rest, variable);
  if (rest.length === 0) {
    yield* pollJobs(shell);
    for (const job of [...shell.jobs.jobs]) {
      if (jobState(job) === 'done') {
        // The one that $! names stays until somebody asks for it (mark_dead_jobs_as_notified).
        if (job.processes.at(-1)?.shown !== shell.lastBackground) shell.jobs.remove(job);
        continue;
      }
      for (const member of job.processes) {
        if (member.status?.kind === 'stopped') continue;
        const status = yield* waitPid(shell, member.pid);
        if (status > 128 && shell.jobs.byPid(member.pid) && !member.status) return status;
      }
    }
    for (const pid of shell.substitutionChildren.splice(0)) yield* waitPid(shell, pid);
    shell.jobs.remembered.clear();
    return 0;
  }
  let status = 0;
  for (const spec of rest) {
    if (spec.startsWith('%')) {
      const job = yield* findJob(shell, name, spec);
      if (!job) {
        status = 127;
        continue;
      }
      for (const member of job.processes) status = yield* waitPid(shell, member.pid);
      status = job.processes.at(-1)?.status ? jobStatus(job) : status;
      if (variable !== undefined) shell.variables.set(variable, String(job.processes.at(-1)?.shown));
    } else if (!/^\d+$/.test(spec)) status = yield* fail(shell, name, `\`${spec}': not a pid or valid job spec`, 1);
    else {
      const pid = hostNumber(shell, Number(spec));
      const mine =
        shell.jobs.remembered.has(pid) || shell.jobs.byPid(pid) || [...shell.process.children].some((child) => child.pid === pid);
      if (!mine) status = yield* fail(shell, name, `pid ${spec} is not a child of this shell`, 127);
      else status = yield* waitPid(shell, pid);
      if (variable !== undefined) shell.variables.set(variable, spec);
    }
  }
  return status;
}

/** `wait -n`: the next job that ends, of the given ones or any. */
function* waitNext(shell: Shell, name: string, specs: readonly string[], variable: string | undefined): Blocking<number> {
  const candidates: Job[] = [];
  for (const spec of specs) {
    const job = yield* findJob(shell, name, spec);
    if (job) candidates.push(job);
  }
  for (;;) {
    yield* pollJobs(shell);
    const jobs = (specs.length > 0 ? candidates : shell.jobs.jobs).filter((job) => !job.notified || jobState(job) !== 'done');
    const done = jobs.find((job) => jobState(job) === 'done');
    if (done) {
      const status = jobStatus(done);
      if (variable !== undefined) shell.variables.set(variable, String(done.processes.at(-1)?.shown));
      for (const member of done.processes) shell.jobs.remembered.delete(member.pid);
      shell.jobs.remove(done);
      return status;
    }
    if (jobs.length === 0) return 127;
    if ((yield { on: [shell.process.childChanged] }) === 'signal') {
      const interrupted = yield* interruption(shell);
      if (interrupted !== undefined) return interrupted;
    }
  }
}
