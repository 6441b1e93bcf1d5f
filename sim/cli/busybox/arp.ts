import { formatIP, formatMac, type IPv4, type Mac, parseMac } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import type { NeighbourInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameOfAddress, resolveName } from '../name-resolution.ts';
import { appletProgram, Die, letters, options, ShowUsage, type Speech } from './failure.ts';

/** busybox's arp (networking/arp.c). */
export const arp = appletProgram('arp', runArp);

const SPECS = letters('A:p:H:t:i:adnDsv');

function* runArp(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given, operands } = options(SPECS, args);
  const has = (name: string) => given.some((option) => option.name === name);
  const device = given.findLast((option) => option.name === 'i')?.value;
  for (const letter of ['D', 'H', 't', 'A', 'p']) if (has(letter)) throw new Die(`option -${letter} is not modelled (see sim/FIDELITY.md)`);
  const netlink = rtNetlinkOf(process);
  if (has('d')) return yield* remove(process, netlink, operands, device);
  if (has('s')) return yield* set(process, netlink, operands, device);
  return yield* show(process, netlink, speech, { host: operands[0], device, numeric: has('n') });
}

function* addressOf(process: Process, host: string): Blocking<IPv4> {
  const resolved = yield* resolveName(process, host);
  const address = typeof resolved === 'string' ? undefined : resolved.addresses.find((candidate) => typeof candidate === 'number');
  if (address === undefined) throw new Die(`${host}: Unknown host`);
  return address;
}

// ---- show -------------------------------------------------------------------------------------------------------------

function* show(
  process: Process,
  netlink: RtNetlink,
  speech: Speech,
  asked: { host: string | undefined; device: string | undefined; numeric: boolean },
): Blocking<number> {
  const wanted = asked.host === undefined ? undefined : yield* addressOf(process, asked.host);
  const entries = netlink.neighbours(4).filter((entry) => entry.state !== 'NOARP' && entry.state !== 'NONE');
  let shown = 0;
  for (const entry of entries) {
    const device = netlink.link(entry.ifindex)?.name ?? '';
    if ((wanted !== undefined && entry.address !== wanted) || (asked.device !== undefined && asked.device !== device)) continue;
    const name = asked.numeric ? undefined : yield* nameOfAddress(process, entry.address);
    speech.print(lineOf(entry, name ?? '?', device));
    shown++;
  }
  if (shown === 0 && (asked.host !== undefined || asked.device !== undefined))
    speech.print(`No match found in ${entries.length} entries\n`);
  return 0;
}

function lineOf(entry: NeighbourInfo, name: string, device: string): string {
  const complete = entry.lladdr !== undefined && entry.state !== 'FAILED' && entry.state !== 'INCOMPLETE';
  const hardware = entry.proxy ? '* ' : complete ? `${formatMac(entry.lladdr as Mac)} [ether] ` : '<incomplete> ';
  const flags = entry.proxy ? 'PERM PUP' : entry.state === 'PERMANENT' ? 'PERM' : '';
  return `${name} (${formatIP(entry.address)}) at ${hardware}${flags} on ${device}\n`;
}

// ---- set and delete ---------------------------------------------------------------------------------------------------

/** The device that an address is reached by, unless one was given. */
function deviceFor(netlink: RtNetlink, address: IPv4, device: string | undefined, ioctl: string): number {
  if (device !== undefined) {
    const link = netlink.link(device);
    if (!link) throw new Die(`${ioctl}: ${strerror('ENODEV')}`);
    return link.ifindex;
  }
  const answer = netlink.getRoute({ destination: address });
  if ('errno' in answer) throw new Die(`${ioctl}: ${strerror('ENETUNREACH')}`);
  if (answer.gateway !== undefined || answer.type !== 'unicast') throw new Die(`${ioctl}: ${strerror('ENETUNREACH')}`);
  return answer.ifindex;
}

function* remove(process: Process, netlink: RtNetlink, operands: readonly string[], device: string | undefined): Blocking<number> {
  if (operands[0] === undefined) throw new Die('need host name');
  const address = yield* addressOf(process, operands[0]);
  if (!process.capable('NET_ADMIN')) throw new Die(`SIOCDARP(priv): ${strerror('EPERM')}`);
  const ifindex = deviceFor(netlink, address, device, 'SIOCDARP(priv)');
  const refused = netlink.delNeighbour({ address, ifindex });
  if (refused) throw new Die(`SIOCDARP(pub): ${strerror(refused.errno)}`);
  return 0;
}

function* set(process: Process, netlink: RtNetlink, operands: readonly string[], device: string | undefined): Blocking<number> {
  const [host, hardware, ...flags] = operands;
  if (host === undefined) throw new Die('need host name');
  const address = yield* addressOf(process, host);
  if (hardware === undefined) throw new Die('need hardware address');
  const lladdr = parseMac(hardware);
  if (lladdr === undefined) throw new Die('invalid hardware address');
  if (flags.some((flag) => flag !== 'temp'))
    throw flags.includes('pub') ? new Die('proxy entries are not modelled (see sim/FIDELITY.md)') : new ShowUsage();
  if (!process.capable('NET_ADMIN')) throw new Die(`SIOCSARP: ${strerror('EPERM')}`);
  const ifindex = deviceFor(netlink, address, device, 'SIOCSARP');
  const refused = netlink.newNeighbour({ address, ifindex, lladdr, state: flags.includes('temp') ? 'STALE' : 'PERMANENT' }, 'replace');
  if (refused) throw new Die(`SIOCSARP: ${strerror(refused.errno)}`);
  return 0;
}
