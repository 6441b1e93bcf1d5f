import { integer, type Sysctl } from '../../sysctl.ts';

/** The parameters under /proc/sys/net/ipv4/vs that are integers, with Linux's defaults (ip_vs_ctl.c). */
export const defaultVsSettings = () => ({
  am_droprate: 10,
  amemthresh: 1024,
  backup_only: 0,
  cache_bypass: 0,
  conn_reuse_mode: 1,
  conntrack: 0,
  drop_entry: 0,
  drop_packet: 0,
  est_nice: 0,
  expire_nodest_conn: 0,
  expire_quiescent_template: 0,
  ignore_tunneled: 0,
  nat_icmp_send: 0,
  pmtu_disc: 1,
  run_estimation: 1,
  schedule_icmp: 0,
  secure_tcp: 0,
  sloppy_sctp: 0,
  sloppy_tcp: 0,
  snat_reroute: 1,
  sync_persist_mode: 0,
  sync_ports: 1,
  sync_refresh_period: 0,
  sync_retries: 0,
  sync_sock_size: 0,
  sync_version: 1,
});
export type VsSettings = ReturnType<typeof defaultVsSettings>;

export function vsSysctls(settings: VsSettings): Map<string, Sysctl> {
  const names = Object.keys(settings) as (keyof VsSettings)[];
  return new Map(names.map((name) => [name, integer(settings, name, { min: 0 })]));
}
