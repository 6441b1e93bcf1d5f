import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import { randomMac } from '../../../base/random.ts';
import { Refusal } from '../refusal.ts';
import { createNetwork } from './create.ts';
import { driverOf } from './drivers.ts';
import { detach, releaseAddresses, takeAddresses } from './endpoint.ts';
import type { Endpoint, Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';
import { DEFAULT_ENDPOINT } from '../container/settings.ts';

/** The bridge by which containers on overlay networks reach the world outside. */
export const GATEWAY_BRIDGE = 'docker_gwbridge';

/**
 * Gives a sandbox whose networks don't lead out a place on docker_gwbridge, and takes it away where another network does
 * (libnetwork's `needDefaultGW`).
 */
export function provideGateway(engine: Engine, sandbox: Sandbox, container: Container): Refusal | undefined {
  const present = sandbox.endpoints.find(({ network }) => network.name === GATEWAY_BRIDGE);
  const others = sandbox.endpoints.filter((endpoint) => endpoint !== present);
  const leadsOut = others.some(({ network }) => driverOf(network).wayOut?.(network, 4) !== undefined);
  const needed = !leadsOut && others.some(({ network }) => driverOf(network).needsGateway?.(network) ?? false);
  if (present && !needed) detach(engine, sandbox, present);
  if (present || !needed) return undefined;
  const network = gatewayBridge(engine);
  return network instanceof Refusal ? network : join(engine, sandbox, container, network);
}

function gatewayBridge(engine: Engine): Network | Refusal {
  const known = engine.networks.list().find(({ name }) => name === GATEWAY_BRIDGE);
  if (known) return known;
  const made = createNetwork(engine, {
    Name: GATEWAY_BRIDGE,
    Driver: 'bridge',
    Options: {
      'com.docker.network.bridge.enable_icc': 'false',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
      'com.docker.network.bridge.name': GATEWAY_BRIDGE,
    },
  });
  if (!(made instanceof Refusal)) made.ipamOptions = null;
  return made;
}

function join(engine: Engine, sandbox: Sandbox, container: Container, network: Network): Refusal | undefined {
  const id = engine.random(`endpoint/${network.name}/${container.id}/${engine.serial(`endpoint/${container.id}`)}`).hex(64);
  const endpoint: Endpoint = { id, network, container, unlisted: `gateway_${sandbox.gatewayName}` };
  endpoint.mac = randomMac(engine.random(`mac/${id}`));
  const driver = driverOf(network);
  const failed = takeAddresses(endpoint, { ...DEFAULT_ENDPOINT }) ?? driver.join?.(engine, endpoint, sandbox);
  if (failed) {
    driver.leave?.(engine, endpoint, sandbox);
    releaseAddresses(endpoint);
    return failed;
  }
  network.endpoints.set(container.id, endpoint);
  sandbox.endpoints.push(endpoint);
  return undefined;
}
