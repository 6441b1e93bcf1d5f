import type { Errno } from '../../base/errno.ts';
import type { ComputedDirectory, Inode } from '../inode.ts';
import type { LinkAttribute, LinkInfo } from '../netlink/messages.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { attribute as file, AttributeLink, attributes as directory } from './computed.ts';

/** Files of /sys/class/net/BRIDGE/bridge (net/bridge/br_sysfs_br.c) and the attribute that each shows; times in centiseconds. */
const BRIDGE_FILES: Record<string, string> = {
  ageing_time: 'ageing_time',
  bridge_id: 'bridge_id',
  forward_delay: 'forward_delay',
  hello_time: 'hello_time',
  hello_timer: 'hello_timer',
  max_age: 'max_age',
  multicast_snooping: 'mcast_snooping',
  priority: 'priority',
  root_id: 'designated_root',
  root_path_cost: 'root_path_cost',
  root_port: 'root_port',
  stp_state: 'stp_state',
  tcn_timer: 'tcn_timer',
  topology_change: 'topology_change',
  topology_change_detected: 'topology_change_detected',
  topology_change_timer: 'topology_change_timer',
  vlan_filtering: 'vlan_filtering',
};

/** What a bridge here has no setting for, with what a new one on Linux says; it can't be changed. */
const BRIDGE_FIXED: Record<string, string | number> = {
  gc_timer: 0,
  group_addr: '01:80:c2:00:00:00',
  group_fwd_mask: '0x0',
  hash_elasticity: 16,
  hash_max: 4096,
  multicast_igmp_version: 2,
  multicast_last_member_count: 2,
  multicast_last_member_interval: 100,
  multicast_membership_interval: 26_000,
  multicast_mld_version: 1,
  multicast_querier: 0,
  multicast_querier_interval: 25_500,
  multicast_query_interval: 12_500,
  multicast_query_response_interval: 1000,
  multicast_query_use_ifaddr: 0,
  multicast_router: 1,
  multicast_startup_query_count: 2,
  multicast_startup_query_interval: 3124,
  multicast_stats_enabled: 0,
  nf_call_arptables: 0,
  nf_call_ip6tables: 0,
  nf_call_iptables: 0,
  no_linklocal_learn: 0,
};

/** What follows from others, or is an address. */
const BRIDGE_READ_ONLY = new Set([
  ...['bridge_id', 'hello_timer', 'root_id', 'root_path_cost', 'root_port', 'tcn_timer'],
  ...['topology_change', 'topology_change_detected', 'topology_change_timer'],
]);

/** Files of /sys/class/net/PORT/brport (net/bridge/br_sysfs_if.c). */
const PORT_FILES: Record<string, string> = {
  bpdu_guard: 'guard',
  broadcast_flood: 'bcast_flood',
  change_ack: 'topology_change_ack',
  config_pending: 'config_pending',
  designated_bridge: 'designated_bridge',
  designated_cost: 'designated_cost',
  designated_port: 'designated_port',
  designated_root: 'designated_root',
  forward_delay_timer: 'forward_delay_timer',
  hairpin_mode: 'hairpin',
  hold_timer: 'hold_timer',
  isolated: 'isolated',
  learning: 'learning',
  message_age_timer: 'message_age_timer',
  multicast_fast_leave: 'fastleave',
  multicast_flood: 'mcast_flood',
  neigh_suppress: 'neigh_suppress',
  path_cost: 'cost',
  port_id: 'id',
  port_no: 'no',
  priority: 'priority',
  proxyarp: 'proxy_arp',
  proxyarp_wifi: 'proxy_arp_wifi',
  root_block: 'root_block',
  state: 'state_index',
  unicast_flood: 'flood',
};

/** The same of a port. */
const PORT_FIXED: Record<string, string | number> = { group_fwd_mask: '0x0', multicast_router: 1, multicast_to_unicast: 0 };

const PORT_READ_ONLY = new Set([
  'change_ack',
  'config_pending',
  'forward_delay_timer',
  'hold_timer',
  'message_age_timer',
  'designated_bridge',
  'designated_cost',
  'designated_port',
  'designated_root',
  'port_id',
  'port_no',
  'state',
]);
const PORT_HEXADECIMAL = new Set(['port_id', 'port_no']);

/** The bridge's own settings; brctl reads and writes these. */
export function bridgeDirectory(rt: RtNetlink, now: () => LinkInfo): ComputedDirectory {
  return attributeFiles(
    BRIDGE_FILES,
    () => now().data,
    (name, attribute) => {
      if (BRIDGE_READ_ONLY.has(name)) return undefined;
      return (number) => rt.setLink(now().ifindex, { data: { [attribute]: number } })?.errno;
    },
    fixed(BRIDGE_FIXED),
  );
}

/** A port's settings, and the way back to its bridge. */
export function portDirectory(rt: RtNetlink, now: () => LinkInfo, bridge: string): ComputedDirectory {
  return attributeFiles(
    PORT_FILES,
    () => now().slaveData,
    (name, attribute) => {
      if (PORT_READ_ONLY.has(name)) return undefined;
      return (number) => rt.setLink(now().ifindex, { slaveData: { [attribute]: number } })?.errno;
    },
    { ...fixed(PORT_FIXED), bridge: new AttributeLink(`../../${bridge}`) },
  );
}

function fixed(values: Record<string, string | number>): Record<string, Inode> {
  return Object.fromEntries(Object.entries(values).map(([name, shown]) => [name, file(() => shown)]));
}

type Setter = (number: number) => Errno | undefined;

/** A file for each attribute that the device really has. */
function attributeFiles(
  names: Record<string, string>,
  attributes: () => Record<string, LinkAttribute>,
  setter: (name: string, attribute: string) => Setter | undefined,
  others: Record<string, Inode> = {},
): ComputedDirectory {
  const made = (name: string, attribute: string): Inode => {
    const set = setter(name, attribute);
    return file(
      () => shown(name, attributes()[attribute]),
      set && ((_, text) => (/^(0x[0-9a-f]+|\d+)$/i.test(text) ? set(Number(text)) : 'EINVAL')),
    );
  };
  return directory(() => {
    const present = Object.entries(names).filter(([, attribute]) => attributes()[attribute] !== undefined);
    return { ...Object.fromEntries(present.map(([name, attribute]) => [name, made(name, attribute)])), ...others };
  });
}

function shown(name: string, attribute: LinkAttribute | undefined): string | number | undefined {
  if (typeof attribute === 'boolean') return attribute ? 1 : 0;
  // rtnetlink tells timers in seconds, the files in hundredths of them.
  if (name.endsWith('_timer')) return Math.round(Number(attribute) * 100);
  if (PORT_HEXADECIMAL.has(name) && typeof attribute === 'number') return `0x${attribute.toString(16)}`;
  return typeof attribute === 'string' && /^[0-9a-f]+\./.test(attribute) ? bridgeId(attribute) : attribute;
}

/** `8000.c:2:0:0:0:1`, as `ip -d` prints a bridge's id, in sysfs's way: `8000.0c0200000001` (br_show_bridge_id). */
function bridgeId(id: string): string {
  const [priority = '', address = ''] = id.split('.');
  const octets = address.split(':').map((octet) => octet.padStart(2, '0'));
  return `${priority}.${octets.join('')}`;
}
