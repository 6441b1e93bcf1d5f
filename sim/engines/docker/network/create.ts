import { formatIP, formatPrefix, type IP, networkOf, parseIP, parsePrefix, type Prefix } from '../../../base/address.ts';
import type { Engine } from '../engine.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import type { NetworkDriver } from './driver.ts';
import { findDriver } from './drivers.ts';
import { type AddressPool, contains } from './ipam.ts';
import type { IpamConfig, Network, NetworkAddresses } from './network.ts';

/** One entry of `IPAM.Config` in a request. */
export interface SubnetRequest {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** The body of POST /networks/create. */
export interface NetworkRequest {
  Name?: string;
  Driver?: string;
  Scope?: string;
  Internal?: boolean;
  Attachable?: boolean;
  Ingress?: boolean;
  ConfigOnly?: boolean;
  ConfigFrom?: { Network: string } | null;
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  IPAM?: { Driver?: string; Config?: SubnetRequest[]; Options?: Record<string, string> };
  Options?: Record<string, string>;
  Labels?: Record<string, string>;
}

/** Makes a user-defined network: checks the request, takes subnets, lets the driver build what it needs. */
export function createNetwork(engine: Engine, request: NetworkRequest): Network | Refusal {
  const { networks } = engine;
  const name = request.Name ?? '';
  if (name.trim() === '') return invalid('invalid name: name is empty');
  const refusal = checkRequest(request) ?? (networks.predefinedName(name) ? predefined(name) : undefined);
  if (refusal) return refusal;
  if (networks.list().some((network) => network.name === name)) return new Refusal(409, `network with name ${name} already exists`);
  const template = templateOf(engine, request);
  if (template instanceof Refusal) return template;
  const problems = (template.IPAM?.Config ?? []).flatMap(subnetProblems);
  if (problems.length > 0) return invalid(`invalid network config:\n${problems.join('\n')}`);
  const network = describe(engine, name, template);
  if (network.configOnly) {
    networks.add(network);
    return network;
  }
  return build(engine, network, template);
}

/** The request with what `--config-from` adds. */
function templateOf(engine: Engine, request: NetworkRequest): NetworkRequest | Refusal {
  const from = request.ConfigFrom?.Network ?? '';
  if (from === '') return request;
  const network = engine.networks.find(from);
  if (network instanceof Refusal) return new Refusal(404, `configuration network "${from}" not found`);
  if (!network.configOnly) return new Refusal(403, `network "${from}" is not a configuration network`);
  const own = Object.keys(request.Labels ?? {}).length + Object.keys(request.Options ?? {}).length + (request.IPAM?.Config ?? []).length;
  if (own > 0 || request.EnableIPv6) {
    return new Refusal(403, 'user specified configurations are not supported if the network depends on a configuration network');
  }
  const { options, labels, ipamConfig, enableIPv6, internal } = network;
  return {
    ...request,
    Options: options,
    Labels: labels,
    EnableIPv6: enableIPv6,
    Internal: internal,
    IPAM: { ...request.IPAM, Config: ipamConfig ?? [] },
  };
}

function describe(engine: Engine, name: string, request: NetworkRequest): Network {
  return {
    id: engine.networks.newId(name),
    name,
    created: engine.host.now,
    driver: request.ConfigOnly ? 'null' : (request.Driver ?? 'bridge'),
    predefined: false,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    configOnly: request.ConfigOnly ?? false,
    configFrom: request.ConfigFrom?.Network ?? '',
    enableIPv4: request.EnableIPv4 ?? true,
    enableIPv6: request.EnableIPv6 ?? isTrue(request.Options?.['com.docker.network.enable_ipv6']),
    options: request.Options ?? {},
    labels: request.Labels ?? {},
    ipam: undefined,
    ipam6: undefined,
    ipamConfig: (request.IPAM?.Config ?? []).map(shownConfig),
    ipamOptions: request.IPAM?.Options ?? {},
    endpoints: new Map(),
  };
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

function shownConfig({ Subnet = '', IPRange, Gateway, AuxiliaryAddresses }: SubnetRequest): IpamConfig {
  return {
    Subnet,
    ...(IPRange ? { IPRange } : {}),
    ...(Gateway ? { Gateway } : {}),
    ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length > 0 ? { AuxiliaryAddresses } : {}),
  };
}

/** Takes the subnets, then lets the driver build; what was taken goes back on failure. */
function build(engine: Engine, network: Network, request: NetworkRequest): Network | Refusal {
  const driver = findDriver(network.driver) as NetworkDriver;
  if (!network.enableIPv4 && !network.enableIPv6) return invalid('IPv4 or IPv6 must be enabled');
  const refused = driver.check?.(engine, network) ?? takeSubnets(engine, driver, network, request) ?? driver.create?.(engine, network);
  if (!refused) {
    engine.networks.add(network);
    return network;
  }
  engine.networks.releaseAddresses(network);
  return refused;
}

function predefined(name: string): Refusal {
  return new Refusal(403, `operation is not permitted on predefined ${name} network`);
}

function checkRequest(request: NetworkRequest): Refusal | undefined {
  const name = request.Driver ?? 'bridge';
  if (request.Ingress) return new Refusal(400, 'Ingress network can only be global scope network');
  if (request.Scope === 'swarm') return new Refusal(400, 'cannot create a swarm scoped network when swarm is not active');
  const driver = findDriver(name);
  if (!driver) {
    return new Refusal(404, `plugin "${name}" not found`);
  }
  if (!driver.addressed) return new Refusal(403, `only one instance of "${name}" network is allowed`);
  const ipam = request.IPAM?.Driver ?? 'default';
  if (ipam === 'null') return new Refusal(500, 'ipv4 pool is empty');
  if (ipam !== 'default') return new Refusal(404, `plugin "${ipam}" not found`);
  return undefined;
}

/** What is wrong with a subnet's addresses, as lines (daemon/network `ValidateIPAM`). */
function subnetProblems(request: SubnetRequest): string[] {
  const subnet = parseSubnet(request.Subnet ?? '');
  if (!subnet) return [`invalid subnet ${request.Subnet}: invalid CIDR block notation`];
  const problems: string[] = [];
  const masked = { address: networkOf(subnet.address, subnet.length), length: subnet.length };
  if (masked.address !== subnet.address) problems.push(`invalid subnet ${request.Subnet}: it should be ${formatPrefix(masked)}`);
  if (request.IPRange) {
    const range = parseSubnet(request.IPRange);
    if (!range) problems.push(`invalid ip-range ${request.IPRange}: invalid CIDR block notation`);
    else if (!contains(subnet, range.address) || range.length < subnet.length) {
      problems.push(`invalid ip-range ${request.IPRange}: parent subnet ${request.Subnet} doesn't contain ip-range`);
    }
  }
  const inside = (what: string, text: string): void => {
    const address = parseIP(text);
    if (address === undefined) problems.push(`invalid ${what} ${text}: invalid address`);
    else if (!contains(subnet, address)) {
      problems.push(`invalid ${what} ${text}: parent subnet ${request.Subnet} doesn't contain this address`);
    }
  };
  if (request.Gateway) inside('gateway', request.Gateway);
  for (const [name, address] of Object.entries(request.AuxiliaryAddresses ?? {})) inside(`auxiliary address ${name}`, address);
  return problems;
}

/** Reserves the subnets that were asked for, and a default one for a family without. */
function takeSubnets(engine: Engine, driver: NetworkDriver, network: Network, request: NetworkRequest): Refusal | undefined {
  const configs = request.IPAM?.Config ?? [];
  const of = (family: 4 | 6): SubnetRequest[] => configs.filter(({ Subnet = '' }) => Subnet.includes(':') === (family === 6));
  if (driver.name === 'bridge' && (of(4).length > 1 || of(6).length > 1)) {
    return new Refusal(403, "bridge driver doesn't support multiple subnets");
  }
  if (of(4).length > 1 || of(6).length > 1) return notModelled(`a network of the driver '${driver.name}' with several subnets`);
  if (network.enableIPv4) {
    const taken = takeSubnet(engine, driver, network, 4, of(4)[0]);
    if (taken instanceof Refusal) return taken;
    network.ipam = taken as Network['ipam'];
  }
  if (network.enableIPv6) {
    const taken = takeSubnet(engine, driver, network, 6, of(6)[0]);
    if (taken instanceof Refusal) return taken;
    network.ipam6 = taken as Network['ipam6'];
  }
  return undefined;
}

function takeSubnet(
  engine: Engine,
  driver: NetworkDriver,
  network: Network,
  family: 4 | 6,
  request: SubnetRequest | undefined,
): NetworkAddresses<IP> | Refusal {
  const pool = requestPool(engine, driver, family, request);
  if (pool instanceof Refusal) return pool;
  const wanted = request?.Gateway ? parseIP(request.Gateway) : undefined;
  const has = driver.hasGateway?.(network, family) ?? true;
  const gateway = has || wanted !== undefined ? takeGateway(pool, wanted) : undefined;
  if (gateway instanceof Refusal) {
    engine.networks.addresses.release(pool);
    return gateway;
  }
  for (const address of Object.values(request?.AuxiliaryAddresses ?? {})) {
    const parsed = parseIP(address);
    if (parsed !== undefined) pool.takeThis(parsed);
  }
  if (!request?.Subnet) {
    const shown = { Subnet: formatPrefix(pool.subnet), ...(gateway === undefined ? {} : { Gateway: formatIP(gateway) }) };
    network.ipamConfig = [...(network.ipamConfig ?? []), shown];
  }
  return { pool, gateway, configured: request?.Subnet !== undefined };
}

function requestPool(engine: Engine, driver: NetworkDriver, family: 4 | 6, request: SubnetRequest | undefined): AddressPool<IP> | Refusal {
  const { addresses } = engine.networks;
  const subnet = request?.Subnet ? parseSubnet(request.Subnet) : undefined;
  const range = request?.IPRange ? parseSubnet(request.IPRange) : undefined;
  if (subnet) return addresses.requestSubnet(subnet, range, driver.sharesSubnets);
  const pool = family === 4 ? addresses.requestDefault(engine.routedPrefixes()) : addresses.requestDefault6();
  return pool as AddressPool<IP> | Refusal;
}

function takeGateway(pool: AddressPool<IP>, wanted: IP | undefined): IP | Refusal {
  if (wanted === undefined) return pool.take() ?? new Refusal(500, 'failed to allocate gateway: no available addresses');
  return pool.takeThis(wanted) ? wanted : new Refusal(403, `failed to allocate gateway (${formatIP(wanted)}): Address already in use`);
}

function parseSubnet(text: string): Prefix | undefined {
  return text.includes('/') ? parsePrefix(text) : undefined;
}
