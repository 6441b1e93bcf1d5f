import type { WaitStatus } from '../../host/process.ts';

/** One process of a job. */
export interface JobProcess {
  /** The number on the host, by which the kernel's `wait` knows it. */
  pid: number;
  /** The number in the shell's PID namespace, which the user sees. */
  shown: number;
  /** Its command as bash prints it. */
  text: string;
  /** Absent while it runs. */
  status: WaitStatus | undefined;
}

/** A pipeline that was started in the background or stopped. */
export interface Job {
  id: number;
  pgid: number;
  processes: JobProcess[];
  text: string;
  /** Whether its last state was told to the user. */
  notified: boolean;
  /** Where it was started, shown when that isn't where the shell is now. */
  cwd: string;
  /** `disown`ed jobs with -h don't get SIGHUP. */
  keep: boolean;
  foreground: boolean;
}

export type JobState = 'running' | 'stopped' | 'done';

const SIGNAL_NAMES: Record<number, string> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  5: 'Trace/breakpoint trap',
  6: 'Aborted',
  7: 'Bus error',
  8: 'Floating point exception',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
};

export function signalDescription(number: number): string {
  return SIGNAL_NAMES[number] ?? `Signal ${number}`;
}

export function jobState(job: Job): JobState {
  if (job.processes.some((p) => p.status === undefined || p.status.kind === 'continued')) return 'running';
  return job.processes.some((p) => p.status?.kind === 'stopped') ? 'stopped' : 'done';
}

/** The status of a job: that of its last process, as `$?` shows it. */
export function jobStatus(job: Job): number {
  const status = job.processes.at(-1)?.status;
  if (!status) return 0;
  return status.kind === 'exited' ? status.code : 128 + status.code;
}

/** `Running`, `Done`, `Exit 3`, `Terminated`, `Stopped`. */
export function stateText(job: Job): string {
  const state = jobState(job);
  if (state === 'running') return 'Running';
  const stopped = job.processes.find((p) => p.status?.kind === 'stopped')?.status;
  if (state === 'stopped')
    return stopped && stopped.code !== 20
      ? `Stopped(${stopped.code === 19 ? 'SIGSTOP' : stopped.code === 21 ? 'SIGTTIN' : 'SIGTTOU'})`
      : 'Stopped';
  const status = job.processes.at(-1)?.status;
  if (status?.kind === 'signaled') return signalDescription(status.code);
  return status && status.code !== 0 ? `Exit ${status.code}` : 'Done';
}

/** The jobs of a shell, with `%+` and `%-`. */
export class JobTable {
  jobs: Job[] = [];
  /** `%%` and `%-`; ended jobs stay what they were until one of the two is removed (set_current_job, reset_current). */
  #current: Job | undefined;
  #previous: Job | undefined;
  /** Statuses of ended children that somebody may still `wait` for. */
  readonly remembered = new Map<number, number>();
  /** Children that jobs had, by the number that the user knows. */
  readonly numbers = new Map<number, number>();

  add(job: Omit<Job, 'id' | 'notified' | 'keep' | 'foreground'>): Job {
    const id = this.jobs.reduce((most, other) => Math.max(most, other.id), 0) + 1;
    const made: Job = { ...job, id, notified: false, keep: false, foreground: false };
    for (const member of made.processes) this.numbers.set(member.shown, member.pid);
    this.jobs.push(made);
    this.touch(made);
    return made;
  }

  /** Makes a job the current one. */
  touch(job: Job): void {
    if (this.#current !== job) [this.#current, this.#previous] = [job, this.#current];
    const previous = this.#previous;
    if (previous !== undefined && previous !== job && jobState(previous) === 'stopped') return;
    this.#previous = this.#newest('stopped', job) ?? this.#newest('running', job) ?? job;
  }

  #newest(state: JobState, but?: Job): Job | undefined {
    return this.jobs.findLast((job) => job !== but && jobState(job) === state);
  }

  remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job);
    if (job !== this.#current && job !== this.#previous) return;
    const [current, previous] = [this.#current, this.#previous];
    const kept = [current, previous].find((other) => other && other !== job && jobState(other) === 'stopped');
    const next = kept ?? this.#newest('stopped') ?? this.#newest('running');
    this.#current = this.#previous = undefined;
    if (next) this.touch(next);
  }

  /** Stopped jobs come before running ones (POSIX "current job"). */
  get current(): Job | undefined {
    return this.#current;
  }

  get previous(): Job | undefined {
    return this.#previous;
  }

  mark(job: Job): string {
    return job === this.#current ? '+' : job === this.#previous ? '-' : ' ';
  }

  byPid(pid: number): Job | undefined {
    return this.jobs.find((job) => job.processes.some((p) => p.pid === pid));
  }

  /** Finds `%1`, `%%`, `%+`, `%-`, `%name`, `%?text`. */
  find(spec: string): Job | undefined | 'ambiguous' {
    const text = spec.startsWith('%') ? spec.slice(1) : spec;
    if (text === '' || text === '%' || text === '+') return this.current;
    if (text === '-') return this.previous;
    if (/^\d+$/.test(text)) return this.jobs.find((job) => job.id === Number(text));
    const matches = this.jobs.filter((job) => (text.startsWith('?') ? job.text.includes(text.slice(1)) : job.text.startsWith(text)));
    return matches.length > 1 ? 'ambiguous' : matches[0];
  }

  /** Records a change of one process; returns the job it belongs to. */
  update(status: WaitStatus): Job | undefined {
    const job = this.byPid(status.pid);
    const process = job?.processes.find((p) => p.pid === status.pid);
    if (!job || !process) return undefined;
    process.status = status.kind === 'continued' ? undefined : status;
    job.notified = false;
    if (jobState(job) === 'done') {
      for (const p of job.processes) {
        if (p.status) this.remembered.set(p.pid, p.status.kind === 'exited' ? p.status.code : 128 + p.status.code);
      }
    }
    return job;
  }

  /** `[1]+  Done                    sleep 1` */
  line(job: Job, options: { long?: boolean; cwd?: string } = {}): string {
    const state = stateText(job);
    const running = jobState(job) === 'running';
    const ampersand = running && !job.foreground ? ' &' : '';
    const where = options.cwd !== undefined && options.cwd !== job.cwd ? `  (wd: ${job.cwd})` : '';
    const head = `[${job.id}]${this.mark(job)}  `;
    if (!options.long) return `${head}${state.padEnd(27)}${job.text}${ampersand}${where}`;
    const [first, ...rest] = job.processes;
    const lines = [`[${job.id}]${this.mark(job)} ${String(first?.shown).padStart(5)} ${state.padEnd(27)}${first?.text ?? ''}`];
    for (const p of rest) lines.push(`     ${String(p.shown).padStart(5)}${' '.repeat(28)}| ${p.text}`);
    return lines.join('\n') + ampersand + where;
  }

  /** As it is now, for a subshell that tells of its parent's jobs, but can't wait for them. */
  copyForSubshell(): JobTable {
    const copy = new JobTable();
    const copies = new Map(this.jobs.map((job) => [job, { ...job, processes: job.processes.map((member) => ({ ...member })) }]));
    copy.jobs = [...copies.values()];
    copy.#current = this.#current && copies.get(this.#current);
    copy.#previous = this.#previous && copies.get(this.#previous);
    return copy;
  }
}
