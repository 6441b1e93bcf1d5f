import { formatIPv4 } from '../../../base/address.ts';
import { gatewayOf } from '../network/bridge.ts';
import { macText } from '../network/connect.ts';
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
    Gateway: gatewayText(first),
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: addressText(first),
    IPPrefixLen: first?.address?.length ?? 0,
    IPv6Gateway: '',
    MacAddress: macText(first),
    Networks: Object.fromEntries(
      [...container.networks]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, settings]) => [name, describeEndpoint(container, settings, endpointOn(name), container.networkIds.get(name) ?? '')]),
    ),
  };
}

function describeEndpoint(container: Container, settings: EndpointSettings, endpoint: Endpoint | undefined, networkId: string): unknown {
  return {
    IPAMConfig: settings.IPAMConfig,
    Links: null,
    Aliases: settings.Aliases,
    MacAddress: macText(endpoint),
    DriverOpts: settings.DriverOpts,
    GwPriority: settings.GwPriority,
    NetworkID: endpoint?.network.id ?? networkId,
    EndpointID: endpoint?.id ?? '',
    Gateway: gatewayText(endpoint),
    IPAddress: addressText(endpoint),
    IPPrefixLen: endpoint?.address?.length ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: endpoint && !endpoint.network.predefined ? dnsNames(container, settings) : null,
  };
}

/** Under what the embedded DNS of a user-defined network knows it. */
function dnsNames(container: Container, settings: EndpointSettings): string[] {
  const names = [container.name, ...(settings.Aliases ?? []), container.shortId];
  if (container.config.Hostname !== container.shortId) names.push(container.config.Hostname);
  return [...new Set(names)];
}

function gatewayText(endpoint: Endpoint | undefined): string {
  const gateway = endpoint?.address && gatewayOf(endpoint.network);
  return gateway === undefined ? '' : formatIPv4(gateway);
}

function addressText(endpoint: Endpoint | undefined): string {
  return endpoint?.address ? formatIPv4(endpoint.address.address) : '';
}
