import { SECOND } from '../../../base/time.ts';
import { duration, integer, type Sysctl } from '../../sysctl.ts';

/** The parameters under /proc/sys/net/netfilter with Linux's defaults; timeouts in microseconds. */
export function defaultSettings() {
  return {
    nf_conntrack_acct: 0,
    nf_conntrack_buckets: 262_144,
    nf_conntrack_checksum: 1,
    nf_conntrack_events: 2,
    nf_conntrack_expect_max: 4096,
    nf_conntrack_frag6_high_thresh: 4_194_304,
    nf_conntrack_frag6_low_thresh: 3_145_728,
    nf_conntrack_frag6_timeout: 60 * SECOND,
    nf_conntrack_generic_timeout: 600 * SECOND,
    nf_conntrack_gre_timeout: 30 * SECOND,
    nf_conntrack_gre_timeout_stream: 180 * SECOND,
    nf_conntrack_icmp_timeout: 30 * SECOND,
    nf_conntrack_icmpv6_timeout: 30 * SECOND,
    nf_conntrack_log_invalid: 0,
    nf_conntrack_max: 262_144,
    nf_conntrack_sctp_timeout_closed: 10 * SECOND,
    nf_conntrack_sctp_timeout_cookie_echoed: 3 * SECOND,
    nf_conntrack_sctp_timeout_cookie_wait: 3 * SECOND,
    nf_conntrack_sctp_timeout_established: 210 * SECOND,
    nf_conntrack_sctp_timeout_heartbeat_sent: 30 * SECOND,
    nf_conntrack_sctp_timeout_shutdown_ack_sent: 3 * SECOND,
    nf_conntrack_sctp_timeout_shutdown_recd: 3 * SECOND,
    nf_conntrack_sctp_timeout_shutdown_sent: 3 * SECOND,
    nf_conntrack_tcp_be_liberal: 0,
    nf_conntrack_tcp_ignore_invalid_rst: 0,
    nf_conntrack_tcp_loose: 1,
    nf_conntrack_tcp_max_retrans: 3,
    nf_conntrack_tcp_timeout_close: 10 * SECOND,
    nf_conntrack_tcp_timeout_close_wait: 60 * SECOND,
    nf_conntrack_tcp_timeout_established: 432_000 * SECOND,
    nf_conntrack_tcp_timeout_fin_wait: 120 * SECOND,
    nf_conntrack_tcp_timeout_last_ack: 30 * SECOND,
    nf_conntrack_tcp_timeout_max_retrans: 300 * SECOND,
    nf_conntrack_tcp_timeout_syn_recv: 60 * SECOND,
    nf_conntrack_tcp_timeout_syn_sent: 120 * SECOND,
    nf_conntrack_tcp_timeout_time_wait: 120 * SECOND,
    nf_conntrack_tcp_timeout_unacknowledged: 300 * SECOND,
    nf_conntrack_timestamp: 0,
    nf_conntrack_udp_timeout: 30 * SECOND,
    nf_conntrack_udp_timeout_stream: 120 * SECOND,
    nf_hooks_lwtunnel: 0,
    nf_log_all_netns: 0,
  };
}
export type ConntrackSettings = ReturnType<typeof defaultSettings>;

/** Of the whole machine. */
const OF_MACHINE = new Set<keyof ConntrackSettings>([
  'nf_conntrack_buckets',
  'nf_conntrack_expect_max',
  'nf_conntrack_max',
  'nf_log_all_netns',
]);

/** Switches, and what takes up to two. */
const MOST: Partial<Record<keyof ConntrackSettings, number>> = {
  nf_conntrack_acct: 1,
  nf_conntrack_checksum: 1,
  nf_conntrack_events: 2,
  nf_conntrack_log_invalid: 255,
  nf_conntrack_tcp_be_liberal: 1,
  nf_conntrack_tcp_ignore_invalid_rst: 1,
  nf_conntrack_tcp_loose: 1,
  nf_conntrack_tcp_max_retrans: 255,
  nf_conntrack_timestamp: 1,
  nf_hooks_lwtunnel: 1,
};

/**
 * The files of /proc/sys/net/netfilter (nf_conntrack_standalone.c).
 * @param count the number of entries, which is read only
 * @param machine the settings of the machine's own namespace, for another one: some are read there and can only be set there
 */
export function conntrackSysctls(settings: ConntrackSettings, count: () => number, machine?: ConntrackSettings): Map<string, Sysctl> {
  const table = new Map<string, Sysctl>([['nf_conntrack_count', { get: () => String(count()) }]]);
  for (const name of Object.keys(settings) as (keyof ConntrackSettings)[]) {
    if (machine && OF_MACHINE.has(name)) {
      if (name !== 'nf_log_all_netns') table.set(name, { get: () => String(machine[name]) });
      continue;
    }
    table.set(
      name,
      name.includes('timeout') ? duration(settings, name, SECOND) : integer(settings, name, { min: 0, max: MOST[name] ?? 0x7fff_ffff }),
    );
  }
  return table;
}
