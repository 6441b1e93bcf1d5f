import { parseRfc3339 } from '../../../engines/docker/clock.ts';
import { humanDuration } from '../../../engines/docker/duration.ts';
import { ellipsis } from './containers.ts';
import type { ListKind } from './list.ts';
import { compareNaturally } from './natural.ts';

/** A published port as services and tasks have it. */
export interface PortJson {
  Protocol: string;
  TargetPort: number;
  PublishedPort?: number;
  PublishMode: string;
}

/** What GET /tasks says about a task, as far as lists show it. */
export interface TaskJson {
  ID: string;
  CreatedAt: string;
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  Spec: { ContainerSpec: { Image: string } };
  Status: { Timestamp: string; State: string; Err?: string; PortStatus: { Ports?: PortJson[] } };
  DesiredState: string;
}

/** A task with the names that it is shown under. */
export interface TaskRow {
  task: TaskJson;
  name: string;
  node: string;
}

const ERROR_WIDTH = 30;

/** By name, the newest first; in a table older ones of a name are set in. */
export function arrangeTasks(rows: readonly TaskRow[], table: boolean): TaskRow[] {
  const sorted = [...rows].sort((a, b) => compareNaturally(a.name, b.name) || (a.task.CreatedAt < b.task.CreatedAt ? 1 : -1));
  return sorted.map((row, at) => (table && sorted[at - 1]?.name === row.name ? { ...row, name: ` \\_ ${row.name}` } : row));
}

/** The columns of `docker service ps` and `docker node ps`. @param now seconds since 1970 */
export function taskColumns(now: number, truncate: boolean): ListKind<TaskRow> {
  const state = ({ task }: TaskRow): string => {
    const since = humanDuration(now - (parseRfc3339(task.Status.Timestamp) ?? now)).toLowerCase();
    return `${capital(task.Status.State)} ${since} ago`;
  };
  const error = ({ task }: TaskRow): string => {
    const text = task.Status.Err ?? '';
    if (text === '') return '';
    return `"${truncate ? ellipsis(text.replaceAll('\n', ' '), ERROR_WIDTH) : text}"`;
  };
  return {
    typeName: '*task.taskContext',
    columns: {
      ID: { heading: 'ID', value: ({ task }) => (truncate ? task.ID.slice(0, 12) : task.ID) },
      Name: { heading: 'NAME', value: ({ name }) => name },
      Image: { heading: 'IMAGE', value: ({ task }) => task.Spec.ContainerSpec.Image },
      Node: { heading: 'NODE', value: ({ node }) => node },
      DesiredState: { heading: 'DESIRED STATE', value: ({ task }) => capital(task.DesiredState) },
      CurrentState: { heading: 'CURRENT STATE', value: state },
      Error: { heading: 'ERROR', value: error },
      Ports: { heading: 'PORTS', value: ({ task }) => displayPorts(task.Status.PortStatus.Ports ?? []) },
    },
  };
}

export const TASK_TABLE = 'table {{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}';

/** `*:8080->80/tcp` */
export function displayPorts(ports: readonly PortJson[]): string {
  return ports.map(({ PublishedPort, TargetPort, Protocol }) => `*:${PublishedPort}->${TargetPort}/${Protocol}`).join(', ');
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
