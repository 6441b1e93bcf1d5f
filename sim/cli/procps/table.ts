import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';

/** A process as its viewer sees it: numbers are those of the viewer's PID namespace. */
export interface Row {
  process: Process;
  pid: number;
  /** 0 where the parent is outside the namespace. */
  ppid: number;
  pgid: number;
  sid: number;
}

/** Every process of the viewer's PID namespace, by number (pid_namespaces(7)). */
export function processTable(viewer: Process): Row[] {
  const namespace = viewer.namespaces.pid;
  const numbers = new Map<number, number>();
  for (const [number, process] of namespace.processes) numbers.set(process.pid, number);
  const seen = (global: number | undefined): number => (global === undefined ? 0 : (numbers.get(global) ?? 0));
  return [...namespace.processes]
    .map(([pid, process]) => ({ process, pid, ppid: seen(process.parent?.pid), pgid: seen(process.pgid), sid: seen(process.sid) }))
    .sort((a, b) => a.pid - b.pid);
}

/** R, S, T or Z. The viewer itself runs; everything else that is not stopped or ended waits. */
export function stateLetter(process: Process, viewer: Process): string {
  if (process.state === 'zombie') return 'Z';
  if (process.state === 'stopped') return 'T';
  return process === viewer || process.state === 'running' ? 'R' : 'S';
}

/** The state with BSD's marks: `s` for a session's leader, `+` for the terminal's foreground group. */
export function stat(process: Process, viewer: Process): string {
  const leader = process.sid === process.pid ? 's' : '';
  const foreground = process.tty !== undefined && process.tty.foreground === process.pgid ? '+' : '';
  return stateLetter(process, viewer) + leader + foreground;
}

export function terminalName(process: Process): string {
  return process.tty ? `pts/${process.tty.number}` : '?';
}

/** The command line, or the name in brackets of a process that has none left. */
export function commandLine(process: Process): string {
  if (process.state === 'zombie') return `[${process.name}] <defunct>`;
  const words = process.commandLine.join(' ').replace(/[\n\t]/g, ' ');
  return words === '' ? `[${process.name}]` : words;
}

export function elapsedSeconds(process: Process): number {
  return Math.floor((process.host.now - process.started) / SECOND);
}
