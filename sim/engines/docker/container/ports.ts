import type { PortBinding } from './settings.ts';
import type { Container } from './container.ts';

/**
 * `NetworkSettings.Ports` of a container that is on a bridge network: its exposed ports, each with where it is published, or
 * null. Nothing is published while there is no firewall (see ../firewall.ts).
 */
export function portMap(container: Container): Record<string, PortBinding[] | null> {
  const onBridge = container.sandbox?.endpoints.some((endpoint) => endpoint.container === container && endpoint.address);
  if (!onBridge) return {};
  return Object.fromEntries(
    Object.keys(container.config.ExposedPorts)
      .sort()
      .map((port) => [port, null]),
  );
}
