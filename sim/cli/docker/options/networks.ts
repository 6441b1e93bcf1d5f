import { checkLink } from '../commands/network-options.ts';
import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const NETWORK_LS: readonly Flag[] = [
  { long: 'filter', short: 'f', type: 'filter', usage: 'Provide filter values (e.g. "driver=bridge")' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'no-trunc', type: 'bool', usage: 'Do not truncate the output' },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display network IDs' },
];

export const NETWORK_INSPECT: readonly Flag[] = [
  { long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT },
  { long: 'verbose', short: 'v', type: 'bool', usage: 'Verbose output for diagnostics' },
];

export const NETWORK_CREATE: readonly Flag[] = [
  { long: 'attachable', type: 'bool', usage: 'Enable manual container attachment' },
  { long: 'aux-address', type: 'map', usage: 'Auxiliary IPv4 or IPv6 addresses used by Network driver', initial: 'map[]' },
  { long: 'config-from', type: 'string', usage: 'The network from which to copy the configuration' },
  { long: 'config-only', type: 'bool', usage: 'Create a configuration only network' },
  { long: 'driver', short: 'd', type: 'string', usage: 'Driver to manage the Network', initial: '"bridge"' },
  { long: 'gateway', type: 'strings', usage: 'IPv4 or IPv6 Gateway for the master subnet' },
  { long: 'ingress', type: 'bool', usage: 'Create swarm routing-mesh network' },
  { long: 'internal', type: 'bool', usage: 'Restrict external access to the network' },
  { long: 'ip-range', type: 'strings', usage: 'Allocate container ip from a sub-range' },
  { long: 'ipam-driver', type: 'string', usage: 'IP Address Management Driver', initial: '"default"' },
  { long: 'ipam-opt', type: 'map', usage: 'Set IPAM driver specific options', initial: 'map[]' },
  { long: 'ipv4', type: 'bool', usage: 'Enable or disable IPv4 address assignment', initial: 'true' },
  { long: 'ipv6', type: 'bool', usage: 'Enable or disable IPv6 address assignment' },
  { long: 'label', type: 'list', usage: 'Set metadata on a network' },
  { long: 'opt', short: 'o', type: 'map', usage: 'Set driver specific options', initial: 'map[]' },
  { long: 'scope', type: 'string', usage: "Control the network's scope" },
  { long: 'subnet', type: 'strings', usage: 'Subnet in CIDR format that represents a network segment' },
];

export const NETWORK_RM: readonly Flag[] = [
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not error if the network does not exist' },
];

export const NETWORK_CONNECT: readonly Flag[] = [
  { long: 'alias', type: 'strings', usage: 'Add network-scoped alias for the container' },
  { long: 'driver-opt', type: 'strings', usage: 'driver options for the network' },
  { long: 'gw-priority', type: 'int', usage: 'Highest gw-priority provides the default gateway. Accepts positive and negative values.' },
  { long: 'ip', type: 'string', usage: 'IPv4 address (e.g., "172.30.100.104")' },
  { long: 'ip6', type: 'string', usage: 'IPv6 address (e.g., "2001:db8::33")' },
  { long: 'link', type: 'list', usage: 'Add link to another container', check: checkLink },
  { long: 'link-local-ip', type: 'strings', usage: 'Add a link-local address for the container' },
];

export const NETWORK_DISCONNECT: readonly Flag[] = [
  { long: 'force', short: 'f', type: 'bool', usage: 'Force the container to disconnect from a network' },
];

export const NETWORK_PRUNE: readonly Flag[] = [
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
];
