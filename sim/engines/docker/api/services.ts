import type { Blocking } from '../../../host/wait.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import { describeService, describeTask } from '../swarm/describe.ts';
import type { TaskLogLine } from '../swarm/executor.ts';
import type { Manager } from '../swarm/manager.ts';
import { Fault, type Service, type ServiceSpec, type SwarmTask } from '../swarm/objects.ts';
import { parseConstraint } from '../swarm/scheduler.ts';
import { SECOND } from '../../../base/time.ts';
import { hasLabels, parseFilters, passes } from './filters.ts';
import { atLeader, faulty, onLeader } from './leader.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /services and /tasks. */
export const serviceRoutes: readonly Route[] = [
  { method: 'GET', path: '/services', handle: atLeader(list) },
  { method: 'POST', path: '/services/create', handle: atLeader(create) },
  { method: 'GET', path: '/services/{id}/logs', handle: onLeader(logs) },
  { method: 'GET', path: '/services/{id}', handle: atLeader(inspect) },
  { method: 'POST', path: '/services/{id}/update', handle: atLeader(update) },
  { method: 'DELETE', path: '/services/{id}', handle: atLeader(remove) },
  { method: 'GET', path: '/tasks', handle: atLeader(listTasks) },
  { method: 'GET', path: '/tasks/{id}', handle: atLeader(inspectTask) },
];

const LOG_TIMEOUT = 10 * SECOND;

function list({ query }: Call, { store }: Manager): Answer {
  const filters = parseFilters(query.filters, ['id', 'label', 'mode', 'name', 'runtime']);
  if (filters instanceof Refusal) return filters;
  const chosen = [...store.services.values()].filter(
    ({ id, spec }) =>
      passes(filters, 'id', (text) => id.startsWith(text)) &&
      passes(filters, 'name', (text) => spec.Name.startsWith(text)) &&
      passes(filters, 'mode', (mode) => (mode === 'global') === (spec.Mode.Global !== undefined)) &&
      hasLabels(filters, spec.Labels),
  );
  return { status: 200, json: chosen.map((service) => describeService(store, service, flag(query.status))) };
}

function inspect({ parameters }: Call, { store }: Manager): Answer {
  const service = store.service(parameters[0] ?? '');
  return service instanceof Fault ? faulty(service) : { status: 200, json: describeService(store, service, false) };
}

/** What the daemon and the manager check about a spec; networks are named by their ids afterwards. */
function check(manager: Manager, spec: ServiceSpec, own?: Service): Refusal | undefined {
  const bad = (message: string): Refusal => faulty(new Fault('InvalidArgument', message));
  if (!/^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_]*?[a-zA-Z0-9])?$/.test(spec.Name)) return bad('name must be valid as a DNS name component');
  if (spec.Name.length > 63) return bad('name must be 63 characters or fewer');
  for (const text of spec.TaskTemplate.Placement.Constraints ?? []) {
    const constraint = parseConstraint(text);
    if (typeof constraint === 'string') return bad(constraint);
  }
  const ports = spec.EndpointSpec.Ports ?? [];
  if (spec.EndpointSpec.Mode === 'dnsrr' && ports.some(({ PublishMode }) => PublishMode === 'ingress')) {
    return bad("EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
  }
  const seen = new Set<string>();
  for (const { PublishedPort, Protocol, PublishMode } of ports) {
    const key = `${PublishedPort}/${Protocol}/${PublishMode}`;
    if (PublishedPort && seen.has(key)) return bad('EndpointSpec: duplicate published ports provided');
    seen.add(key);
  }
  for (const attachment of spec.TaskTemplate.Networks ?? []) {
    const network = manager.store.network(attachment.Target);
    if (network instanceof Fault) return faulty(network);
    if (network.driver !== 'overlay') return notModelled(`a service on a network of the driver '${network.driver}'`);
    if (network.ingress) return bad('Service cannot be explicitly attached to the ingress network "ingress"');
    attachment.Target = network.id;
  }
  const clash = manager.allocator.checkPorts(spec, own);
  return clash ? faulty(clash) : undefined;
}

function create({ body, engine }: Call, manager: Manager): Answer {
  const spec = body as ServiceSpec;
  const { store } = manager;
  // A network of this host alone can't be shared by tasks on other nodes.
  for (const { Target } of spec.TaskTemplate.Networks ?? []) {
    const local = engine.networks.find(Target);
    if (!(local instanceof Refusal) && !local.overlay) return notModelled(`a service on the local network '${Target}'`);
  }
  const refused = check(manager, spec);
  if (refused) return refused;
  if ([...store.services.values()].some((service) => service.spec.Name === spec.Name)) {
    return faulty(new Fault('AlreadyExists', `name conflicts with an existing object: service ${spec.Name} already exists`));
  }
  const service: Service = { ...store.meta('service'), spec, ports: [], vips: [], generation: 1 };
  store.services.set(service.id, service);
  manager.allocator.service(service);
  manager.changed();
  return { status: 201, json: { ID: service.id, Warnings: [digestWarning(spec.TaskTemplate.ContainerSpec.Image)] } };
}

/** The world's registry has no digests to pin an image to. */
function digestWarning(image: string): string {
  return `image ${image} could not be accessed on a registry to record\nits digest. Each node will access ${image} independently,\npossibly leading to different nodes running different\nversions of the image.\n`;
}

function update({ parameters, query, body }: Call, manager: Manager): Answer {
  const { store } = manager;
  const service = store.service(parameters[0] ?? '');
  if (service instanceof Fault) return faulty(service);
  if (query.version !== undefined && Number(query.version) !== service.version) {
    return faulty(new Fault('Unknown', 'update out of sequence'));
  }
  const back = query.rollback === 'previous';
  if (back && !service.previous) return faulty(new Fault('FailedPrecondition', `service ${service.id} does not have a previous spec`));
  const spec = back ? (service.previous as ServiceSpec) : (body as ServiceSpec);
  if (JSON.stringify(Object.keys(spec.Mode)) !== JSON.stringify(Object.keys(service.spec.Mode))) {
    return faulty(new Fault('Unimplemented', 'service mode change is not allowed'));
  }
  if (spec.Name !== service.spec.Name) return faulty(new Fault('Unimplemented', 'renaming services is not supported'));
  const refused = check(manager, spec, service);
  if (refused) return refused;
  const replaced = tasksDiffer(service.spec, spec);
  service.previous = service.spec;
  service.spec = spec;
  manager.allocator.service(service);
  if (replaced) {
    service.generation++;
    service.update = back
      ? { state: 'rollback_started', message: 'rollback in progress' }
      : { state: 'updating', message: 'update in progress' };
  }
  store.touch(service);
  manager.changed();
  return { status: 200, json: { Warnings: null } };
}

/** Whether tasks of one spec can't go on under the other. */
function tasksDiffer(a: ServiceSpec, b: ServiceSpec): boolean {
  const relevant = ({ TaskTemplate, EndpointSpec }: ServiceSpec): string =>
    JSON.stringify([TaskTemplate, EndpointSpec.Ports ?? [], EndpointSpec.Mode]);
  return relevant(a) !== relevant(b);
}

function remove({ parameters }: Call, manager: Manager): Answer {
  const { store } = manager;
  const service = store.service(parameters[0] ?? '');
  if (service instanceof Fault) return faulty(service);
  manager.allocator.releaseService(service);
  store.services.delete(service.id);
  for (const task of store.tasksOf(service.id)) {
    task.desired = 'remove';
    store.touch(task);
  }
  manager.changed();
  return { status: 200 };
}

function listTasks({ query }: Call, { store }: Manager): Answer {
  const filters = parseFilters(query.filters, ['desired-state', 'id', 'label', 'name', 'node', 'service', 'runtime']);
  if (filters instanceof Refusal) return filters;
  const shown = (task: SwarmTask, state: string): boolean =>
    state === 'running' ? ['running', 'ready', 'new'].includes(task.desired) : task.desired === state;
  for (const state of filters.get('desired-state') ?? []) {
    if (!['running', 'shutdown', 'accepted'].includes(state)) return invalid(`invalid desired-state filter: ${state}`);
  }
  const chosen = [...store.tasks.values()].filter(
    (task) =>
      passes(filters, 'service', (text) => task.service === text || task.serviceName === text || task.service.startsWith(text)) &&
      passes(filters, 'node', (text) => task.node === text || store.nodes.get(task.node)?.hostname === text) &&
      passes(filters, 'id', (text) => task.id.startsWith(text)) &&
      passes(filters, 'name', (text) => `${task.name}.${task.id}`.startsWith(text)) &&
      passes(filters, 'desired-state', (state) => shown(task, state)),
  );
  return { status: 200, json: chosen.map((task) => describeTask(store, task)) };
}

function inspectTask({ parameters }: Call, { store }: Manager): Answer {
  const task = store.task(parameters[0] ?? '');
  return task instanceof Fault ? faulty(task) : { status: 200, json: describeTask(store, task) };
}

/** The lines of all of a service's tasks, or one task's, as the nodes have them now. The real answer is a stream of frames. */
function* logs({ parameters }: Call, manager: Manager): Blocking<Answer> {
  const { store } = manager;
  const [text = ''] = parameters;
  const service = store.service(text);
  const task = store.task(text);
  if (service instanceof Fault && task instanceof Fault) return faulty(service);
  const tasks = service instanceof Fault ? [task as SwarmTask] : store.tasksOf(service.id);
  const lines: (TaskLogLine & { node: string; slot: number; service: string })[] = [];
  for (const node of new Set(tasks.map((one) => one.node))) {
    const wanted = tasks.filter((one) => one.node === node);
    const answer = yield* manager.session(node)?.request('logs', { tasks: wanted.map(({ id }) => id) }, LOG_TIMEOUT) ?? unreachable();
    if (answer instanceof Fault) continue;
    for (const line of answer as TaskLogLine[]) {
      const of = wanted.find(({ id }) => id === line.task);
      lines.push({ ...line, node: store.nodes.get(node)?.hostname ?? node, slot: of?.slot ?? 0, service: of?.serviceName ?? '' });
    }
  }
  return { status: 200, json: lines.sort((a, b) => a.time - b.time) };
}

function* unreachable(): Blocking<Fault> {
  return new Fault('Unavailable', 'node is not available');
}
