import type { Micros } from '../../base/time.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import type { Ipv4Address } from '../../kernel/ipv4/interface.ts';
import type { Ipv6Address } from '../../kernel/ipv6/interface.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Notice } from '../../kernel/notice.ts';
import type { Process } from '../process.ts';
import { OpenNetlinkSocket } from './socket.ts';
import * as address from './address.ts';
import * as fdb from './fdb.ts';
import * as link from './link.ts';
import type { AddressInfo, FdbInfo, LinkInfo, NeighbourInfo, NexthopInfo, RouteInfo, RuleInfo } from './messages.ts';
import * as mdb from './mdb.ts';
import type { MdbInfo } from './mdb.ts';
import * as neighbour from './neighbour.ts';
import { describe as describeNexthop } from './nexthop.ts';
import * as route from './route.ts';
import * as route6 from './route6.ts';
import * as rule from './rule.ts';

/** A notification of rtnetlink: RTM_NEW… or, where something is `gone`, RTM_DEL…. */
export type Notification = { gone: boolean; time: Micros } & (
  | { kind: 'link'; link: LinkInfo }
  | { kind: 'address'; address: AddressInfo }
  | { kind: 'route'; route: RouteInfo }
  | { kind: 'neighbour'; neighbour: NeighbourInfo }
  | { kind: 'rule'; rule: RuleInfo }
  | { kind: 'nexthop'; nexthop: NexthopInfo }
  | { kind: 'fdb'; entry: FdbInfo }
  | { kind: 'port'; link: LinkInfo }
  | { kind: 'mdb'; entry: MdbInfo }
  | { kind: 'router-port'; bridge: number; port: number }
  | { kind: 'netconf'; family: 4 | 6; ifindex: number | 'all' | 'default'; setting: string; value: number }
);

/** A socket that has joined the multicast groups of rtnetlink(7) in one namespace: everything that changes there waits in it. */
export class OpenMonitor extends OpenNetlinkSocket<Notification> {
  readonly #stop: () => void;

  constructor(process: Process, net: NetNamespace) {
    super(process);
    this.#stop = net.notices.listen((notice) => this.arrive(describe(net, notice)));
  }

  protected override close(): void {
    this.#stop();
  }
}

function describe(net: NetNamespace, notice: Notice): Notification {
  const { gone } = notice;
  const time = net.kernel.events.now;
  switch (notice.kind) {
    case 'link':
      return { gone, time, kind: 'link', link: describeLink(notice.device, notice.starting ?? false, gone) };
    case 'address':
      return { gone, time, kind: 'address', address: describeAddress(notice.device, notice.address) };
    case 'route':
      return {
        gone,
        time,
        kind: 'route',
        route: notice.family === 4 ? route.describe(notice.route, notice.table) : route6.describe(net, notice.route, notice.table),
      };
    case 'neighbour':
      return { gone, time, kind: 'neighbour', neighbour: neighbour.describe(notice.neighbour) };
    case 'rule':
      return { gone, time, kind: 'rule', rule: rule.describe(notice.rule, notice.family) };
    case 'nexthop':
      return { gone, time, kind: 'nexthop', nexthop: describeNexthop(notice.nexthop) };
    case 'fdb':
      return { gone, time, kind: 'fdb', entry: fdb.describe(notice.bridge, notice.entry) };
    case 'port':
      return { gone, time, kind: 'port', link: link.describe(notice.port.device) };
    case 'mdb':
      return { gone, time, kind: 'mdb', entry: mdb.describe(notice.bridge, notice.entry, notice.member) };
    case 'router-port':
      return { gone, time, kind: 'router-port', bridge: notice.bridge.ifindex, port: notice.port.ifindex };
    case 'netconf': {
      const { family, device, setting, value } = notice;
      return { gone, time, kind: 'netconf', family, ifindex: typeof device === 'string' ? device : device.ifindex, setting, value };
    }
  }
}

/** IFF_RUNNING. */
const RUNNING = 0x40;

/**
 * A link that has just been switched on is told before its carrier has been looked at (linkwatch comes later); one that is gone has no
 * queue any more.
 */
function describeLink(device: NetDevice, starting: boolean, gone: boolean): LinkInfo {
  const info = link.describe(device);
  if (gone) return { ...info, qdisc: 'noop' };
  if (!starting) return info;
  return info.operstate === 'UP' ? { ...info, flags: info.flags & ~RUNNING, operstate: 'DOWN' } : info;
}

function describeAddress(device: NetDevice, told: Ipv4Address | Ipv6Address): AddressInfo {
  return 'local' in told ? address.describe4(device, told) : address.describe6(device, told);
}
