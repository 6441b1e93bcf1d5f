import type { IP, IPv4, IPv6, Mac, Prefix } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { DeviceLimits, DeviceStats } from '../../kernel/dev/device.ts';
import type { RouteMetrics } from '../../kernel/ipv4/fib.ts';
import type { NetNamespace } from '../../kernel/netns.ts';

/**
 * What goes over rtnetlink(7), as values rather than TLVs: the attributes of the kernel's messages under readable names.
 * `ip`, `bridge`, busybox, Docker and the CNI plugins all speak this.
 */

/** A refused request: the error number and, where the kernel sends one, its extended-ack text ("Nexthop has invalid gateway."). */
export interface NetlinkError {
  errno: Errno;
  message?: string;
}

export type OperState = 'UNKNOWN' | 'NOTPRESENT' | 'DOWN' | 'LOWERLAYERDOWN' | 'TESTING' | 'DORMANT' | 'UP';

/** RTM_NEWLINK as the kernel reports it. */
export interface LinkInfo {
  ifindex: number;
  name: string;
  /** How IPv6 gives the link its own address (IFLA_INET6_ADDR_GEN_MODE). */
  addrGenMode: 'eui64' | 'none' | 'stable_secret' | 'random';
  /** IFLA_INFO_KIND: `veth`, `bridge`, `vxlan` …; absent for a plain card and for loopback. */
  kind?: string;
  /** ARPHRD type as iproute2 names it. */
  type: 'ether' | 'loopback' | 'none' | 'ipip';
  /** IFF_* bits as in `Flags` of the kernel's device module, including IFF_RUNNING and IFF_LOWER_UP. */
  flags: number;
  mtu: number;
  minMtu: number;
  maxMtu: number;
  qdisc: string;
  operstate: OperState;
  group: number;
  txqlen: number;
  address: Mac;
  broadcast: Mac;
  /** ifindex of the bridge or bond it is a port of. */
  master?: number;
  /** IFLA_LINK: the ifindex of its peer or lower device. */
  link?: number;
  /** IFLA_LINK_NETNSID: set when `link` is in another namespace; this namespace's number for it. */
  linkNetnsid?: number;
  /** The other end is a cable to another machine: `link` means nothing here and names print without `@`. */
  linkOffMachine?: boolean;
  promiscuity: number;
  /** What the driver counted, and how often the link came and went. */
  stats: DeviceStats & { carrierUps: number; carrierDowns: number };
  alias?: string;
  /** IFLA_ALT_IFNAME, in the order that they were given. */
  altNames: readonly string[];
  /** IFLA_INET6_TOKEN: the lower half of addresses to be made; 0n is none. */
  token: bigint;
  /** IFLA_LINKMODE is IF_LINK_MODE_DORMANT. */
  dormant: boolean;
  /** Sizes and queues that are not the driver's own. */
  limits: DeviceLimits;
  /** IFLA_INFO_DATA of the kind, under the names that `ip -d -j` prints (`forward_delay`, `ageing_time` in centiseconds …). */
  data: Record<string, LinkAttribute>;
  /** IFLA_INFO_SLAVE_DATA when it is a port: of a bridge, under the names of `ip -d -j` (`state`, `priority`, `cost`, `hairpin` …). */
  slaveKind?: string;
  slaveData: Record<string, LinkAttribute>;
}

export type LinkAttribute = number | string | boolean;

/** What RTM_NEWLINK can ask for, at creation and as a change. Absent means: leave it. */
export interface LinkChanges {
  name?: string;
  up?: boolean;
  mtu?: number;
  address?: Mac;
  broadcast?: Mac;
  txqlen?: number;
  /** ifindex of the new master, 0 for none. */
  master?: number;
  netns?: NetNamespace;
  alias?: string;
  group?: number;
  addrGenMode?: LinkInfo['addrGenMode'];
  token?: bigint;
  dormant?: boolean;
  /** Only few drivers can be told. */
  carrier?: boolean;
  protodown?: boolean;
  limits?: DeviceLimits;
  trailers?: boolean;
  dynamic?: boolean;
  multicast?: boolean;
  arp?: boolean;
  promisc?: boolean;
  allmulti?: boolean;
  /** Attributes of the kind (`ip link set br0 type bridge ageing_time 100`). */
  data?: Record<string, LinkAttribute>;
  /** Attributes of the port (`bridge link set dev v0 hairpin on`). */
  slaveData?: Record<string, LinkAttribute>;
}

export interface LinkSpec extends LinkChanges {
  kind: string;
  /** A wanted ifindex; EBUSY if taken. */
  ifindex?: number;
  /** ifindex of the lower device (`link eth0`). */
  link?: number;
  /** Where the lower device is, or a veth's other end is to be (IFLA_LINK_NETNSID). */
  linkNetns?: NetNamespace;
  /** veth: the other end. `netns` absent means the same as the first end's. */
  peer?: LinkChanges & { ifindex?: number };
}

/** rtnetlink scopes (rt_scope_t). */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere';

export interface AddressInfo {
  ifindex: number;
  prefix: Prefix;
  /** IFA_LOCAL when it differs from the peer's address in `prefix` (point to point). */
  peer?: IP;
  broadcast?: IP;
  scope: Scope;
  label?: string;
  secondary: boolean;
  permanent: boolean;
  /** IPv6 duplicate address detection still runs, or has failed. */
  tentative: boolean;
  dadFailed: boolean;
  /** IFA_F_NODAD */
  nodad?: boolean;
  noprefixroute: boolean;
  /** Other flags by iproute2's names: `home`, `mngtmpaddr`, `autojoin`, `optimistic`. */
  flags?: readonly string[];
  /** IFA_RT_PRIORITY: the metric of its network's route. */
  metric?: number;
  /** IFA_PROTO: `kernel_lo`, `kernel_ll`, `kernel_ra`, a number as `0x5`, or none. */
  protocol?: string;
  /** Seconds; absent means for ever. */
  validLifetime?: number;
  preferredLifetime?: number;
  /** When it was made, or its lifetimes were last set. */
  since?: Micros;
}

export interface AddressSpec {
  ifindex: number;
  prefix: Prefix;
  peer?: IP;
  broadcast?: IP;
  scope?: Scope;
  label?: string;
  noprefixroute?: boolean;
  nodad?: boolean;
  flags?: readonly string[];
  metric?: number;
  protocol?: string;
  validLifetime?: number;
  preferredLifetime?: number;
}

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

export interface NextHop {
  /** The router, of the same family as the route. */
  gateway?: IP;
  ifindex: number;
  weight: number;
  onlink: boolean;
  /** RTNH_F_LINKDOWN / RTNH_F_DEAD. */
  linkdown: boolean;
  dead: boolean;
  /** RTA_FLOW: where from in the upper 16 bits, where to in the lower. */
  realms?: number;
}

export interface RouteInfo {
  family: 4 | 6;
  type: RouteType;
  /** Length 0 is the default route. */
  destination: Prefix;
  /** Only for packets from there; IPv6 only. */
  from?: Prefix;
  table: number;
  /** rtm_protocol by name: `kernel`, `boot`, `static`, `bird` …; numbers without a name as text. */
  protocol: string;
  scope: Scope;
  priority: number;
  preferredSource?: IP;
  /** The next hop object that it goes by. */
  nhid?: number;
  /** One for an ordinary route, several for multipath; none for blackhole and its like. */
  nexthops: NextHop[];
  tos: number;
  metrics: RouteMetrics;
  /** IPv6 only. */
  preference?: 'low' | 'medium' | 'high';
  expires?: Micros;
}

export interface RouteSpec {
  family: 4 | 6;
  type?: RouteType;
  destination: Prefix;
  from?: Prefix;
  table?: number;
  protocol?: string;
  scope?: Scope;
  priority?: number;
  preferredSource?: IP;
  /** Instead of hops: a next hop object. */
  nhid?: number;
  nexthops: { gateway?: IP; ifindex?: number; weight?: number; onlink?: boolean; realms?: number }[];
  /** The hops came as a list (RTA_MULTIPATH), however many they are. */
  multipath?: boolean;
  tos?: number;
  metrics?: RouteInfo['metrics'];
  /** IPv6 only. */
  preference?: 'low' | 'medium' | 'high';
  /** Seconds until it goes; IPv6 only. */
  expires?: number;
}

/** RTM_GETROUTE for one destination. */
export interface RouteQuery {
  destination: IP;
  source?: IP;
  iif?: number;
  oif?: number;
  mark?: number;
  tos?: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
  /** Whose packet; root's unless given. */
  user?: number;
  flowLabel?: number;
  /** The route in the table instead of what follows from it (RTM_F_FIB_MATCH). */
  fibMatch?: boolean;
}

export interface RouteAnswer {
  type: RouteType;
  destination: IP;
  source?: IP;
  gateway?: IP;
  ifindex: number;
  /** The source address that would be used. */
  preferredSource?: IP;
  table: number;
  /** IPv6 says which route it is. */
  protocol?: string;
  priority?: number;
  mark?: number;
  iif?: number;
  /** Cached exceptions: a learned path MTU, a redirect. */
  /** The route in the table that the answer follows from (RTM_F_FIB_MATCH). */
  match?: RouteInfo;
  cache: { local: boolean; broadcast: boolean; multicast: boolean; redirected: boolean; mtu?: number; expiresSeconds?: number };
}

/** RTM_NEWNEXTHOP as the kernel reports it: a hop, a blackhole or a group. */
export interface NexthopInfo {
  id: number;
  family: 4 | 6;
  protocol: string;
  scope: Scope;
  blackhole: boolean;
  onlink: boolean;
  linkdown: boolean;
  dead: boolean;
  ifindex?: number;
  gateway?: IP;
  group?: { id: number; weight: number }[];
}

export interface NexthopSpec {
  /** The kernel chooses one that is free when none is given. */
  id?: number;
  family: 4 | 6;
  protocol?: string;
  blackhole?: boolean;
  onlink?: boolean;
  ifindex?: number;
  gateway?: IP;
  group?: { id: number; weight: number }[];
}

/** RTM_NEWNETCONF: the settings of one interface under the names of `ip netconf`. */
export interface NetconfInfo {
  ifindex: number | 'all' | 'default';
  settings: Record<string, number>;
}

/** What one interface listens to. */
export interface MulticastInfo {
  ifindex: number;
  name: string;
  link: { address: Mac; users: number; fixed: boolean }[];
  inet: { address: IPv4; users: number }[];
  inet6: { address: IPv6; users: number }[];
}

/** NUD_* states (include/uapi/linux/neighbour.h). */
export type NeighbourState = 'NONE' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED' | 'NOARP' | 'PERMANENT';

export interface NeighbourInfo {
  family: 4 | 6;
  address: IP;
  ifindex: number;
  lladdr?: Mac;
  state: NeighbourState;
  router: boolean;
  proxy: boolean;
  /** `ip -s neigh`: microseconds since last used, confirmed, updated; probes sent. */
  used: Micros;
  confirmed: Micros;
  updated: Micros;
  probes: number;
  references: number;
  /** Whose it is, by route protocol's name (NDA_PROTOCOL); absent is `unspec`. */
  protocol?: string;
  flags: NeighbourFlags;
}

/** NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_EXT_EXT_VALIDATED: what an administrator's program says of an entry. */
export interface NeighbourFlags {
  externLearn?: boolean;
  managed?: boolean;
  externValid?: boolean;
}

export interface NeighbourSpec {
  address: IP;
  ifindex: number;
  lladdr?: Mac;
  state?: NeighbourState;
  proxy?: boolean;
  router?: boolean;
  protocol?: string;
  flags?: NeighbourFlags;
  /** NTF_USE: it is only to be looked for, or confirmed. */
  use?: boolean;
}

/** A forwarding database entry of a bridge, or of a device that keeps its own (vxlan). */
export interface FdbInfo {
  address: Mac;
  /** The port (or the device itself for `self`). */
  ifindex: number;
  /** ifindex of the bridge, when it is the bridge's entry. */
  master?: number;
  self: boolean;
  vlan?: number;
  /** `permanent` entries are the bridge's own addresses, `static` never age. */
  state: 'permanent' | 'static' | 'reachable';
  externLearned: boolean;
  offload: boolean;
  /** A tunnel's entries: the host behind which the address is, and where they differ from the device's the UDP port and network. */
  destination?: IP;
  port?: number;
  vni?: number;
  /** ifindex that the tunnel's packets leave by. */
  via?: number;
  used: Micros;
  updated: Micros;
}

/** A range of ports; of a single one only some bits may count. */
export interface PortRangeInfo {
  from: number;
  to: number;
  mask?: number;
}

export interface RuleInfo {
  family: 4 | 6;
  priority: number;
  inverted: boolean;
  source?: Prefix;
  destination?: Prefix;
  iif?: string;
  oif?: string;
  mark?: { value: number; mask: number };
  tos?: number;
  action: 'lookup' | 'blackhole' | 'unreachable' | 'prohibit' | 'goto' | 'nop' | 'throw';
  /** 0 is none; for a lookup, a table that isn't in use yet. */
  table: number;
  goto?: number;
  /** No rule has the number that `goto` names. */
  unresolved?: boolean;
  suppressPrefixLength?: number;
  suppressGroup?: number;
  /** FRA_PROTOCOL by name, as routes have it; absent is `unspec`. */
  routingProtocol?: string;
  /** FRA_FLOW: where from in the upper 16 bits, where to in the lower. */
  realms?: number;
  tunnelId?: bigint;
  l3mdev?: boolean;
  dscp?: { value: number; mask: number };
  flowLabel?: { value: number; mask: number };
  /** FRA_IP_PROTO. */
  protocol?: number;
  sourcePorts?: PortRangeInfo;
  destinationPorts?: PortRangeInfo;
  users?: { from: number; to: number };
}
