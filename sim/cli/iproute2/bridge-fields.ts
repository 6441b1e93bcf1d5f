import type { LinkAttribute } from '../../host/netlink/messages.ts';

/** One attribute in the order that `ip -d link` prints it (ip/iplink_bridge.c, ip/iplink_bridge_slave.c). */
export interface DetailField {
  /** Its JSON key first, then other names under which the kernel may report it. */
  names: readonly string[];
  /** Its name in text, when that differs from the JSON key. */
  text?: string;
  form?: 'flag' | 'timer' | 'hex' | 'mask' | 'bridge-id' | 'querier';
  /** What Linux reports while the feature behind it isn't in use: shown when the kernel doesn't keep the attribute. */
  unused?: LinkAttribute;
  /** JSON leaves it out. */
  textOnly?: boolean;
}

export const BRIDGE_FIELDS: readonly DetailField[] = [
  { names: ['forward_delay'] },
  { names: ['hello_time'] },
  { names: ['max_age'] },
  { names: ['ageing_time'] },
  { names: ['stp_state'], unused: 0 },
  { names: ['priority'] },
  { names: ['vlan_filtering'], unused: 0 },
  { names: ['vlan_protocol'] },
  { names: ['bridge_id'], form: 'bridge-id' },
  { names: ['root_id', 'designated_root', 'bridge_id'], text: 'designated_root', form: 'bridge-id' },
  { names: ['root_port'], unused: 0 },
  { names: ['root_path_cost'], unused: 0 },
  { names: ['topology_change'], unused: 0 },
  { names: ['topology_change_detected'], unused: 0 },
  { names: ['hello_timer'], form: 'timer', unused: 0 },
  { names: ['tcn_timer'], form: 'timer', unused: 0 },
  { names: ['topology_change_timer'], form: 'timer', unused: 0 },
  { names: ['gc_timer'], form: 'timer', unused: 0 },
  { names: ['fdb_n_learned'], unused: 0 },
  { names: ['fdb_max_learned'], unused: 0 },
  { names: ['vlan_default_pvid'] },
  { names: ['group_fwd_mask'], form: 'mask', unused: 0 },
  { names: ['group_addr'], text: 'group_address', unused: '01:80:c2:00:00:00' },
  { names: ['mcast_snooping'], unused: 1 },
  { names: ['no_linklocal_learn'], unused: 0 },
  { names: ['mcast_vlan_snooping'], unused: 0 },
  { names: ['mst_enabled'], unused: 0 },
  { names: ['mdb_offload_fail_notification'], unused: 0 },
  { names: ['fdb_local_vlan_0'], unused: 0 },
  { names: ['mcast_router'], unused: 1 },
  { names: ['mcast_query_use_ifaddr'], unused: 0 },
  { names: ['mcast_querier'], unused: 0 },
  { names: ['mcast_querier_state'], form: 'querier' },
  { names: ['mcast_hash_elasticity'], unused: 16 },
  { names: ['mcast_hash_max'], unused: 4096 },
  { names: ['mcast_last_member_cnt'], text: 'mcast_last_member_count', unused: 2 },
  { names: ['mcast_startup_query_cnt'], text: 'mcast_startup_query_count', unused: 2 },
  { names: ['mcast_last_member_intvl'], text: 'mcast_last_member_interval', unused: 100 },
  { names: ['mcast_membership_intvl'], text: 'mcast_membership_interval', unused: 26_000 },
  { names: ['mcast_querier_intvl'], text: 'mcast_querier_interval', unused: 25_500 },
  { names: ['mcast_query_intvl'], text: 'mcast_query_interval', unused: 12_500 },
  { names: ['mcast_query_response_intvl'], text: 'mcast_query_response_interval', unused: 1_000 },
  { names: ['mcast_startup_query_intvl'], text: 'mcast_startup_query_interval', unused: 3_124 },
  { names: ['mcast_stats_enabled'], unused: 0 },
  { names: ['mcast_igmp_version'], unused: 2 },
  { names: ['mcast_mld_version'], unused: 1 },
  { names: ['nf_call_iptables'], unused: 0 },
  { names: ['nf_call_ip6tables'], unused: 0 },
  { names: ['nf_call_arptables'], unused: 0 },
];

export const BRIDGE_PORT_FIELDS: readonly DetailField[] = [
  { names: ['state'] },
  { names: ['priority'] },
  { names: ['cost'] },
  { names: ['hairpin'], form: 'flag', unused: false },
  { names: ['guard'], form: 'flag', unused: false },
  { names: ['root_block'], form: 'flag', unused: false },
  { names: ['fastleave'], form: 'flag', unused: false },
  { names: ['learning'], form: 'flag', unused: true },
  { names: ['flood'], form: 'flag', unused: true },
  { names: ['id'], text: 'port_id', form: 'hex' },
  { names: ['no'], text: 'port_no', form: 'hex' },
  { names: ['designated_port'] },
  { names: ['designated_cost'], unused: 0 },
  { names: ['bridge_id', 'designated_bridge'], text: 'designated_bridge', form: 'bridge-id' },
  { names: ['root_id', 'designated_root'], text: 'designated_root', form: 'bridge-id' },
  { names: ['hold_timer'], form: 'timer', unused: 0 },
  { names: ['message_age_timer'], form: 'timer', unused: 0 },
  { names: ['forward_delay_timer'], form: 'timer', unused: 0 },
  { names: ['topology_change_ack'], unused: 0 },
  { names: ['config_pending'], unused: 0 },
  { names: ['proxy_arp'], form: 'flag', unused: false },
  { names: ['proxy_arp_wifi'], form: 'flag', unused: false },
  { names: ['multicast_router', 'mcast_router'], text: 'mcast_router', unused: 1 },
  { names: ['mcast_fast_leave', 'fastleave'], form: 'flag', unused: false, textOnly: true },
  { names: ['mcast_flood'], form: 'flag', unused: true },
  { names: ['bcast_flood'], form: 'flag', unused: true },
  { names: ['mcast_to_unicast'], form: 'flag', unused: false },
  { names: ['neigh_suppress'], form: 'flag', unused: false },
  { names: ['neigh_vlan_suppress'], form: 'flag', unused: false },
  { names: ['group_fwd_mask'], form: 'mask', unused: 0 },
  { names: ['group_fwd_mask_str'], form: 'hex', unused: 0 },
  { names: ['vlan_tunnel'], form: 'flag', unused: false },
  { names: ['isolated'], form: 'flag', unused: false },
  { names: ['locked'], form: 'flag', unused: false },
  { names: ['mab'], form: 'flag', unused: false },
];
