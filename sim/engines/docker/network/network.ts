import type { IP, IPv4, IPv6, Mac, Prefix } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { Container } from '../container/container.ts';
import type { BridgeOptions } from './bridge-options.ts';
import type { AddressPool } from './ipam.ts';
import type { WayOut } from './driver.ts';
import type { Overlay } from './overlay.ts';
import type { Parent } from './parent.ts';
import type { PublishedPort } from './publish.ts';

/** A container's place on a network. */
export interface Endpoint {
  /** 64 hexadecimal digits. */
  id: string;
  network: Network;
  container: Container;
  /** With the subnet's length; absent on `host` and `none`. */
  address?: Prefix<IPv4>;
  address6?: Prefix<IPv6>;
  mac?: Mac;
  /** The interface in the container: `eth0`. */
  device?: string;
  /** Its name, where it isn't one of the networks that the container is said to be on: it stands on docker_gwbridge, or it is the daemon's own. */
  unlisted?: string;
  /** The names of the veth pair in the host. */
  veth?: { outer: string; inner: string };
  /** For which families the container's default route leads here. */
  wayOut?: WayOut;
  /** The ports that are open on it, while it leads out. */
  ports?: PublishedPort[];
}

/** A network as the daemon keeps it. */
export interface Network {
  id: string;
  name: string;
  created: Micros;
  /** One of drivers.ts. */
  driver: string;
  /** One of the three that are always there. */
  predefined: boolean;
  internal: boolean;
  attachable: boolean;
  /** `--config-only`: a template for others, no network. */
  configOnly: boolean;
  /** `--config-from` */
  configFrom: string;
  enableIPv4: boolean;
  enableIPv6: boolean;
  options: Record<string, string>;
  labels: Record<string, string>;
  /** Addresses by family; none for `host` and `none`. In the order that `inspect` lists them. */
  ipam: NetworkAddresses<IPv4> | undefined;
  ipam6: NetworkAddresses<IPv6> | undefined;
  /** What `inspect` shows, in the order of the request. */
  ipamConfig: IpamConfig[] | null;
  ipamOptions: Record<string, string> | null;
  /** Bridge networks: their options, read. */
  bridge?: BridgeOptions & {
    /** The bridge was there before; it stays when the network goes. */
    foreign: boolean;
  };
  /** Networks of the drivers macvlan and ipvlan: what they stand on. */
  parent?: Parent;
  /** Networks of a swarm: what they have on this host. */
  overlay?: Overlay;
  /** The swarm's network for published ports. */
  ingress?: boolean;
  /** What `inspect` calls members of the swarm that are on it. */
  peers?: () => { Name: string; IP: string }[];
  /** By container id. */
  endpoints: Map<string, Endpoint>;
}

/** One entry of `IPAM.Config`. */
export interface IpamConfig {
  Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

export interface NetworkAddresses<A extends IP> {
  pool: AddressPool<A>;
  /** Absent in gateway mode `isolated`. */
  gateway: A | undefined;
  /** The user gave the subnet: containers may ask for an address. */
  configured: boolean;
}
