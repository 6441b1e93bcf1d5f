import type { NetNamespace } from '../../kernel/netns.ts';
import type { Process } from '../process.ts';
import * as address from './address.ts';
import * as altName from './alt-name.ts';
import * as bridgeVlan from './bridge-vlan.ts';
import * as fdb from './fdb.ts';
import * as link from './link.ts';
import * as mdb from './mdb.ts';
import type { NetlinkError } from './messages.ts';
import * as multicast from './multicast.ts';
import * as netconf from './netconf.ts';
import * as nexthop from './nexthop.ts';
import * as neighbour from './neighbour.ts';
import * as neighbourTable from './neighbour-table.ts';
import * as route from './route.ts';
import * as route6 from './route6.ts';
import type { RtNetlink } from './rtnetlink.ts';
import * as rule from './rule.ts';
import * as tcpMetrics from './tcp-metrics.ts';

/** Opens an rtnetlink socket for a process, in its network namespace: without CAP_NET_ADMIN it can look but not touch. */
export function rtNetlinkOf(process: Process): RtNetlink {
  const netlink = openRtNetlink(process.namespaces.net);
  if (process.capable('NET_ADMIN')) return netlink;
  const refuse = (): NetlinkError => ({ errno: 'EPERM' });
  return {
    ...netlink,
    newLink: refuse,
    setLink: refuse,
    delLink: refuse,
    delLinkGroup: refuse,
    addAltName: refuse,
    delAltName: refuse,
    newAddress: refuse,
    delAddress: refuse,
    newRoute: refuse,
    delRoute: refuse,
    newRule: refuse,
    delRule: refuse,
    addMulticast: () => 'EPERM',
    delMulticast: () => 'EPERM',
    newNexthop: refuse,
    delNexthop: refuse,
    newNeighbour: refuse,
    delNeighbour: refuse,
    setNeighbourTable: refuse,
    delTcpMetrics: refuse,
    newFdb: refuse,
    delFdb: refuse,
    newBridgeVlan: refuse,
    delBridgeVlan: refuse,
    assignNsid: refuse,
  };
}

/** Opens an rtnetlink socket in a namespace, for an engine that is root (netlink(7)). */
export function openRtNetlink(net: NetNamespace): RtNetlink {
  return {
    net,
    links: () => net.listDevices().map(link.describe),
    link: (which) => {
      const device = typeof which === 'number' ? net.deviceByIndex(which) : net.deviceByName(which);
      return device && link.describe(device);
    },
    newLink: (spec) => link.create(net, spec),
    setLink: (ifindex, changes) => link.change(net, ifindex, changes),
    delLink: (ifindex) => link.remove(net, ifindex),
    delLinkGroup: (group) => link.removeGroup(net, group),
    addAltName: (ifindex, name) => altName.add(net, ifindex, name),
    delAltName: (ifindex, name) => altName.remove(net, ifindex, name),
    addresses: (family) => address.list(net, family),
    newAddress: (spec, mode) => address.add(net, spec, mode),
    delAddress: (spec) => address.remove(net, spec),
    tables: (family) => [...(family === 4 ? net.ipv4 : net.ipv6).tables.keys()],
    routes: (family) => route.list(net, family),
    learnedRoutes: () => route6.listLearned(net),
    forgetLearned: (family) => {
      if (family === 6) net.ipv6.exceptions.clear();
      else net.sysctl.set('net/ipv4/route/flush', '-1');
    },
    newRoute: (spec, mode) => route.add(net, spec, mode),
    delRoute: (spec) => route.remove(net, spec),
    getRoute: (query) => route.get(net, query),
    rules: (family) => rule.list(net, family),
    newRule: (spec, exclusive) => rule.add(net, spec, exclusive),
    delRule: (spec) => rule.remove(net, spec),
    nexthops: () => nexthop.list(net),
    newNexthop: (spec, mode) => nexthop.add(net, spec, mode),
    delNexthop: (id) => nexthop.remove(net, id),
    neighbours: (family) => neighbour.list(net, family),
    newNeighbour: (spec, mode) => neighbour.add(net, spec, mode),
    delNeighbour: (spec) => neighbour.remove(net, spec),
    neighbourTables: () => neighbourTable.list(net),
    setNeighbourTable: (change) => neighbourTable.set(net, change),
    fdb: () => fdb.list(net),
    newFdb: (entry, mode) => fdb.add(net, entry, mode),
    delFdb: (entry) => fdb.remove(net, entry),
    bridgeVlans: () => bridgeVlan.list(net),
    newBridgeVlan: (spec) => bridgeVlan.add(net, spec),
    delBridgeVlan: (spec) => bridgeVlan.remove(net, spec),
    mdb: () => mdb.list(net),
    newMdb: (spec, mode) => mdb.add(net, spec, mode === 'replace'),
    delMdb: (spec) => mdb.remove(net, spec),
    getMdb: (bridge, group) => mdb.get(net, bridge, group),
    flushMdb: (bridge, which) => mdb.flush(net, bridge, which),
    multicast: () => multicast.list(net),
    addMulticast: (device, address) => multicast.add(net, device, address),
    delMulticast: (device, address) => multicast.remove(net, device, address),
    netconf: (family) => netconf.list(net, family),
    tcpMetrics: () => tcpMetrics.list(net),
    delTcpMetrics: (remote, source) => tcpMetrics.remove(net, remote, source),
    nsid: (other) => net.nsid(other),
    assignNsid: (other, id) => {
      const given = net.assignNsid(other, id);
      return typeof given === 'string' ? { errno: given } : given;
    },
  };
}
