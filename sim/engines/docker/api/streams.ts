import type { Blocking } from '../../../host/wait.ts';
import { EPOCH_SECONDS, SECOND } from '../../../base/time.ts';
import type { Container } from '../container/container.ts';
import { createExec, describeExec, type ExecRequest, startExec } from '../container/exec.ts';
import { logFrame } from '../container/log.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { conflict, invalid, notFound, Refusal } from '../refusal.ts';
import { Connection } from './connection.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes that carry standard streams: attach, logs, exec, and the sizes of their terminals. */
export const streamRoutes: readonly Route[] = [
  { method: 'POST', path: '/containers/{id}/attach', handle: attach },
  { method: 'POST', path: '/containers/{id}/resize', handle: resizeContainer },
  { method: 'GET', path: '/containers/{id}/logs', handle: logs },
  { method: 'POST', path: '/containers/{id}/exec', handle: makeExec },
  { method: 'POST', path: '/exec/{id}/start', handle: runExec },
  { method: 'POST', path: '/exec/{id}/resize', handle: resizeExec },
  { method: 'GET', path: '/exec/{id}/json', handle: inspectExec },
];

/** Attaching before the start is how `docker run` sees everything: the streams are joined when the process exists. */
function* attach({ engine, parameters, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  if (container.status === 'paused') return conflict(`container ${container.id} is paused, unpause the container before attach`);
  const connection = new Connection();
  container.emit('attach');
  const streams = { stdin: flag(query.stdin), output: flag(query.stdout) || flag(query.stderr) };
  if (container.task) container.task.io.attach(connection, streams);
  else go(engine.host.events, attachAtStart(container, connection, streams));
  return { status: 101, connection };
}

/** Joins a container's streams as soon as it has a process. */
export function* attachAtStart(container: Container, connection: Connection, streams: { stdin: boolean; output: boolean }): Blocking<void> {
  while (!container.task && !container.removed && container.error === '' && !connection.closedByClient) {
    yield { on: [container.changed, connection.clientActed] };
  }
  if (container.task) container.task.io.attach(connection, streams);
  else connection.end();
}

function sizeOf(query: Call['query']): { columns: number; rows: number } | Refusal {
  const [rows, columns] = [Number(query.h), Number(query.w)];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) return invalid('invalid resize height or width');
  return { columns, rows };
}

function* resizeContainer({ engine, parameters, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const size = sizeOf(query);
  if (size instanceof Refusal) return size;
  if (!container.task) return conflict(`container ${container.id} is not running`);
  container.task.io.tty?.resize(size.columns, size.rows);
  return { status: 200 };
}

function* logs({ engine, parameters, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  if (!flag(query.stdout) && !flag(query.stderr)) return invalid('Bad parameters: you must choose at least one stream');
  const connection = new Connection();
  go(engine.host.events, sendLogs(engine, container, connection, query));
  return { status: 200, connection };
}

function* sendLogs(engine: Engine, container: Container, connection: Connection, query: Call['query']): Blocking<void> {
  const { log } = container;
  const seconds = (text: string | undefined): number | undefined => (text ? (Number(text) - EPOCH_SECONDS) * SECOND : undefined);
  const [since, until] = [seconds(query.since), seconds(query.until)];
  const inRange = (time: number): boolean => (since === undefined || time >= since) && (until === undefined || time <= until);
  const tail = /^\d+$/.test(query.tail ?? '') ? Number(query.tail) : Number.POSITIVE_INFINITY;
  const end = log.dropped + log.entries.length;
  const begin = Math.max(log.dropped, end - tail);
  // The wait for the output of a process that ends is part of following it.
  const alive = (): boolean => container.task !== undefined || container.status === 'restarting';
  for (let at = begin; ; ) {
    while (at < log.dropped + log.entries.length) {
      if (connection.closedByClient) return;
      if (!connection.hasRoom) {
        yield { on: [connection.clientActed] };
        continue;
      }
      const entry = log.entries[Math.max(at, log.dropped) - log.dropped];
      at = Math.max(at, log.dropped) + 1;
      const wanted = entry && (entry.source === 'stdout' ? flag(query.stdout) : flag(query.stderr));
      if (entry && wanted && inRange(entry.time)) connection.push(logFrame(entry, flag(query.timestamps)));
    }
    if (!flag(query.follow) || !alive() || connection.closedByClient || (until !== undefined && engine.host.now > until)) break;
    yield { on: [log.grown, container.changed, connection.clientActed] };
  }
  connection.end();
}

function* makeExec({ engine, parameters, body }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const exec = createExec(engine, container, (body ?? {}) as ExecRequest);
  return exec instanceof Refusal ? exec : { status: 201, json: { Id: exec.id } };
}

function* runExec({ engine, parameters, body }: Call): Blocking<Answer> {
  const exec = engine.execs.get(parameters[0] ?? '');
  if (!exec) return notFound(`No such exec instance: ${parameters[0]}`);
  if (exec.running || exec.exitCode !== null) return conflict(`exec ${exec.id} has already been started`);
  const { Detach: detach = false } = (body ?? {}) as { Detach?: boolean };
  const result = yield* startExec(engine, exec, !detach);
  if (result instanceof Refusal) return result;
  return result ? { status: 101, connection: result } : { status: 200 };
}

function* resizeExec({ engine, parameters, query }: Call): Blocking<Answer> {
  const exec = engine.execs.get(parameters[0] ?? '');
  if (!exec) return notFound(`No such exec instance: ${parameters[0]}`);
  const size = sizeOf(query);
  if (size instanceof Refusal) return size;
  exec.io?.tty?.resize(size.columns, size.rows);
  return { status: 200 };
}

function* inspectExec({ engine, parameters }: Call): Blocking<Answer> {
  const exec = engine.execs.get(parameters[0] ?? '');
  return exec ? { status: 200, json: describeExec(exec) } : notFound(`No such exec instance: ${parameters[0]}`);
}
