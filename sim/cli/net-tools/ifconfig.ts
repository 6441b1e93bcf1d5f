import { formatIPv4, type IPv4, ipv4Mask, parseIPv4, parseMac, parsePrefix } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { InterfaceIoctl } from '../../host/netlink/interface-ioctl.ts';
import type { LinkChanges, LinkInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { resolveName } from '../name-resolution.ts';
import { Ending, err, out, perror, untilEnding } from './ending.ts';
import { interfaceNamed, interfaces, isUp, longText, SHORT_HEADER, shortLine } from './interface.ts';
import { IFCONFIG_FAMILIES, IFCONFIG_HARDWARE, IFCONFIG_USAGE, IFCONFIG_VERSION } from './usage.ts';

/** ifconfig(8) of net-tools. */
export const ifconfig: Command = {
  name: 'ifconfig',
  paths: ['/usr/sbin/ifconfig'],
  run: (process) => untilEnding(process, runIfconfig(process)),
};

const HINT = "ifconfig: `--help' gives usage information.\n";

function usage(): Ending {
  const [text = '', families] = IFCONFIG_USAGE.split('  <AF>=');
  return new Ending(3, err(`${text}${IFCONFIG_HARDWARE}  <AF>=${families}${IFCONFIG_FAMILIES}`));
}

function* runIfconfig(process: Process): Blocking<number> {
  const netlink = rtNetlinkOf(process);
  const words = process.argv.slice(1);
  const shown = { all: false, short: false };
  while (words[0]?.startsWith('-')) readOption(words.shift() as string, shown);
  const [name, ...rest] = words;
  if (name === undefined || (rest.length === 0 && name !== undefined)) return yield* show(process, netlink, name, shown);
  const family = rest[0] === 'inet' || rest[0] === 'inet6' ? rest.shift() : 'inet';
  if (rest.length === 0) return yield* show(process, netlink, name, shown);
  return yield* configure({ process, netlink, name, ioctl: new InterfaceIoctl(netlink, name), status: 0 }, rest, family === 'inet6');
}

function readOption(word: string, shown: { all: boolean; short: boolean }): void {
  if (word === '-a') shown.all = true;
  else if (word === '-s') shown.short = true;
  else if (word === '-V' || word === '--version') throw new Ending(0, err(IFCONFIG_VERSION));
  else if (word === '-h' || word === '-?' || word === '--help')
    throw new Ending(0, err(IFCONFIG_HARDWARE + IFCONFIG_FAMILIES), out(IFCONFIG_USAGE));
  else if (word !== '-v') throw new Ending(1, err(`ifconfig: option \`${word}' not recognised.\n${HINT}`));
}

function* show(process: Process, netlink: RtNetlink, name: string | undefined, shown: { all: boolean; short: boolean }): Blocking<number> {
  const all = interfaces(netlink);
  const named = name === undefined ? undefined : interfaceNamed(netlink, name);
  const chosen = name === undefined ? all.filter((one) => shown.all || isUp(one)) : named ? [named] : [];
  if (name !== undefined && chosen.length === 0)
    throw new Ending(1, err(`${name}: error fetching interface information: Device not found\n`));
  const text = chosen.map((one) => (shown.short ? shortLine(one) : longText(netlink, one))).join('');
  yield* process.write(1, `${shown.short ? `Iface      ${SHORT_HEADER}` : ''}${text}`);
  return 0;
}

// ---- configure ----------------------------------------------------------------------------------------------------------

/** An interface being changed, one ioctl after the other; failures are said, and the last of them decides the status. */
interface Target {
  process: Process;
  netlink: RtNetlink;
  /** As the user wrote it: maybe an alias. */
  name: string;
  ioctl: InterfaceIoctl;
  status: number;
}

function* configure(target: Target, words: string[], six: boolean): Blocking<number> {
  if (!target.process.capable('NET_ADMIN')) throw new Ending(1, perror('SIOCSIFFLAGS', 'EPERM'));
  while (words.length > 0) yield* step(target, words.shift() as string, words, six);
  return target.status;
}

function* step(target: Target, word: string, words: string[], six: boolean): Blocking<void> {
  const plain = word.replace(/^-/, '');
  const on = plain === word;
  if (word === 'up' || word === 'down') return yield* setUp(target, word === 'up');
  if (['arp', 'promisc', 'allmulti', 'multicast'].includes(plain)) return yield* setFlag(target, { [plain]: on });
  if (plain === 'trailers' || plain === 'dynamic') return;
  if (plain === 'broadcast') return yield* setBroadcast(target, on ? words : undefined);
  if (word === '-pointopoint') return;
  const argument = words[0];
  switch (word) {
    case 'mtu':
    case 'txqueuelen':
    case 'netmask':
    case 'hw':
    case 'add':
    case 'del':
    case 'name':
      if (argument === undefined) throw usage();
      return yield* stepWithArgument(target, word, words);
    case 'pointopoint':
    case 'dstaddr':
      if (argument === undefined && word === 'dstaddr') throw usage();
      return argument === undefined ? undefined : yield* setDestination(target, words.shift() as string);
    case 'metric':
    case 'tunnel':
    case 'outfill':
    case 'keepalive':
    case 'mem_start':
    case 'io_addr':
    case 'irq':
    case 'media':
      if (argument === undefined) throw usage();
      throw new Ending(1, err(notModelled('ifconfig', word)));
    default:
      return yield* six ? changeIPv6(target, 'add', word) : setAddress(target, word);
  }
}

function* stepWithArgument(target: Target, word: string, words: string[]): Blocking<void> {
  const argument = words.shift() as string;
  if (word === 'hw') return yield* setHardware(target, argument, words.shift());
  if (word === 'mtu') return yield* change(target, { mtu: leadingNumber(argument) }, 'SIOCSIFMTU');
  if (word === 'txqueuelen') return yield* change(target, { txqlen: leadingNumber(argument) }, 'SIOCSIFTXQLEN');
  if (word === 'name') return yield* change(target, { name: argument }, 'SIOCSIFNAME');
  if (word === 'netmask') return yield* setNetmask(target, argument);
  if (argument.includes(':')) return yield* changeIPv6(target, word, argument);
  return yield* word === 'add' ? addAlias(target, argument) : removeAlias(target, argument);
}

/** As atoi(3) reads it. */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function* complain(target: Target, ioctl: string, errno: Errno): Blocking<void> {
  target.status = ioctl === 'SIOCSIFFLAGS' ? 255 : target.status || 1;
  yield* target.process.write(2, perror(ioctl, errno).text);
}

/** The flags of an interface that isn't there can't even be read. */
function requireLink(target: Target): LinkInfo {
  const { link } = target.ioctl;
  if (!link) throw new Ending(255, err(`${target.name}: ERROR while getting interface flags: ${strerror('ENODEV')}\n`));
  return link;
}

function* change(target: Target, changes: LinkChanges, ioctl: string): Blocking<void> {
  const { link } = target.ioctl;
  const refused = link ? target.netlink.setLink(link.ifindex, changes)?.errno : 'ENODEV';
  if (refused) yield* complain(target, ioctl, refused);
}

function* setFlag(target: Target, changes: LinkChanges): Blocking<void> {
  requireLink(target);
  yield* change(target, changes, 'SIOCSIFFLAGS');
}

function* setUp(target: Target, up: boolean): Blocking<void> {
  requireLink(target);
  yield* said(target, 'SIOCSIFFLAGS', target.ioctl.setUp(up));
}

function* said(target: Target, ioctl: string, refused: Errno | undefined): Blocking<void> {
  if (refused) yield* complain(target, ioctl, refused);
}

function* ipv4Of(process: Process, text: string): Blocking<IPv4> {
  const found = yield* resolveName(process, text);
  const address = typeof found === 'string' ? undefined : found.addresses.find((one) => typeof one === 'number');
  if (address !== undefined) return address;
  const why = /^[0-9.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure';
  throw new Ending(1, err(`${text}: ${why}\n${HINT}`));
}

/** A new address under this name in place of the old one, and up; a length after a slash is a mask that is set afterwards. */
function* setAddress(target: Target, text: string): Blocking<void> {
  const [host = '', suffix] = text.split('/');
  if (host.includes(':')) return yield* changeIPv6(target, 'add', text);
  if (suffix !== undefined && !/^[0-9]*$/.test(suffix)) throw usage();
  const address = host === 'default' ? 0 : yield* ipv4Of(target.process, host);
  yield* said(target, 'SIOCSIFADDR', target.ioctl.setAddress(address));
  requireLink(target);
  if (!target.ioctl.alias || address !== 0) yield* said(target, 'SIOCSIFFLAGS', target.ioctl.setUp(true));
  // The mask is a shift by the length, of which the processor takes five bits: 32 gives what 0 gives.
  if (suffix !== undefined) yield* said(target, 'SIOCSIFNETMASK', target.ioctl.setNetmask(ipv4Mask(Number(suffix) & 31)));
}

function* setNetmask(target: Target, text: string): Blocking<void> {
  const mask = parseIPv4(text) ?? (yield* ipv4Of(target.process, text));
  yield* said(target, 'SIOCSIFNETMASK', target.ioctl.setNetmask(mask));
}

function* setBroadcast(target: Target, words: string[] | undefined): Blocking<void> {
  const link = requireLink(target);
  const text = words?.shift();
  if (text === undefined) {
    if (!words && (link.flags & 0x2) !== 0) yield* target.process.write(2, `Warning: Interface ${target.name} still in BROADCAST mode.\n`);
    return;
  }
  yield* said(target, 'SIOCSIFBRDADDR', target.ioctl.setBroadcast(yield* ipv4Of(target.process, text)));
}

/** IFF_POINTOPOINT itself belongs to the kind of device: the ioctl doesn't change it. */
function* setDestination(target: Target, text: string): Blocking<void> {
  yield* said(target, 'SIOCSIFDSTADDR', target.ioctl.setDestination(yield* ipv4Of(target.process, text)));
  requireLink(target);
}

function* setHardware(target: Target, kind: string, text: string | undefined): Blocking<void> {
  if (kind !== 'ether' || text === undefined) throw usage();
  const address = parseMac(text);
  if (address === undefined) throw new Ending(1, err(`${text}: invalid ether address.\n`));
  yield* change(target, { address }, 'SIOCSIFHWADDR');
}

function* changeIPv6(target: Target, word: string, text: string): Blocking<void> {
  const link = requireLink(target);
  const prefix = parsePrefix(text);
  if (!prefix) throw new Ending(1, err(`${text}: Host name lookup failure\n${HINT}`));
  const ioctl = word === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR';
  const refused =
    word === 'add'
      ? target.netlink.newAddress({ ifindex: link.ifindex, prefix }, 'add')
      : target.netlink.delAddress({ ifindex: link.ifindex, prefix });
  if (refused) yield* complain(target, ioctl, refused.errno);
}

/** `add 10.0.0.9`: the next free alias gets the address, with the mask and broadcast address of the interface's own. */
function* addAlias(target: Target, text: string): Blocking<void> {
  const link = requireLink(target);
  const address = yield* ipv4Of(target.process, text);
  const own = target.ioctl.current;
  const taken = new Set(target.netlink.addresses(4).map(({ label }) => label));
  let number = 0;
  while (taken.has(`${link.name}:${number}`)) number++;
  const alias = new InterfaceIoctl(target.netlink, `${link.name}:${number}`);
  yield* said(target, 'SIOCSIFADDR', alias.setAddress(address));
  if (!own) return;
  yield* said(target, 'SIOCSIFNETMASK', alias.setNetmask(ipv4Mask(own.prefix.length)));
  yield* said(target, 'SIOCSIFBRDADDR', alias.setBroadcast((own.broadcast as IPv4 | undefined) ?? 0));
}

function* removeAlias(target: Target, text: string): Blocking<void> {
  const link = requireLink(target);
  const address = yield* ipv4Of(target.process, text);
  const found = target.netlink
    .addresses(4)
    .find((one) => one.ifindex === link.ifindex && one.prefix.address === address && one.label !== undefined && one.label !== link.name);
  if (found) target.netlink.delAddress({ ifindex: link.ifindex, prefix: found.prefix });
  else if (!target.netlink.addresses(4).some((one) => one.prefix.address === address))
    yield* target.process.write(2, `Interface for address ${formatIPv4(address)} not found.\n`);
}
