import { integer, integers, type Sysctl, type Sysctls } from './sysctl.ts';

/**
 * Parameters that nothing here depends on: memory limits, queue lengths, details of what isn't modelled. They read, are set and are
 * refused as the kernel's, with its defaults (net/ipv4/sysctl_net_ipv4.c, net/ipv6/sysctl_net_ipv6.c, net/core/sysctl_net_core.c,
 * net/mptcp/ctrl.c), and are otherwise only kept.
 */

/** A number of any size, or with its limits; a text can only be read; several numbers are on one line. */
type Kept = number | readonly [value: number, least: number, most: number] | string | { all: number[]; least: number };

const MOST = 0x7fff_ffff;
const OCTET = 255;

const IPV4: Record<string, Kept> = {
  fib_multipath_hash_fields: [7, 1, 0xff],
  fib_multipath_hash_seed: [0, 0, 0xffff_ffff],
  fib_multipath_use_neigh: [0, 0, 1],
  fib_notify_on_flag_change: [0, 0, 2],
  icmp_echo_enable_probe: [0, 0, 1],
  icmp_ignore_bogus_error_responses: [1, 0, 1],
  igmp_link_local_mcast_reports: [1, 0, OCTET],
  igmp_max_memberships: 20,
  igmp_max_msf: 10,
  ip_autobind_reuse: [0, 0, 1],
  ip_dynaddr: [0, 0, OCTET],
  ip_early_demux: [1, 0, OCTET],
  ip_forward_update_priority: [1, 0, 1],
  ipfrag_high_thresh: [4_194_304, 3_145_728, MOST],
  ipfrag_low_thresh: [3_145_728, 0, 4_194_304],
  ipfrag_max_dist: [64, 0, MOST],
  nexthop_compat_mode: [1, 0, 1],
  raw_l3mdev_accept: [1, 0, 1],
  'route/min_adv_mss': 256,
  tcp_abort_on_overflow: [0, 0, OCTET],
  tcp_adv_win_scale: [1, -31, 31],
  tcp_allowed_congestion_control: 'reno',
  tcp_app_win: [31, 0, 31],
  tcp_autocorking: [1, 0, 1],
  tcp_available_congestion_control: 'reno',
  tcp_backlog_ack_defer: [1, 0, 1],
  tcp_base_mss: 1024,
  tcp_challenge_ack_limit: MOST,
  tcp_child_ehash_entries: [0, 0, 16_777_216],
  tcp_comp_sack_delay_ns: [1_000_000, 0, 0xffff_ffff],
  tcp_comp_sack_nr: [44, 0, OCTET],
  tcp_comp_sack_slack_ns: [100_000, 0, 0xffff_ffff],
  tcp_early_demux: [1, 0, OCTET],
  tcp_early_retrans: [3, 0, 4],
  tcp_ecn: [2, 0, 2],
  tcp_ecn_fallback: [1, 0, OCTET],
  tcp_ecn_option: [2, 0, 2],
  tcp_ecn_option_beacon: [3, 0, 3],
  tcp_fack: [0, 0, OCTET],
  tcp_fastopen: 1,
  tcp_fastopen_blackhole_timeout_sec: [0, 0, MOST],
  tcp_frto: [2, 0, OCTET],
  tcp_fwmark_accept: [0, 0, OCTET],
  tcp_invalid_ratelimit: [500, 0, MOST],
  tcp_l3mdev_accept: [0, 0, 1],
  tcp_limit_output_bytes: 4_194_304,
  tcp_max_reordering: 300,
  tcp_max_syn_backlog: 2048,
  tcp_max_tw_buckets: 131_072,
  tcp_migrate_req: [0, 0, 1],
  tcp_min_rtt_wlen: [300, 0, 86_400],
  tcp_min_snd_mss: [48, 48, 65_535],
  tcp_min_tso_segs: [2, 1, OCTET],
  tcp_moderate_rcvbuf: [1, 0, OCTET],
  tcp_mtu_probe_floor: [48, 48, 65_535],
  tcp_no_metrics_save: [0, 0, OCTET],
  tcp_no_ssthresh_metrics_save: [1, 0, 1],
  tcp_notsent_lowat: [0xffff_ffff, 0, 0xffff_ffff],
  tcp_orphan_retries: [0, 0, OCTET],
  tcp_pacing_ca_ratio: [120, 0, 1000],
  tcp_pacing_ss_ratio: [200, 0, 1000],
  tcp_pingpong_thresh: [1, 1, OCTET],
  tcp_plb_cong_thresh: [128, 0, 256],
  tcp_plb_enabled: [0, 0, 1],
  tcp_plb_idle_rehash_rounds: [3, 0, 31],
  tcp_plb_rehash_rounds: [12, 0, 31],
  tcp_plb_suspend_rto_sec: [60, 0, OCTET],
  tcp_probe_interval: [600, 0, 0xffff_ffff],
  tcp_probe_threshold: 8,
  tcp_recovery: [1, 0, OCTET],
  tcp_reflect_tos: [0, 0, 1],
  tcp_reordering: [3, 1, 300],
  tcp_retrans_collapse: [1, 0, OCTET],
  tcp_retries1: [3, 0, OCTET],
  tcp_rfc1337: [0, 0, OCTET],
  tcp_rto_max_ms: [120_000, 1000, 120_000],
  tcp_rto_min_us: [200_000, 1, MOST],
  tcp_shrink_window: [0, 0, 1],
  tcp_slow_start_after_idle: [1, 0, OCTET],
  tcp_stdurg: [0, 0, OCTET],
  tcp_syncookies: [1, 0, OCTET],
  tcp_thin_linear_timeouts: [0, 0, OCTET],
  tcp_tso_rtt_log: [9, 0, OCTET],
  tcp_tso_win_divisor: [3, 0, OCTET],
  tcp_tw_reuse: [2, 0, 2],
  tcp_tw_reuse_delay: [1000, 1, 60_000],
  tcp_wmem: { all: [4096, 16_384, 4_194_304], least: 1 },
  tcp_workaround_signed_windows: [0, 0, OCTET],
  udp_child_hash_entries: [0, 0, 65_536],
  udp_early_demux: [1, 0, OCTET],
  udp_l3mdev_accept: [0, 0, 1],
  udp_rmem_min: [4096, 1, MOST],
  udp_wmem_min: [4096, 1, MOST],
  xfrm4_gc_thresh: 32_768,
};

const IPV6: Record<string, Kept> = {
  anycast_src_echo_reply: [0, 0, OCTET],
  auto_flowlabels: [1, 0, 3],
  fib_multipath_hash_fields: [7, 1, 0xff],
  fib_notify_on_flag_change: [0, 0, 2],
  flowlabel_consistency: [1, 0, OCTET],
  flowlabel_reflect: [0, 0, 7],
  flowlabel_state_ranges: [0, 0, OCTET],
  fwmark_reflect: [0, 0, OCTET],
  'icmp/echo_ignore_anycast': [0, 0, OCTET],
  'icmp/echo_ignore_multicast': [0, 0, OCTET],
  'icmp/error_anycast_as_unicast': [0, 0, 1],
  idgen_delay: 1,
  idgen_retries: 3,
  ioam6_id: [16_777_215, 0, 16_777_215],
  ip6frag_high_thresh: [4_194_304, 3_145_728, MOST],
  ip6frag_low_thresh: [3_145_728, 0, 4_194_304],
  max_dst_opts_length: MOST,
  max_dst_opts_number: 8,
  max_hbh_length: MOST,
  max_hbh_opts_number: 8,
  'route/gc_elasticity': 9,
  'route/gc_interval': 30,
  'route/gc_min_interval': 0,
  'route/gc_thresh': 1024,
  'route/gc_timeout': 60,
  'route/max_size': MOST,
  'route/min_adv_mss': 1220,
  'route/skip_notify_on_dev_down': [0, 0, 1],
  seg6_flowlabel: 0,
  xfrm6_gc_thresh: 32_768,
};

const OTHERS: Record<string, Kept> = {
  'core/optmem_max': [131_072, 0, MOST],
  'core/tstamp_allow_data': [1, 0, 1],
  'core/txrehash': [1, 0, 1],
  'core/xfrm_acq_expires': 30,
  'core/xfrm_aevent_etime': 10,
  'core/xfrm_aevent_rseqth': 2,
  'core/xfrm_larval_drop': 1,
  'mptcp/add_addr_timeout': 120,
  'mptcp/allow_join_initial_addr_port': [1, 0, 1],
  'mptcp/available_path_managers': 'kernel userspace',
  'mptcp/available_schedulers': 'default',
  'mptcp/blackhole_timeout': [3600, 0, MOST],
  'mptcp/checksum_enabled': [0, 0, 1],
  'mptcp/close_timeout': 60,
  'mptcp/enabled': [1, 0, 1],
  'mptcp/pm_type': [0, 0, 1],
  'mptcp/stale_loss_cnt': [4, 0, MOST],
  'mptcp/syn_retrans_before_tcp_fallback': [2, 0, OCTET],
  'unix/max_dgram_qlen': 10,
};

/** What only the machine's own namespace has. */
const MACHINE: Record<string, Kept> = {
  'core/bpf_jit_enable': [1, 0, 1],
  'core/bpf_jit_harden': [0, 0, 2],
  'core/busy_poll': [0, 0, MOST],
  'core/busy_read': [0, 0, MOST],
  'core/dev_weight': [64, 1, MOST],
  'core/dev_weight_rx_bias': [1, 1, MOST],
  'core/dev_weight_tx_bias': [1, 1, MOST],
  'core/devconf_inherit_init_net': [0, 0, 3],
  'core/fb_tunnels_only_for_init_net': [0, 0, 2],
  'core/flow_limit_table_len': 4096,
  'core/gro_normal_batch': [8, 1, MOST],
  'core/max_skb_frags': [17, 1, 17],
  'core/message_burst': 10,
  'core/message_cost': 5,
  'core/netdev_budget': 300,
  'core/netdev_budget_usecs': [8000, 0, MOST],
  'core/netdev_max_backlog': 1000,
  'core/netdev_tstamp_prequeue': 1,
  'core/netdev_unregister_timeout_secs': [10, 1, 3600],
  'core/rps_sock_flow_entries': [0, 0, 536_870_912],
  'core/skb_defer_max': [64, 0, MOST],
  'core/warnings': 0,
  'ipv4/fib_sync_mem': [524_288, 65_536, 67_108_864],
  'ipv4/inet_peer_maxttl': 600,
  'ipv4/inet_peer_minttl': 120,
  'ipv4/inet_peer_threshold': 65_664,
  'ipv4/ipfrag_secret_interval': 0,
  'ipv4/route/error_burst': 1250,
  'ipv4/route/error_cost': 250,
  'ipv4/route/gc_elasticity': 8,
  'ipv4/route/gc_interval': 60,
  'ipv4/route/gc_min_interval': 0,
  'ipv4/route/gc_min_interval_ms': 500,
  'ipv4/route/gc_thresh': -1,
  'ipv4/route/gc_timeout': 300,
  'ipv4/route/max_size': MOST,
  'ipv4/route/redirect_load': 5,
  'ipv4/route/redirect_number': 9,
  'ipv4/route/redirect_silence': 5120,
  'ipv4/tcp_available_ulp': 'mptcp',
  'ipv4/tcp_low_latency': 0,
  'ipv4/tcp_max_orphans': 16_384,
  'ipv4/tcp_mem': { all: [45_804, 61_072, 91_608], least: 0 },
  'ipv4/udp_mem': { all: [91_608, 122_145, 183_216], least: 0 },
  'ipv6/ip6frag_secret_interval': 0,
  'ipv6/mld_max_msf': 64,
  'ipv6/mld_qrv': [2, 1, MOST],
};

/** Of the whole machine, to be read anywhere and set in its own namespace. */
const SHARED: Record<string, readonly [value: number, least: number, most: number]> = {
  'core/rmem_default': [212_992, 2304, MOST],
  'core/rmem_max': [4_194_304, 2304, MOST],
  'core/wmem_default': [212_992, 4608, MOST],
  'core/wmem_max': [4_194_304, 4608, MOST],
};

/** Makes them for one namespace. */
export function registerKept(sysctl: Sysctls, machine: Sysctls | undefined): void {
  const tables: [string, Record<string, Kept>][] = [
    ['ipv4/', IPV4],
    ['ipv6/', IPV6],
    ['', OTHERS],
    ...(machine ? [] : [['', { ...MACHINE, ...SHARED }] as [string, Record<string, Kept>]]),
  ];
  for (const [prefix, table] of tables) {
    for (const [name, kept] of Object.entries(table)) sysctl.register(`net/${prefix}${name}`, keptParameter(kept));
  }
  if (machine) for (const name of Object.keys(SHARED)) sysctl.register(`net/${name}`, { get: () => machine.get(`net/${name}`) ?? '' });
  const hashes = { tcp_ehash_entries: 262_144, udp_hash_entries: 16_384 };
  for (const [name, size] of Object.entries(hashes)) sysctl.register(`net/ipv4/${name}`, { get: () => String(machine ? -size : size) });
  sysctl.register('net/ipv6/ioam6_id_wide', wide(72_057_594_037_927_935n));
  sysctl.register('net/core/rps_default_mask', processorMask());
  sysctl.register('net/ipv4/tcp_congestion_control', choice('reno'));
  sysctl.register('net/ipv4/tcp_fastopen_key', fastOpenKey());
  sysctl.register('net/mptcp/scheduler', choice('default'));
  sysctl.register('net/mptcp/path_manager', choice('kernel', 'userspace'));
  if (!machine) sysctl.register('net/core/default_qdisc', choice('pfifo_fast'));
  if (machine) return;
  const limit = 'net/netfilter/nf_conntrack_max';
  sysctl.register('net/nf_conntrack_max', { get: () => sysctl.get(limit) ?? '', set: (text) => sysctl.set(limit, text) });
}

function keptParameter(kept: Kept): Sysctl {
  if (typeof kept === 'string') return { get: () => kept };
  if (typeof kept === 'number') return integer({ value: kept }, 'value');
  if ('all' in kept) return integers([...kept.all], { min: kept.least });
  const [value, min, max] = kept;
  return integer({ value }, 'value', { min, max });
}

/** A 64-bit number. */
function wide(value: bigint): Sysctl {
  const most = value;
  let kept = value;
  return {
    get: () => String(kept),
    set(text) {
      if (!/^\d+$/.test(text) || BigInt(text) > most) return 'EINVAL';
      kept = BigInt(text);
      return undefined;
    },
  };
}

/** One of the names that are there; the first is chosen. */
function choice(...names: string[]): Sysctl {
  let chosen = names[0] as string;
  return {
    get: () => chosen,
    set(text) {
      if (!names.includes(text)) return 'ENOENT';
      chosen = text;
      return undefined;
    },
  };
}

/** Processors as bits, of which there are two. */
function processorMask(): Sysctl {
  let mask = 0;
  return {
    get: () => mask.toString(16),
    set(text) {
      if (!/^[0-9a-f]+$/i.test(text)) return 'EINVAL';
      const wanted = Number.parseInt(text, 16);
      if (wanted > 3) return 'EOVERFLOW';
      mask = wanted;
      return undefined;
    },
  };
}

/** Four words in hexadecimal (proc_tcp_fastopen_key); nobody but root reads them. */
function fastOpenKey(): Sysctl {
  let key = [0, 0, 0, 0];
  return {
    mode: 0o600,
    get: () => key.map((word) => word.toString(16).padStart(8, '0')).join('-'),
    set(text) {
      const words = /^([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})$/i.exec(text);
      if (!words) return 'EINVAL';
      key = words.slice(1).map((word) => Number.parseInt(word, 16));
      return undefined;
    },
  };
}

/**
 * A set of numbers as ranges (proc_do_large_bitmap).
 * @param changed is given every number of the set
 */
export function bitmap(initial: string, most: number, changed: (members: ReadonlySet<number>) => void = () => {}): Sysctl {
  let shown = initial;
  return {
    get: () => shown,
    set(text) {
      const members = new Set<number>();
      for (const range of text === '' ? [] : text.split(',')) {
        const ends = /^(\d+)(?:-(\d+))?$/.exec(range);
        if (!ends) return 'EINVAL';
        const [low, high] = [Number(ends[1]), Number(ends[2] ?? ends[1])];
        if (low > high || high > most) return 'EINVAL';
        for (let member = low; member <= high; member++) members.add(member);
      }
      shown = ranges([...members].sort((a, b) => a - b));
      changed(members);
      return undefined;
    },
  };
}

function ranges(members: readonly number[]): string {
  const found: [number, number][] = [];
  for (const member of members) {
    const last = found.at(-1);
    if (last && last[1] === member - 1) last[1] = member;
    else found.push([member, member]);
  }
  return found.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(',');
}
