import { type Micros, MILLISECOND } from '../../base/time.ts';
import type { NeighbourLimits, NeighbourParameters, NeighbourTable } from '../../kernel/neigh/table.ts';
import { FRAME_MEMORY } from '../../kernel/neigh/sysctls.ts';
import { JIFFY } from '../../kernel/sysctl.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError } from './messages.ts';

/** RTM_NEWNEIGHTBL: the settings of a device in a table of neighbours, or of the table as a whole. Times are in milliseconds. */
export interface NeighbourTableInfo {
  family: 4 | 6;
  name: 'arp_cache' | 'ndisc_cache';
  /** Absent: the table's own record, with thresholds and counts. */
  ifindex?: number;
  references: number;
  reachable: number;
  settings: NeighbourSettings;
  table?: {
    limits: NeighbourLimits;
    entries: number;
    keyLength: number;
    entrySize: number;
    hashMask: number;
    hashRandom: number;
    proxies: number;
    lastFlush: Micros;
    allocated: number;
    destroyed: number;
  };
}

/** NDTPA_…, under the names of `ip ntable`. */
export interface NeighbourSettings {
  base_reachable: number;
  retrans: number;
  gc_stale: number;
  delay_probe: number;
  queue: number;
  app_probes: number;
  ucast_probes: number;
  mcast_probes: number;
  mcast_reprobes: number;
  anycast_delay: number;
  proxy_delay: number;
  proxy_queue: number;
  locktime: number;
}

export interface NeighbourTableChange {
  name: string;
  family?: 4 | 6;
  ifindex?: number;
  settings: Partial<NeighbourSettings>;
  limits: Partial<NeighbourLimits>;
}

const MILLISECONDS: Readonly<Record<string, keyof NeighbourParameters>> = {
  base_reachable: 'base_reachable_time',
  retrans: 'retrans_time',
  gc_stale: 'gc_stale_time',
  delay_probe: 'delay_first_probe_time',
  anycast_delay: 'anycast_delay',
  proxy_delay: 'proxy_delay',
  locktime: 'locktime',
};
const COUNTS: Readonly<Record<string, keyof NeighbourParameters>> = {
  app_probes: 'app_solicit',
  ucast_probes: 'ucast_solicit',
  mcast_probes: 'mcast_solicit',
  mcast_reprobes: 'mcast_resolicit',
  proxy_queue: 'proxy_qlen',
};

const NAMES = { 4: 'arp_cache', 6: 'ndisc_cache' } as const;

const tableOf = (net: NetNamespace, family: 4 | 6): NeighbourTable => (family === 4 ? net.ipv4 : net.ipv6).neighbours;

/** Both tables: of each its own record, then its devices, the newest first (neightbl_dump_info). */
export function list(net: NetNamespace): NeighbourTableInfo[] {
  return ([4, 6] as const).flatMap((family) => {
    const table = tableOf(net, family);
    const common = { family, name: NAMES[family] };
    const counts = new Map<number, number>();
    for (const { device } of table.list()) counts.set(device.ifindex, (counts.get(device.ifindex) ?? 0) + 1);
    const devices = net.listDevices().sort((a, b) => b.uid - a.uid);
    return [
      { ...common, references: 1, ...describe(table.defaults), table: describeTable(net, table) },
      ...devices.map((device) => ({
        ...common,
        ifindex: device.ifindex,
        references: 1 + (counts.get(device.ifindex) ?? 0),
        ...describe(table.parametersOf(device)),
      })),
    ];
  });
}

function describe(parameters: NeighbourParameters): Pick<NeighbourTableInfo, 'reachable' | 'settings'> {
  const settings: Record<string, number> = { queue: Math.floor(parameters.unres_qlen_bytes / FRAME_MEMORY) };
  for (const [name, key] of Object.entries(MILLISECONDS)) settings[name] = Math.floor(parameters[key] / MILLISECOND);
  for (const [name, key] of Object.entries(COUNTS)) settings[name] = parameters[key];
  return { reachable: Math.floor(parameters.reachable_time / MILLISECOND), settings: settings as unknown as NeighbourSettings };
}

/** Sizes are those of a 64-bit kernel's `struct neighbour` with the key of the family. */
function describeTable(net: NetNamespace, table: NeighbourTable): NonNullable<NeighbourTableInfo['table']> {
  const { family } = table.protocol;
  const entries = [...table.list()].length;
  let buckets = 8;
  while (buckets < entries) buckets *= 2;
  return {
    limits: { ...table.limits },
    entries,
    keyLength: family === 4 ? 4 : 16,
    entrySize: family === 4 ? 336 : 344,
    hashMask: buckets - 1,
    hashRandom: net.kernel.random(`neigh/${family}/hash`).below(0x1_0000_0000),
    proxies: 0,
    lastFlush: net.kernel.events.now,
    allocated: table.allocated,
    destroyed: table.allocated - entries,
  };
}

/** RTM_SETNEIGHTBL (neightbl_set): what the table has in common can be changed from the machine's own namespace alone. */
export function set(net: NetNamespace, { name, family, ifindex, settings, limits }: NeighbourTableChange): NetlinkError | undefined {
  const found = ([4, 6] as const).find((each) => NAMES[each] === name && (family === undefined || family === each));
  if (found === undefined) return { errno: 'ENOENT' };
  const table = tableOf(net, found);
  const device = ifindex === undefined ? undefined : net.deviceByIndex(ifindex);
  if (Object.keys(settings).length > 0) {
    if (!device && !net.initial) return { errno: 'ENOENT' };
    const parameters = device ? table.parametersOf(device) : table.defaults;
    for (const [key, value] of Object.entries(settings)) apply(parameters, key, value);
    if (device && settings.base_reachable !== undefined) table.drawReachableTime(device);
  }
  if (Object.keys(limits).length > 0) {
    if (!net.initial) return { errno: 'ENOENT' };
    Object.assign(table.limits, limits);
  }
  return undefined;
}

/** Times are kept in whole ticks. */
function apply(parameters: NeighbourParameters, name: string, value: number): void {
  const [time, count] = [MILLISECONDS[name], COUNTS[name]];
  if (time) parameters[time] = Math.floor((value * MILLISECOND) / JIFFY) * JIFFY;
  else if (count) parameters[count] = value;
  else parameters.unres_qlen_bytes = value * FRAME_MEMORY;
}
