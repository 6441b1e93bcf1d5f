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
    nf_conntrack_generic_timeout: 600 * SECOND,
    nf_conntrack_icmp_timeout: 30 * SECOND,
    nf_conntrack_icmpv6_timeout: 30 * SECOND,
    nf_conntrack_log_invalid: 0,
    nf_conntrack_max: 262_144,
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
    nf_log_all_netns: 0,
  };
}
export type ConntrackSettings = ReturnType<typeof defaultSettings>;

/**
 * The files of /proc/sys/net/netfilter (nf_conntrack_standalone.c).
 * @param count the number of entries, which is read only
 */
export function conntrackSysctls(settings: ConntrackSettings, count: () => number): Map<string, Sysctl> {
  const table = new Map<string, Sysctl>([['nf_conntrack_count', { get: () => String(count()) }]]);
  for (const name of Object.keys(settings) as (keyof ConntrackSettings)[]) {
    table.set(name, name.includes('timeout') ? duration(settings, name, SECOND) : integer(settings, name, { min: 0 }));
  }
  return table;
}
