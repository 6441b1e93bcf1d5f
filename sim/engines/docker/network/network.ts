import type { IPv4, Mac, Prefix } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { Container } from '../container/container.ts';
import type { AddressPool } from './ipam.ts';

/** The drivers that are there; `null` is the driver of the network `none`. */
export type DriverName = 'bridge' | 'host' | 'null';

/** A container's place on a network. */
export interface Endpoint {
  /** 64 hexadecimal digits. */
  id: string;
  network: Network;
  container: Container;
  /** With the subnet's length; absent on `host` and `none`. */
  address?: Prefix<IPv4>;
  mac?: Mac;
  /** The interface in the container: `eth0`. */
  device?: string;
  /** The names of the veth pair in the host. */
  veth?: { outer: string; inner: string };
}

/** A network as the daemon keeps it. */
export interface Network {
  id: string;
  name: string;
  created: Micros;
  driver: DriverName;
  /** One of the three that are always there. */
  predefined: boolean;
  internal: boolean;
  attachable: boolean;
  options: Record<string, string>;
  labels: Record<string, string>;
  /** Bridge networks only. */
  ipam: NetworkAddresses | undefined;
  /** By container id. */
  endpoints: Map<string, Endpoint>;
}

export interface NetworkAddresses {
  pool: AddressPool;
  gateway: IPv4;
  /** `inspect` names the gateway, unless a user gave the subnet and left the gateway to the Engine. */
  gatewayShown: boolean;
  /** The user gave the subnet: containers may ask for an address. */
  configured: boolean;
  /** `--ip-range` as it was written. */
  range: string | undefined;
}

/** Options of bridge networks, by what comes after `com.docker.network.`. */
export function networkOption(network: Network, name: string): string | undefined {
  return network.options[`com.docker.network.${name}`];
}

/** The bridge device of a bridge network. */
export function bridgeName(network: Network): string {
  return networkOption(network, 'bridge.name') ?? `br-${network.id.slice(0, 12)}`;
}

export function mtuOf(network: Network): number {
  return Number(networkOption(network, 'driver.mtu') ?? 1_500);
}
