import { bridgeDriver } from './bridge.ts';
import type { NetworkDriver } from './driver.ts';
import { ipvlanDriver } from './ipvlan.ts';
import { macvlanDriver } from './macvlan.ts';
import type { Network } from './network.ts';
import { overlayDriver } from './overlay.ts';

/** `--network host`: the host's own namespace. */
const hostDriver: NetworkDriver = { name: 'host', scope: 'local', addressed: false };
/** `--network none`: a namespace with nothing but lo. */
const nullDriver: NetworkDriver = { name: 'null', scope: 'local', addressed: false };

export const networkDrivers: readonly NetworkDriver[] = [bridgeDriver, hostDriver, ipvlanDriver, macvlanDriver, nullDriver, overlayDriver];

export function findDriver(name: string): NetworkDriver | undefined {
  return networkDrivers.find((driver) => driver.name === name);
}

export function driverOf(network: Network): NetworkDriver {
  return findDriver(network.driver) ?? nullDriver;
}
