import type { Host } from '../host/host.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import type { RtNetlink } from '../host/netlink/rtnetlink.ts';
import type { NetlinkError } from '../host/netlink/messages.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A machine of a world: its kernel, and its processes and files unless it only forwards packets. */
export interface Machine {
  kernel: Kernel;
  /** Absent for machines that no reader enters. */
  host?: Host;
}

/** An rtnetlink socket in a machine's own network namespace. */
export function netlinkOf(kernel: Kernel): RtNetlink {
  return openRtNetlink(kernel.init);
}

/** Configuration of a scenario must succeed; a refusal is a mistake in the scenario. */
export function must<T>(result: T | NetlinkError | undefined): void {
  if (typeof result === 'object' && result !== null && 'errno' in result)
    throw new Error(`a scenario was refused: ${JSON.stringify(result)}`);
}

/** The ifindex of a device that a scenario has just made. */
export function indexOf(netlink: RtNetlink, name: string): number {
  const link = netlink.link(name);
  if (!link) throw new Error(`a scenario has no device ${name}`);
  return link.ifindex;
}

/** `ip link set NAME up`. */
export function setUp(netlink: RtNetlink, name: string): void {
  must(netlink.setLink(indexOf(netlink, name), { up: true }));
}
