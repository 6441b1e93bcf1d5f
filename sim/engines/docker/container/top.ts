import { SECOND } from '../../../base/time.ts';
import type { Process } from '../../../host/process.ts';
import type { Answer } from '../api/route.ts';
import { plainDate, unixSeconds } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { conflict, notModelled } from '../refusal.ts';
import type { Container } from './container.ts';

/** GET /containers/{id}/top: what `ps -ef` on the host says about the container's processes. */
export function topProcesses(engine: Engine, container: Container, psArguments: string | undefined): Answer {
  if (!container.task) return conflict(`container ${container.id} is not running`);
  if (psArguments && psArguments !== '-ef') return notModelled(`'docker top' with options of ps (${psArguments})`);
  const processes = [...container.task.namespaces.pid.processes.values()]
    .filter((process) => process.state !== 'zombie')
    .sort((a, b) => a.pid - b.pid);
  return {
    status: 200,
    json: {
      Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
      Processes: processes.map((process) => row(engine, process)),
    },
  };
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
