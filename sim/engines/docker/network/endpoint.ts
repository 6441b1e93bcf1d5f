import { formatMac, type IP, parseIP, parseMac } from '../../../base/address.ts';
import { randomMac } from '../../../base/random.ts';
import type { Container } from '../container/container.ts';
import { DEFAULT_ENDPOINT, type EndpointSettings } from '../container/settings.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { driverOf } from './drivers.ts';
import { hasNames } from './names.ts';
import type { Endpoint, Network, NetworkAddresses } from './network.ts';
import type { Sandbox } from './sandbox.ts';

/** Adds an endpoint on a network, and its interface. */
export function attach(engine: Engine, container: Container, network: Network, settings: EndpointSettings): Endpoint | Refusal {
  const sandbox = container.sandbox as Sandbox;
  const endpoint: Endpoint = {
    id: engine.random(`endpoint/${network.name}/${container.id}/${engine.serial(`endpoint/${container.id}`)}`).hex(64),
    network,
    container,
  };
  const driver = driverOf(network);
  if (driver.addressed) {
    if (driver.ownMac ?? true) endpoint.mac = parseMac(settings.MacAddress) ?? randomMac(engine.random(`mac/${endpoint.id}`));
    const failed = takeAddresses(endpoint, settings) ?? driver.join?.(engine, endpoint, sandbox);
    if (failed) {
      driver.leave?.(engine, endpoint, sandbox);
      releaseAddresses(endpoint);
      return failed;
    }
  }
  network.endpoints.set(container.id, endpoint);
  container.networkIds.set(network.name, network.id);
  if (hasNames(network)) container.named.add(network.name);
  sandbox.endpoints.push(endpoint);
  return endpoint;
}

/** Takes an endpoint away with all that it had. */
export function detach(engine: Engine, sandbox: Sandbox, endpoint: Endpoint): void {
  const driver = driverOf(endpoint.network);
  if (endpoint.ports) driver.closePorts?.(engine, endpoint);
  if (driver.addressed) driver.leave?.(engine, endpoint, sandbox);
  releaseAddresses(endpoint);
  endpoint.network.endpoints.delete(endpoint.container.id);
  sandbox.endpoints.splice(sandbox.endpoints.indexOf(endpoint), 1);
}

/** An address of each of the network's families; those of a swarm were given by its managers. */
export function takeAddresses(endpoint: Endpoint, settings: EndpointSettings): Refusal | undefined {
  const { network } = endpoint;
  if (network.overlay) return takeReserved(endpoint, network.overlay);
  if (network.ipam) {
    const address = takeAddress(network, network.ipam, settings.IPAMConfig?.IPv4Address, 'IPv4');
    if (address instanceof Refusal) return address;
    endpoint.address = { address, length: network.ipam.pool.subnet.length };
  }
  if (network.ipam6) {
    const address = takeAddress(network, network.ipam6, settings.IPAMConfig?.IPv6Address, 'IPv6');
    if (address instanceof Refusal) return address;
    endpoint.address6 = { address, length: network.ipam6.pool.subnet.length };
  }
  return undefined;
}

function takeReserved(endpoint: Endpoint, { reserved }: NonNullable<Network['overlay']>): Refusal | undefined {
  const address = reserved.get(endpoint.container.id);
  if (address === undefined || !endpoint.network.ipam) return new Refusal(500, `no address for ${endpoint.container.name}`);
  endpoint.address = { address, length: endpoint.network.ipam.pool.subnet.length };
  return undefined;
}

function takeAddress<A extends IP>(
  network: Network,
  { pool }: NetworkAddresses<A>,
  wanted: string | undefined,
  family: string,
): A | Refusal {
  if (!wanted) {
    const none = `no available ${family} addresses on this network's address pools: ${network.name} (${network.id})`;
    return pool.take() ?? new Refusal(403, none);
  }
  const address = parseIP(wanted) as A | undefined;
  return address !== undefined && pool.takeThis(address) ? address : new Refusal(403, 'Address already in use');
}

export function releaseAddresses({ network, address, address6, container }: Endpoint): void {
  if (network.overlay) {
    network.overlay.reserved.delete(container.id);
    return;
  }
  if (address) network.ipam?.pool.release(address.address);
  if (address6) network.ipam6?.pool.release(address6.address);
}

/** Endpoint settings from a request's partial ones. */
export function endpointSettings(partial: Partial<EndpointSettings> | undefined): EndpointSettings {
  return { ...DEFAULT_ENDPOINT, ...partial };
}

/** The text form of an endpoint's MAC, empty where there is none. */
export function macText(endpoint: Endpoint | undefined): string {
  return endpoint?.mac === undefined ? '' : formatMac(endpoint.mac);
}
