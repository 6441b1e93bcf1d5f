import { type IP, ipv4Mask, ipv6Mask, parseIPv4, parseIPv6 } from '../../base/address.ts';
import type { AddressSpec } from '../../kernel/netfilter/tables/rule.ts';
import { type Failure, failure } from './failure.ts';
import type { Lookup } from './lookup.ts';

const NONE: readonly (AddressSpec | undefined)[] = [undefined];

/**
 * Reads `ADDRESS[/MASK][,…]`, where addresses may be host names and masks lengths or addresses (xtables_ipparse_multiple).
 * @returns one entry for each address; `undefined` stands for any address
 */
export function parseAddresses(
  text: string,
  inverted: boolean,
  family: 4 | 6,
  lookup: Lookup,
): readonly (AddressSpec | undefined)[] | Failure {
  if (!text.includes(',')) {
    const parsed = parseOne(text, inverted, family, lookup);
    return 'message' in parsed ? parsed : parsed.length === 0 ? NONE : parsed;
  }
  const all: (AddressSpec | undefined)[] = [];
  for (const part of text.split(',')) {
    const parsed = parseOne(part.trim(), inverted, family, lookup);
    if ('message' in parsed) return parsed;
    all.push(...(parsed.length === 0 ? NONE : parsed));
  }
  return all;
}

/** Several addresses and a `!` before either side would not mean what they say. */
export function checkInversion(sides: readonly (readonly unknown[])[], inverted: boolean): Failure | undefined {
  if (!inverted || sides.every((side) => side.length <= 1)) return undefined;
  return failure('parameter', '! not allowed with multiple source or destination IP addresses');
}

function parseOne(text: string, inverted: boolean, family: 4 | 6, lookup: Lookup): AddressSpec[] | Failure {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? fullMask(family) : parseMask(text.slice(slash + 1), family);
  if (mask === undefined) return failure('parameter', `invalid mask \`${text.slice(slash + 1)}' specified`);
  const own = family === 4 ? (parseIPv4(host) ?? parseNetworkShort(host)) : parseIPv6(host);
  const addresses = own !== undefined ? [own] : host === '' ? [] : lookup.host(host, family);
  if (addresses.length === 0) return failure('parameter', `host/network \`${host}' not found`);
  if (isZero(mask) && !inverted) return [];
  return addresses.map((address) => ({ address: and(address, mask), mask, inverted }));
}

/** `10` and `10.1` in front of a mask mean 10.0.0.0 and 10.1.0.0 (parse_ipnetwork). */
function parseNetworkShort(text: string): IP | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part, i) => value + Number(part) * 2 ** (24 - 8 * i), 0);
}

function parseMask(text: string, family: 4 | 6): IP | undefined {
  if (/^\d+$/.test(text)) {
    const length = Number(text);
    if (length > (family === 4 ? 32 : 128)) return undefined;
    return family === 4 ? ipv4Mask(length) : ipv6Mask(length);
  }
  return family === 4 ? parseIPv4(text) : parseIPv6(text);
}

function fullMask(family: 4 | 6): IP {
  return family === 4 ? 0xffff_ffff : ipv6Mask(128);
}

function isZero(mask: IP): boolean {
  return typeof mask === 'number' ? mask === 0 : mask === 0n;
}

function and(address: IP, mask: IP): IP {
  return typeof address === 'number' ? (address & (mask as number)) >>> 0 : address & (mask as bigint);
}
