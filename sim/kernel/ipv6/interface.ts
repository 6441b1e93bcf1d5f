import type { IPv6 } from '../../base/address.ts';
import type { Timer } from '../../base/events.ts';
import type { Micros } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';

/** `/proc/sys/net/ipv6/conf/IF/*`: Linux's names and defaults. Router advertisements aren't acted upon, whatever `accept_ra` says. */
export function defaultConf() {
  return {
    accept_dad: 1,
    accept_ra: 1,
    accept_ra_defrtr: 1,
    accept_ra_from_local: 0,
    accept_ra_min_hop_limit: 1,
    accept_ra_min_lft: 0,
    accept_ra_mtu: 1,
    accept_ra_pinfo: 1,
    accept_ra_rt_info_max_plen: 0,
    accept_ra_rt_info_min_plen: 0,
    accept_ra_rtr_pref: 1,
    accept_redirects: 1,
    accept_source_route: 0,
    accept_untracked_na: 0,
    addr_gen_mode: 0,
    autoconf: 1,
    dad_transmits: 1,
    disable_ipv6: 0,
    disable_policy: 0,
    drop_unicast_in_l2_multicast: 0,
    drop_unsolicited_na: 0,
    enhanced_dad: 1,
    force_forwarding: 0,
    force_mld_version: 0,
    force_tllao: 0,
    forwarding: 0,
    hop_limit: 64,
    ignore_routes_with_linkdown: 0,
    ioam6_enabled: 0,
    ioam6_id: 65_535,
    ioam6_id_wide: 4_294_967_295,
    keep_addr_on_down: 0,
    max_addresses: 16,
    max_desync_factor: 600,
    mc_forwarding: 0,
    mldv1_unsolicited_report_interval: 10_000,
    mldv2_unsolicited_report_interval: 1000,
    mtu: 1280,
    ndisc_evict_nocarrier: 1,
    ndisc_notify: 0,
    ndisc_tclass: 0,
    optimistic_dad: 0,
    proxy_ndp: 0,
    ra_defrtr_metric: 1024,
    ra_honor_pio_life: 0,
    ra_honor_pio_pflag: 0,
    regen_max_retry: 3,
    regen_min_advance: 2,
    router_probe_interval: 60,
    router_solicitation_delay: 1,
    router_solicitation_interval: 4,
    router_solicitation_max_interval: 3600,
    router_solicitations: -1,
    rpl_seg_enabled: 0,
    seg6_enabled: 0,
    seg6_require_hmac: 0,
    suppress_frag_ndisc: 1,
    temp_prefered_lft: 86_400,
    temp_valid_lft: 604_800,
    use_oif_addrs_only: 0,
    use_optimistic: 0,
    use_tempaddr: 0,
  };
}
export type Ipv6Conf = ReturnType<typeof defaultConf>;

/** One address of an interface (`struct inet6_ifaddr`). */
export interface Ipv6Address {
  address: IPv6;
  /** The other end's on point-to-point links. */
  peer: IPv6 | undefined;
  length: number;
  scope: number;
  /** Duplicate address detection is still running, or has found somebody else. */
  tentative: boolean;
  dadFailed: boolean;
  /** It was given without asking whether anybody has it (IFA_F_NODAD). */
  nodad: boolean;
  /** IFA_PROTO: `kernel_lo`, `kernel_ll` or none. */
  protocol: string | undefined;
  noprefixroute: boolean;
  /** The metric of its network's route. */
  metric?: number | undefined;
  /** Further flags, of which only `autojoin` changes anything here: `home`, `mngtmpaddr`, `autojoin`, `optimistic`. */
  flags?: readonly string[] | undefined;
  permanent: boolean;
  validLifetime: number | undefined;
  preferredLifetime: number | undefined;
  /** When the lifetimes were set, and what ends the address with them. */
  since?: Micros;
  expiry?: Timer | undefined;
  /** The next step of duplicate address detection. */
  dad: Timer | undefined;
}

/** The IPv6 half of a device (`struct inet6_dev`). */
export class Ipv6Interface {
  readonly device: NetDevice;
  /** Widest scope first, the newest first within one. */
  readonly addresses: Ipv6Address[] = [];
  readonly conf: Ipv6Conf;
  /** Groups it has joined, with how often. */
  readonly groups = new Map<IPv6, number>();
  /** It has been configured since it went up (IF_READY). */
  ready = false;
  /** The link filters its groups: not while it is down (ipv6_mc_down). */
  filters = true;
  /** The lower half of the addresses that router advertisements are to make (ip-token(8)); nobody acts on those here. */
  token: IPv6 = 0n;
  /** Router solicitations sent since the link came up. */
  solicitations = 0;
  solicitationTimer: Timer | undefined;

  constructor(device: NetDevice, conf: Ipv6Conf) {
    this.device = device;
    this.conf = { ...conf, mtu: device.mtu };
    if (device.type === 'loopback') Object.assign(this.conf, { accept_dad: -1, use_tempaddr: -1 });
  }

  /** Its usable link-local address, if there is one. */
  get linkLocal(): IPv6 | undefined {
    return this.addresses.find((a) => a.scope === 253 && !a.tentative)?.address;
  }
}
