import { formatIP, type IP, parseIP, parseIPv6 } from '../base/address.ts';
import { decode } from '../base/bytes.ts';
import type { Process } from '../host/process.ts';
import { lookupDns } from '../host/resolver.ts';
import type { Blocking } from '../host/wait.ts';

/** Why a name has no address (gai_strerror(3)). */
export type ResolutionError = 'EAI_NONAME' | 'EAI_AGAIN' | 'EAI_ADDRFAMILY';

const TEXT: Record<ResolutionError, string> = {
  EAI_NONAME: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
};

export function resolutionErrorText(error: ResolutionError): string {
  return TEXT[error];
}

export interface ResolvedName {
  /** The canonical name: what `ping` prints after PING. */
  name: string;
  /** At least one; IPv6 first, as glibc sorts loopback and local addresses. */
  addresses: IP[];
  /** It was an address, not a name. */
  numeric: boolean;
}

/**
 * The addresses of a name: an address in any form that inet_aton(3) takes, /etc/hosts, then DNS (getaddrinfo(3) with
 * `hosts: files dns`).
 */
export function* resolveName(process: Process, name: string): Blocking<ResolvedName | ResolutionError> {
  const numeric = parseIP(name) ?? parseInetAton(name) ?? parseIPv6(name.split('%')[0] ?? '');
  if (numeric !== undefined) return { name, addresses: [numeric], numeric: true };
  if (name === '' || /[\s/]/.test(name)) return 'EAI_NONAME';
  const found = (yield* readHosts(process)).filter((line) => line.names.some((known) => known.toLowerCase() === name.toLowerCase()));
  if (found.length > 0) {
    const addresses = found.map((line) => line.address);
    addresses.sort((a, b) => Number(typeof b === 'bigint') - Number(typeof a === 'bigint'));
    return { name: found[0]?.names[0] ?? name, addresses, numeric: false };
  }
  const answer = yield* lookupDns(process, name);
  if (answer === 'again') return 'EAI_AGAIN';
  return answer === 'none' ? 'EAI_NONAME' : { ...answer, numeric: false };
}

/** The name that an address has in /etc/hosts: the first of the first line with it (getnameinfo(3)). */
export function* nameOfAddress(process: Process, address: IP): Blocking<string | undefined> {
  return (yield* readHosts(process)).find((line) => line.address === address)?.names[0];
}

interface HostsLine {
  address: IP;
  names: string[];
}

function* readHosts(process: Process): Blocking<HostsLine[]> {
  const bytes = yield* process.readFile('/etc/hosts');
  if (typeof bytes === 'string') return [];
  const lines: HostsLine[] = [];
  for (const line of decode(bytes).split('\n')) {
    const [text = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = parseIP(text);
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
