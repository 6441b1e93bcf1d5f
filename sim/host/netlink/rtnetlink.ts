import type { BridgeVlanInfo, BridgeVlanSpec } from './bridge-vlan.ts';
import type { TcpMetricsInfo } from './tcp-metrics.ts';
import type { NeighbourTableChange, NeighbourTableInfo } from './neighbour-table.ts';
import type { BridgeGroupsInfo, MdbFlush, MdbInfo, MdbSpec } from './mdb.ts';
import type { Group } from '../../kernel/bridge/mdb.ts';
import type { IP, Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type {
  AddressInfo,
  AddressSpec,
  FdbInfo,
  LinkChanges,
  LinkInfo,
  LinkSpec,
  MulticastInfo,
  NeighbourInfo,
  NeighbourSpec,
  NetconfInfo,
  NetlinkError,
  NexthopInfo,
  NexthopSpec,
  RouteAnswer,
  RouteInfo,
  RouteQuery,
  RouteSpec,
  RuleInfo,
} from './messages.ts';

/** How RTM_NEWROUTE treats one that exists: NLM_F_EXCL, NLM_F_REPLACE, NLM_F_APPEND … */
export type NewMode = 'add' | 'replace' | 'change' | 'append' | 'prepend' | 'test';

/** An rtnetlink socket in one network namespace. Every request is answered at once; refusals are values. */
export interface RtNetlink {
  readonly net: NetNamespace;

  /** All links by ifindex. */
  links(): LinkInfo[];
  link(nameOrIndex: string | number): LinkInfo | undefined;
  newLink(spec: LinkSpec): NetlinkError | undefined;
  setLink(ifindex: number, changes: LinkChanges): NetlinkError | undefined;
  delLink(ifindex: number): NetlinkError | undefined;
  /** Deletes all links of a group, or none if one of them can't be (RTM_DELLINK with IFLA_GROUP). */
  delLinkGroup(group: number): NetlinkError | undefined;
  /** Gives a link a further name, or takes one away (RTM_NEWLINKPROP, RTM_DELLINKPROP). */
  addAltName(ifindex: number, name: string): NetlinkError | undefined;
  delAltName(ifindex: number, name: string): NetlinkError | undefined;

  /** Addresses in the kernel's dump order: by ifindex, IPv4 before IPv6, each in the order of the interface's list. */
  addresses(family?: 4 | 6): AddressInfo[];
  newAddress(spec: AddressSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined;
  delAddress(spec: { ifindex: number; prefix: AddressSpec['prefix']; peer?: AddressSpec['peer'] }): NetlinkError | undefined;

  /** The numbers of the routing tables that exist, empty ones too. */
  tables(family: 4 | 6): number[];
  /** Every route of every table of a family, in the kernel's dump order. */
  routes(family: 4 | 6): RouteInfo[];
  /** What IPv6 has learned of paths, as routes (RTM_F_CLONED); IPv4 keeps its own to itself. */
  learnedRoutes(): RouteInfo[];
  /** Forgets what was learned of paths (net.ipv4.route.flush; for IPv6, deleting the cloned routes). */
  forgetLearned(family: 4 | 6): void;
  newRoute(spec: RouteSpec, mode: NewMode): NetlinkError | undefined;
  delRoute(spec: RouteSpec): NetlinkError | undefined;
  getRoute(query: RouteQuery): RouteAnswer | NetlinkError;

  rules(family: 4 | 6): RuleInfo[];
  /** `exclusive` false adds what is there already once more. */
  newRule(rule: RuleInfo, exclusive?: boolean): NetlinkError | undefined;
  delRule(rule: Partial<RuleInfo> & { family: 4 | 6 }): NetlinkError | undefined;

  /** Next hop objects by number. */
  nexthops(): NexthopInfo[];
  newNexthop(spec: NexthopSpec, mode: 'add' | 'replace'): NetlinkError | undefined;
  delNexthop(id: number): NetlinkError | undefined;

  neighbours(family?: 4 | 6): NeighbourInfo[];
  newNeighbour(spec: NeighbourSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined;
  delNeighbour(spec: { address: NeighbourSpec['address']; ifindex: number; proxy?: boolean }): NetlinkError | undefined;

  /** Tables of neighbours and their devices' settings (RTM_GETNEIGHTBL, RTM_SETNEIGHTBL). */
  neighbourTables(): NeighbourTableInfo[];
  setNeighbourTable(change: NeighbourTableChange): NetlinkError | undefined;

  fdb(): FdbInfo[];
  newFdb(entry: Partial<FdbInfo> & Pick<FdbInfo, 'address' | 'ifindex'>, mode: 'add' | 'append' | 'replace'): NetlinkError | undefined;
  delFdb(entry: Partial<FdbInfo> & Pick<FdbInfo, 'address' | 'ifindex'>): NetlinkError | undefined;

  /** VLANs of bridges that have any, and of their ports, by ifindex. */
  bridgeVlans(): BridgeVlanInfo[];
  newBridgeVlan(spec: BridgeVlanSpec): NetlinkError | undefined;
  delBridgeVlan(spec: BridgeVlanSpec): NetlinkError | undefined;

  /** Groups and router ports of each bridge (RTM_GETMDB). */
  mdb(): BridgeGroupsInfo[];
  newMdb(spec: MdbSpec, mode: 'add' | 'replace'): NetlinkError | undefined;
  delMdb(spec: MdbSpec): NetlinkError | undefined;
  getMdb(bridge: number, group: Group): MdbInfo[] | NetlinkError;
  flushMdb(bridge: number, which: MdbFlush): NetlinkError | undefined;

  /** What each interface listens to; IP's groups newest first (/proc/net/dev_mcast, igmp, igmp6). */
  multicast(): MulticastInfo[];
  /** Adds or removes a link-layer group: SIOCADDMULTI and SIOCDELMULTI. */
  addMulticast(device: string, address: Mac): Errno | undefined;
  delMulticast(device: string, address: Mac): Errno | undefined;

  /** Settings of `all`, `default` and each interface (RTM_GETNETCONF), in the order of the dump. */
  netconf(family: 4 | 6): NetconfInfo[];

  /** What TCP remembers of its peers, the newest first. */
  tcpMetrics(): TcpMetricsInfo[];
  /** Forgets a peer, or all. */
  delTcpMetrics(remote?: IP, source?: IP): NetlinkError | undefined;

  /** The number this namespace has for another (RTM_GETNSID), if any. */
  nsid(other: NetNamespace): number | undefined;
  /** Gives another namespace a number: the lowest free one, or the one asked for. */
  assignNsid(other: NetNamespace, id?: number): NetlinkError | number;
}
