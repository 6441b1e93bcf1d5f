import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { NetNamespace } from '../netns.ts';
import { duration, integer, JIFFY, leadingNumber, type Sysctl } from '../sysctl.ts';
import type { NeighbourParameters, NeighbourTable } from './table.ts';

/** What one byte of a waiting packet's payload stands for: the memory of a full frame (SKB_TRUESIZE(ETH_FRAME_LEN)). */
export const FRAME_MEMORY = 2090;

/** Makes net/ipvX/neigh: each device's own, and in the machine's own namespace the defaults (neigh_sysctl_register). */
export function registerNeighbourSysctls(prefix: string, stack: { net: NetNamespace; neighbours: NeighbourTable }): void {
  const { net, neighbours } = stack;
  const { limits } = neighbours;
  net.sysctl.registerFamily(prefix, {
    entries: () => [...(net.initial ? ['default'] : []), ...net.listDevices().map((device) => device.name)],
    table(entry) {
      const device = net.deviceByName(entry);
      if (device) return neighbourTable(neighbours.parametersOf(device), () => neighbours.drawReachableTime(device));
      if (entry !== 'default' || !net.initial) return undefined;
      const table = neighbourTable(neighbours.defaults);
      for (const name of Object.keys(limits) as (keyof typeof limits)[]) table.set(name, integer(limits, name, { min: 0 }));
      return table;
    },
  });
}

const notNegative = { min: 0 };

function neighbourTable(p: NeighbourParameters, changed?: () => void): Map<string, Sysctl> {
  return new Map<string, Sysctl>([
    ['anycast_delay', centiseconds(p, 'anycast_delay')],
    ['base_reachable_time_ms', duration(p, 'base_reachable_time', MILLISECOND, changed)],
    // The older names, in seconds and in hundredths of them.
    ['base_reachable_time', duration(p, 'base_reachable_time', SECOND, changed)],
    ['retrans_time', centiseconds(p, 'retrans_time')],
    ['retrans_time_ms', duration(p, 'retrans_time', MILLISECOND)],
    ['delay_first_probe_time', duration(p, 'delay_first_probe_time', SECOND)],
    ['gc_stale_time', duration(p, 'gc_stale_time', SECOND)],
    ['interval_probe_time_ms', atLeastOne(duration(p, 'interval_probe_time', MILLISECOND))],
    ['locktime', centiseconds(p, 'locktime')],
    ['proxy_delay', centiseconds(p, 'proxy_delay')],
    ['proxy_qlen', integer(p, 'proxy_qlen', notNegative)],
    ['ucast_solicit', integer(p, 'ucast_solicit', notNegative)],
    ['mcast_solicit', integer(p, 'mcast_solicit', notNegative)],
    ['app_solicit', integer(p, 'app_solicit', notNegative)],
    ['mcast_resolicit', integer(p, 'mcast_resolicit', notNegative)],
    ['unres_qlen', frames(p)],
    ['unres_qlen_bytes', integer(p, 'unres_qlen_bytes', notNegative)],
  ]);
}

/** A time in hundredths of a second, kept in whole ticks (proc_dointvec_userhz_jiffies). */
function centiseconds<K extends string>(object: Record<K, number>, key: K): Sysctl {
  const unit = 10 * MILLISECOND;
  return {
    get: () => String(Math.floor(object[key] / unit)),
    set(text) {
      const value = leadingNumber(text);
      if (value === undefined || value < 0 || value > 0x7fff_ffff) return 'EINVAL';
      object[key] = Math.floor((value * unit) / JIFFY) * JIFFY;
      return undefined;
    },
  };
}

function atLeastOne(sysctl: Sysctl): Sysctl {
  return { ...sysctl, set: (text) => (leadingNumber(text) === 0 ? 'EINVAL' : sysctl.set?.(text)) };
}

/** The same limit as unres_qlen_bytes, in full frames (proc_unres_qlen). */
function frames(p: NeighbourParameters): Sysctl {
  return {
    get: () => String(Math.floor(p.unres_qlen_bytes / FRAME_MEMORY)),
    set(text) {
      const value = leadingNumber(text);
      if (value === undefined || value < 0 || value > Math.floor(0x7fff_ffff / FRAME_MEMORY)) return 'EINVAL';
      p.unres_qlen_bytes = value * FRAME_MEMORY;
      return undefined;
    },
  };
}
