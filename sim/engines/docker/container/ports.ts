import { formatIP } from '../../../base/address.ts';
import type { Container } from './container.ts';
import type { PortBinding } from './settings.ts';

/**
 * `NetworkSettings.Ports` of a container whose way out is a bridge network: its exposed ports, each with where it is published, or
 * null.
 */
export function portMap(container: Container): Record<string, PortBinding[] | null> {
  const open = container.sandbox?.endpoints.filter((endpoint) => endpoint.container === container && endpoint.ports) ?? [];
  if (open.length === 0) return {};
  const map: Record<string, PortBinding[] | null> = {};
  for (const port of Object.keys(container.config.ExposedPorts).sort()) map[port] = null;
  for (const { protocol, containerPort, hostAddress, hostPort } of open.flatMap((endpoint) => endpoint.ports ?? [])) {
    const binding = { HostIp: formatIP(hostAddress), HostPort: hostPort === 0 ? '' : String(hostPort) };
    const port = `${containerPort}/${protocol}`;
    map[port] = [...(map[port] ?? []), binding];
  }
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
