import { formatIP } from '../../../base/address.ts';
import { strerror } from '../../../base/errno.ts';
import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import type { WayOut } from './driver.ts';
import { driverOf } from './drivers.ts';
import { provideGateway } from './gateway-bridge.ts';
import type { Endpoint } from './network.ts';
import type { Sandbox } from './sandbox.ts';

const MAIN_TABLE = 254;

/**
 * Decides through which networks a container's default routes lead, sets them, and moves its open ports there: by gw-priority, ties by
 * the networks' names; one that leads out in both families comes before those that do in one (libnetwork/default_gateway.go).
 */
export function chooseWayOut(engine: Engine, container: Container): Refusal | undefined {
  const { sandbox } = container;
  if (!sandbox || container.hostConfig.NetworkMode === 'host') return undefined;
  const refused = provideGateway(engine, sandbox, container);
  if (refused) return refused;
  const ordered = [...sandbox.endpoints].sort((a, b) => priority(b) - priority(a) || (a.network.name < b.network.name ? -1 : 1));
  const both = ordered.find((endpoint) => leadsOut(endpoint, 4) && leadsOut(endpoint, 6));
  const out4 = both ?? ordered.find((endpoint) => leadsOut(endpoint, 4));
  const out6 = both ?? ordered.find((endpoint) => leadsOut(endpoint, 6));
  sandbox.hasWayOut = out4 !== undefined || out6 !== undefined;
  return setDefaultRoute(sandbox, out4, 4) ?? setDefaultRoute(sandbox, out6, 6) ?? movePorts(engine, sandbox, out4, out6);
}

function priority(endpoint: Endpoint): number {
  return endpoint.container.networks.get(endpoint.network.name)?.GwPriority ?? 0;
}

function leadsOut(endpoint: Endpoint, family: 4 | 6): boolean {
  const address = family === 4 ? endpoint.address : endpoint.address6;
  return address !== undefined && driverOf(endpoint.network).wayOut?.(endpoint.network, family) !== undefined;
}

function setDefaultRoute(sandbox: Sandbox, endpoint: Endpoint | undefined, family: 4 | 6): Refusal | undefined {
  const anywhere = { address: family === 4 ? 0 : 0n, length: 0 };
  const { netlink } = sandbox;
  for (const route of netlink.routes(family)) {
    if (route.table !== MAIN_TABLE || route.destination.length !== 0 || route.nexthops.length === 0) continue;
    const nexthops = route.nexthops.map(({ gateway, ifindex }) => ({ ...(gateway !== undefined ? { gateway } : {}), ifindex }));
    netlink.delRoute({ family, destination: anywhere, nexthops });
  }
  const device = endpoint?.device === undefined ? undefined : netlink.link(endpoint.device);
  const way = endpoint && driverOf(endpoint.network).wayOut?.(endpoint.network, family);
  if (way === undefined || !device) return undefined;
  const nexthop = way === 'device' ? { ifindex: device.ifindex } : { gateway: way, ifindex: device.ifindex };
  const scope = way === 'device' && family === 4 ? { scope: 'link' as const } : {};
  const failed = netlink.newRoute({ family, destination: anywhere, nexthops: [nexthop], protocol: 'boot', ...scope }, 'add');
  if (!failed) return undefined;
  const gateway = way === 'device' ? endpoint?.device : formatIP(way);
  return new Refusal(500, `failed to set gateway ${gateway}: ${strerror(failed.errno).toLowerCase()}`);
}

/** Ports are open on the endpoints that lead out, for the families that do. */
function movePorts(engine: Engine, sandbox: Sandbox, out4: Endpoint | undefined, out6: Endpoint | undefined): Refusal | undefined {
  const wanted = (endpoint: Endpoint): WayOut => {
    const [ipv4, ipv6] = [endpoint === out4, endpoint === out6];
    return { ipv4, ipv6, ipv6ByProxy: ipv4 && out6 === undefined };
  };
  const changed = sandbox.endpoints.filter((endpoint) => {
    const [now, next] = [endpoint.wayOut, wanted(endpoint)];
    return now?.ipv4 !== next.ipv4 || now.ipv6 !== next.ipv6 || now.ipv6ByProxy !== next.ipv6ByProxy;
  });
  for (const endpoint of changed) if (endpoint.ports) driverOf(endpoint.network).closePorts?.(engine, endpoint);
  for (const endpoint of changed) {
    endpoint.wayOut = wanted(endpoint);
    if (!endpoint.wayOut.ipv4 && !endpoint.wayOut.ipv6) continue;
    const failed = driverOf(endpoint.network).openPorts?.(engine, endpoint, endpoint.wayOut);
    if (failed) return failed;
  }
  return undefined;
}
