import { formatIP, formatMac } from '../../base/address.ts';
import type { AddressInfo, LinkInfo, RouteInfo } from '../../host/netlink/messages.ts';
import { TABLE_MAIN, tableName } from '../iproute2/names.ts';
import { familyOf, showPrefix } from '../iproute2/values.ts';
import type { IpRun } from './ip-words.ts';

/** The flags that the applet knows by name (include/uapi/linux/if.h); the rest follows in hexadecimal, without a comma. */
const FLAGS: readonly [name: string, bit: number][] = [
  ['LOOPBACK', 0x8],
  ['BROADCAST', 0x2],
  ['POINTOPOINT', 0x10],
  ['MULTICAST', 0x1000],
  ['NOARP', 0x80],
  ['UP', 0x1],
  ['LOWER_UP', 0x10000],
];
const UP = 0x1;
const RUNNING = 0x40;
const POINTOPOINT = 0x10;

/**
 * One link of `ip link` and `ip addr` (networking/libiproute/ipaddress.c). The applet doesn't know about link-netnsid: a peer in
 * another namespace counts as a device that isn't here, and so as down.
 */
export function printLink(run: IpRun, link: LinkInfo, options: { linkLayer: boolean; showQdisc: boolean }): void {
  const { shown, peerDown } = nameOf(run, link);
  let text = `${link.ifindex}: ${shown}: ${flags(link, peerDown)}mtu ${link.mtu} `;
  if (options.showQdisc) text += `qdisc ${link.qdisc} `;
  if (link.master) text += `master ${run.deviceName(link.master)} `;
  // The queue length comes from an ioctl, and zero is not shown.
  if (link.txqlen > 0) text += `qlen ${link.txqlen}`;
  if (options.linkLayer) {
    text += `${run.newline}    link/${link.type} `;
    if (link.type !== 'none') {
      text += `${formatMac(link.address)} ${(link.flags & POINTOPOINT) !== 0 ? 'peer' : 'brd'} ${formatMac(link.broadcast)}`;
    }
  }
  run.speech.print(`${text}\n`);
}

function nameOf(run: IpRun, link: LinkInfo): { shown: string; peerDown: boolean } {
  if (link.link === undefined) return { shown: link.name, peerDown: false };
  if (link.linkOffMachine) return { shown: link.name, peerDown: true };
  if (link.link === 0) return { shown: `${link.name}@NONE`, peerDown: false };
  const other = run.netlink.link(link.link);
  return { shown: `${link.name}@${other?.name ?? `if${link.link}`}`, peerDown: ((other?.flags ?? 0) & UP) === 0 };
}

function flags(link: LinkInfo, peerDown: boolean): string {
  const carrier = (link.flags & UP) !== 0 && (link.flags & RUNNING) === 0 ? 'NO-CARRIER,' : '';
  let rest = link.flags & ~RUNNING;
  const names: string[] = [];
  for (const [name, bit] of FLAGS) {
    if ((rest & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  return `<${carrier}${names.join(',')}${rest === 0 ? '' : rest.toString(16)}${peerDown ? ',M-DOWN' : ''}> `;
}

/** One address of `ip addr`. */
export function printAddress(run: IpRun, address: AddressInfo): void {
  const { prefix } = address;
  let text = run.oneline ? `${address.ifindex}: ${run.deviceName(address.ifindex)}` : '';
  text += `    ${familyOf(prefix.address) === 4 ? 'inet' : 'inet6'} ${formatIP(prefix.address)}`;
  text += address.peer === undefined ? `/${prefix.length} ` : ` peer ${formatIP(address.peer)}/${prefix.length} `;
  if (address.broadcast !== undefined) text += `brd ${formatIP(address.broadcast)} `;
  text += `scope ${address.scope} `;
  if (address.secondary) text += 'secondary ';
  if (address.tentative) text += 'tentative ';
  if (address.dadFailed) text += 'dadfailed ';
  if (address.preferredLifetime === 0) text += 'deprecated ';
  if (!address.permanent) text += 'dynamic ';
  if (address.noprefixroute) text += 'noprefixroute ';
  // What the applet has no word for, it prints as a number: IFA_F_NODAD.
  if (address.nodad) text += 'flags 02 ';
  if (address.label !== undefined && familyOf(prefix.address) === 4) text += address.label;
  const lifetime = (seconds: number | undefined) => (seconds === undefined ? 'forever' : `${seconds}sec`);
  text += `${run.newline}       valid_lft ${lifetime(address.validLifetime)} preferred_lft ${lifetime(address.preferredLifetime)}\n`;
  run.speech.print(text);
}

/** One route of `ip route` (networking/libiproute/iproute.c `print_route`). */
export function printRoute(run: IpRun, route: RouteInfo, options: { table: boolean; scope: boolean; gateway: boolean }): void {
  let text = route.type === 'unicast' ? '' : `${route.type} `;
  text += `${showPrefix(route.destination)} `;
  // Routes with several next hops have neither a gateway nor a device of their own, and the applet shows no others.
  const hop = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  if (hop?.gateway !== undefined && options.gateway) text += `via ${formatIP(hop.gateway)} `;
  if (hop && hop.ifindex !== 0) text += `dev ${run.deviceName(hop.ifindex)} `;
  if (options.table && route.table !== TABLE_MAIN) text += `table ${tableName(route.table, false)} `;
  if (options.scope && route.scope !== 'global') text += `scope ${route.scope} `;
  if (route.preferredSource !== undefined) text += ` src ${formatIP(route.preferredSource)} `;
  if (route.priority !== 0 || route.family === 6) text += ` metric ${route.priority} `;
  if (hop?.dead) text += 'dead ';
  if (hop?.onlink) text += 'onlink ';
  run.speech.print(`${text}\n`);
}
