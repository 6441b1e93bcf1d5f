import ipaddr from 'ipaddr.js';

/** A MAC address: 48 bits in a number, first octet most significant. */
export type Mac = number;
/** An IPv4 address: an unsigned 32-bit number in host order (10.0.0.1 is 0x0a000001). */
export type IPv4 = number;
/** An IPv6 address: an unsigned 128-bit integer. */
export type IPv6 = bigint;
/** Either family; `typeof` tells which. */
export type IP = IPv4 | IPv6;

/** An address with a prefix length, as `10.0.0.1/24`; host bits may be set. */
export interface Prefix<A extends IP = IP> {
  address: A;
  length: number;
}

export const MAC_BROADCAST: Mac = 0xffff_ffff_ffff;
export const MAC_ZERO: Mac = 0;
export const IPV4_BROADCAST: IPv4 = 0xffff_ffff;

/** `aa:bb:cc:dd:ee:ff`, lower case. */
export function formatMac(mac: Mac): string {
  const digits = mac.toString(16).padStart(12, '0');
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}:${digits.slice(8, 10)}:${digits.slice(10)}`;
}

/** Six colon-separated groups of one or two hexadecimal digits; otherwise `undefined`. */
export function parseMac(text: string): Mac | undefined {
  if (!/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(text)) return undefined;
  return text.split(':').reduce((mac, group) => mac * 256 + Number.parseInt(group, 16), 0);
}

/** The group bit: broadcast and multicast frames. */
export function isMulticastMac(mac: Mac): boolean {
  return (Math.floor(mac / 2 ** 40) & 1) === 1;
}

export function formatIPv4(address: IPv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Four decimal octets, nothing else (`inet_pton`); otherwise `undefined`. */
export function parseIPv4(text: string): IPv4 | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let address = 0;
  for (let i = 1; i <= 4; i++) {
    const group = match[i] as string;
    const octet = Number(group);
    if (octet > 255 || (group.length > 1 && group.startsWith('0'))) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** RFC 5952 text, as `inet_ntop` prints it. */
export function formatIPv6(address: IPv6): string {
  const parts: number[] = [];
  for (let i = 7; i >= 0; i--) parts.push(Number((address >> BigInt(i * 16)) & 0xffffn));
  const object = new ipaddr.IPv6(parts);
  return object.isIPv4MappedAddress() ? `::ffff:${object.toIPv4Address().toString()}` : object.toRFC5952String();
}

/** Any textual form of RFC 4291 §2.2 without a zone; otherwise `undefined`. */
export function parseIPv6(text: string): IPv6 | undefined {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).parts.reduce((value, part) => (value << 16n) | BigInt(part), 0n);
}

export function formatIP(address: IP): string {
  return typeof address === 'bigint' ? formatIPv6(address) : formatIPv4(address);
}

export function parseIP(text: string): IP | undefined {
  return parseIPv4(text) ?? parseIPv6(text);
}

/** 32 for an IPv4 address, 128 for an IPv6 address. */
export function addressBits(address: IP): 32 | 128 {
  return typeof address === 'bigint' ? 128 : 32;
}

/** `ADDRESS/LENGTH`; a bare address gets its full length. Netmasks in dotted form are not prefixes. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseIP(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address, length: addressBits(address) };
  const digits = text.slice(slash + 1);
  const length = Number(digits);
  if (!/^\d{1,3}$/.test(digits) || length > addressBits(address)) return undefined;
  return { address, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatIP(prefix.address)}/${prefix.length}`;
}

/** The 32-bit mask of a prefix length: 24 → 0xffffff00. */
export function ipv4Mask(length: number): IPv4 {
  return length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
}

/** The 128-bit mask of a prefix length. */
export function ipv6Mask(length: number): IPv6 {
  return ((1n << BigInt(length)) - 1n) << BigInt(128 - length);
}

/** The address with its host bits cleared. */
export function networkOf<A extends IP>(address: A, length: number): A {
  if (typeof address === 'bigint') return (address & ipv6Mask(length)) as A;
  return (((address as number) & ipv4Mask(length)) >>> 0) as A;
}

/** Whether two addresses share their first `length` bits; addresses of different families never do. */
export function samePrefix(a: IP, b: IP, length: number): boolean {
  return typeof a === typeof b && networkOf(a, length) === networkOf(b, length);
}

/** 224.0.0.0/4. */
export function isMulticastIPv4(address: IPv4): boolean {
  return address >>> 28 === 0xe;
}

/** 127.0.0.0/8. */
export function isLoopbackIPv4(address: IPv4): boolean {
  return address >>> 24 === 127;
}

/** ff00::/8. */
export function isMulticastIPv6(address: IPv6): boolean {
  return address >> 120n === 0xffn;
}

/** fe80::/10. */
export function isLinkLocalIPv6(address: IPv6): boolean {
  return address >> 118n === 0x3fan;
}

/**
 * The link-local address that a MAC gives (RFC 4291 appendix A, modified EUI-64).
 * @param deviceId tells apart devices that share a MAC: stands in the middle instead of ff:fe, and the universal bit stays (addrconf_ifid_eui48)
 */
export function linkLocalOf(mac: Mac, deviceId = 0): IPv6 {
  const upper = BigInt(Math.floor(mac / 2 ** 24));
  const low = BigInt(mac % 2 ** 24);
  if (deviceId !== 0) return (0xfe80n << 112n) | (upper << 40n) | (BigInt(deviceId) << 24n) | low;
  const high = upper ^ 0x020000n;
  return (0xfe80n << 112n) | (high << 40n) | (0xfffen << 24n) | low;
}

/** 01:00:5e plus the low 23 bits of a multicast IPv4 address (RFC 1112 §6.4). */
export function multicastMacOfIPv4(group: IPv4): Mac {
  return 0x01005e000000 + (group & 0x7fffff);
}

/** 33:33 plus the low 32 bits of a multicast IPv6 address (RFC 2464 §7). */
export function multicastMacOfIPv6(group: IPv6): Mac {
  return 0x333300000000 + Number(group & 0xffffffffn);
}

/** ff02::1:ffXX:XXXX, the solicited-node group of an address (RFC 4291 §2.7.1). */
export function solicitedNode(address: IPv6): IPv6 {
  return 0xff02_0000_0000_0000_0000_0001_ff00_0000n | (address & 0xffffffn);
}
