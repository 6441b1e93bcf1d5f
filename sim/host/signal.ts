/** Signals with Linux's numbers on x86-64 (signal(7)). */
export const SIGNAL = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGWINCH: 28,
} as const;

export type Signal = keyof typeof SIGNAL;

/** What happens when no handler is set (signal(7), "Signal dispositions"). */
export type DefaultAction = 'terminate' | 'ignore' | 'stop' | 'continue';

const NOT_TERMINATING: Partial<Record<Signal, DefaultAction>> = {
  SIGCHLD: 'ignore',
  SIGWINCH: 'ignore',
  SIGCONT: 'continue',
  SIGSTOP: 'stop',
  SIGTSTP: 'stop',
  SIGTTIN: 'stop',
  SIGTTOU: 'stop',
};

export function defaultAction(signal: Signal): DefaultAction {
  return NOT_TERMINATING[signal] ?? 'terminate';
}

/** `15`, `TERM` and `SIGTERM` all name SIGTERM; otherwise `undefined`. */
export function parseSignal(text: string): Signal | undefined {
  const upper = text.toUpperCase();
  const entries = Object.entries(SIGNAL) as [Signal, number][];
  return entries.find(([name, number]) => upper === name || `SIG${upper}` === name || text === String(number))?.[0];
}
