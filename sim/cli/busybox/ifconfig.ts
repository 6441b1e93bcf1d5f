import {
  formatIP,
  formatIPv4,
  formatMac,
  type IPv4,
  ipv4Mask,
  isLinkLocalIPv6,
  parseIPv4,
  parseMac,
  parsePrefix,
} from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import type { AddressInfo, LinkChanges, LinkInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { appletProgram, Die, ShowUsage, type Speech } from './failure.ts';
import { classLength } from './route.ts';

/** busybox's ifconfig (networking/ifconfig.c, networking/interface.c). */
export const ifconfig = appletProgram('ifconfig', runIfconfig);

const UP = 0x1;

function runIfconfig(process: Process, args: readonly string[], speech: Speech): number {
  const netlink = rtNetlinkOf(process);
  const all = args[0] === '-a';
  const [name, ...words] = all ? args.slice(1) : args;
  if (name?.startsWith('-')) throw new ShowUsage();
  if (name === undefined) {
    for (const part of sections(netlink)) if (all || (part.link.flags & UP) !== 0) speech.print(part.text);
    return 0;
  }
  if (words.length > 0) return configure(process, netlink, name, words);
  const found = sections(netlink).find((part) => part.name === name);
  if (!found) throw new Die(`${name}: error fetching interface information: Device not found`);
  speech.print(found.text);
  return 0;
}

// ---- show -------------------------------------------------------------------------------------------------------------

interface Section {
  name: string;
  link: LinkInfo;
  text: string;
}

/** Every interface and every alias (an address with a label of its own), by name. */
function sections(netlink: RtNetlink): Section[] {
  const addresses = netlink.addresses();
  const parts: Section[] = [];
  for (const link of netlink.links()) {
    const own = addresses.filter((address) => address.ifindex === link.ifindex);
    const labels = own.map((address) => address.label).filter((label): label is string => label?.startsWith(`${link.name}:`) ?? false);
    for (const name of [link.name, ...labels]) parts.push({ name, link, text: section(link, name, own) });
  }
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const INDENT = ' '.repeat(10);

function section(link: LinkInfo, name: string, addresses: readonly AddressInfo[]): string {
  const loopback = link.type === 'loopback';
  let text = `${name.padEnd(9)} Link encap:${loopback ? 'Local Loopback' : 'Ethernet'}  `;
  if (!loopback) text += `HWaddr ${formatMac(link.address).toUpperCase()}  `;
  text += '\n';
  const four = addresses.find((address) => typeof address.prefix.address === 'number' && (address.label ?? link.name) === name);
  if (four) text += inetLine(link, four);
  if (name === link.name) for (const address of addresses) if (typeof address.prefix.address === 'bigint') text += inet6Line(address);
  text += `${INDENT}${flagNames(link)} MTU:${link.mtu}  Metric:1\n`;
  return `${text}${name === link.name ? counters(link) : ''}\n`;
}

function inetLine(link: LinkInfo, { prefix, broadcast }: AddressInfo): string {
  const brd = (link.flags & 0x2) !== 0 ? `  Bcast:${formatIP(broadcast ?? 0)}` : '';
  return `${INDENT}inet addr:${formatIP(prefix.address)}${brd}  Mask:${formatIPv4(ipv4Mask(prefix.length))}\n`;
}

function inet6Line({ prefix, scope }: AddressInfo): string {
  const name = scope === 'host' ? 'Host' : typeof prefix.address === 'bigint' && isLinkLocalIPv6(prefix.address) ? 'Link' : 'Global';
  return `${INDENT}inet6 addr: ${formatIP(prefix.address)}/${prefix.length} Scope:${name}\n`;
}

const FLAGS: readonly [number, string][] = [
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
];

function flagNames(link: LinkInfo): string {
  const names = FLAGS.filter(([bit]) => (link.flags & bit) !== 0).map(([, name]) => `${name} `);
  return names.length === 0 ? '[NO FLAGS] ' : names.join('');
}

function counters({ stats, txqlen }: LinkInfo): string {
  return (
    `${INDENT}RX packets:${stats.rxPackets} errors:${stats.rxErrors} dropped:${stats.rxDropped} overruns:0 frame:0\n` +
    `${INDENT}TX packets:${stats.txPackets} errors:${stats.txErrors} dropped:${stats.txDropped} overruns:0 carrier:${stats.txCarrier}\n` +
    `${INDENT}collisions:${stats.txCollisions} txqueuelen:${txqlen} \n` +
    `${INDENT}RX bytes:${stats.rxBytes} (${human(stats.rxBytes)})  TX bytes:${stats.txBytes} (${human(stats.txBytes)})\n`
  );
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function human(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${UNITS[unit]}`;
}

// ---- configure --------------------------------------------------------------------------------------------------------

/** An interface being changed, one ioctl after the other. */
interface Target {
  process: Process;
  netlink: RtNetlink;
  /** As the user wrote it: maybe an alias. */
  name: string;
  link: LinkInfo;
}

function configure(process: Process, netlink: RtNetlink, name: string, words: readonly string[]): number {
  const [device = name] = name.split(':');
  const link = netlink.link(device);
  const target: Target = { process, netlink, name, link: link as LinkInfo };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    const ioctl = IOCTLS[word.replace(/^-/, '')] ?? (/^[0-9a-fA-F.:/]+$/.test(word) ? 'SIOCSIFADDR' : 'SIOCSIFFLAGS');
    if (!process.capable('NET_ADMIN')) throw new Die(`${ioctl}: ${strerror('EPERM')}`);
    // Flags are read before they are written.
    if (!link) throw new Die(`${ioctl === 'SIOCSIFFLAGS' ? 'SIOCGIFFLAGS' : ioctl}: ${strerror('ENODEV')}`);
    change(target, word, rest);
  }
  return 0;
}

const IOCTLS: Record<string, string> = {
  mtu: 'SIOCSIFMTU',
  hw: 'SIOCSIFHWADDR',
  netmask: 'SIOCSIFNETMASK',
  broadcast: 'SIOCSIFBRDADDR',
  txqueuelen: 'SIOCSIFTXQLEN',
  add: 'SIOCSIFADDR',
  del: 'SIOCDIFADDR',
};

const SWITCHES: Record<string, 'arp' | 'promisc' | 'multicast' | 'allmulti'> = {
  arp: 'arp',
  promisc: 'promisc',
  multicast: 'multicast',
  allmulti: 'allmulti',
};

function change(target: Target, word: string, rest: string[]): void {
  const plain = word.replace(/^-/, '');
  const on = plain === word;
  const argument = () => {
    const value = rest.shift();
    if (value === undefined) throw new ShowUsage();
    return value;
  };
  const toggle = SWITCHES[plain];
  if (word === 'up' || word === 'down') setLink(target, { up: word === 'up' }, 'SIOCSIFFLAGS');
  else if (toggle) setLink(target, { [toggle]: on }, 'SIOCSIFFLAGS');
  else if (word === 'mtu') setLink(target, { mtu: wholeNumber(argument()) }, 'SIOCSIFMTU');
  else if (word === 'txqueuelen') setLink(target, { txqlen: wholeNumber(argument()) }, 'SIOCSIFTXQLEN');
  else if (word === 'hw') setHardware(target, argument(), argument());
  else if (word === 'netmask')
    changeAddress(target, (old) => ({ ...old, prefix: { ...old.prefix, length: maskLength(argument()) } }), 'SIOCSIFNETMASK');
  else if (plain === 'broadcast')
    changeAddress(target, (old) => ({ ...old, broadcast: ipv4(on ? argument() : '0.0.0.0') }), 'SIOCSIFBRDADDR');
  else if (word === 'add' || word === 'del') changeIPv6(target, word, argument());
  else if (
    ['metric', 'pointopoint', 'dstaddr', 'outfill', 'keepalive', 'trailers', 'dynamic', 'mem_start', 'io_addr', 'irq'].includes(plain)
  ) {
    throw new Die(`${plain} is not modelled (see sim/FIDELITY.md)`);
  } else setAddress(target, word);
}

function check(errno: Errno | undefined, ioctl: string): void {
  if (errno) throw new Die(`${ioctl}: ${strerror(errno)}`);
}

function setLink({ netlink, link }: Target, changes: LinkChanges, ioctl: string): void {
  check(netlink.setLink(link.ifindex, changes)?.errno, ioctl);
}

function setHardware(target: Target, kind: string, text: string): void {
  if (kind !== 'ether') throw new ShowUsage();
  const address = parseMac(text);
  if (address === undefined) throw new Die(`invalid hw-addr ${text}`);
  setLink(target, { address }, 'SIOCSIFHWADDR');
}

function wholeNumber(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new Die(`invalid number '${text}'`);
  return Number(text);
}

function ipv4(text: string): IPv4 {
  const address = parseIPv4(text);
  if (address === undefined) throw new Die(`bad address '${text}'`);
  return address;
}

function maskLength(text: string): number {
  const mask = ipv4(text);
  const host = ~mask >>> 0;
  if ((host & (host + 1)) !== 0) throw new Die(`SIOCSIFNETMASK: ${strerror('EINVAL')}`);
  return Math.clz32(host);
}

/** The interface's own address (SIOCGIFADDR): the first with its name as the label. */
function current({ netlink, link, name }: Target): AddressInfo | undefined {
  return netlink.addresses(4).find((address) => address.ifindex === link.ifindex && (address.label ?? link.name) === name);
}

/** SIOCSIFADDR: the new address takes the old one's place, with the mask of its class, and brings the interface up. */
function setAddress(target: Target, text: string): void {
  const [host = '', length] = text.split('/');
  const address = ipv4(host);
  const prefix = { address, length: length === undefined ? classLength(address) : wholeNumber(length) };
  const old = current(target);
  if (old) target.netlink.delAddress({ ifindex: old.ifindex, prefix: old.prefix });
  add(target, { prefix }, 'SIOCSIFADDR');
  setLink(target, { up: true }, 'SIOCSIFFLAGS');
}

function add(
  { netlink, link, name }: Target,
  wanted: Pick<AddressInfo, 'prefix'> & { broadcast?: AddressInfo['broadcast'] },
  ioctl: string,
): void {
  const { prefix } = wanted;
  const usual = prefix.length < 31 && link.type !== 'loopback' ? ((prefix.address as IPv4) | ~ipv4Mask(prefix.length)) >>> 0 : undefined;
  const broadcast = wanted.broadcast ?? usual;
  const loopback = (prefix.address as IPv4) >>> 24 === 127;
  const spec = { ifindex: link.ifindex, prefix, scope: loopback ? ('host' as const) : ('global' as const), label: name };
  check(netlink.newAddress({ ...spec, ...(broadcast === undefined ? {} : { broadcast }) }, 'add')?.errno, ioctl);
}

function changeAddress(target: Target, next: (old: AddressInfo) => AddressInfo, ioctl: string): void {
  const old = current(target);
  if (!old) throw new Die(`${ioctl}: ${strerror('EADDRNOTAVAIL')}`);
  const wanted = next(old);
  const remade = wanted.prefix.length === old.prefix.length ? wanted : { prefix: wanted.prefix };
  target.netlink.delAddress({ ifindex: old.ifindex, prefix: old.prefix });
  add(target, remade, ioctl);
}

function changeIPv6({ netlink, link }: Target, word: 'add' | 'del', text: string): void {
  const prefix = parsePrefix(text);
  if (!prefix || typeof prefix.address !== 'bigint') throw new Die(`bad address '${text}'`);
  const request = { ifindex: link.ifindex, prefix };
  const refused = word === 'add' ? netlink.newAddress(request, 'add') : netlink.delAddress(request);
  check(refused?.errno, word === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR');
}
