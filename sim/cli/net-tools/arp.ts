import { formatIPv4, formatMac, type IPv4, type Mac, parseMac } from '../../base/address.ts';
import type { NeighbourInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, isFailure, type OptionSpec, type Parsed } from '../getopt.ts';
import { nameOfAddress, resolveName } from '../name-resolution.ts';
import { Ending, err, out, perror, untilEnding } from './ending.ts';
import { ARP_HARDWARE, ARP_USAGE, ARP_VERSION } from './usage.ts';

/** arp(8) of net-tools. */
export const arp: Command = { name: 'arp', paths: ['/usr/sbin/arp'], run: (process) => untilEnding(process, runArp(process)) };

const OPTIONS: readonly OptionSpec[] = [
  ...[
    ['v', 'verbose'],
    ['n', 'numeric'],
    ['a', 'all'],
    ['d', 'delete'],
    ['e', ''],
    ['s', 'set'],
    ['D', 'use-device'],
    ['f', 'file'],
    ['V', 'version'],
    ['h', 'help'],
    ['N', 'symbolic'],
  ].map(([short = '', long = '']) => ({ name: short, short, ...(long === '' ? {} : { long }) })),
  { name: 'i', short: 'i', long: 'device', argument: 'required' },
  { name: 'H', short: 'H', long: 'hw-type', argument: 'required' },
  { name: 't', short: 't', argument: 'required' },
  { name: 'A', short: 'A', long: 'protocol', argument: 'required' },
  { name: 'p', short: 'p', argument: 'required' },
];

/** -1 as a shell sees it. */
const FAILED = 255;

function* runArp(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) throw new Ending(3, err(`arp: ${parsed.error}\n${ARP_USAGE}${ARP_HARDWARE}`));
  const has = (name: string) => parsed.options.some((option) => option.name === name);
  if (has('h')) throw new Ending(0, err(ARP_HARDWARE), out(ARP_USAGE));
  if (has('V')) throw new Ending(0, err(ARP_VERSION));
  const hardware = parsed.options.findLast(({ name }) => name === 'H' || name === 't')?.value ?? 'ether';
  if (hardware !== 'ether') throw new Ending(FAILED, err(`arp: ${hardware}: unknown hardware type.\n`));
  const netlink = rtNetlinkOf(process);
  if (has('f')) throw new Ending(FAILED, err(notModelled('arp', 'reading entries from a file (-f)')));
  if (has('s')) return yield* set(process, netlink, parsed, has('D'));
  if (has('d')) return yield* remove(process, netlink, parsed);
  return yield* show(process, netlink, parsed);
}

// ---- show -------------------------------------------------------------------------------------------------------------

const [COMPLETE, PERMANENT, PUBLISHED] = [2, 4, 8];

/** An entry with the flags of /proc/net/arp (arp_state_to_flags, arp_format_pneigh_entry). */
function flagsOf({ state, lladdr, proxy }: NeighbourInfo): number {
  if (proxy) return PUBLISHED | PERMANENT;
  if (state === 'PERMANENT') return PERMANENT | COMPLETE;
  return lladdr !== undefined && state !== 'FAILED' && state !== 'INCOMPLETE' ? COMPLETE : 0;
}

function* show(process: Process, netlink: RtNetlink, parsed: Parsed): Blocking<number> {
  const has = (name: string) => parsed.options.some((option) => option.name === name);
  const device = parsed.options.findLast(({ name }) => name === 'i')?.value;
  const host = parsed.operands[0];
  const address = host === undefined ? undefined : yield* addressOf(process, host);
  const entries = netlink.neighbours(4).filter(({ state }) => state !== 'NOARP' && state !== 'NONE');
  let shown = 0;
  for (const entry of entries) {
    const dev = netlink.link(entry.ifindex)?.name ?? '*';
    if ((device !== undefined && device !== dev) || (address !== undefined && address !== entry.address)) continue;
    const name = has('n') ? undefined : yield* nameOfAddress(process, entry.address);
    if (shown++ === 0 && !has('a'))
      yield* process.write(1, 'Address                  HWtype  HWaddress           Flags Mask            Iface\n');
    yield* process.write(1, has('a') ? bsdLine(entry, name, dev) : linuxLine(entry, name, dev));
  }
  if (has('v')) yield* process.write(1, `Entries: ${entries.length}\tSkipped: ${entries.length - shown}\tFound: ${shown}\n`);
  if (shown > 0) return 0;
  if (host !== undefined && !has('a')) yield* process.write(1, `${host} (${formatIPv4(address as IPv4)}) -- no entry\n`);
  else if (host !== undefined || device !== undefined) yield* process.write(1, `arp: in ${entries.length} entries no match found.\n`);
  return 0;
}

function linuxLine(entry: NeighbourInfo, name: string | undefined, device: string): string {
  const flags = flagsOf(entry);
  const letters = `${flags & COMPLETE ? 'C' : ''}${flags & PERMANENT ? 'M' : ''}${flags & PUBLISHED ? 'P' : ''}`;
  const [type, hardware] =
    flags & COMPLETE ? ['ether', formatMac(entry.lladdr as Mac)] : flags & PUBLISHED ? ['*', '<from_interface>'] : ['', '(incomplete)'];
  const shown = (name ?? formatIPv4(entry.address as IPv4)).slice(0, 23);
  return `${shown.padEnd(23)}  ${type.padEnd(8)}${hardware.padEnd(20)}${letters.padEnd(6)}${''.padEnd(15)} ${device}\n`;
}

function bsdLine(entry: NeighbourInfo, name: string | undefined, device: string): string {
  const flags = flagsOf(entry);
  const hardware = flags & COMPLETE ? `${formatMac(entry.lladdr as Mac)} [ether]` : flags & PUBLISHED ? '<from_interface>' : '<incomplete>';
  const words = `${flags & PERMANENT ? 'PERM ' : ''}${flags & PUBLISHED ? 'PUB ' : ''}`;
  return `${name ?? '?'} (${formatIPv4(entry.address as IPv4)}) at ${hardware} ${words}on ${device}\n`;
}

// ---- change -----------------------------------------------------------------------------------------------------------

function* addressOf(process: Process, text: string): Blocking<IPv4> {
  const found = yield* resolveName(process, text);
  const address = typeof found === 'string' ? undefined : found.addresses.find((one) => typeof one === 'number');
  if (address !== undefined) return address;
  throw new Ending(FAILED, err(`${text}: ${/^[0-9.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure'}\n`));
}

/** The device given, or the one that the address is reached by on its link (arp_req_set). */
function deviceFor(netlink: RtNetlink, parsed: Parsed, address: IPv4, ioctl: string): number {
  const name = parsed.options.findLast((option) => option.name === 'i')?.value;
  if (name !== undefined) {
    const link = netlink.link(name);
    if (!link) throw new Ending(FAILED, perror(ioctl, 'ENODEV'));
    return link.ifindex;
  }
  const way = netlink.getRoute({ destination: address });
  if ('errno' in way) throw new Ending(FAILED, perror(ioctl, way.errno));
  if (way.gateway !== undefined) throw new Ending(FAILED, perror(ioctl, 'EINVAL'));
  return way.ifindex;
}

function* set(process: Process, netlink: RtNetlink, parsed: Parsed, useDevice: boolean): Blocking<number> {
  const [host, hardware, ...words] = parsed.operands;
  if (host === undefined) throw new Ending(FAILED, err('arp: need host name\n'));
  const address = yield* addressOf(process, host);
  if (hardware === undefined) throw new Ending(FAILED, err('arp: need hardware address\n'));
  const source = useDevice ? netlink.link(hardware) : undefined;
  const lladdr = useDevice ? source?.address : parseMac(hardware);
  if (lladdr === undefined) {
    const why = useDevice ? `arp: can't get HW-Address for \`${hardware}': No such device.` : 'arp: invalid hardware address';
    throw new Ending(FAILED, err(`${why}\n`));
  }
  if (!process.capable('NET_ADMIN')) throw new Ending(FAILED, perror('SIOCSARP', 'EPERM'));
  const published = words.includes('pub');
  if (published && !useDevice && !parsed.options.some(({ name }) => name === 'i')) {
    // The kernel answers only for entries that name a device, or with another's address that it knows.
    throw new Ending(FAILED, perror('SIOCSARP', 'ENODEV'));
  }
  const ifindex = source && published ? source.ifindex : deviceFor(netlink, parsed, address, 'SIOCSARP');
  const refused = netlink.newNeighbour(
    published ? { address, ifindex, proxy: true } : { address, ifindex, lladdr, state: words.includes('temp') ? 'STALE' : 'PERMANENT' },
    'replace',
  );
  if (refused) throw new Ending(FAILED, perror('SIOCSARP', refused.errno));
  return 0;
}

function* remove(process: Process, netlink: RtNetlink, parsed: Parsed): Blocking<number> {
  const [host, ...words] = parsed.operands;
  if (host === undefined) throw new Ending(FAILED, err('arp: need host name\n'));
  const address = yield* addressOf(process, host);
  if (!process.capable('NET_ADMIN')) throw new Ending(FAILED, perror('SIOCDARP(dontpub)', 'EPERM'));
  const proxy = words.includes('pub');
  const device = parsed.options.findLast((option) => option.name === 'i')?.value;
  const entry = netlink
    .neighbours(4)
    .find((one) => one.address === address && one.proxy === proxy && (device === undefined || netlink.link(one.ifindex)?.name === device));
  if (!entry) {
    yield* process.write(1, `No ARP entry for ${host}\n`);
    return FAILED;
  }
  // The kernel makes the entry fail rather than forgetting it; without users it is forgotten at once.
  const refused = netlink.delNeighbour({ address, ifindex: entry.ifindex, ...(proxy ? { proxy } : {}) });
  if (refused) throw new Ending(FAILED, perror('SIOCDARP(dontpub)', refused.errno));
  return 0;
}
