import { formatIP } from '../../base/address.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameOfAddress } from '../name-resolution.ts';
import type { NetstatSettings } from './netstat-options.ts';

/** `netstat -g`: the groups that each interface listens to, IPv4's first (netstat.c `igmp_do_one`). */
export function* groups(process: Process, netlink: RtNetlink, settings: NetstatSettings): Blocking<string> {
  let text = 'IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n';
  for (const family of [4, 6] as const) {
    if (settings.families.size > 0 && !settings.families.has(family)) continue;
    for (const { name, inet, inet6 } of netlink.multicast()) {
      for (const { address, users } of family === 4 ? inet : inet6) {
        const known = settings.numericHosts ? undefined : yield* nameOfAddress(process, address);
        text += `${name.padEnd(15)} ${String(users).padEnd(6)} ${known ?? formatIP(address)}\n`;
      }
    }
  }
  return text;
}
