import type { Process } from '../../host/process.ts';
import { appletProgram, Die, options } from './failure.ts';

/** The columns that `-o` knows here, each with its heading and width; a width of 0 takes what it needs. */
const COLUMNS: Readonly<Record<string, { heading: string; width: number; value(process: Process): string }>> = {
  pid: { heading: 'PID', width: -5, value: (process) => String(process.nspid) },
  ppid: { heading: 'PPID', width: -5, value: (process) => String(parentNumber(process)) },
  pgid: { heading: 'PGID', width: -5, value: (process) => String(groupNumber(process, process.pgid)) },
  sid: { heading: 'SID', width: -5, value: (process) => String(groupNumber(process, process.sid)) },
  tty: { heading: 'TT', width: 6, value: ({ tty }) => (tty ? `136,${tty.number}` : '?') },
  stat: { heading: 'STAT', width: 4, value: (process) => LETTERS[process.state] },
  nice: { heading: 'NI', width: -5, value: () => '0' },
  ruser: { heading: 'RUSER', width: 8, value: () => 'root' },
  rgroup: { heading: 'RGROUP', width: 8, value: () => 'root' },
  user: { heading: 'USER', width: 8, value: () => 'root' },
  group: { heading: 'GROUP', width: 8, value: () => 'root' },
  comm: { heading: 'COMMAND', width: 16, value: (process) => process.name },
  args: { heading: 'COMMAND', width: 0, value: (process) => process.commandLine.join(' ') },
};

const LETTERS = { running: 'R', sleeping: 'S', stopped: 'T', zombie: 'Z' } as const;

/** A group's number as its leader's, 0 where that is outside the PID namespace. */
function groupNumber({ host, namespaces }: Process, number: number): number {
  const leader = host.pids.processes.get(number);
  return leader && leader.namespaces.pid === namespaces.pid ? leader.nspid : 0;
}

/** The parent's number as the namespace has it: 0 when the parent is outside. */
function parentNumber(process: Process): number {
  const { parent } = process;
  return parent && parent.namespaces.pid === process.namespaces.pid ? parent.nspid : 0;
}

/** In busybox's order; memory isn't modelled, and its columns are refused. */
const NAMES = 'user,group,comm,args,pid,ppid,pgid,nice,rgroup,ruser,tty,vsz,sid,stat,rss';

const SPECS = [
  { name: 'o', short: 'o', argument: 'required' as const },
  { name: 'T', short: 'T' },
];

/** busybox's ps (procps/ps.c): every process of the PID namespace. */
export const ps = appletProgram('ps', function* (process, args, speech) {
  const wanted = options(SPECS, args).options.filter(({ name }) => name === 'o');
  const names = wanted.length > 0 ? wanted.flatMap(({ value = '' }) => value.split(',')) : ['pid', 'user', 'args'];
  const columns = names.map((text) => {
    const [name = '', heading] = text.split('=', 2);
    const column = COLUMNS[name];
    if (name === 'vsz' || name === 'rss') throw new Die(`the column ${name} is not modelled (see sim/FIDELITY.md)`);
    if (!column) throw new Die(`bad -o argument '${name}', supported arguments: ${NAMES}`);
    // A heading of one's own makes the column as wide as it is.
    const width = heading === undefined || column.width === 0 ? column.width : Math.sign(column.width) * heading.length;
    return { ...column, width, heading: heading ?? column.heading };
  });
  const row = (cells: string[]): string =>
    `${cells.map((cell, i) => fitted(cell, (columns[i] as { width: number }).width, i === cells.length - 1)).join(' ')}\n`;
  const headings = columns.map(({ heading, width }, i) => (i === columns.length - 1 ? heading : heading.padEnd(Math.abs(width))));
  speech.print(`${headings.join(' ')}\n`);
  const processes = [...process.namespaces.pid.processes.values()].sort((a, b) => a.nspid - b.nspid);
  for (const each of processes) speech.print(row(columns.map((column) => column.value(each))));
  return 0;
});

function fitted(text: string, width: number, last: boolean): string {
  if (width < 0) return text.padStart(-width);
  return last ? text : text.slice(0, width || undefined).padEnd(width);
}
