import { type Blocking, need } from '../../../host/wait.ts';
import { EPOCH_SECONDS, type Micros, MILLISECOND, SECOND } from '../../../base/time.ts';
import { parseRfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import type { EndpointSettings } from '../container/settings.ts';
import { connectContainer, disconnectContainer } from '../network/connect.ts';
import { endpointSettings } from '../network/endpoint.ts';
import { members, Swarm } from '../swarm/swarm.ts';
import { createSwarmNetwork, removeSwarmNetwork, userOf } from '../swarm/networks.ts';
import { Fault, type SwarmNetwork } from '../swarm/objects.ts';
import { atLeader } from './leader.ts';
import { createNetwork, type NetworkRequest } from '../network/create.ts';
import { describeNetwork } from '../network/describe.ts';
import type { Network } from '../network/network.ts';
import { invalid, Refusal } from '../refusal.ts';
import { type Filters, hasLabels, parseFilters, passes } from './filters.ts';
import type { Answer, Call, Route } from './route.ts';

/** Routes of /networks. */
export const networkRoutes: readonly Route[] = [
  { method: 'GET', path: '/networks', handle: list },
  { method: 'POST', path: '/networks/create', handle: create },
  { method: 'POST', path: '/networks/prune', handle: prune },
  { method: 'GET', path: '/networks/{id}', handle: inspect },
  { method: 'DELETE', path: '/networks/{id}', handle: remove },
  { method: 'POST', path: '/networks/{id}/connect', handle: connect },
  { method: 'POST', path: '/networks/{id}/disconnect', handle: disconnect },
];

function networkEvent(engine: Engine, network: Network, action: string, attributes: Record<string, string> = {}): void {
  engine.events.log(engine.host.now, 'network', action, network.id, { ...attributes, name: network.name, type: network.driver });
}

const CHANGE_COST = 10 * MILLISECOND;

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  if (filters instanceof Refusal) return filters;
  const bad = badValue(filters);
  if (bad) return bad;
  const selected = engine.networks
    .list()
    .filter(
      (network) =>
        passes(filters, 'driver', (driver) => network.driver === driver) &&
        passes(filters, 'id', (text) => network.id.startsWith(text)) &&
        passes(filters, 'name', (text) => network.name.includes(text)) &&
        passes(filters, 'scope', (scope) => (scope === 'swarm') === (network.overlay !== undefined)) &&
        passes(filters, 'type', (type) => (type === 'builtin') === network.predefined) &&
        passes(filters, 'dangling', (dangling) => isTrue(dangling) === (!network.predefined && network.endpoints.size === 0)) &&
        hasLabels(filters, network.labels),
    );
  const swarmWide = (yield* elsewhere(engine)).filter(
    (network) =>
      passes(filters, 'driver', (driver) => network.Driver === driver) &&
      passes(filters, 'id', (text) => network.Id.startsWith(text)) &&
      passes(filters, 'name', (text) => network.Name.includes(text)) &&
      passes(filters, 'scope', (scope) => scope === 'swarm') &&
      passes(filters, 'type', (type) => type === 'custom') &&
      passes(filters, 'dangling', isTrue) &&
      hasLabels(filters, network.Labels ?? {}),
  );
  return { status: 200, json: [...selected.map((network) => describeNetwork(network, false)), ...swarmWide] };
}

/** The swarm's networks that only its managers know. */
function* elsewhere(engine: Engine): Blocking<SwarmNetworkJson[]> {
  const { swarm } = engine;
  if (swarm.manager) {
    const { describeSwarmNetwork } = yield* need(members);
    const networks = [...swarm.manager.store.networks.values()].filter(({ id }) => !swarm.agent?.overlays.find(id));
    return networks.map((network) => describeSwarmNetwork(network) as unknown as SwarmNetworkJson);
  }
  if (!swarm.isManager) return [];
  const answer = yield* swarm.forward({ method: 'GET', path: '/networks', query: { filters: '{"scope":["swarm"]}' }, body: null });
  const all = answer instanceof Refusal ? [] : (answer.json as SwarmNetworkJson[]);
  return all.filter(({ Id }) => !swarm.agent?.overlays.find(Id)).map((network) => ({ ...network, Containers: null }));
}

interface SwarmNetworkJson {
  Id: string;
  Name: string;
  Driver: string;
  Containers: unknown;
  Labels: Record<string, string> | null;
}

function isTrue(text: string): boolean {
  return text === 'true' || text === '1';
}

function badValue(filters: Filters): Refusal | undefined {
  const type = filters.get('type')?.find((value) => value !== 'builtin' && value !== 'custom');
  if (type !== undefined) return invalid(`invalid filter: 'type'='${type}'`);
  if (filters.get('dangling')?.every((value) => ['true', '1', 'false', '0'].includes(value)) === false) {
    return invalid('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")');
  }
  return undefined;
}

const createAtLeader = atLeader(({ body }, manager) => {
  const network = createSwarmNetwork(manager, (body ?? {}) as NetworkRequest);
  return network instanceof Refusal ? network : { status: 201, json: { Id: network.id, Warning: '' } };
});

function* create(call: Call): Blocking<Answer> {
  const { engine, body } = call;
  const { Driver, Scope, Name = '' } = (body ?? {}) as NetworkRequest;
  if (Scope === 'swarm' || Driver === 'overlay') {
    if (!engine.swarm.isManager) return Swarm.notInSwarm();
    if (!(engine.networks.find(Name) instanceof Refusal) && engine.networks.list().some(({ name }) => name === Name)) {
      return new Refusal(409, `network with name ${Name} already exists`);
    }
    return yield* createAtLeader(call);
  }
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const network = createNetwork(engine, (body ?? {}) as NetworkRequest);
  if (network instanceof Refusal) return network;
  networkEvent(engine, network, 'create');
  return { status: 201, json: { Id: network.id, Warning: '' } };
}

function* prune({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['label', 'label!', 'until']);
  if (filters instanceof Refusal) return filters;
  const until = pruneLimit(engine, filters);
  if (until instanceof Refusal) return until;
  const without = new Map([['label', filters.get('label!') ?? []]]);
  const unused = engine.networks
    .list()
    .filter(
      (network) =>
        !network.predefined &&
        !network.overlay &&
        network.endpoints.size === 0 &&
        (until === undefined || network.created <= until) &&
        hasLabels(filters, network.labels) &&
        (!filters.has('label!') || !hasLabels(without, network.labels)),
    )
    .filter((network) => !(engine.networks.remove(network) instanceof Refusal));
  for (const network of unused) networkEvent(engine, network, 'destroy');
  const names = [...unused.map((network) => network.name), ...pruneSwarm(engine, filters)];
  return { status: 200, json: { NetworksDeleted: names.length > 0 ? names : null } };
}

/** The swarm's networks that nobody uses; without filters only. */
function pruneSwarm(engine: Engine, filters: Filters): string[] {
  const { manager } = engine.swarm;
  if (!manager || filters.size > 0) return [];
  const unused = [...manager.store.networks.values()].filter((network) => !network.ingress && !userOf(manager, network));
  return unused.filter((network) => !removeSwarmNetwork(manager, network)).map(({ name }) => name);
}

/** `until=1h30m` or a time: only what was made before. */
function pruneLimit(engine: Engine, filters: Filters): Micros | undefined | Refusal {
  const [text, ...more] = filters.get('until') ?? [];
  if (text === undefined) return undefined;
  if (more.length > 0) return invalid('more than one until filter specified');
  if (/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) {
    const units: Readonly<Record<string, Micros>> = { h: 3_600 * SECOND, m: 60 * SECOND, s: SECOND, ms: MILLISECOND };
    let span = 0;
    for (const [, amount, unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) span += Number(amount) * (units[unit] ?? 0);
    return engine.host.now - span;
  }
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : parseRfc3339(text);
  return seconds === undefined ? invalid(`failed to parse value as time or duration: "${text}"`) : (seconds - EPOCH_SECONDS) * SECOND;
}

/** The network as the managers know it, for one that this host isn't on. */
function swarmNetwork(engine: Engine, text: string): SwarmNetwork | undefined {
  const found = engine.swarm.manager?.store.network(text);
  return found instanceof Fault ? undefined : found;
}

function* inspect({ engine, parameters }: Call): Blocking<Answer> {
  const [text = ''] = parameters;
  const network = engine.networks.find(text);
  if (!(network instanceof Refusal)) return { status: 200, json: describeNetwork(network) };
  const known = (yield* elsewhere(engine)).find(({ Name, Id }) => Name === text || (text !== '' && Id.startsWith(text)));
  return known ? { status: 200, json: known } : network;
}

const removeAtLeader = atLeader(({ engine, parameters }, manager) => {
  const network = swarmNetwork(engine, parameters[0] ?? '');
  if (!network) return new Refusal(404, `network ${parameters[0]} not found`);
  return removeSwarmNetwork(manager, network) ?? { status: 204 };
});

function* remove(call: Call): Blocking<Answer> {
  const { engine, parameters } = call;
  const network = engine.networks.find(parameters[0] ?? '');
  const known = (yield* elsewhere(engine)).some(({ Name, Id }) => Name === parameters[0] || Id.startsWith(parameters[0] ?? ''));
  if (network instanceof Refusal ? known : network.overlay) return yield* removeAtLeader(call);
  if (network instanceof Refusal) return network;
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const refusal = engine.networks.remove(network);
  if (refusal) return refusal;
  networkEvent(engine, network, 'destroy');
  return { status: 204 };
}

function* connect({ engine, parameters, body }: Call): Blocking<Answer> {
  const [name = ''] = parameters;
  const { Container: text = '', EndpointConfig } = (body ?? {}) as { Container?: string; EndpointConfig?: Partial<EndpointSettings> };
  const container = engine.containers.find(text);
  if (container instanceof Refusal) return container;
  const unattached = container.running
    ? yield* engine.swarm.agent?.attach(name, container, EndpointConfig?.IPAMConfig?.IPv4Address) ?? nothing()
    : undefined;
  if (unattached) return unattached;
  const network = engine.networks.find(name);
  if (network instanceof Refusal) {
    if (container.running) return network;
    // A container that doesn't run takes any name; its next start will miss the network.
    container.networks.set(name, endpointSettings(EndpointConfig));
    return { status: 200 };
  }
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const refusal = connectContainer(engine, network, container, endpointSettings(EndpointConfig));
  if (refusal) return refusal;
  if (container.running) networkEvent(engine, network, 'connect', { container: container.id });
  return { status: 200 };
}

function* nothing(): Blocking<undefined> {
  return undefined;
}

function* disconnect({ engine, parameters, body }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  if (network instanceof Refusal) return network;
  const { Container: text = '' } = (body ?? {}) as { Container?: string };
  const container = engine.containers.find(text);
  if (container instanceof Refusal) return container;
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const refusal = disconnectContainer(engine, network, container);
  if (refusal) return refusal;
  if (container.running) networkEvent(engine, network, 'disconnect', { container: container.id });
  return { status: 200 };
}
