import type { Errno } from '../../base/errno.ts';
import { type ComputedDirectory, type Inode, Symlink } from '../inode.ts';
import type { LinkAttribute, LinkInfo } from '../netlink/messages.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { directory, value } from './computed.ts';

/** Files of /sys/class/net/BRIDGE/bridge (net/bridge/br_sysfs_br.c) and the attribute that each shows; times in centiseconds. */
const BRIDGE_FILES: Record<string, string> = {
  ageing_time: 'ageing_time',
  bridge_id: 'bridge_id',
  forward_delay: 'forward_delay',
  hello_time: 'hello_time',
  max_age: 'max_age',
  multicast_snooping: 'mcast_snooping',
  priority: 'priority',
  stp_state: 'stp_state',
  vlan_filtering: 'vlan_filtering',
};

/** Those that a write changes; the others of the table follow from them. */
const BRIDGE_WRITABLE = new Set(Object.keys(BRIDGE_FILES).filter((name) => name !== 'bridge_id'));

/** Files of /sys/class/net/PORT/brport (net/bridge/br_sysfs_if.c). */
const PORT_FILES: Record<string, string> = {
  bpdu_guard: 'guard',
  broadcast_flood: 'bcast_flood',
  designated_bridge: 'designated_bridge',
  designated_cost: 'designated_cost',
  designated_port: 'designated_port',
  designated_root: 'designated_root',
  hairpin_mode: 'hairpin',
  isolated: 'isolated',
  learning: 'learning',
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

const PORT_READ_ONLY = new Set([
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
      if (!BRIDGE_WRITABLE.has(name)) return undefined;
      return (number) => rt.setLink(now().ifindex, { data: { [attribute]: number } })?.errno;
    },
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
    { bridge: new Symlink(`../../${bridge}`) },
  );
}

type Setter = (number: number) => Errno | undefined;

/** A file for each attribute that the device really has. */
function attributeFiles(
  names: Record<string, string>,
  attributes: () => Record<string, LinkAttribute>,
  setter: (name: string, attribute: string) => Setter | undefined,
  others: Record<string, Inode> = {},
): ComputedDirectory {
  const file = (name: string, attribute: string): Inode => {
    const set = setter(name, attribute);
    return value(
      () => shown(name, attributes()[attribute]),
      set && ((_, text) => (/^(0x[0-9a-f]+|\d+)$/i.test(text) ? set(Number(text)) : 'EINVAL')),
    );
  };
  return directory(() => {
    const present = Object.entries(names).filter(([, attribute]) => attributes()[attribute] !== undefined);
    return { ...Object.fromEntries(present.map(([name, attribute]) => [name, file(name, attribute)])), ...others };
  });
}

function shown(name: string, attribute: LinkAttribute | undefined): string | number | undefined {
  if (typeof attribute === 'boolean') return attribute ? 1 : 0;
  if (PORT_HEXADECIMAL.has(name) && typeof attribute === 'number') return `0x${attribute.toString(16)}`;
  return typeof attribute === 'string' ? bridgeId(attribute) : attribute;
}

/** `8000.c:2:0:0:0:1`, as `ip -d` prints a bridge's id, in sysfs's way: `8000.0c0200000001` (br_show_bridge_id). */
function bridgeId(id: string): string {
  const [priority = '', address = ''] = id.split('.');
  const octets = address.split(':').map((octet) => octet.padStart(2, '0'));
  return `${priority}.${octets.join('')}`;
}
