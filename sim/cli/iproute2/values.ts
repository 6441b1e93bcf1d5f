import { addressBits, formatIP, type IP, type Mac, type Prefix, parseIPv4, parseIPv6 } from '../../base/address.ts';
import { Quit } from './words.ts';

/** The address family that options or earlier words ask for; 0 is any. */
export type Family = 0 | 4 | 6;

/** An unsigned number as strtoul(3) with base 0 reads it: decimal, `0x` hexadecimal, leading `0` octal. Undefined if it isn't, or above `max`. */
export function parseUnsigned(text: string, max = 0xffff_ffff): number | undefined {
  let value: number;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]*$/.test(text)) value = Number.parseInt(text, 8);
  else if (/^[1-9][0-9]*$/.test(text)) value = Number(text);
  else return undefined;
  return value <= max ? value : undefined;
}

/** A decimal or hexadecimal integer that may be negative. */
export function parseSigned(text: string): number | undefined {
  const magnitude = parseUnsigned(text.replace(/^[-+]/, ''), 0x8000_0000);
  if (magnitude === undefined) return undefined;
  return text.startsWith('-') ? -magnitude : magnitude;
}

/** IPv4 in iproute2's way: one to four octets, the missing ones zero (`10.68` is 10.68.0.0). */
function parseShortIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let address = 0;
  for (let i = 0; i < 4; i++) {
    const part = parts[i];
    const octet = part === undefined ? 0 : parseUnsigned(part, 255);
    if (octet === undefined) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** An address of the wanted family, or undefined. `default`, `any` and `all` are the zero address. */
export function addressOf(text: string, family: Family): IP | undefined {
  if (text === 'default' || text === 'any' || text === 'all') return family === 6 ? 0n : 0;
  if (text.includes(':')) return family === 4 ? undefined : parseIPv6(text);
  return family === 6 ? undefined : parseShortIPv4(text);
}

const FAMILY_NAME = { 0: 'any valid', 4: 'inet', 6: 'inet6' } as const;

/** An address, or the end of the command (lib/utils.c `get_addr`). */
export function address(text: string, family: Family): IP {
  const parsed = addressOf(text, family);
  if (parsed === undefined) throw new Quit(`Error: ${FAMILY_NAME[family]} address is expected rather than "${text}".\n`, 1);
  return parsed;
}

/** A prefix as the command line writes it. */
export interface WrittenPrefix extends Prefix {
  /** It was `default`, `any` or `all`: length 0 and no address. */
  wildcard: boolean;
  /** A length was written. */
  lengthGiven: boolean;
}

/** A prefix, or undefined. The length may be a netmask in dotted form. */
export function prefixOf(text: string, family: Family): WrittenPrefix | undefined {
  if (text === 'default' || text === 'any' || text === 'all') {
    return { address: family === 6 ? 0n : 0, length: 0, wildcard: true, lengthGiven: false };
  }
  const slash = text.indexOf('/');
  const parsed = addressOf(slash < 0 ? text : text.slice(0, slash), family);
  if (parsed === undefined) return undefined;
  const bits = addressBits(parsed);
  if (slash < 0) return { address: parsed, length: bits, wildcard: false, lengthGiven: false };
  const length = prefixLength(text.slice(slash + 1), bits);
  return length === undefined ? undefined : { address: parsed, length, wildcard: false, lengthGiven: true };
}

function prefixLength(text: string, bits: number): number | undefined {
  const number = parseUnsigned(text, bits);
  if (number !== undefined) return number;
  const mask = bits === 32 ? parseIPv4(text) : undefined;
  if (mask === undefined) return undefined;
  const host = ~mask >>> 0;
  return (host & (host + 1)) === 0 ? Math.clz32(host) : undefined;
}

/** A prefix, or the end of the command (lib/utils.c `get_prefix`). */
export function prefix(text: string, family: Family): WrittenPrefix {
  const parsed = prefixOf(text, family);
  if (!parsed) throw new Quit(`Error: ${FAMILY_NAME[family]} prefix is expected rather than "${text}".\n`, 1);
  return parsed;
}

export function familyOf(ip: IP): 4 | 6 {
  return typeof ip === 'bigint' ? 6 : 4;
}

/** A prefix as routes print it: a bare address when it is a single host, `default` when it is everything. */
export function showPrefix(shown: Prefix): string {
  if (shown.length === 0) return 'default';
  return shown.length === addressBits(shown.address) ? formatIP(shown.address) : `${formatIP(shown.address)}/${shown.length}`;
}

/** A link-layer address of six octets, or the end of the command (`ll_addr_a2n` and the length check of `ip link`). */
export function macAddress(text: string, options: { checkLength?: boolean } = {}): Mac {
  const groups = text.split(':');
  const octets = groups.map((group) => (/^[0-9a-fA-F]{1,2}$/.test(group) ? Number.parseInt(group, 16) : undefined));
  // It is taken apart at the colons, and only the part that is wrong is left to show.
  const wrong = groups.find((_group, i) => octets[i] === undefined);
  if (wrong !== undefined) throw new Quit(`"${wrong}" is invalid lladdr.\n`, 1);
  if (octets.length !== 6) {
    throw new Quit(
      options.checkLength ? `Invalid address length ${octets.length} - must be 6 bytes\n` : `"${text}" is invalid lladdr.\n`,
      1,
    );
  }
  return octets.reduce<number>((mac, octet) => mac * 256 + (octet as number), 0);
}

/** Whether a device may have this name (net/core/dev.c `dev_valid_name`). */
export function isDeviceName(name: string): boolean {
  return name !== '' && name.length < 16 && name !== '.' && name !== '..' && !/[/\s]/.test(name);
}

/** `on` or `off`, or the end of the command (`parse_on_off`). */
export function onOff(keyword: string, text: string): boolean {
  if (text === 'on') return true;
  if (text === 'off') return false;
  throw new Quit(`Error: argument of "${keyword}" must be "on" or "off", not "${text}"\n`, 1);
}
