import type { IP } from '../../../base/address.ts';
import type { Engine } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import type { Endpoint, Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';

/** Which of an endpoint's families lead out of the container. */
export interface WayOut {
  ipv4: boolean;
  ipv6: boolean;
  /** No network leads out by IPv6: what reaches the host that way is carried to the IPv4 address. */
  ipv6ByProxy: boolean;
}

/** What makes a kind of network (libnetwork's driver API). One file and a line in drivers.ts for each. */
export interface NetworkDriver {
  readonly name: string;
  readonly scope: 'local' | 'global';
  /** Networks of it have subnets, and users may make them; otherwise there is one for good. */
  readonly addressed: boolean;
  /** False where endpoints have no MAC of their own. */
  readonly ownMac?: boolean;
  /** Reads the options before anything is reserved. */
  check?(engine: Engine, network: Network): Refusal | undefined;
  /** A subnet may be shared with other networks of this daemon. */
  readonly sharesSubnets?: boolean;
  /** Whether the network has a gateway of its own in a family, an address that containers don't get. */
  hasGateway?(network: Network, family: 4 | 6): boolean;
  /** Makes what the host needs for the network; on failure nothing may be left. */
  create?(engine: Engine, network: Network): Refusal | undefined;
  remove?(engine: Engine, network: Network): void;
  /** Makes the container's interface: name, MAC, addresses, up. On failure the caller calls `leave`. */
  join?(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): Refusal | undefined;
  leave?(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void;
  /** Containers on the network get another way out, docker_gwbridge, unless one of their networks is one. */
  needsGateway?(network: Network): boolean;
  /** Where a container's default route on this network leads: a gateway, the device itself, or nowhere. */
  wayOut?(network: Network, family: 4 | 6): IP | 'device' | undefined;
  /** The container's default route leads here: its ports are opened. Called again when the families change. */
  openPorts?(engine: Engine, endpoint: Endpoint, families: WayOut): Refusal | undefined;
  closePorts?(engine: Engine, endpoint: Endpoint): void;
}
