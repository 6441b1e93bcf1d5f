import type { Container } from '../container/container.ts';
import { openLinks, parentsOf } from '../container/links.ts';
import type { EndpointSettings } from '../container/settings.ts';
import type { Engine } from '../engine.ts';
import { invalid, Refusal } from '../refusal.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { attach, detach } from './endpoint.ts';
import { provideGateway } from './gateway-bridge.ts';
import { writeHosts, writeNetworkFiles } from './files.ts';
import { hasNames } from './names.ts';
import type { Network } from './network.ts';
import { Sandbox } from './sandbox.ts';
import { chooseWayOut } from './way-out.ts';

/** Gives a starting container its namespace and its place on each of its networks. */
export function setUpNetworking(engine: Engine, container: Container): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return joinContainer(engine, container, mode.slice('container:'.length));
  const id = engine.random(`sandbox/${container.name}/${container.id}/${engine.serial(`sandbox/${container.id}`)}`).hex(64);
  container.sandbox = new Sandbox(engine.host, id, engine.openRtNetlink, mode === 'host' ? 'host' : container.name);
  const failed = attachAll(engine, container) ?? chooseWayOut(engine, container);
  if (failed) {
    tearDownNetworking(engine, container);
    return new Refusal(failed.status, `failed to set up container networking: ${failed.message}`);
  }
  const links = openLinks(engine, container);
  if (links) {
    tearDownNetworking(engine, container);
    return links;
  }
  writeNetworkFiles(engine, container);
  for (const parent of parentsOf(engine, container)) if (parent.running) writeHosts(engine, parent);
  return undefined;
}

function attachAll(engine: Engine, container: Container): Refusal | undefined {
  for (const [name, settings] of networksInOrder(container)) {
    const network = findKnown(engine, container, name);
    const endpoint = network instanceof Refusal ? network : attach(engine, container, network, settings);
    if (endpoint instanceof Refusal) return endpoint;
    const failed = container.sandbox && provideGateway(engine, container.sandbox, container);
    if (failed) return failed;
  }
  return undefined;
}

/** The network of that name, if it is still the one that the container has seen. */
function findKnown(engine: Engine, container: Container, name: string): Network | Refusal {
  const network = engine.networks.find(name);
  const id = container.networkIds.get(name);
  if (!(network instanceof Refusal) && id !== undefined && network.id !== id) return new Refusal(404, `network ${id} not found`);
  if (network instanceof Refusal && container.networks.size > 1 && name === container.hostConfig.NetworkMode) {
    return new Refusal(network.status, `could not find a network matching network mode ${name}: ${network.message}`);
  }
  return network;
}

/** The one of the network mode first, the others by name. */
function networksInOrder(container: Container): [string, EndpointSettings][] {
  const first = container.hostConfig.NetworkMode;
  return [...container.networks].sort(([a], [b]) => (a === first ? -1 : b === first ? 1 : a < b ? -1 : 1));
}

function joinContainer(engine: Engine, container: Container, target: string): Refusal | undefined {
  const other = engine.containers.find(target);
  if (other instanceof Refusal) return new Refusal(other.status, `joining network namespace of container: ${other.message}`);
  if (!other.running || !other.sandbox) {
    return new Refusal(409, `cannot join network namespace of a non running container: container ${other.name} is ${other.status}`);
  }
  container.sandbox = other.sandbox;
  container.config.Hostname = other.config.Hostname;
  container.files.hosts.bytes = other.files.hosts.bytes;
  container.files.resolvConf.bytes = other.files.resolvConf.bytes;
  container.files.hostname.bytes = other.files.hostname.bytes;
  return undefined;
}

/** Undoes `setUpNetworking`: what the container took is free again at once. */
export function tearDownNetworking(engine: Engine, container: Container): void {
  const { sandbox } = container;
  if (!sandbox) return;
  for (const endpoint of sandbox.endpoints.filter((candidate) => candidate.container === container)) detach(engine, sandbox, endpoint);
  container.sandbox = undefined;
  if (!container.hostConfig.NetworkMode.startsWith('container:')) sandbox.release();
}

/** `docker network connect` on a container that runs, or for its next start. */
export function connectContainer(engine: Engine, network: Network, container: Container, settings: EndpointSettings): Refusal | undefined {
  const refusal = mayConnect(network, container) ?? endpointRefusal(network, settings);
  if (refusal) return refusal;
  if (!container.running) {
    container.networks.set(network.name, settings);
    container.networkIds.delete(network.name);
    if (hasNames(network)) container.named.add(network.name);
    return undefined;
  }
  if (network.endpoints.has(container.id)) {
    return new Refusal(403, `endpoint with name ${container.name} already exists in network ${network.name}`);
  }
  container.networks.set(network.name, settings);
  const endpoint = attach(engine, container, network, settings);
  const failed = endpoint instanceof Refusal ? endpoint : chooseWayOut(engine, container);
  if (failed) {
    container.networks.delete(network.name);
    if (!(endpoint instanceof Refusal) && container.sandbox) detach(engine, container.sandbox, endpoint);
    chooseWayOut(engine, container);
    return failed;
  }
  writeNetworkFiles(engine, container);
  return undefined;
}

function endpointRefusal(network: Network, settings: EndpointSettings): Refusal | undefined {
  const problem = checkEndpoint(network, settings);
  return problem === undefined ? undefined : invalid(problem);
}

function mayConnect(network: Network, container: Container): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (network.driver === 'host')
    return invalid('cannot connect container to host network - container must be created in host network mode');
  if (mode === 'host' || mode.startsWith('container:')) {
    return invalid('container sharing network namespace with another container or host cannot be connected to any other network');
  }
  if (container.networks.has('none') || network.driver === 'null') {
    return invalid('container cannot be connected to multiple networks with one of the networks in private (none) mode');
  }
  return undefined;
}

export function disconnectContainer(engine: Engine, network: Network, container: Container): Refusal | undefined {
  if (container.hostConfig.NetworkMode === 'host' && network.driver === 'host') {
    return invalid('cannot disconnect container from host network - container was created in host network mode');
  }
  if (!container.networks.has(network.name)) {
    const which = container.running ? `network ${network.name}` : `the network ${network.name}`;
    return new Refusal(container.running ? 403 : 500, `container ${container.id} is not connected to ${which}`);
  }
  const endpoint = network.endpoints.get(container.id);
  if (endpoint && container.sandbox) detach(engine, container.sandbox, endpoint);
  container.networks.delete(network.name);
  container.networkIds.delete(network.name);
  container.named.delete(network.name);
  if (!container.running) return undefined;
  const failed = chooseWayOut(engine, container);
  writeNetworkFiles(engine, container);
  return failed;
}
