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
import { InterfaceIoctl } from '../../host/netlink/interface-ioctl.ts';
import type { AddressInfo, LinkChanges, LinkInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { appletProgram, Die, ShowUsage, type Speech } from './failure.ts';
import { flagWords, type Interface, interfaceNamed, interfaces, isUp, scaled } from '../net-tools/interface.ts';

/** busybox's ifconfig (networking/ifconfig.c, networking/interface.c). */
export const ifconfig = appletProgram('ifconfig', runIfconfig);

const DYNAMIC = 0x8000;

function runIfconfig(process: Process, args: readonly string[], speech: Speech): number {
  const netlink = rtNetlinkOf(process);
  const all = args[0] === '-a';
  const [name, ...words] = all ? args.slice(1) : args;
  if (name === undefined) {
    for (const one of interfaces(netlink)) if (all || isUp(one)) speech.print(section(netlink, one));
    return 0;
  }
  if (words.length > 0) return configure(process, netlink, name, words);
  const found = interfaceNamed(netlink, name);
  if (!found) throw new Die(`${name}: error fetching interface information: Device not found`);
  speech.print(section(netlink, found));
  return 0;
}

// ---- show -------------------------------------------------------------------------------------------------------------

const INDENT = ' '.repeat(10);

function section(netlink: RtNetlink, { name, link, alias, address }: Interface): string {
  const loopback = link.type === 'loopback';
  let text = `${name.padEnd(9)} Link encap:${loopback ? 'Local Loopback' : 'Ethernet'}  `;
  if (!loopback) text += `HWaddr ${formatMac(link.address).toUpperCase()}  `;
  text += '\n';
  if (address) text += inetLine(link, address);
  if (!alias) for (const six of netlink.addresses(6)) if (six.ifindex === link.ifindex) text += inet6Line(six);
  text += `${INDENT}${flagNames(link)} MTU:${link.mtu}  Metric:1\n`;
  return `${text}${alias ? '' : counters(link)}\n`;
}

function inetLine(link: LinkInfo, { prefix, broadcast }: AddressInfo): string {
  const brd = (link.flags & 0x2) !== 0 ? `  Bcast:${formatIP(broadcast ?? 0)}` : '';
  return `${INDENT}inet addr:${formatIP(prefix.address)}${brd}  Mask:${formatIPv4(ipv4Mask(prefix.length))}\n`;
}

function inet6Line({ prefix, scope }: AddressInfo): string {
  const name = scope === 'host' ? 'Host' : typeof prefix.address === 'bigint' && isLinkLocalIPv6(prefix.address) ? 'Link' : 'Global';
  return `${INDENT}inet6 addr: ${formatIP(prefix.address)}/${prefix.length} Scope:${name}\n`;
}

function flagNames(link: LinkInfo): string {
  const names = flagWords(link.flags & ~DYNAMIC).map((name) => `${name} `);
  return names.length === 0 ? '[NO FLAGS] ' : names.join('');
}

function counters({ stats, txqlen }: LinkInfo): string {
  return (
    `${INDENT}RX packets:${stats.rxPackets} errors:${stats.rxErrors} dropped:${stats.rxDropped} overruns:0 frame:0\n` +
    `${INDENT}TX packets:${stats.txPackets} errors:${stats.txErrors} dropped:${stats.txDropped} overruns:0 carrier:${stats.txCarrier}\n` +
    `${INDENT}collisions:${stats.txCollisions} txqueuelen:${txqlen} \n` +
    `${INDENT}RX bytes:${stats.rxBytes} (${scaled(stats.rxBytes, true)})  TX bytes:${stats.txBytes} (${scaled(stats.txBytes, true)})\n`
  );
}

// ---- configure --------------------------------------------------------------------------------------------------------

/** An interface being changed, one ioctl after the other. */
interface Target {
  process: Process;
  netlink: RtNetlink;
  ioctl: InterfaceIoctl;
  link: LinkInfo;
}

function configure(process: Process, netlink: RtNetlink, name: string, words: readonly string[]): number {
  const ioctl = new InterfaceIoctl(netlink, name);
  const { link } = ioctl;
  const target: Target = { process, netlink, ioctl, link: link as LinkInfo };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    const request = IOCTLS[word.replace(/^-/, '')] ?? (/^[0-9a-fA-F.:/]+$/.test(word) ? 'SIOCSIFADDR' : 'SIOCSIFFLAGS');
    if (!process.capable('NET_ADMIN')) throw new Die(`${request}: ${strerror('EPERM')}`);
    // Flags are read before they are written.
    if (!link) throw new Die(`${request === 'SIOCSIFFLAGS' ? 'SIOCGIFFLAGS' : request}: ${strerror('ENODEV')}`);
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
  pointopoint: 'SIOCSIFDSTADDR',
  dstaddr: 'SIOCSIFDSTADDR',
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
  const { ioctl } = target;
  if (word === 'up' || word === 'down') check(ioctl.setUp(word === 'up'), 'SIOCSIFFLAGS');
  else if (toggle) setLink(target, { [toggle]: on }, 'SIOCSIFFLAGS');
  else if (word === 'mtu') setLink(target, { mtu: leadingNumber(argument()) }, 'SIOCSIFMTU');
  else if (word === 'txqueuelen') setLink(target, { txqlen: leadingNumber(argument()) }, 'SIOCSIFTXQLEN');
  else if (word === 'hw') setHardware(target, argument(), argument());
  else if (word === 'netmask') check(ioctl.setNetmask(ipv4(argument())), 'SIOCSIFNETMASK');
  else if (plain === 'broadcast') check(ioctl.setBroadcast(ipv4(on ? argument() : '0.0.0.0')), 'SIOCSIFBRDADDR');
  else if (word === 'pointopoint' || word === 'dstaddr') check(ioctl.setDestination(ipv4(argument())), 'SIOCSIFDSTADDR');
  else if (word === 'add' || word === 'del') changeIPv6(target, word, argument());
  else if (['metric', 'outfill', 'keepalive', 'trailers', 'dynamic', 'mem_start', 'io_addr', 'irq'].includes(plain)) {
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

/** As strtoul(3) reads it: what is no number is 0. */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function ipv4(text: string): IPv4 {
  const address = parseIPv4(text);
  if (address === undefined) throw new Die(`bad address '${text}'`);
  return address;
}

function setAddress({ ioctl }: Target, text: string): void {
  check(ioctl.setAddress(ipv4(text)), 'SIOCSIFADDR');
  check(ioctl.setUp(true), 'SIOCSIFFLAGS');
}

function changeIPv6({ netlink, link }: Target, word: 'add' | 'del', text: string): void {
  const prefix = parsePrefix(text);
  if (!prefix || typeof prefix.address !== 'bigint') throw new Die(`bad address '${text}'`);
  const request = { ifindex: link.ifindex, prefix };
  const refused = word === 'add' ? netlink.newAddress(request, 'add') : netlink.delAddress(request);
  check(refused?.errno, word === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR');
}
