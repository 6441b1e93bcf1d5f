import { SECOND } from '../../../base/time.ts';
import type { Process } from '../../../host/process.ts';
import type { Answer } from '../api/route.ts';
import { plainDate, unixSeconds } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { conflict, notModelled, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { processesOf } from './task.ts';

/** GET /containers/{id}/top: what `ps -ef` on the host says about the container's processes. */
export function topProcesses(engine: Engine, container: Container, psArguments: string | undefined): Answer {
  if (!container.task) return conflict(`container ${container.id} is not running`);
  const columns = psArguments && psArguments !== '-ef' ? chosenColumns(psArguments) : undefined;
  if (columns === 'unknown') return notModelled(`'docker top' with options of ps (${psArguments})`);
  if (columns && !columns.includes('pid')) return new Refusal(500, "Couldn't find PID field in ps output");
  const processes = processesOf(engine, container)
    .filter((process) => process.state !== 'zombie')
    .sort((a, b) => a.pid - b.pid);
  if (columns) {
    const Titles = columns.map((name) => COLUMNS[name]?.title ?? '');
    return {
      status: 200,
      json: { Titles, Processes: processes.map((process) => columns.map((name) => COLUMNS[name]?.value(process) ?? '')) },
    };
  }
  return {
    status: 200,
    json: {
      Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
      Processes: processes.map((process) => row(engine, process)),
    },
  };
}

/** Columns of `ps -o` on the host. */
const COLUMNS: Readonly<Record<string, { title: string; value(process: Process): string }>> = {
  pid: { title: 'PID', value: (process) => String(process.pid) },
  ppid: { title: 'PPID', value: (process) => String(process.parent?.pid ?? 0) },
  user: { title: 'USER', value: () => 'root' },
  uid: { title: 'UID', value: () => '0' },
  tty: { title: 'TT', value: (process) => (process.tty ? `pts/${process.tty.number}` : '?') },
  comm: { title: 'COMMAND', value: (process) => process.name },
  cmd: { title: 'CMD', value: (process) => process.argv.join(' ') },
  args: { title: 'COMMAND', value: (process) => process.argv.join(' ') },
};

/** The columns of `-o pid,comm`. */
function chosenColumns(text: string): string[] | 'unknown' {
  const match = /^-e?o\s*([a-z,]+)$/.exec(text.trim());
  const names = match?.[1]?.split(',') ?? [];
  return names.length > 0 && names.every((name) => name in COLUMNS) ? names : 'unknown';
}

function row(engine: Engine, process: Process): string[] {
  const started = plainDate(unixSeconds(process.started));
  const today = engine.host.now - process.started < 24 * 3_600 * SECOND;
  const tty = process.tty ? `pts/${process.tty.number}` : '?';
  return [
    'root',
    String(process.pid),
    String(process.parent?.pid ?? 0),
    '0',
    today ? started.slice(11, 16) : started.slice(5, 10),
    tty,
    '00:00:00',
    process.argv.join(' '),
  ];
}
