import { addressBits, formatIP, formatMac, type IP, parseIPv4, parseIPv6, parseMac } from '../../base/address.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { noParts, type Stored } from '../../kernel/netfilter/ipset/element.ts';
import type { ElementRange } from '../../kernel/netfilter/ipset/expand.ts';
import type { IpSet } from '../../kernel/netfilter/ipset/set.ts';
import { parseNumber } from './number.ts';
import { parsePorts, parseProtocolPort, protocolPortText } from './ports.ts';
import { failed, isRefusal, type Refusal, syntaxError } from './refusal.ts';

const MAX_IFACE = 15;
const ORDINALS = ['First', 'Second', 'Third'];
const COUNTS = ['none', 'one', 'two'];

/** Reads an element as its set's type writes it (ipset_parse_elem). */
export function parseElement(text: string, set: IpSet, command: string, lookup: Lookup): ElementRange | Refusal {
  const { type, options } = set;
  const words = splitParts(text, type.parts.length, type.name, type.name === 'bitmap:ip,mac' ? 1 : type.parts.length);
  if (isRefusal(words)) return words;
  const range: ElementRange = { parts: noParts() };
  range.parts.length = range.parts.secondLength = options.family === 4 ? 32 : 128;
  if (options.family === 6) range.parts.address = range.parts.second = 0n;
  for (const [index, word] of words.entries()) {
    const refused = parsePart(word, index, range, set, lookup);
    if (refused) return refused;
  }
  return (command === 'test' ? testable(range, set) : undefined) ?? range;
}

/** @param least how many parts there must be */
function splitParts(text: string, count: number, typeName: string, least: number): string[] | Refusal {
  const words = text.split(',');
  if (words.length > count) {
    const what = words.length === 2 ? 'Elem separator' : `${words.length === 3 ? 'Two' : 'Three'} elem separators`;
    return syntaxError(`${what} in ${text}, but settype ${typeName} supports ${COUNTS[count - 1]}.`);
  }
  for (let i = 1; i < least; i++) if (!words[i]) return syntaxError(`${ORDINALS[i]} element is missing from ${text}.`);
  return words;
}

function parsePart(word: string, index: number, range: ElementRange, set: IpSet, lookup: Lookup): Refusal | undefined {
  const { parts } = range;
  const { family } = set.options;
  switch (set.type.parts[index]) {
    case 'ip':
    case 'net': {
      const plain = set.type.parts[index] === 'ip' && (index > 0 || family === 6 || set.type.name === 'bitmap:ip,mac');
      const address = parseAddress(word, family, set.type.parts[index] === 'net', plain, lookup);
      if (isRefusal(address)) return address;
      if (index === 0) [parts.address, parts.length] = [address.from, address.length];
      else [parts.second, parts.secondLength] = [address.from, address.length];
      if (address.to === undefined) return undefined;
      if (index === 0) range.addressTo = address.to;
      else range.secondTo = address.to;
      return undefined;
    }
    case 'port': {
      const alone = set.type.name === 'bitmap:port';
      const ports = alone && !word.includes(':') ? parsePorts(word, 6, 'tcp', lookup) : parseProtocolPort(word, family, lookup);
      if (isRefusal(ports)) return ports;
      parts.protocol = ports.protocol;
      parts.port = ports.port;
      if (ports.portTo !== ports.port) range.portTo = ports.portTo;
      return undefined;
    }
    case 'mac': {
      const mac = parseMac(word);
      if (mac === undefined) return syntaxError(`cannot parse '${word}' as ethernet address`);
      parts.mac = mac;
      return undefined;
    }
    default: {
      parts.physical = word.startsWith('physdev:');
      parts.iface = parts.physical ? word.slice('physdev:'.length) : word;
      if (parts.iface.length > MAX_IFACE) return syntaxError(`interface name '${parts.iface}' is longer than ${MAX_IFACE} characters`);
      return undefined;
    }
  }
}

/** Which types test no ranges: those that would have to say which of their elements are there. */
function testable({ parts, addressTo, portTo }: ElementRange, { type, options }: IpSet): Refusal | undefined {
  const family = type.family ? (options.family === 4 ? 'inet' : 'inet6') : 'unspec';
  const refuse = (what: string) => failed(`${what} range is not allowed in command test with set type ${type.name} and family ${family}`);
  const strict = type.parts[0] === 'ip' && type.name !== 'hash:ip';
  if (strict && addressTo !== undefined) return refuse('FROM-TO IP');
  if (strict && parts.length < addressBits(parts.address)) return refuse('IP/CIDR');
  return portTo === undefined ? undefined : refuse('FROM-TO port');
}

interface AddressRange {
  from: IP;
  to: IP | undefined;
  length: number;
}

/** `IP`, `IP/CIDR` or `FROM-TO`, as far as the part allows it. */
function parseAddress(word: string, family: 4 | 6, net: boolean, plain: boolean, lookup: Lookup): AddressRange | Refusal {
  const bits = family === 4 ? 32 : 128;
  const text = word.replace(/^\[(.*)\]$/, '$1');
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const length = parseNumber(text.slice(slash + 1), 0, bits);
    if (isRefusal(length)) return length;
    if (plain && length !== bits) return syntaxError(`plain IP address must be supplied: ${text}`);
    const from = parseOne(slash === 0 ? text : text.slice(0, slash), family, lookup);
    return isRefusal(from) ? from : { from, to: undefined, length };
  }
  const dash = text.indexOf('-', 1);
  const ends = dash < 0 ? [] : [text.slice(0, dash), text.slice(dash + 1)].map((end) => parseOne(end, family, lookup));
  if (ends.length === 2 && ends.every((end) => !isRefusal(end))) {
    if (plain) return syntaxError(`plain IP address must be supplied: ${text}`);
    if (family === 6) return syntaxError(`${net ? 'IP address or IP/cidr' : 'IP address'} must be specified: ${text}`);
    const [first, last] = ends as [number, number];
    return { from: Math.min(first, last), to: Math.max(first, last), length: bits };
  }
  if (dash >= 0 && family === 6 && ends.length === 2) {
    if (plain) return syntaxError(`plain IP address must be supplied: ${text}`);
    return syntaxError(`IP address or IP/cidr must be specified: ${text}`);
  }
  const from = parseOne(text, family, lookup);
  return isRefusal(from) ? from : { from, to: undefined, length: bits };
}

/** One address by number, as inet_aton reads it, or by its name in hosts(5). */
export function parseOne(text: string, family: 4 | 6, lookup: Lookup): IP | Refusal {
  const address = family === 4 ? (parseIPv4(text) ?? shortIPv4(text)) : parseIPv6(text);
  const found = address ?? (text === '' ? undefined : lookup.host(text, family)[0]);
  return found ?? syntaxError(`cannot parse ${text}: resolving to IPv${family} address failed`);
}

/** `10` and `10.1`: the last number fills the rest of the address. */
function shortIPv4(text: string): number | undefined {
  const match = /^(?:(\d{1,3})\.)?(?:(\d{1,3})\.)?(\d{1,10})$/.exec(text);
  if (!match) return undefined;
  const head = [match[1], match[2]].filter((part) => part !== undefined).map(Number);
  const last = Number(match[3]);
  if (head.some((part) => part > 255) || last >= 2 ** (32 - 8 * head.length)) return undefined;
  return head.reduce((sum, part, index) => sum + part * 2 ** (24 - 8 * index), last);
}

/** An element as it is listed, without what stands beside it. */
export function elementText(set: IpSet, { parts }: Pick<Stored, 'parts'>, lookup: Lookup): string {
  const network = (address: IP, length: number) => (length === addressBits(address) ? formatIP(address) : `${formatIP(address)}/${length}`);
  return set.type.parts
    .map((part, index) => {
      if (part === 'ip' || part === 'net')
        return index === 0 ? network(parts.address, parts.length) : network(parts.second, parts.secondLength);
      if (part === 'port')
        return set.type.name === 'bitmap:port' ? String(parts.port) : protocolPortText(parts.protocol, parts.port, lookup);
      if (part === 'mac' && parts.mac === 0 && set.type.name === 'bitmap:ip,mac') return undefined;
      return part === 'mac' ? formatMac(parts.mac).toUpperCase() : `${parts.physical ? 'physdev:' : ''}${parts.iface}`;
    })
    .filter((text) => text !== undefined)
    .join(',');
}

/** An element as it was asked for, ranges included: what `test` answers with. */
export function rangeText(set: IpSet, range: ElementRange, lookup: Lookup): string {
  const text = elementText(set, range, lookup);
  if (range.addressTo === undefined) return text;
  const first = formatIP(range.parts.address);
  return text.replace(first, `${first}-${formatIP(range.addressTo)}`);
}
