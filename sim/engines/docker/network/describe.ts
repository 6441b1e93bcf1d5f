import { formatIPv4, formatPrefix } from '../../../base/address.ts';
import { rfc3339 } from '../clock.ts';
import { macText } from './connect.ts';
import type { Network } from './network.ts';

/** GET /networks/{id} (`network.Inspect`), fields in the API's order. */
export function describeNetwork(network: Network, withContainers = true): Record<string, unknown> {
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339(network.created),
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: network.predefined ? null : {}, Config: subnets(network) },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: withContainers ? containers(network) : {},
    Options: network.options,
    Labels: network.labels,
  };
}

function subnets(network: Network): unknown {
  if (!network.ipam) return null;
  const { pool, range, gateway, gatewayShown } = network.ipam;
  return [
    { Subnet: formatPrefix(pool.subnet), ...(range ? { IPRange: range } : {}), ...(gatewayShown ? { Gateway: formatIPv4(gateway) } : {}) },
  ];
}

function containers(network: Network): Record<string, unknown> {
  const entries = [...network.endpoints.values()].sort((a, b) => (a.container.id < b.container.id ? -1 : 1));
  return Object.fromEntries(
    entries.map((endpoint) => [
      endpoint.container.id,
      {
        Name: endpoint.container.name,
        EndpointID: endpoint.id,
        MacAddress: macText(endpoint),
        IPv4Address: endpoint.address ? formatPrefix(endpoint.address) : '',
        IPv6Address: '',
      },
    ]),
  );
}
