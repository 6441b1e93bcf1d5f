import { formatIPv4, formatMac, type IPv4, parseIPv4, parseMac } from '../../../base/address.ts';
import { encode } from '../../../base/bytes.ts';
import { randomMac } from '../../../base/random.ts';
import type { Container } from '../container/container.ts';
import { DEFAULT_ENDPOINT, type EndpointSettings } from '../container/settings.ts';
import type { Engine } from '../engine.ts';
import { invalid, Refusal } from '../refusal.ts';
import { gatewayOf, plugIn, setDefaultRoute, unplug } from './bridge.ts';
import { containerHosts, extraHost } from './hosts-file.ts';
import { contains } from './ipam.ts';
import type { Endpoint, Network } from './network.ts';
import { containerResolvConf } from './resolv-conf.ts';
import { Sandbox } from './sandbox.ts';

/** Gives a starting container its namespace and its place on each of its networks. */
export function setUpNetworking(engine: Engine, container: Container): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return joinContainer(engine, container, mode.slice('container:'.length));
  const id = engine.random(`sandbox/${container.name}/${container.id}/${engine.serial(`sandbox/${container.id}`)}`).hex(64);
  container.sandbox = new Sandbox(engine.host, id, engine.openRtNetlink, mode === 'host' ? 'host' : container.name);
  for (const [name, settings] of networksInOrder(container)) {
    const network = engine.networks.find(name);
    const endpoint = network instanceof Refusal ? network : attach(engine, container, network, settings);
    if (endpoint instanceof Refusal) {
      tearDownNetworking(engine, container);
      return new Refusal(endpoint.status, `failed to set up container networking: ${endpoint.message}`);
    }
  }
  chooseDefaultRoute(container);
  writeNetworkFiles(engine, container);
  return undefined;
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

/** Adds an endpoint on a network, and its interface. */
function attach(engine: Engine, container: Container, network: Network, settings: EndpointSettings): Endpoint | Refusal {
  const sandbox = container.sandbox as Sandbox;
  const endpoint: Endpoint = {
    id: engine.random(`endpoint/${network.name}/${container.id}/${engine.serial(`endpoint/${container.id}`)}`).hex(64),
    network,
    container,
  };
  if (network.ipam) {
    const address = takeAddress(network, settings.IPAMConfig?.IPv4Address);
    if (address instanceof Refusal) return address;
    endpoint.address = { address, length: network.ipam.pool.subnet.length };
    endpoint.mac = parseMac(settings.MacAddress) ?? randomMac(engine.random(`mac/${endpoint.id}`));
    const failed = plugIn(engine, endpoint, sandbox);
    if (failed) {
      network.ipam.pool.release(address);
      return failed;
    }
  }
  network.endpoints.set(container.id, endpoint);
  container.networkIds.set(network.name, network.id);
  sandbox.endpoints.push(endpoint);
  return endpoint;
}

function takeAddress(network: Network, wanted: string | undefined): IPv4 | Refusal {
  const pool = network.ipam?.pool;
  if (!pool) return new Refusal(500, `network ${network.name} has no addresses`);
  if (wanted) return pool.takeThis(parseIPv4(wanted) ?? 0) ? (parseIPv4(wanted) as IPv4) : new Refusal(403, 'Address already in use');
  return pool.take() ?? new Refusal(403, `no available IPv4 addresses on this network's address pools: ${network.name} (${network.id})`);
}

function detach(engine: Engine, sandbox: Sandbox, endpoint: Endpoint): void {
  unplug(engine, endpoint, sandbox);
  if (endpoint.address) endpoint.network.ipam?.pool.release(endpoint.address.address);
  endpoint.network.endpoints.delete(endpoint.container.id);
  sandbox.endpoints.splice(sandbox.endpoints.indexOf(endpoint), 1);
}

/** The endpoint with the highest gw-priority has the default route; ties go by the networks' names. */
function chooseDefaultRoute(container: Container): void {
  const { sandbox } = container;
  if (!sandbox || container.hostConfig.NetworkMode === 'host') return;
  const candidates = sandbox.endpoints.filter((endpoint) => endpoint.device && gatewayOf(endpoint.network) !== undefined);
  const priority = (endpoint: Endpoint): number => container.networks.get(endpoint.network.name)?.GwPriority ?? 0;
  candidates.sort((a, b) => priority(b) - priority(a) || (a.network.name < b.network.name ? -1 : 1));
  setDefaultRoute(sandbox, candidates[0]);
}

/** `docker network connect` on a container that runs, or for its next start. */
export function connectContainer(engine: Engine, network: Network, container: Container, settings: EndpointSettings): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (network.driver === 'host')
    return invalid('cannot connect container to host network - container must be created in host network mode');
  if (mode === 'host' || mode.startsWith('container:')) {
    return invalid('container sharing network namespace with another container or host cannot be connected to any other network');
  }
  if (mode === 'none' || network.driver === 'null') {
    return invalid('container cannot be connected to multiple networks with one of the networks in private (none) mode');
  }
  const refusal = checkEndpoint(network, settings);
  if (refusal) return refusal;
  if (!container.running) {
    container.networks.set(network.name, settings);
    return undefined;
  }
  if (network.endpoints.has(container.id)) {
    return new Refusal(403, `endpoint with name ${container.name} already exists in network ${network.name}`);
  }
  const endpoint = attach(engine, container, network, settings);
  if (endpoint instanceof Refusal) return endpoint;
  container.networks.set(network.name, settings);
  chooseDefaultRoute(container);
  writeNetworkFiles(engine, container);
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
  if (endpoint && container.sandbox) {
    detach(engine, container.sandbox, endpoint);
    chooseDefaultRoute(container);
  }
  container.networks.delete(network.name);
  if (container.running) writeNetworkFiles(engine, container);
  return undefined;
}

/** What the Engine checks about an address that was asked for (daemon/network `ValidateEndpointSettings`). */
export function checkEndpoint(network: Network, settings: EndpointSettings): Refusal | undefined {
  const problems: string[] = [];
  const wanted = settings.IPAMConfig?.IPv4Address;
  if (wanted !== undefined && wanted !== '') {
    const address = parseIPv4(wanted);
    if (network.predefined) problems.push('* user specified IP address is supported on user defined networks only');
    if (address === undefined) problems.push(`* invalid IPv4 address: ${wanted}`);
    if (!network.ipam?.configured) {
      problems.push('* user specified IP address is supported only when connecting to networks with user configured subnets');
    } else if (address !== undefined && !contains(network.ipam.pool.subnet, address)) {
      problems.push(`* no configured subnet or ip-range contain the IP address ${wanted}`);
    }
  }
  if (problems.length === 0) return undefined;
  // A single complaint stands without its bullet (multierror.Join).
  const text = problems.length === 1 ? (problems[0] as string).slice(2) : problems.join('\n');
  return invalid(`invalid config for network ${network.name}: invalid endpoint settings:\n${text}`);
}

/** Writes /etc/hosts and /etc/resolv.conf as they follow from the networks it is on. */
function writeNetworkFiles(engine: Engine, container: Container): void {
  const { hostConfig, config, files, sandbox } = container;
  const hostText = engine.hostFile('/etc/resolv.conf');
  const overrides = { nameservers: hostConfig.Dns, search: hostConfig.DnsSearch, options: hostConfig.DnsOptions };
  if (hostConfig.NetworkMode === 'host') {
    files.hosts.bytes = encode(engine.hostFile('/etc/hosts'));
    files.resolvConf.bytes = encode(containerResolvConf(hostText, overrides, 'host'));
    return;
  }
  const gateway = engine.networks.list().find((network) => network.name === 'bridge')?.ipam?.gateway ?? 0;
  const extra = (hostConfig.ExtraHosts ?? []).map((text) => extraHost(text, formatIPv4(gateway)));
  const names = config.Domainname === '' ? config.Hostname : `${config.Hostname}.${config.Domainname} ${config.Hostname}`;
  const own = (sandbox?.endpoints ?? []).flatMap((endpoint) =>
    endpoint.address ? [{ address: formatIPv4(endpoint.address.address), names }] : [],
  );
  files.hosts.bytes = encode(containerHosts(extra, own));
  const userDefined = (sandbox?.endpoints ?? []).some((endpoint) => !endpoint.network.predefined);
  files.resolvConf.bytes = encode(containerResolvConf(hostText, overrides, userDefined ? 'internal' : 'legacy'));
}

/** Endpoint settings from a request's partial ones. */
export function endpointSettings(partial: Partial<EndpointSettings> | undefined): EndpointSettings {
  return { ...DEFAULT_ENDPOINT, ...partial };
}

/** The text form of an endpoint's MAC, empty where there is none. */
export function macText(endpoint: Endpoint | undefined): string {
  return endpoint?.mac === undefined ? '' : formatMac(endpoint.mac);
}
