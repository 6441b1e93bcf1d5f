import { formatIP, type IP, type IPv6, isLinkLocalIPv6, isLoopbackIPv4, isMulticastIPv6, parseIP, parseIPv6 } from '../base/address.ts';
import { decode } from '../base/bytes.ts';
import { openDatagramSocket } from '../host/inet-socket.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import type { Process } from '../host/process.ts';
import { lookupDns, lookupPointer } from '../host/resolver.ts';
import type { Blocking } from '../host/wait.ts';
import { lowerName, nameLabels } from '../wire/dns.ts';

/** Why a name has no address (gai_strerror(3)). */
export type ResolutionError = 'EAI_NONAME' | 'EAI_NODATA' | 'EAI_AGAIN' | 'EAI_ADDRFAMILY';

const LOOPBACK = 0x7f000001;

const TEXT: Record<ResolutionError, string> = {
  EAI_NONAME: 'Name or service not known',
  EAI_NODATA: 'No address associated with hostname',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
};

export function resolutionErrorText(error: ResolutionError): string {
  return TEXT[error];
}

export interface ResolvedName {
  /** The canonical name: what `ping` prints after PING. */
  name: string;
  /** At least one, the one to try first in front (`sortAddresses`). */
  addresses: IP[];
  /** It was an address, not a name. */
  numeric: boolean;
  /** The device that the address is behind, where a zone names it (sin6_scope_id). */
  scope?: number;
  /** The names on the way to the canonical one, the one asked for among them; only from DNS. */
  aliases?: string[];
}

/**
 * The addresses of a name: an address in any form that inet_aton(3) takes, then what /etc/nsswitch.conf names, in its order:
 * /etc/hosts and DNS (getaddrinfo(3)).
 *
 * @param family 0 asks for addresses of both
 */
export function* resolveName(process: Process, name: string, family: 0 | 4 | 6 = 0): Blocking<ResolvedName | ResolutionError> {
  const [plain = '', ...zone] = name.split('%');
  const numeric = zone.length > 0 ? parseIPv6(plain) : (parseIP(name) ?? parseInetAton(name));
  if (numeric !== undefined) {
    if (family !== 0 && (typeof numeric === 'bigint') !== (family === 6)) return 'EAI_ADDRFAMILY';
    const known = { name, addresses: [numeric], numeric: true };
    if (zone.length === 0) return known;
    const scope = zoneIndex(process, numeric as IPv6, zone.join('%'));
    return scope === undefined ? 'EAI_NONAME' : { ...known, scope };
  }
  if (name === '' || /[\s/]/.test(name) || !validName(name)) return 'EAI_NONAME';
  let failure: ResolutionError = 'EAI_NONAME';
  for (const source of yield* hostSources(process)) {
    const found = source === 'files' ? yield* inHosts(process, name, family) : yield* inDns(process, name, family);
    if (typeof found === 'string') failure = found;
    else if (found) return { ...found, addresses: sortAddresses(process, found.addresses), numeric: false };
  }
  return failure;
}

/** A device by name or number for addresses of one link, for others only a number (__inet6_scopeid_pton). */
function zoneIndex(process: Process, address: IPv6, zone: string): number | undefined {
  const ofLink = isLinkLocalIPv6(address) || (isMulticastIPv6(address) && ((address >> 112n) & 0xfn) <= 2n);
  const named = ofLink ? openRtNetlink(process.namespaces.net).link(zone)?.ifindex : undefined;
  return named ?? (/^\d+$/.test(zone) ? Number(zone) : undefined);
}

/** Nothing that a DNS name can't hold is worth asking for. */
function validName(name: string): boolean {
  return !('error' in nameLabels(name));
}

function* inHosts(process: Process, name: string, family: 0 | 4 | 6): Blocking<{ name: string; addresses: IP[] } | undefined> {
  const plain = lowerName(name.replace(/\.$/, ''));
  const lines = (yield* readHosts(process)).filter(({ names }) => names.some((known) => lowerName(known) === plain));
  // Whoever asks for IPv4 gets 127.0.0.1 for ::1 (nss_files), even a second time.
  const wanted = family === 4 ? lines.map((line) => (line.address === 1n ? { ...line, address: LOOPBACK } : line)) : lines;
  const fitting = wanted.filter(({ address }) => family === 0 || (typeof address === 'bigint') === (family === 6));
  if (fitting.length === 0) return undefined;
  const addresses = fitting.map((line) => line.address);
  return { name: fitting[0]?.names[0] ?? name, addresses: family === 4 ? addresses : [...new Set(addresses)] };
}

function* inDns(
  process: Process,
  name: string,
  family: 0 | 4 | 6,
): Blocking<{ name: string; addresses: IP[]; aliases: string[] } | ResolutionError> {
  const answer = yield* lookupDns(process, name, family === 0 ? [4, 6] : [family]);
  if (answer === 'again') return 'EAI_AGAIN';
  if (answer === 'nodata') return 'EAI_NODATA';
  return answer === 'none' ? 'EAI_NONAME' : answer;
}

/** The sources that the `hosts:` line of /etc/nsswitch.conf names, as far as there are such; files, then DNS without a line. */
export function* hostSources(process: Process): Blocking<('files' | 'dns')[]> {
  const bytes = yield* process.readFile('/etc/nsswitch.conf');
  const line = typeof bytes === 'string' ? undefined : /^\s*hosts:(.*)$/m.exec(decode(bytes))?.[1];
  if (line === undefined) return ['files', 'dns'];
  const words = line.replace(/#.*/, '').match(/\[[^\]]*\]|\S+/g) ?? [];
  const sources: ('files' | 'dns')[] = [];
  for (const word of words) {
    if (word === 'files' || word === 'dns') sources.push(word);
    else if (/\[\s*!?NOTFOUND=return/i.test(word) && sources.length > 0) break;
  }
  return sources;
}

/**
 * Orders addresses as getaddrinfo(3) does (RFC 6724 §6, its rules 1, 2 and 6): those that there is a route to first, then those whose scope
 * is their source's, then IPv6 before IPv4.
 */
export function sortAddresses(process: Process, addresses: readonly IP[]): IP[] {
  if (addresses.length < 2) return [...addresses];
  const ranked = addresses.map((address, order) => ({ address, order, rank: rankOf(process, address) }));
  ranked.sort((a, b) => a.rank - b.rank || a.order - b.order);
  return ranked.map(({ address }) => address);
}

/** Small is good. */
function rankOf(process: Process, address: IP): number {
  const six = typeof address === 'bigint';
  const probe = openDatagramSocket(process, six ? 6 : 4);
  probe.hold();
  const unreachable = probe.connect(address, 9) !== undefined;
  const source = probe.name.address;
  probe.release();
  const mismatch = !unreachable && scopeOf(source) !== scopeOf(address);
  return (unreachable ? 4 : 0) + (mismatch ? 2 : 0) + (six ? 0 : 1);
}

function scopeOf(address: IP): 'link' | 'global' {
  if (typeof address === 'bigint') return address === 1n || isLinkLocalIPv6(address) ? 'link' : 'global';
  return isLoopbackIPv4(address) || address >>> 16 === 0xa9fe ? 'link' : 'global';
}

/**
 * The name of an address: the first of its line in /etc/hosts, or what DNS has; none, or EAI_AGAIN when no server answers
 * (getnameinfo(3)). Nobody is asked about the unspecified address of IPv6.
 */
export function* nameInformation(process: Process, address: IP): Blocking<{ name: string } | 'EAI_AGAIN' | undefined> {
  if (address === 0n) return undefined;
  let silent = false;
  for (const source of yield* hostSources(process)) {
    if (source === 'files') {
      const name = (yield* hostsLine(process, address))?.names[0];
      if (name !== undefined) return { name };
      continue;
    }
    const found = yield* lookupPointer(process, address);
    if (typeof found === 'object') return found;
    if (found) silent = true;
  }
  return silent ? 'EAI_AGAIN' : undefined;
}

/** The name of an address, where there is one. */
export function* nameOfAddress(process: Process, address: IP): Blocking<string | undefined> {
  const found = yield* nameInformation(process, address);
  return typeof found === 'object' ? found.name : undefined;
}

export interface HostsLine {
  address: IP;
  /** The canonical name, then aliases; at least one. */
  names: string[];
}

/** The first line of /etc/hosts with that address. */
export function* hostsLine(process: Process, address: IP): Blocking<HostsLine | undefined> {
  return (yield* readHosts(process)).find((line) => line.address === address);
}

/** /etc/hosts (hosts(5)). */
export function* readHosts(process: Process): Blocking<HostsLine[]> {
  const bytes = yield* process.readFile('/etc/hosts');
  return typeof bytes === 'string' ? [] : parseHosts(decode(bytes));
}

/** Lines of an address and its names, as in /etc/hosts. */
export function parseHosts(text: string): HostsLine[] {
  const lines: HostsLine[] = [];
  for (const line of text.split('\n')) {
    const [first = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = parseIP(first);
    if (address !== undefined && names.length > 0) lines.push({ address, names });
  }
  return lines;
}

/** `127.1`, `0x7f000001` and `0`: one to four numbers, the last one filling the rest (inet_aton(3)). */
export function parseInetAton(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parseAnyBase);
  let address = 0;
  for (const [i, number] of numbers.entries()) {
    const last = i === numbers.length - 1;
    const limit = last ? 2 ** (8 * (5 - numbers.length)) : 256;
    if (number === undefined || number >= limit) return undefined;
    address = last ? address * 2 ** (8 * (5 - numbers.length)) + number : address * 256 + number;
  }
  return address;
}

function parseAnyBase(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : undefined;
}

/** An address with the name in front where there is one: `web (10.0.0.2)`. */
export function* describeAddress(process: Process, address: IP): Blocking<string> {
  const name = yield* nameOfAddress(process, address);
  return name === undefined || name === formatIP(address) ? formatIP(address) : `${name} (${formatIP(address)})`;
}
