import { type Errno, strerror } from '../../base/errno.ts';
import type { LinkInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { appletProgram, Die, ShowUsage } from './failure.ts';
import { keyword } from './ip-words.ts';

/** busybox's brctl as Debian builds it: makes and takes apart, and shows nothing (networking/brctl.c). */
export const brctl = appletProgram('brctl', runBrctl);

function runBrctl(process: Process, args: readonly string[]): number {
  const [word, name, port] = args;
  if (word === undefined) throw new ShowUsage();
  const command = keyword(['addbr', 'delbr', 'addif', 'delif'], word);
  if (command === undefined) throw new Die(`invalid argument '${word}' to 'brctl'`);
  if (name === undefined) throw new ShowUsage();
  const netlink = rtNetlinkOf(process);
  const check = (errno: Errno | undefined) => {
    if (errno) throw new Die(`bridge ${name}: ${strerror(errno)}`);
    return 0;
  };
  if (command === 'addbr') return check(netlink.newLink({ name, kind: 'bridge' })?.errno);
  if (command === 'delbr') return check(deleteBridge(netlink, bridgeOf(netlink, name)));
  if (port === undefined) throw new ShowUsage();
  const link = netlink.link(port);
  if (!link) throw new Die(`iface ${port}: ${strerror('ENODEV')}`);
  const bridge = bridgeOf(netlink, name);
  if (!bridge) return check('ENODEV');
  if (command === 'addif') return check(link.master ? 'EBUSY' : netlink.setLink(link.ifindex, { master: bridge.ifindex })?.errno);
  return check(link.master === bridge.ifindex ? netlink.setLink(link.ifindex, { master: 0 })?.errno : 'EINVAL');
}

function bridgeOf(netlink: RtNetlink, name: string): LinkInfo | undefined {
  const link = netlink.link(name);
  return link?.kind === 'bridge' ? link : undefined;
}

function deleteBridge(netlink: RtNetlink, bridge: LinkInfo | undefined): Errno | undefined {
  if (!bridge) return 'ENXIO';
  return (bridge.flags & 1) !== 0 ? 'EBUSY' : netlink.delLink(bridge.ifindex)?.errno;
}
