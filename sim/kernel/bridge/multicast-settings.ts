import type { Errno } from '../../base/errno.ts';

/** What can be set of a bridge's multicast snooping, under netlink's names with their defaults; times in centiseconds (br_multicast_ctx_init). */
export function defaultMulticastSettings() {
  return {
    mcast_router: 1,
    mcast_query_use_ifaddr: 0,
    mcast_querier: 0,
    mcast_hash_elasticity: 16,
    mcast_hash_max: 4096,
    mcast_last_member_cnt: 2,
    mcast_startup_query_cnt: 2,
    mcast_last_member_intvl: 100,
    mcast_membership_intvl: 26_000,
    mcast_querier_intvl: 25_500,
    mcast_query_intvl: 12_500,
    mcast_query_response_intvl: 1000,
    // A quarter of the query interval in ticks of 4 ms.
    mcast_startup_query_intvl: 3124,
    /** Kept and shown; nobody reads the counts. */
    mcast_stats_enabled: 0,
    mcast_igmp_version: 2,
    mcast_mld_version: 1,
  };
}

export type MulticastSettings = ReturnType<typeof defaultMulticastSettings>;

/** Kinds of multicast router, of bridges and ports (MDB_RTR_TYPE_*). */
export const ROUTER = { disabled: 0, learned: 1, permanent: 2, temporary: 3 } as const;

/** Shorter ones would keep everybody busy: they become this (BR_MULTICAST_QUERY_INTVL_MIN). */
const SHORTEST_INTERVAL = 100;

/** The value as it is kept, or why it isn't one (br_changelink and what it calls). */
export function acceptMulticastSetting(name: keyof MulticastSettings, value: number, now: MulticastSettings): number | Errno {
  switch (name) {
    case 'mcast_router':
      return value <= ROUTER.permanent ? value : 'EINVAL';
    case 'mcast_querier':
    case 'mcast_query_use_ifaddr':
    case 'mcast_stats_enabled':
      return value === 0 ? 0 : 1;
    case 'mcast_igmp_version':
      return value === 2 || value === 3 ? value : 'EINVAL';
    case 'mcast_mld_version':
      return value === 1 || value === 2 ? value : 'EINVAL';
    case 'mcast_query_intvl':
    case 'mcast_startup_query_intvl':
      return Math.max(value, SHORTEST_INTERVAL);
    case 'mcast_hash_elasticity':
      return now.mcast_hash_elasticity;
    default:
      return value;
  }
}
