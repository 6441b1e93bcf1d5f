import { MILLISECOND } from '../../../base/time.ts';
import type { Blocking } from '../../../host/wait.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import { describeCluster, describeNode } from '../swarm/describe.ts';
import type { Manager } from '../swarm/manager.ts';
import { type Availability, Fault } from '../swarm/objects.ts';
import { parseFilters, passes } from './filters.ts';
import { atLeader, faulty } from './leader.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /swarm and /nodes. */
export const swarmRoutes: readonly Route[] = [
  { method: 'GET', path: '/swarm', handle: atLeader(({ engine }) => ({ status: 200, json: describeCluster(engine) })) },
  { method: 'POST', path: '/swarm/init', handle: init },
  { method: 'POST', path: '/swarm/join', handle: join },
  { method: 'POST', path: '/swarm/leave', handle: leave },
  { method: 'POST', path: '/swarm/update', handle: atLeader(update) },
  { method: 'GET', path: '/swarm/unlockkey', handle: atLeader(() => ({ status: 200, json: { UnlockKey: '' } })) },
  { method: 'GET', path: '/nodes', handle: atLeader(listNodes) },
  { method: 'GET', path: '/nodes/{id}', handle: atLeader(inspectNode) },
  { method: 'POST', path: '/nodes/{id}/update', handle: atLeader(updateNode) },
  { method: 'DELETE', path: '/nodes/{id}', handle: atLeader(removeNode) },
  { method: 'GET', path: '/configs', handle: atLeader(() => ({ status: 200, json: [] })) },
  { method: 'POST', path: '/configs/create', handle: atLeader(() => notModelled('a swarm config')) },
  { method: 'GET', path: '/secrets', handle: atLeader(() => ({ status: 200, json: [] })) },
  { method: 'POST', path: '/secrets/create', handle: atLeader(() => notModelled('a swarm secret')) },
];

const INIT_COST = 200 * MILLISECOND;

interface InitBody {
  AdvertiseAddr?: string;
  ListenAddr?: string;
  Availability?: string;
  Spec?: { Orchestration?: { TaskHistoryRetentionLimit?: number } };
}

function* init({ engine, body }: Call): Blocking<Answer> {
  const { Spec, ...request } = (body ?? {}) as InitBody;
  yield { on: [], until: engine.host.now + INIT_COST };
  const limit = Spec?.Orchestration?.TaskHistoryRetentionLimit;
  const node = yield* engine.swarm.init({ ...request, ...(limit === undefined ? {} : { TaskHistoryLimit: limit }) });
  return node instanceof Refusal ? node : { status: 200, json: node };
}

function* join({ engine, body }: Call): Blocking<Answer> {
  return (yield* engine.swarm.join((body ?? {}) as Parameters<typeof engine.swarm.join>[0])) ?? { status: 200 };
}

function* leave({ engine, query }: Call): Blocking<Answer> {
  return (yield* engine.swarm.leave(flag(query.force))) ?? { status: 200 };
}

function update({ body }: Call, manager: Manager): Answer {
  const { Orchestration } = (body ?? {}) as { Orchestration?: { TaskHistoryRetentionLimit?: number } };
  const { cluster } = manager.store;
  if (Orchestration?.TaskHistoryRetentionLimit !== undefined) cluster.taskHistoryLimit = Orchestration.TaskHistoryRetentionLimit;
  manager.store.touch(cluster);
  manager.changed();
  return { status: 200 };
}

function listNodes({ query }: Call, { store }: Manager): Answer {
  const filters = parseFilters(query.filters, ['id', 'label', 'name', 'membership', 'role', 'node.label']);
  if (filters instanceof Refusal) return filters;
  for (const name of ['membership', 'label', 'node.label']) if (filters.has(name)) return notModelled(`the filter '${name}'`);
  const chosen = [...store.nodes.values()].filter(
    (node) =>
      passes(filters, 'id', (id) => node.id.startsWith(id)) &&
      passes(filters, 'name', (name) => node.hostname.startsWith(name)) &&
      passes(filters, 'role', (role) => node.role === role),
  );
  return { status: 200, json: chosen.map(describeNode) };
}

function inspectNode({ parameters }: Call, { store }: Manager): Answer {
  const node = store.node(parameters[0] ?? '');
  return node instanceof Fault ? faulty(node) : { status: 200, json: describeNode(node) };
}

function updateNode({ parameters, body }: Call, manager: Manager): Answer {
  const { store } = manager;
  const node = store.node(parameters[0] ?? '');
  if (node instanceof Fault) return faulty(node);
  const {
    Availability = 'active',
    Role = node.role,
    Labels = {},
  } = (body ?? {}) as {
    Availability?: string;
    Role?: string;
    Labels?: Record<string, string>;
  };
  if (!['active', 'pause', 'drain'].includes(Availability)) return invalid(`invalid Availability: "${Availability}"`);
  if (Role !== 'worker' && Role !== 'manager') return invalid(`invalid Role: "${Role}"`);
  if (node.role === 'manager' && Role === 'worker') {
    const managers = [...store.nodes.values()].filter(({ role }) => role === 'manager').length;
    if (managers === 1) return faulty(new Fault('FailedPrecondition', 'attempting to demote the last manager of the swarm'));
    if (node.leader) return notModelled('demoting the leader of a swarm');
  }
  Object.assign(node, { availability: Availability as Availability, role: Role, labels: Labels });
  store.touch(node);
  manager.changed();
  return { status: 200 };
}

function removeNode({ parameters, query }: Call, manager: Manager): Answer {
  const { store } = manager;
  const node = store.node(parameters[0] ?? '');
  if (node instanceof Fault) return faulty(node);
  const refuse = (reason: string): Refusal => faulty(new Fault('FailedPrecondition', `node ${node.id} ${reason}`));
  if (node.role === 'manager') {
    return refuse('is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal');
  }
  if (node.state !== 'down' && !flag(query.force)) return refuse("is not down and can't be removed");
  store.nodes.delete(node.id);
  for (const [key, attachment] of store.attachments) {
    if (attachment.node !== node.id) continue;
    store.addresses.pool(attachment.network)?.release(attachment.address);
    store.attachments.delete(key);
  }
  manager.allocator.keepBalancers(node.id, new Set());
  manager.changed();
  return { status: 200 };
}
