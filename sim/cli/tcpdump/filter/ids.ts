import { ipv4Mask, ipv6Mask, type IPv4, type IPv6, type Mac, parseIPv6 } from '../../../base/address.ts';
import { be128 } from '../../../wire/endian.ts';
import { describe, ends, invalid, textOf } from './id-words.ts';
import type { LinkLayout } from './link.ts';
import type { FilterNames } from './names.ts';
import { portTest } from './ports.ts';
import { chainTest, isIPv4, isIPv6, LINK_PROTOCOL_NAMES, numberTest } from './protocols.ts';
import { anyOf, both, type Subject, type Test } from './subject.ts';
import type { Direction, FilterError, Id, ProtocolKeyword, Qualifiers } from './syntax.ts';

/** Primitives that look for something: hosts, networks, ports, protocols (gen_scode, gen_ncode, gen_mcode and their like). */
export function idTest(link: LinkLayout, qualifiers: Qualifiers, id: Id, names: FilterNames): Test | FilterError {
  switch (qualifiers.type) {
    case 'port':
    case 'portrange':
      return portTest(link, qualifiers, id, names);
    case 'proto':
    case 'protochain':
      return protocolTest(link, qualifiers, id, names);
    case 'gateway':
      return id.kind === 'name' ? { filterError: `unknown Ethernet-like host '${id.text}'` } : invalid('gateway', textOf(id));
  }
  return hostTest(link, qualifiers, id, names);
}

function protocolTest(link: LinkLayout, { protocol, type }: Qualifiers, id: Id, names: FilterNames): Test | FilterError {
  const number = id.kind === 'number' ? id.value : id.kind === 'name' ? protocolNumber(protocol, id.text, names) : undefined;
  if (number === undefined) {
    if (id.kind !== 'name') return { filterError: `'${type}' qualifier applied to ${describe(id)}` };
    return { filterError: `unknown '${protocol === undefined ? '' : `${protocol} `}${type}' value '${id.text}'` };
  }
  return type === 'proto' ? numberTest(link, number, protocol) : chainTest(link, number, protocol);
}

function protocolNumber(protocol: ProtocolKeyword | undefined, name: string, names: FilterNames): number | undefined {
  return protocol === 'link' ? LINK_PROTOCOL_NAMES[name] : names.protocols.get(name);
}

function hostTest(link: LinkLayout, qualifiers: Qualifiers, id: Id, names: FilterNames): Test | FilterError {
  const { protocol, type } = qualifiers;
  const net = type === 'net';
  switch (id.kind) {
    case 'mac':
      if (net || protocol !== 'link') return { filterError: 'Ethernet address used in non-ether expression' };
      return macTest(link, parseAnyMac(id.text), qualifiers.direction);
    case 'name':
      return net ? networkName(link, qualifiers, id.text, names) : hostName(link, qualifiers, id.text, names);
    case 'number': {
      if (protocol === 'link') return { filterError: `illegal link-layer address '${id.value}'` };
      const [address, mask] = net ? leftAligned(id.value) : [id.value, 0xffffffff];
      return ipv4Test(link, qualifiers, address, mask, net ? 'net <IPv4 address>' : 'host <IPv4 address>');
    }
    case 'ipv4': {
      const parsed = parseParts(id.text);
      if (!parsed) return { filterError: `invalid IPv4 address '${id.text}'` };
      if (protocol === 'link') return { filterError: `illegal link-layer address '${id.text}'` };
      return ipv4Test(link, qualifiers, parsed.address, ipv4Mask(parsed.bits), net ? 'net <IPv4 address>' : 'host <IPv4 address>');
    }
    case 'ipv4-prefix':
    case 'ipv4-mask':
      return prefixTest(link, qualifiers, id);
    case 'ipv6':
    case 'ipv6-prefix':
      return prefix6Test(link, qualifiers, id);
  }
}

/** `10.1` is the network 10.1.0.0/16: as many bytes as were written. */
function parseParts(text: string): { address: IPv4; bits: number } | undefined {
  const parts = text.split('.').map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  const address = parts.reduce((sum, part, i) => sum + part * 2 ** (24 - 8 * i), 0);
  return { address, bits: parts.length * 8 };
}

/** A network's number without its trailing zeros: 10 is 10.0.0.0/8. */
function leftAligned(value: number): [address: number, mask: number] {
  let [address, mask] = [value, 0xffffffff];
  while (address !== 0 && (address & 0xff000000) === 0) {
    address = (address << 8) >>> 0;
    mask = (mask << 8) >>> 0;
  }
  return [address, mask];
}

function prefixTest(link: LinkLayout, qualifiers: Qualifiers, id: Extract<Id, { kind: 'ipv4-prefix' | 'ipv4-mask' }>): Test | FilterError {
  const parsed = parseParts(id.text);
  if (!parsed) return { filterError: `invalid IPv4 address '${id.text}'` };
  let mask: number;
  if (id.kind === 'ipv4-mask') {
    const parsedMask = parseParts(id.mask);
    if (!parsedMask) return { filterError: `invalid IPv4 address '${id.mask}'` };
    mask = parsedMask.address;
  } else {
    if (id.length > 32) return { filterError: `netmask length ${id.length} greater than maximum 32` };
    mask = ipv4Mask(id.length);
  }
  if ((parsed.address & ~mask) !== 0) return { filterError: `non-network bits set in "${textOf(id)}"` };
  if (qualifiers.type !== 'net') return invalid(qualifiers.type ?? 'host', textOf(id));
  return ipv4Test(link, qualifiers, parsed.address, mask, 'net <IPv4 prefix>');
}

function prefix6Test(link: LinkLayout, qualifiers: Qualifiers, id: Extract<Id, { kind: 'ipv6' | 'ipv6-prefix' }>): Test | FilterError {
  const length = id.kind === 'ipv6' ? 128 : id.length;
  const address = parseIPv6(id.text) ?? 0n;
  if (length > 128) return { filterError: 'mask length must be <= 128' };
  const mask = ipv6Mask(length);
  if ((address & ~mask) !== 0n) return { filterError: `non-network bits set in "${id.text}/${length}"` };
  if (qualifiers.type !== 'net' && length !== 128) return invalid('host', textOf(id));
  const context = qualifiers.type === 'host' ? 'host <IPv6 address>' : 'net <IPv6 prefix>';
  return ipv6Test(link, qualifiers, address, mask, context);
}

/** An address in IPv4, ARP and RARP, or in the one of them that is asked for. */
function ipv4Test(link: LinkLayout, { protocol, direction }: Qualifiers, address: IPv4, mask: number, context: string): Test | FilterError {
  const { network } = link;
  const in32 = (at: number): Test => {
    const wanted = (address & mask) >>> 0;
    return (packet) => (packet.u32(network + at) & mask) >>> 0 === wanted;
  };
  const inProtocol = (type: Test, source: number, destination: number): Test =>
    both(type, ends(direction, in32(source), in32(destination)));
  const ip = (): Test => inProtocol(isIPv4(link), 12, 16);
  const arp = (): Test => inProtocol(link.isType(0x0806), 14, 24);
  const rarp = (): Test => inProtocol(link.isType(0x8035), 14, 24);
  if (protocol === undefined) return anyOf([ip(), arp(), rarp()]);
  if (protocol === 'ip') return ip();
  if (protocol === 'arp') return arp();
  return protocol === 'rarp' ? rarp() : invalid(protocol, context);
}

function ipv6Test(link: LinkLayout, { protocol, direction }: Qualifiers, address: IPv6, mask: bigint, context: string): Test | FilterError {
  if (protocol !== undefined && protocol !== 'ip6') return invalid(protocol, context);
  const { network } = link;
  const wanted = address & mask;
  const at = (offset: number): Test => {
    return (packet) => {
      const start = network + offset;
      if (start + 16 > packet.b.length) return packet.fail() !== 0;
      return (be128(packet.b, start) & mask) === wanted;
    };
  };
  return both(isIPv6(link), ends(direction, at(8), at(24)));
}

function hostName(link: LinkLayout, qualifiers: Qualifiers, name: string, names: FilterNames): Test | FilterError {
  const { protocol } = qualifiers;
  if (protocol === 'link') return { filterError: `unknown Ethernet-like host '${name}'` };
  const addresses = names.hosts.get(name) ?? [];
  const fitting = addresses.filter((address) => {
    if (protocol === 'ip' || protocol === 'arp' || protocol === 'rarp') return typeof address === 'number';
    return protocol === 'ip6' ? typeof address === 'bigint' : true;
  });
  if (fitting.length === 0) {
    return { filterError: `unknown host '${name}'${addresses.length > 0 ? ' for specified address family' : ''}` };
  }
  const tests: Test[] = [];
  for (const address of fitting) {
    const test =
      typeof address === 'number'
        ? ipv4Test(link, qualifiers, address, 0xffffffff, 'host NAME')
        : ipv6Test(link, qualifiers, address, ipv6Mask(128), 'host NAME');
    if (typeof test !== 'function') return test;
    tests.push(test);
  }
  return anyOf(tests);
}

function networkName(link: LinkLayout, qualifiers: Qualifiers, name: string, names: FilterNames): Test | FilterError {
  const network = names.networks.get(name);
  if (!network) return { filterError: `unknown network '${name}'` };
  const [address, mask] = leftAligned(network);
  return ipv4Test(link, qualifiers, address, mask, 'net <IPv4 network name>');
}

function parseAnyMac(text: string): Mac {
  const groups = text.split(/[-:.]/);
  if (groups.length === 6) return Number.parseInt(groups.map((group) => group.padStart(2, '0')).join(''), 16);
  return Number.parseInt(groups.join(''), 16);
}

/** A link-layer address at either end. */
export function macTest(
  link: LinkLayout,
  mac: Mac,
  direction: Direction | undefined,
  context = 'link host XX:XX:XX:XX:XX:XX',
): Test | FilterError {
  if (!link.ethernet) return { filterError: `'${context}' not supported on ${link.name}` };
  const at = (offset: number): Test => {
    const [high, low] = [Math.floor(mac / 0x10000), mac % 0x10000];
    return (packet: Subject) => packet.u32(offset) === high && packet.u16(offset + 4) === low;
  };
  return ends(direction, at(6), at(0));
}
