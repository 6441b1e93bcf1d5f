import { parseSignal } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import { type CreateRequest, createContainer } from '../container/create.ts';
import type { Container } from '../container/container.ts';
import { describeContainer } from '../container/describe.ts';
import { killContainer, pauseContainer, startContainer, stopContainer, unpauseContainer, waitWhile } from '../container/lifecycle.ts';
import { COST } from '../container/lifecycle.ts';
import { portMap } from '../container/ports.ts';
import { summarise } from '../container/summary.ts';
import { topProcesses } from '../container/top.ts';
import type { Engine } from '../engine.ts';
import { invalid, notFound, notModelled, Refusal } from '../refusal.ts';
import { type Filters, hasLabels, matchesPattern, parseFilters, passes } from './filters.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /containers, but for those that stream. */
export const containerRoutes: readonly Route[] = [
  { method: 'GET', path: '/containers/json', handle: list },
  { method: 'POST', path: '/containers/create', handle: create },
  { method: 'POST', path: '/containers/prune', handle: prune },
  {
    method: 'GET',
    path: '/containers/{id}/json',
    handle: onContainer((call, container) => ({ status: 200, json: describeContainer(call.engine, container, flag(call.query.size)) })),
  },
  {
    method: 'GET',
    path: '/containers/{id}/top',
    handle: onContainer((call, container) => topProcesses(call.engine, container, call.query.ps_args)),
  },
  { method: 'POST', path: '/containers/{id}/start', handle: start },
  { method: 'POST', path: '/containers/{id}/stop', handle: stop },
  { method: 'POST', path: '/containers/{id}/restart', handle: restart },
  { method: 'POST', path: '/containers/{id}/kill', handle: kill },
  {
    method: 'POST',
    path: '/containers/{id}/pause',
    handle: onContainer((call, container) => pauseContainer(call.engine, container) ?? { status: 204 }),
  },
  {
    method: 'POST',
    path: '/containers/{id}/unpause',
    handle: onContainer((call, container) => unpauseContainer(call.engine, container) ?? { status: 204 }),
  },
  {
    method: 'POST',
    path: '/containers/{id}/rename',
    handle: onContainer((call, container) => call.engine.containers.rename(container, call.query.name ?? '') ?? { status: 204 }),
  },
  { method: 'POST', path: '/containers/{id}/wait', handle: wait },
  { method: 'DELETE', path: '/containers/{id}', handle: remove },
];

/** A handler that only needs the container. */
function onContainer(answer: (call: Call, container: Container) => Answer): Route['handle'] {
  return function* (call) {
    const container = call.engine.containers.find(call.parameters[0] ?? '');
    return container instanceof Refusal ? container : answer(call, container);
  };
}

const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTH = ['none', 'starting', 'healthy', 'unhealthy'];
const FILTERS = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, FILTERS);
  if (filters instanceof Refusal) return filters;
  for (const text of filters.get('exited') ?? []) {
    if (!/^[+-]?\d+$/.test(text))
      return invalid(`invalid filter 'exited=${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  for (const name of ['before', 'since']) {
    for (const text of filters.get(name) ?? []) {
      const found = engine.containers.find(text);
      if (found instanceof Refusal) return found;
    }
  }
  for (const state of filters.get('status') ?? []) {
    if (!STATES.includes(state))
      return invalid(`invalid filter 'status=${state}': invalid value for state (${state}): must be one of ${STATES.join(', ')}`);
  }
  for (const health of filters.get('health') ?? []) {
    if (!HEALTH.includes(health)) {
      return invalid(`invalid filter 'health=${health}': invalid value for health (${health}): must be one of ${HEALTH.join(', ')}`);
    }
  }
  const ports = portFilters(filters);
  if (ports instanceof Refusal) return ports;
  const limit = Number(query.limit ?? 0);
  const all = flag(query.all) || limit > 0 || filters.has('status') || filters.has('exited');
  const selected = engine.containers
    .list()
    .filter((container) => (all || container.running) && ports(container) && matches(engine, container, filters));
  return {
    status: 200,
    json: (limit > 0 ? selected.slice(0, limit) : selected).map((container) => summarise(engine, container, flag(query.size))),
  };
}

/** The filters `publish` and `expose`: `80`, `80-90`, each maybe with a protocol. */
function portFilters(filters: Filters): ((container: Container) => boolean) | Refusal {
  const wanted: Partial<Record<string, Set<string>>> = {};
  for (const name of ['publish', 'expose']) {
    for (const text of filters.get(name) ?? []) {
      const [range = '', protocol = 'tcp'] = text.split('/');
      const bad = range.split('-').find((number) => !/^\d+$/.test(number));
      if (bad !== undefined) {
        return invalid(`error while looking up for ${name} ${text}: strconv.ParseUint: parsing ${JSON.stringify(bad)}: invalid syntax`);
      }
      const [from = 0, to = from] = range.split('-').map(Number);
      const ports = wanted[name] ?? new Set();
      for (let port = from; port <= to; port++) ports.add(`${port}/${protocol}`);
      wanted[name] = ports;
    }
  }
  return (container) => {
    const published = Object.entries(portMap(container)).flatMap(([port, bindings]) =>
      (bindings ?? []).map((binding) => `${binding.HostPort}/${port.split('/')[1]}`),
    );
    return (
      (!wanted.publish || published.some((port) => wanted.publish?.has(port))) &&
      (!wanted.expose || Object.keys(portMap(container)).some((port) => wanted.expose?.has(port)))
    );
  };
}

function matches(engine: Engine, container: Container, filters: Filters): boolean {
  const other = (text: string): number | undefined => {
    const found = engine.containers.find(text);
    return found instanceof Refusal ? undefined : found.sequence;
  };
  return (
    passes(filters, 'status', (state) => container.status === state) &&
    passes(filters, 'exited', (code) => container.status === 'exited' && container.exitCode === Number(code)) &&
    passes(filters, 'name', (pattern) => [container.name, `/${container.name}`].some((name) => matchesPattern(name, pattern))) &&
    passes(filters, 'id', (pattern) => container.id.startsWith(pattern)) &&
    passes(filters, 'ancestor', (image) => engine.images.find(image) === container.image) &&
    passes(
      filters,
      'network',
      (name) => [...container.networks.keys()].includes(name) || [...container.networkIds.values()].some((id) => id.startsWith(name)),
    ) &&
    passes(filters, 'health', (health) => (container.health?.status ?? 'none') === health) &&
    // None is a task of a swarm's service.
    passes(filters, 'is-task', (text) => !flag(text)) &&
    passes(filters, 'volume', (text) =>
      container.mounts.some(({ name, source, destination }) => name === text || source === text || destination === text),
    ) &&
    passes(filters, 'before', (text) => container.sequence < (other(text) ?? 0)) &&
    passes(filters, 'since', (text) => container.sequence > (other(text) ?? Number.POSITIVE_INFINITY)) &&
    hasLabels(filters, container.config.Labels)
  );
}

function* create({ engine, query, body }: Call): Blocking<Answer> {
  yield { on: [], until: engine.host.now + COST.create };
  const created = createContainer(engine, query.name ?? '', (body ?? {}) as CreateRequest);
  if (created instanceof Refusal) return created;
  return { status: 201, json: { Id: created.container.id, Warnings: created.warnings } };
}

function* prune({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['label', 'label!', 'until']);
  if (filters instanceof Refusal) return filters;
  if (filters.size > 0) return notModelled('a filter of prune');
  const gone = engine.containers
    .list()
    .filter((container) => container.status === 'exited' || container.status === 'created' || container.status === 'dead');
  for (const container of gone) engine.containers.discard(container);
  return { status: 200, json: { ContainersDeleted: gone.length > 0 ? gone.map((container) => container.id) : null, SpaceReclaimed: 0 } };
}

function* start(call: Call): Blocking<Answer> {
  const container = call.engine.containers.find(call.parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const result = yield* startContainer(call.engine, container);
  if (result instanceof Refusal) return result;
  return { status: result === 'already' ? 304 : 204 };
}

function stopOptions(call: Call): { seconds?: number; signal?: string } {
  const { t, signal } = call.query;
  return { ...(t ? { seconds: Number(t) } : {}), ...(signal ? { signal } : {}) };
}

function* stop(call: Call): Blocking<Answer> {
  const container = call.engine.containers.find(call.parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const result = yield* stopContainer(call.engine, container, stopOptions(call));
  if (result instanceof Refusal) return result;
  return { status: result === 'already' ? 304 : 204 };
}

function* restart(call: Call): Blocking<Answer> {
  const container = call.engine.containers.find(call.parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const failed = (refusal: Refusal): Refusal =>
    new Refusal(refusal.status, `Cannot restart container ${call.parameters[0]}: ${refusal.message}`);
  const stopped = yield* stopContainer(call.engine, container, stopOptions(call));
  if (stopped instanceof Refusal) return failed(stopped);
  const started = yield* startContainer(call.engine, container);
  if (started instanceof Refusal) return failed(started);
  container.emit('restart');
  return { status: 204 };
}

function* kill({ engine, parameters, query }: Call): Blocking<Answer> {
  const [text = ''] = parameters;
  const name = query.signal || 'SIGKILL';
  // The name of a signal that doesn't exist is noticed before the container is looked for.
  const container = parseSignal(name) ? engine.containers.find(text) : invalid(`invalid signal: ${name}`);
  const result = container instanceof Refusal ? container : killContainer(container, name);
  if (result) return new Refusal(result.status, `cannot kill container: ${text}: ${result.message}`);
  // A killing is waited for, any other signal isn't.
  if (parseSignal(name) === 'SIGKILL' && !(container instanceof Refusal)) yield* waitWhile(engine, container, () => container.running);
  return { status: 204 };
}

/** POST /containers/{id}/wait: answers when the container is as the condition says. */
function* wait({ engine, parameters, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const started = container.started;
  const condition = query.condition || 'not-running';
  const before = container.finished;
  if (condition === 'removed') yield* waitWhile(engine, container, () => !container.removed);
  else if (condition === 'next-exit') {
    yield* waitWhile(engine, container, () => !container.removed && container.finished === before && container.error === '');
  } else yield* waitWhile(engine, container, () => !container.removed && container.running && container.started === started);
  return { status: 200, json: { StatusCode: container.exitCode } };
}

function* remove({ engine, parameters, query }: Call): Blocking<Answer> {
  if (flag(query.link)) return removeLink(engine, parameters[0] ?? '');
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  const refusal = yield* engine.containers.remove(container, flag(query.force));
  if (refusal) return refusal;
  if (flag(query.v)) engine.volumes.removeAnonymous(container);
  return { status: 204 };
}

/** `docker rm --link PARENT/ALIAS`. */
function removeLink(engine: Engine, name: string): Answer {
  const [parent = '', alias = ''] = name.replace(/^\//, '').split('/');
  const container = engine.containers.named(parent);
  if (alias === '') return invalid(`Conflict, cannot remove the default link name of the container`);
  if (!container?.links.delete(alias)) return notFound(`Cannot get parent ${parent} for link name /${parent}/${alias}`);
  return { status: 204 };
}
