import { SIGNAL, type Signal } from '../../host/signal.ts';

/** The 31 standard signals of Linux on x86-64, by number from 1 (signal(7)). */
export const SIGNAL_NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
  'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS'
).split(' ');

/** The number of a signal given by number or by name with or without SIG; 0 is the test for existence. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : undefined;
  const name = text.toUpperCase().replace(/^SIG/, '');
  const aliases: Record<string, number> = { IOT: 6, CLD: 17, IO: 29, EXIT: 0, NULL: 0 };
  const at = SIGNAL_NAMES.indexOf(name);
  return at >= 0 ? at + 1 : aliases[name];
}

/** The signal of a number as processes know it; `undefined` for those that aren't modelled. */
export function signalOf(number: number): Signal | undefined {
  return (Object.keys(SIGNAL) as Signal[]).find((name) => SIGNAL[name] === number);
}
