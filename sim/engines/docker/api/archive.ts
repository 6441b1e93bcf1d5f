import type { Blocking } from '../../../host/wait.ts';
import { exportContainer, readArchive, statPath, writeArchive } from '../container/archive.ts';
import { changesOf } from '../container/changes.ts';
import type { Container } from '../container/container.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Answer, Call, Route } from './route.ts';

/** Routes that read and write a container's files. */
export const archiveRoutes: readonly Route[] = [
  { method: 'HEAD', path: '/containers/{id}/archive', handle: onFiles(stat) },
  { method: 'GET', path: '/containers/{id}/archive', handle: onFiles(get) },
  { method: 'PUT', path: '/containers/{id}/archive', handle: onFiles(put) },
  { method: 'GET', path: '/containers/{id}/changes', handle: onFiles(changes) },
  { method: 'GET', path: '/containers/{id}/export', handle: onFiles(exported) },
];

function onFiles(answer: (call: Call, container: Container, path: string) => Answer): Route['handle'] {
  return function* (call): Blocking<Answer> {
    const container = call.engine.containers.find(call.parameters[0] ?? '');
    return container instanceof Refusal ? container : answer(call, container, call.query.path ?? '');
  };
}

const STAT = 'X-Docker-Container-Path-Stat';

function stat({ engine, parameters }: Call, container: Container, path: string): Answer {
  const found = statPath(engine, container, parameters[0] ?? '', path);
  return found instanceof Refusal ? found : { status: 200, headers: { [STAT]: JSON.stringify(found) } };
}

function get({ engine, parameters }: Call, container: Container, path: string): Answer {
  const [named = ''] = parameters;
  const found = statPath(engine, container, named, path);
  if (found instanceof Refusal) return found;
  const bytes = readArchive(engine, container, named, path);
  return bytes instanceof Refusal ? bytes : { status: 200, bytes, headers: { [STAT]: JSON.stringify(found) } };
}

function put({ engine, parameters, body }: Call, container: Container, path: string): Answer {
  if (!(body instanceof Uint8Array)) return invalid('a tar archive is expected');
  return writeArchive(engine, container, parameters[0] ?? '', path, body) ?? { status: 200 };
}

function changes({ engine }: Call, container: Container): Answer {
  const found = changesOf(engine, container);
  return { status: 200, json: found.length > 0 ? found : null };
}

function exported({ engine }: Call, container: Container): Answer {
  container.emit('export');
  return { status: 200, bytes: exportContainer(engine, container) };
}
