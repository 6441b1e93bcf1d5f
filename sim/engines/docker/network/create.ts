import { formatIPv4, formatPrefix, type IPv4, ipv4Mask, parseIPv4, parsePrefix, type Prefix } from '../../../base/address.ts';
import type { Engine } from '../engine.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import type { AddressPool } from './ipam.ts';
import { createBridge } from './bridge.ts';
import { contains } from './ipam.ts';
import type { Network, NetworkAddresses } from './network.ts';

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
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  IPAM?: { Driver?: string; Config?: SubnetRequest[]; Options?: Record<string, string> };
  Options?: Record<string, string>;
  Labels?: Record<string, string>;
}

const MODELLED_OPTIONS = new Set([
  'com.docker.network.bridge.name',
  'com.docker.network.bridge.enable_icc',
  'com.docker.network.bridge.enable_ip_masquerade',
  'com.docker.network.bridge.host_binding_ipv4',
  'com.docker.network.driver.mtu',
]);

/** Makes a user-defined network: checks the request, takes a subnet, builds the bridge. */
export function createNetwork(engine: Engine, request: NetworkRequest): Network | Refusal {
  const { networks } = engine;
  const name = request.Name ?? '';
  if (name.trim() === '') return invalid('invalid name: name is empty');
  const refusal = checkRequest(request) ?? (networks.predefinedName(name) ? predefined(name) : undefined);
  if (refusal) return refusal;
  if (networks.list().some((network) => network.name === name)) return new Refusal(409, `network with name ${name} already exists`);
  const subnets = request.IPAM?.Config ?? [];
  const problems = subnets.flatMap(subnetProblems);
  if (problems.length > 0) return invalid(`invalid network config:\n${problems.join('\n')}`);
  const ipam = takeSubnet(engine, subnets[0]);
  if (ipam instanceof Refusal) return ipam;
  const network: Network = {
    id: networks.newId(name),
    name,
    created: engine.host.now,
    driver: 'bridge',
    predefined: false,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    options: request.Options ?? {},
    labels: request.Labels ?? {},
    ipam,
    endpoints: new Map(),
  };
  const failed = createBridge(engine, network);
  if (failed) {
    networks.addresses.release(ipam.pool);
    return failed;
  }
  networks.add(network);
  return network;
}

function predefined(name: string): Refusal {
  return new Refusal(403, `operation is not permitted on predefined ${name} network`);
}

function checkRequest(request: NetworkRequest): Refusal | undefined {
  const driver = request.Driver ?? 'bridge';
  if (['macvlan', 'ipvlan', 'overlay'].includes(driver)) return notModelled(`the network driver '${driver}'`);
  if (driver === 'host' || driver === 'null') {
    return new Refusal(403, `only one instance of "${driver}" network is allowed`);
  }
  if (driver !== 'bridge') return new Refusal(404, `plugin "${driver}" not found`);
  if (request.EnableIPv6) return notModelled('a network with IPv6');
  if (request.EnableIPv4 === false) return notModelled('a network without IPv4');
  if (request.Ingress || request.ConfigOnly) return notModelled(request.Ingress ? '--ingress' : '--config-only');
  if (request.IPAM?.Driver && request.IPAM.Driver !== 'default') return notModelled(`the IPAM driver '${request.IPAM.Driver}'`);
  if ((request.IPAM?.Config ?? []).length > 1) return notModelled('a network with several subnets');
  // The driver takes no notice of options that are none of its own.
  for (const option of Object.keys(request.Options ?? {})) {
    if (option.startsWith('com.docker.network.') && !MODELLED_OPTIONS.has(option)) return notModelled(`the network option '${option}'`);
  }
  const bridge = request.Options?.['com.docker.network.bridge.name'];
  if (bridge !== undefined && (bridge.length > 15 || /[\s/]/.test(bridge))) return new Refusal(500, 'numerical result out of range');
  return undefined;
}

/** What is wrong with a subnet's addresses, as lines (daemon/network `ValidateIPAM`). */
function subnetProblems(request: SubnetRequest): string[] {
  const subnet = parseSubnet(request.Subnet ?? '');
  if (!subnet) return [`invalid subnet ${request.Subnet}: invalid CIDR block notation`];
  const problems: string[] = [];
  const masked = { address: (subnet.address & ipv4Mask(subnet.length)) >>> 0, length: subnet.length };
  if (masked.address !== subnet.address) problems.push(`invalid subnet ${request.Subnet}: it should be ${formatPrefix(masked)}`);
  if (request.IPRange) {
    const range = parseSubnet(request.IPRange);
    if (!range) problems.push(`invalid ip-range ${request.IPRange}: invalid CIDR block notation`);
    else if (!contains(subnet, range.address) || range.length < subnet.length) {
      problems.push(`invalid ip-range ${request.IPRange}: parent subnet ${request.Subnet} doesn't contain ip-range`);
    }
  }
  if (request.Gateway) {
    const gateway = parseIPv4(request.Gateway);
    if (gateway === undefined) problems.push(`invalid gateway ${request.Gateway}: invalid address`);
    else if (!contains(subnet, gateway))
      problems.push(`invalid gateway ${request.Gateway}: parent subnet ${request.Subnet} doesn't contain this address`);
  }
  return problems;
}

/** Reserves the subnet that was asked for, or the next default one, and the gateway in it. */
function takeSubnet(engine: Engine, request: SubnetRequest | undefined): NetworkAddresses | Refusal {
  const { addresses } = engine.networks;
  const subnet = request?.Subnet ? parseSubnet(request.Subnet) : undefined;
  const range = request?.IPRange ? parseSubnet(request.IPRange) : undefined;
  const pool = subnet ? addresses.requestSubnet(subnet, range) : addresses.requestDefault(engine.routedPrefixes());
  if (pool instanceof Refusal) return pool;
  const gateway = takeGateway(pool, request?.Gateway ? parseIPv4(request.Gateway) : undefined);
  if (gateway instanceof Refusal) {
    addresses.release(pool);
    return gateway;
  }
  for (const address of Object.values(request?.AuxiliaryAddresses ?? {})) pool.takeThis(parseIPv4(address) ?? 0);
  const shown = subnet === undefined || request?.Gateway !== undefined;
  return { pool, gateway, gatewayShown: shown, configured: subnet !== undefined, range: request?.IPRange };
}

function takeGateway(pool: AddressPool, wanted: IPv4 | undefined): IPv4 | Refusal {
  if (wanted === undefined) return pool.take() ?? new Refusal(500, 'failed to allocate gateway: no available addresses');
  return pool.takeThis(wanted) ? wanted : new Refusal(403, `failed to allocate gateway (${formatIPv4(wanted)}): Address already in use`);
}

function parseSubnet(text: string): Prefix<IPv4> | undefined {
  if (!text.includes('/')) return undefined;
  const prefix = parsePrefix(text);
  return prefix && typeof prefix.address === 'number' ? (prefix as Prefix<IPv4>) : undefined;
}
