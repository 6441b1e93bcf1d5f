import { formatPrefix } from '../../../base/address.ts';
import { rfc3339 } from '../clock.ts';
import { driverOf } from './drivers.ts';
import { macText } from './endpoint.ts';
import type { Network } from './network.ts';

/** GET /networks/{id} (`network.Inspect`), fields in the API's order. */
export function describeNetwork(network: Network, withContainers = true): Record<string, unknown> {
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339(network.created),
    Scope: driverOf(network).scope === 'local' ? 'local' : 'swarm',
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: { Driver: 'default', Options: network.ipamOptions, Config: network.ipamConfig },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress ?? false,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: withContainers ? containers(network) : {},
    Options: sorted(network.options),
    Labels: sorted(network.labels),
    ...(network.peers && withContainers ? { Peers: network.peers() } : {}),
  };
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function containers(network: Network): Record<string, unknown> {
  const entries = [...network.endpoints.values()].sort((a, b) => (a.container.id < b.container.id ? -1 : 1));
  return Object.fromEntries(
    entries.map((endpoint) => [
      endpoint.container.id,
      {
        Name: endpoint.unlisted ?? endpoint.container.name,
        EndpointID: endpoint.id,
        MacAddress: macText(endpoint),
        IPv4Address: endpoint.address ? formatPrefix(endpoint.address) : '',
        IPv6Address: endpoint.address6 ? formatPrefix(endpoint.address6) : '',
      },
    ]),
  );
}
