import { unixSeconds } from '../../../engines/docker/clock.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation } from '../command.ts';
import { formatList } from '../format/list.ts';
import { arrangeTasks, TASK_TABLE, type TaskJson, taskColumns, type TaskRow } from '../format/tasks.ts';
import { fail } from '../output.ts';

/** Seconds since 1970, with a fraction. */
export function nowSeconds({ process }: Invocation): number {
  return unixSeconds(process.host.now) + (process.host.now % 1_000_000) / 1_000_000;
}

interface Named {
  ID: string;
  Spec: { Name: string };
}

interface NodeName {
  ID: string;
  Description: { Hostname: string };
}

/** Tasks with the names of their services and nodes, or, as asked for, with the ids. */
export function* namedTasks(invocation: Invocation, filters: Record<string, Record<string, boolean>>): Blocking<TaskRow[] | ApiFailure> {
  const { client, flags } = invocation;
  const wanted = { ...filters };
  for (const text of flags.all('filter')) {
    const equals = text.indexOf('=');
    const [name, value] = [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
    wanted[name] = { ...wanted[name], [value]: true };
  }
  const tasks = yield* client.json<TaskJson[]>('GET', '/tasks', { filters: JSON.stringify(wanted) });
  if (tasks instanceof ApiFailure) return tasks;
  const services = yield* client.json<Named[]>('GET', '/services');
  if (services instanceof ApiFailure) return services;
  const nodes = yield* client.json<NodeName[]>('GET', '/nodes');
  if (nodes instanceof ApiFailure) return nodes;
  const plain = flags.on('no-resolve');
  const service = (id: string): string => (plain ? id : (services.find(({ ID }) => ID === id)?.Spec.Name ?? id));
  const node = (id: string): string => (plain ? id : (nodes.find(({ ID }) => ID === id)?.Description.Hostname ?? id));
  return tasks.map((task) => ({
    task,
    name: `${service(task.ServiceID)}.${task.Slot ?? task.NodeID ?? ''}`,
    node: node(task.NodeID ?? ''),
  }));
}

/** Prints tasks as `docker service ps` and `docker node ps` do. */
export function* printTasks(invocation: Invocation, rows: readonly TaskRow[]): Blocking<number> {
  const { flags, process } = invocation;
  const format = flags.last('format') ?? '';
  const chosen = flags.on('quiet') && format === '' ? '{{.ID}}' : format === '' || format === 'table' ? TASK_TABLE : format;
  const truncate = !flags.on('no-trunc') && !flags.on('quiet');
  const text = formatList(taskColumns(nowSeconds(invocation), truncate), arrangeTasks(rows, chosen.startsWith('table')), chosen);
  if ('error' in text) return yield* fail(invocation, text.error);
  yield* process.write(1, text.text);
  return 0;
}
