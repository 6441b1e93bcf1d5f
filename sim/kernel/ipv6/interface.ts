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
    accept_ra_pinfo: 1,
    accept_redirects: 1,
    accept_source_route: 0,
    addr_gen_mode: 0,
    autoconf: 1,
    dad_transmits: 1,
    disable_ipv6: 0,
    disable_policy: 0,
    forwarding: 0,
    hop_limit: 64,
    ignore_routes_with_linkdown: 0,
    keep_addr_on_down: 0,
    max_addresses: 16,
    mtu: 1500,
    ndisc_notify: 0,
    optimistic_dad: 0,
    proxy_ndp: 0,
    router_solicitation_delay: 1,
    router_solicitation_interval: 4,
    router_solicitation_max_interval: 3600,
    router_solicitations: -1,
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
  /** Further flags, which change nothing here: `home`, `mngtmpaddr`, `autojoin`, `optimistic`. */
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
  /** The link filters its groups: not while it is down (ipv6_mc_down). */
  filters = true;
  /** The lower half of the addresses that router advertisements are to make (ip-token(8)); nobody acts on those here. */
  token: IPv6 = 0n;
  /** Router solicitations sent since the link came up. */
  solicitations = 0;
  solicitationTimer: Timer | undefined;

  constructor(device: NetDevice, conf: Ipv6Conf) {
    this.device = device;
    this.conf = { ...conf };
  }

  /** Its usable link-local address, if there is one. */
  get linkLocal(): IPv6 | undefined {
    return this.addresses.find((a) => a.scope === 253 && !a.tentative)?.address;
  }
}
