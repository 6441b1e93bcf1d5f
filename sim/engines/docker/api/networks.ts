import type { Blocking } from '../../../host/wait.ts';
import { MILLISECOND } from '../../../base/time.ts';
import type { EndpointSettings } from '../container/settings.ts';
import { connectContainer, disconnectContainer, endpointSettings } from '../network/connect.ts';
import { createNetwork, type NetworkRequest } from '../network/create.ts';
import { describeNetwork } from '../network/describe.ts';
import { notModelled, Refusal } from '../refusal.ts';
import { hasLabels, parseFilters, passes } from './filters.ts';
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

const CHANGE_COST = 10 * MILLISECOND;

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  if (filters instanceof Refusal) return filters;
  const selected = engine.networks
    .list()
    .filter(
      (network) =>
        passes(filters, 'driver', (driver) => network.driver === driver) &&
        passes(filters, 'id', (text) => network.id.startsWith(text)) &&
        passes(filters, 'name', (text) => network.name.includes(text)) &&
        passes(filters, 'scope', (scope) => scope === 'local') &&
        passes(filters, 'type', (type) => (type === 'builtin') === network.predefined) &&
        passes(filters, 'dangling', (dangling) => (dangling === 'true') === (!network.predefined && network.endpoints.size === 0)) &&
        hasLabels(filters, network.labels),
    );
  return { status: 200, json: selected.map((network) => describeNetwork(network, false)) };
}

function* create({ engine, body }: Call): Blocking<Answer> {
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const network = createNetwork(engine, (body ?? {}) as NetworkRequest);
  return network instanceof Refusal ? network : { status: 201, json: { Id: network.id, Warning: '' } };
}

function* prune({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['label', 'label!', 'until']);
  if (filters instanceof Refusal) return filters;
  if (filters.size > 0) return notModelled('a filter of prune');
  const unused = engine.networks.list().filter((network) => !network.predefined && network.endpoints.size === 0);
  for (const network of unused) engine.networks.remove(network);
  return { status: 200, json: { NetworksDeleted: unused.length > 0 ? unused.map((network) => network.name) : null } };
}

// biome-ignore lint/correctness/useYield: handlers are generators; this one never waits
function* inspect({ engine, parameters }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  return network instanceof Refusal ? network : { status: 200, json: describeNetwork(network) };
}

function* remove({ engine, parameters }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  if (network instanceof Refusal) return network;
  yield { on: [], until: engine.host.now + CHANGE_COST };
  return engine.networks.remove(network) ?? { status: 204 };
}

function* connect({ engine, parameters, body }: Call): Blocking<Answer> {
  const [name = ''] = parameters;
  const network = engine.networks.find(name);
  const { Container: text = '', EndpointConfig } = (body ?? {}) as { Container?: string; EndpointConfig?: Partial<EndpointSettings> };
  const container = engine.containers.find(text);
  if (container instanceof Refusal) return container;
  if (network instanceof Refusal) {
    if (container.running) return network;
    // A container that doesn't run takes any name; its next start will miss the network.
    container.networks.set(name, endpointSettings(EndpointConfig));
    return { status: 200 };
  }
  yield { on: [], until: engine.host.now + CHANGE_COST };
  return connectContainer(engine, network, container, endpointSettings(EndpointConfig)) ?? { status: 200 };
}

function* disconnect({ engine, parameters, body }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  if (network instanceof Refusal) return network;
  const { Container: text = '' } = (body ?? {}) as { Container?: string };
  const container = engine.containers.find(text);
  if (container instanceof Refusal) return container;
  yield { on: [], until: engine.host.now + CHANGE_COST };
  return disconnectContainer(engine, network, container) ?? { status: 200 };
}
