import { formatIP, type Prefix } from '../../../base/address.ts';
import { driverOf } from '../network/drivers.ts';
import { macText } from '../network/endpoint.ts';
import { dnsNames } from '../network/names.ts';
import type { Endpoint } from '../network/network.ts';
import type { Container } from './container.ts';
import { portMap } from './ports.ts';
import type { EndpointSettings } from './settings.ts';

/** `NetworkSettings` of a container, as 28.x has it: the default bridge's values appear twice. */
export function networkSettings(container: Container): Record<string, unknown> {
  const own = container.hostConfig.NetworkMode.startsWith('container:') ? undefined : container.sandbox;
  const endpointOn = (name: string): Endpoint | undefined =>
    own?.endpoints.find((endpoint) => endpoint.network.name === name && endpoint.container === container);
  const first = endpointOn('bridge');
  return {
    Bridge: '',
    SandboxID: own?.id ?? '',
    SandboxKey: own?.key ?? '',
    Ports: portMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: first?.id ?? '',
    Gateway: gatewayText(first, 4),
    GlobalIPv6Address: addressText(first?.address6),
    GlobalIPv6PrefixLen: first?.address6?.length ?? 0,
    IPAddress: addressText(first?.address),
    IPPrefixLen: first?.address?.length ?? 0,
    IPv6Gateway: gatewayText(first, 6),
    MacAddress: macText(first),
    Networks: Object.fromEntries(
      [...container.networks]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, settings]) => [name, describeEndpoint(container, name, settings, endpointOn(name))]),
    ),
  };
}

function describeEndpoint(container: Container, name: string, settings: EndpointSettings, endpoint: Endpoint | undefined): unknown {
  return {
    // In a swarm the managers choose, and the choice counts as asked for.
    IPAMConfig: endpoint?.network.overlay ? { IPv4Address: addressText(endpoint.address) } : settings.IPAMConfig,
    Links: settings.Links,
    Aliases: settings.Aliases,
    MacAddress: macText(endpoint),
    DriverOpts: settings.DriverOpts,
    GwPriority: settings.GwPriority,
    NetworkID: endpoint?.network.id ?? container.networkIds.get(name) ?? '',
    EndpointID: endpoint?.id ?? '',
    Gateway: gatewayText(endpoint, 4),
    IPAddress: addressText(endpoint?.address),
    IPPrefixLen: endpoint?.address?.length ?? 0,
    IPv6Gateway: gatewayText(endpoint, 6),
    GlobalIPv6Address: addressText(endpoint?.address6),
    GlobalIPv6PrefixLen: endpoint?.address6?.length ?? 0,
    DNSNames: container.named.has(name) ? dnsNames(container, settings) : null,
  };
}

function gatewayText(endpoint: Endpoint | undefined, family: 4 | 6): string {
  if (!endpoint || !(family === 4 ? endpoint.address : endpoint.address6)) return '';
  const way = driverOf(endpoint.network).wayOut?.(endpoint.network, family);
  return way === undefined || way === 'device' ? '' : formatIP(way);
}

function addressText(address: Prefix | undefined): string {
  return address ? formatIP(address.address) : '';
}
