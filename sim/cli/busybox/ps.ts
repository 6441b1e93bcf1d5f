import type { Process } from '../../host/process.ts';
import { appletProgram, Die, options } from './failure.ts';

/** The columns that `-o` knows here, each with its heading and width; a width of 0 takes what it needs. */
const COLUMNS: Readonly<Record<string, { heading: string; width: number; value(process: Process): string }>> = {
  pid: { heading: 'PID', width: -5, value: (process) => String(process.nspid) },
  ppid: { heading: 'PPID', width: -5, value: (process) => String(parentNumber(process)) },
  user: { heading: 'USER', width: 8, value: () => 'root' },
  group: { heading: 'GROUP', width: 8, value: () => 'root' },
  comm: { heading: 'COMMAND', width: 16, value: (process) => process.name },
  args: { heading: 'COMMAND', width: 0, value: (process) => process.argv.join(' ') },
};

/** The parent's number as the namespace has it: 0 when the parent is outside. */
function parentNumber(process: Process): number {
  const { parent } = process;
  return parent && parent.namespaces.pid === process.namespaces.pid ? parent.nspid : 0;
}

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
    if (!column) throw new Die(`bad -o argument '${name}', supported arguments: user,group,comm,args,pid,ppid`);
    return { ...column, heading: heading ?? column.heading };
  });
  const row = (cells: string[]): string =>
    `${cells.map((cell, i) => fitted(cell, (columns[i] as { width: number }).width, i === cells.length - 1)).join(' ')}\n`;
  // The default list has its heading's numbers to the left.
  speech.print(wanted.length > 0 ? row(columns.map(({ heading }) => heading)) : 'PID   USER     COMMAND\n');
  const processes = [...process.namespaces.pid.processes.values()].sort((a, b) => a.nspid - b.nspid);
  for (const each of processes) speech.print(row(columns.map((column) => column.value(each))));
  return 0;
});

function fitted(text: string, width: number, last: boolean): string {
  if (width < 0) return text.padStart(-width);
  return last ? text : text.slice(0, width || undefined).padEnd(width);
}
