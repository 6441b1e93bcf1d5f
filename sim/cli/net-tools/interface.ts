import { formatIP, formatIPv4, formatMac, type IPv4, ipv4Mask } from '../../base/address.ts';
import type { AddressInfo, LinkInfo } from '../../host/netlink/messages.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';

/** An interface as the old ioctls show it: a device, or one of its addresses under a name of its own (`eth0:1`). */
export interface Interface {
  name: string;
  link: LinkInfo;
  alias: boolean;
  address: AddressInfo | undefined;
}

const FLAG = { UP: 0x1, BROADCAST: 0x2, POINTOPOINT: 0x10 };

/** Every interface, by name, numbers in names by their value (nstrcmp in lib/interface.c). */
export function interfaces(netlink: RtNetlink): Interface[] {
  const all: Interface[] = [];
  for (const link of netlink.links()) {
    const own = netlink.addresses(4).filter((address) => address.ifindex === link.ifindex);
    const named = (name: string) => own.find((address) => (address.label ?? link.name) === name);
    all.push({ name: link.name, link, alias: false, address: named(link.name) });
    const labels = new Set(own.map(({ label }) => label).filter((label) => label?.startsWith(`${link.name}:`)));
    for (const label of labels) all.push({ name: label as string, link, alias: true, address: named(label as string) });
  }
  return all.sort((a, b) => compareNames(a.name, b.name));
}

/** An interface by name. The ioctls know a device by any alias of it, with or without an address. */
export function interfaceNamed(netlink: RtNetlink, name: string): Interface | undefined {
  const found = interfaces(netlink).find((one) => one.name === name);
  const [device = name, label] = name.split(':');
  const link = found || label === undefined ? undefined : netlink.link(device);
  return found ?? (link && { name, link, alias: true, address: undefined });
}

function compareNames(a: string, b: string): number {
  const [, textA = '', numberA = '0'] = /^(.*?)([0-9]*)$/.exec(a) ?? [];
  const [, textB = '', numberB = '0'] = /^(.*?)([0-9]*)$/.exec(b) ?? [];
  if (textA === textB) return Number(numberA || 0) - Number(numberB || 0);
  return a < b ? -1 : 1;
}

export function isUp({ link }: Interface): boolean {
  return (link.flags & FLAG.UP) !== 0;
}

const FLAG_NAMES: readonly [number, string][] = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x4, 'DEBUG'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x20, 'NOTRAILERS'],
  [0x40, 'RUNNING'],
  [0x80, 'NOARP'],
  [0x100, 'PROMISC'],
  [0x200, 'ALLMULTI'],
  [0x800, 'SLAVE'],
  [0x400, 'MASTER'],
  [0x1000, 'MULTICAST'],
  [0x8000, 'DYNAMIC'],
];

/** The names of the flags that are set. */
export function flagWords(flags: number): string[] {
  return FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}

const INDENT = ' '.repeat(8);

/** One interface in full, with the empty line after it (ife_print_long). */
export function longText(netlink: RtNetlink, one: Interface): string {
  const { name, link, alias, address } = one;
  // The ioctl's flags have sixteen bits.
  const flags = link.flags & 0xffff;
  let text = `${name}: flags=${flags}<${flagWords(flags).join(',')}>  mtu ${link.mtu}\n`;
  if (address) text += inetLine(link, address);
  if (!alias) for (const six of netlink.addresses(6)) if (six.ifindex === link.ifindex) text += inet6Line(six);
  const hardware = link.type === 'loopback' ? 'loop' : link.type === 'none' ? 'unspec' : `ether ${formatMac(link.address)}`;
  const title = link.type === 'loopback' ? 'Local Loopback' : link.type === 'none' ? 'UNSPEC' : 'Ethernet';
  text += `${INDENT}${hardware}  txqueuelen ${link.txqlen}  (${title})\n`;
  return `${text}${alias ? '' : counters(link)}\n`;
}

function inetLine(link: LinkInfo, { prefix, peer, broadcast }: AddressInfo): string {
  const mask = formatIPv4(ipv4Mask(prefix.length));
  const more =
    peer !== undefined && (link.flags & FLAG.POINTOPOINT) !== 0
      ? `  destination ${formatIP(peer)}`
      : (link.flags & FLAG.BROADCAST) !== 0
        ? `  broadcast ${formatIP(broadcast ?? 0)}`
        : '';
  return `${INDENT}inet ${formatIPv4(prefix.address as IPv4)}  netmask ${mask}${more}\n`;
}

const SCOPES = { global: '0x0<global>', host: '0x10<host>', link: '0x20<link>', site: '0x40<site>', nowhere: '0x0<global>' };

function inet6Line({ prefix, scope }: AddressInfo): string {
  return `${INDENT}inet6 ${formatIP(prefix.address)}  prefixlen ${prefix.length}  scopeid ${SCOPES[scope]}\n`;
}

function counters({ stats }: LinkInfo): string {
  const { rxPackets, rxBytes, rxErrors, rxDropped, txPackets, txBytes, txErrors, txDropped, txCarrier, txCollisions } = stats;
  return (
    `${INDENT}RX packets ${rxPackets}  bytes ${rxBytes} (${scaled(rxBytes)})\n` +
    `${INDENT}RX errors ${rxErrors}  dropped ${rxDropped}  overruns 0  frame 0\n` +
    `${INDENT}TX packets ${txPackets}  bytes ${txBytes} (${scaled(txBytes)})\n` +
    `${INDENT}TX errors ${txErrors}  dropped ${txDropped} overruns 0  carrier ${txCarrier}  collisions ${txCollisions}\n`
  );
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/**
 * A number of bytes in the largest unit that it fills, with one digit after the point, cut off.
 *
 * @param exact whether 1024 of a unit are already one of the next, as busybox has it
 */
export function scaled(bytes: number, exact = false): string {
  let unit = 0;
  let size = 1;
  while ((exact ? bytes >= size * 1024 : bytes > size * 1024) && unit < UNITS.length - 1) {
    size *= 1024;
    unit++;
  }
  return `${(Math.floor((bytes * 10) / size) / 10).toFixed(1)} ${UNITS[unit]}`;
}

export const SHORT_HEADER = 'MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';

const LETTERS: readonly [number, string][] = [
  [0x200, 'A'],
  [0x2, 'B'],
  [0x4, 'D'],
  [0x8, 'L'],
  [0x1000, 'M'],
  [0x8000, 'd'],
  [0x100, 'P'],
  [0x20, 'N'],
  [0x80, 'O'],
  [0x10, 'P'],
  [0x800, 's'],
  [0x400, 'm'],
  [0x40, 'R'],
  [0x1, 'U'],
];

/** One line of `netstat -i` (ife_print_short). */
export function shortLine({ name, link, alias }: Interface): string {
  const { stats, mtu, flags } = link;
  const letters = LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  const head = `${name.slice(0, 15).padEnd(15)} ${String(mtu).padStart(5)} `;
  const right = (value: number, width: number) => String(value).padStart(width);
  const figures = alias
    ? `${'     - no statistics available -'.padEnd(55)}`
    : `${right(stats.rxPackets, 8)} ${right(stats.rxErrors, 6)} ${right(stats.rxDropped, 6)} ${'0'.padEnd(6)} ` +
      `${right(stats.txPackets, 8)} ${right(stats.txErrors, 6)} ${right(stats.txDropped, 6)} ${right(0, 6)}`;
  return `${head}${figures} ${letters.join('')}\n`;
}
