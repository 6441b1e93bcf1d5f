import { type IPv4, multicastMacOfIPv4 } from '../../base/address.ts';
import type { Timer } from '../../base/events.ts';
import type { Micros } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';

/** 224.0.0.1, which every host listens to. */
export const ALL_HOSTS: IPv4 = 0xe0000001;

/** rtnetlink's scopes, ascending from widest (rt_scope_t). */
export const SCOPE = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
export type ScopeName = keyof typeof SCOPE;

/** `/proc/sys/net/ipv4/conf/IF/*`: Linux's names and defaults. */
export function defaultConf() {
  return {
    accept_local: 0,
    accept_redirects: 1,
    accept_source_route: 0,
    arp_accept: 0,
    arp_announce: 0,
    arp_evict_nocarrier: 1,
    arp_filter: 0,
    arp_ignore: 0,
    arp_notify: 0,
    bc_forwarding: 0,
    bootp_relay: 0,
    disable_policy: 0,
    disable_xfrm: 0,
    drop_gratuitous_arp: 0,
    drop_unicast_in_l2_multicast: 0,
    force_igmp_version: 0,
    forwarding: 0,
    igmpv2_unsolicited_report_interval: 10_000,
    igmpv3_unsolicited_report_interval: 1000,
    ignore_routes_with_linkdown: 0,
    log_martians: 0,
    mc_forwarding: 0,
    medium_id: 0,
    promote_secondaries: 0,
    proxy_arp: 0,
    proxy_arp_pvlan: 0,
    route_localnet: 0,
    rp_filter: 0,
    secure_redirects: 1,
    send_redirects: 1,
    shared_media: 1,
    src_valid_mark: 0,
    tag: 0,
  };
}
export type Ipv4Conf = ReturnType<typeof defaultConf>;

/** One address of an interface (`struct in_ifaddr`). */
export interface Ipv4Address {
  /** IFA_LOCAL. */
  local: IPv4;
  /** IFA_ADDRESS: the peer's on point-to-point links, else the same. */
  peer: IPv4;
  length: number;
  broadcast: IPv4 | undefined;
  scope: number;
  label: string | undefined;
  secondary: boolean;
  noprefixroute: boolean;
  /** The metric of its network's route. */
  metric?: number | undefined;
  /** It joins the group that it is (IFA_F_MCAUTOJOIN). */
  flags?: readonly string[] | undefined;
  protocol: string | undefined;
  validLifetime: number | undefined;
  preferredLifetime: number | undefined;
  /** When the lifetimes were set, and what ends the address with them. */
  since?: Micros;
  expiry?: Timer | undefined;
}

/** The IPv4 half of a device (`struct in_device`). */
export class Ipv4Interface {
  readonly device: NetDevice;
  /** Primary addresses first, in the order they were added, each subnet's secondaries behind. */
  readonly addresses: Ipv4Address[] = [];
  /** Multicast groups that somebody here listens to, with how many (`in_device.mc_list`). */
  readonly groups = new Map<IPv4, number>();
  readonly conf: Ipv4Conf;

  constructor(device: NetDevice, conf: Ipv4Conf) {
    this.device = device;
    this.conf = { ...conf };
    if (device.type === 'loopback') Object.assign(this.conf, { disable_policy: 1, disable_xfrm: 1 });
  }

  /** Listens to a group from now on, and says so on the link (ip_mc_inc_group). */
  joinGroup(group: IPv4): void {
    const count = this.groups.get(group) ?? 0;
    this.groups.set(group, count + 1);
    if (count > 0) return;
    if (this.#filters) this.device.joinMulticast(multicastMacOfIPv4(group));
    this.device.net.ipv4.reportGroup(this.device, group, true);
  }

  leaveGroup(group: IPv4): void {
    const count = this.groups.get(group) ?? 0;
    if (count === 0) return;
    if (count > 1) {
      this.groups.set(group, count - 1);
      return;
    }
    this.groups.delete(group);
    if (this.#filters) this.device.leaveMulticast(multicastMacOfIPv4(group));
    this.device.net.ipv4.reportGroup(this.device, group, false);
  }

  /** Whether groups have link-layer addresses there (arp_mc_map). */
  get #filters(): boolean {
    return this.device.type === 'ether';
  }
}
