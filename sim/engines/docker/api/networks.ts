import type { Blocking } from '../../../host/wait.ts';
import { EPOCH_SECONDS, type Micros, MILLISECOND, SECOND } from '../../../base/time.ts';
import { parseRfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import type { EndpointSettings } from '../container/settings.ts';
import { connectContainer, disconnectContainer } from '../network/connect.ts';
import { endpointSettings } from '../network/endpoint.ts';
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
        passes(filters, 'scope', (scope) => scope === 'local') &&
        passes(filters, 'type', (type) => (type === 'builtin') === network.predefined) &&
        passes(filters, 'dangling', (dangling) => isTrue(dangling) === (!network.predefined && network.endpoints.size === 0)) &&
        hasLabels(filters, network.labels),
    );
  return { status: 200, json: selected.map((network) => describeNetwork(network, false)) };
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

function* create({ engine, body }: Call): Blocking<Answer> {
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
        network.endpoints.size === 0 &&
        (until === undefined || network.created <= until) &&
        hasLabels(filters, network.labels) &&
        (!filters.has('label!') || !hasLabels(without, network.labels)),
    )
    .filter((network) => !(engine.networks.remove(network) instanceof Refusal));
  for (const network of unused) networkEvent(engine, network, 'destroy');
  return { status: 200, json: { NetworksDeleted: unused.length > 0 ? unused.map((network) => network.name) : null } };
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

// biome-ignore lint/correctness/useYield: handlers are generators; this one never waits
function* inspect({ engine, parameters }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  return network instanceof Refusal ? network : { status: 200, json: describeNetwork(network) };
}

function* remove({ engine, parameters }: Call): Blocking<Answer> {
  const network = engine.networks.find(parameters[0] ?? '');
  if (network instanceof Refusal) return network;
  yield { on: [], until: engine.host.now + CHANGE_COST };
  const refusal = engine.networks.remove(network);
  if (refusal) return refusal;
  networkEvent(engine, network, 'destroy');
  return { status: 204 };
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
  const refusal = connectContainer(engine, network, container, endpointSettings(EndpointConfig));
  if (refusal) return refusal;
  if (container.running) networkEvent(engine, network, 'connect', { container: container.id });
  return { status: 200 };
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
