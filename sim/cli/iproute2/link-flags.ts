/** IFF_* bits in the order that iproute2 prints them (include/uapi/linux/if.h). */
export const IFF = {
  LOOPBACK: 0x8,
  BROADCAST: 0x2,
  POINTOPOINT: 0x10,
  MULTICAST: 0x1000,
  NOARP: 0x80,
  ALLMULTI: 0x200,
  PROMISC: 0x100,
  MASTER: 0x400,
  SLAVE: 0x800,
  DEBUG: 0x4,
  DYNAMIC: 0x8000,
  AUTOMEDIA: 0x4000,
  PORTSEL: 0x2000,
  NOTRAILERS: 0x20,
  UP: 0x1,
  LOWER_UP: 0x10000,
  DORMANT: 0x20000,
  ECHO: 0x40000,
} as const;

const RUNNING = 0x40;

/** The names of a link's flags; `NO-CARRIER` for one that is up but doesn't run, `M-DOWN` when its peer is down. */
export function flagNames(flags: number, peerDown: boolean): string[] {
  const names: string[] = (flags & IFF.UP) !== 0 && (flags & RUNNING) === 0 ? ['NO-CARRIER'] : [];
  let rest = flags & ~RUNNING;
  for (const [name, bit] of Object.entries(IFF)) {
    if ((rest & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) names.push(rest.toString(16));
  if (peerDown) names.push('M-DOWN');
  return names;
}
