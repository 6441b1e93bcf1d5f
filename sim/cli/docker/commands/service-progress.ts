import { MILLISECOND, SECOND } from '../../../base/time.ts';
import { terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation } from '../command.ts';
import type { TaskJson } from '../format/tasks.ts';
import { fail } from '../output.ts';

const POLL = 200 * MILLISECOND;
/** How long all tasks must run before the service counts as converged. */
const STABLE = 5 * SECOND;

interface Watched {
  ID: string;
  Spec: { Mode: { Replicated?: { Replicas: number } }; UpdateConfig: unknown };
  UpdateStatus?: { State: string; Message: string };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number };
}

/**
 * Waits until a service runs as it should and says how far it is (docker/cli, service/progress). Into a file or a pipe it is a line
 * for every look at it, as the real one prints; a terminal gets the end alone, since nothing here moves a cursor.
 *
 * @param shown the name or id at the end
 */
export function* waitForService(invocation: Invocation, id: string, shown: string): Blocking<number> {
  const { process, client } = invocation;
  const terminal = terminalOf(process.fds.get(1)) !== undefined;
  const say = function* (text: string): Blocking<void> {
    if (!terminal) yield* process.write(1, `${text}\n`);
  };
  let stableSince: number | undefined;
  let first = true;
  for (;;) {
    const service = yield* client.json<Watched[]>('GET', '/services', { filters: JSON.stringify({ id: { [id]: true } }), status: '1' });
    if (service instanceof ApiFailure) return yield* fail(invocation, service.message);
    const [watched] = service;
    if (!watched) return yield* fail(invocation, `no such service: ${shown}`);
    const tasks = yield* client.json<TaskJson[]>('GET', '/tasks', {
      filters: JSON.stringify({ service: { [id]: true }, 'desired-state': { running: true } }),
    });
    if (tasks instanceof ApiFailure) return yield* fail(invocation, tasks.message);
    const wanted = watched.ServiceStatus?.DesiredTasks ?? 1;
    const running = Math.min(
      wanted,
      tasks.filter(({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running').length,
    );
    const { State = '', Message = '' } = watched.UpdateStatus ?? {};
    if (State === 'paused') return yield* fail(invocation, `service update paused: ${Message}`);
    const done = running === wanted && State !== 'updating' && State !== 'rollback_started';
    if (!done) stableSince = undefined;
    else stableSince ??= process.host.now;
    if (stableSince === undefined || first) yield* say(`overall progress: ${running} out of ${wanted} tasks`);
    if (first) for (let slot = 1; slot <= wanted; slot++) yield* say(`${slot}/${wanted}:  `);
    first = false;
    if (stableSince !== undefined) {
      const left = Math.ceil((stableSince + STABLE - process.host.now) / SECOND);
      if (left <= 0) return yield* converged(invocation, wanted, shown, terminal);
      yield* say(`verify: Waiting ${left} seconds to verify that tasks are stable...`);
    }
    yield* process.sleep(POLL);
  }
}

function* converged({ process }: Invocation, wanted: number, shown: string, terminal: boolean): Blocking<number> {
  if (terminal) {
    const bar = `[${'='.repeat(50)}>]`;
    const lines = Array.from({ length: wanted }, (_, i) => `${i + 1}/${wanted}: running   ${bar} \n`);
    yield* process.write(1, `overall progress: ${wanted} out of ${wanted} tasks \n${lines.join('')}`);
  }
  yield* process.write(1, `verify: Service ${shown} converged${terminal ? ' ' : ''}\n`);
  return 0;
}
