import { PROTOCOL } from '../../../wire/protocol.ts';
import type { LinkLayout } from './link.ts';
import type { FilterError, ProtocolKeyword } from './syntax.ts';
import { both, either, type Subject, type Test } from './subject.ts';

/** Tests of protocols: `tcp`, `ip proto 4`, `ether proto 0x88cc`, `ip6 protochain 6`. */

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** Keywords that stand for an EtherType or an LLC access point. */
const LINK_TYPES: Partial<Record<ProtocolKeyword, number>> = {
  ip: IPV4,
  ip6: IPV6,
  arp: 0x0806,
  rarp: 0x8035,
  atalk: 0x809b,
  aarp: 0x80f3,
  decnet: 0x6003,
  sca: 0x6007,
  lat: 0x6004,
  mopdl: 0x6001,
  moprc: 0x6002,
  stp: 0x42,
  ipx: 0xe0,
  netbeui: 0xf0,
  iso: 0xfe,
};

/** Names after `ether proto`. */
export const LINK_PROTOCOL_NAMES: Readonly<Record<string, number>> = {
  aarp: 0x80f3,
  arp: 0x0806,
  atalk: 0x809b,
  decnet: 0x6003,
  ip: IPV4,
  ip6: IPV6,
  lat: 0x6004,
  loopback: 0x9000,
  mopdl: 0x6001,
  moprc: 0x6002,
  rarp: 0x8035,
  sca: 0x6007,
  iso: 0xfe,
  stp: 0x42,
  ipx: 0xe0,
  netbeui: 0xf0,
};

/** Keywords that stand for a protocol above IP, and in which of its versions. */
export const IP_PROTOCOLS: Partial<Record<ProtocolKeyword, { number: number; over: 'ip' | 'ip6' | 'both' }>> = {
  tcp: { number: PROTOCOL.TCP, over: 'both' },
  udp: { number: PROTOCOL.UDP, over: 'both' },
  sctp: { number: 132, over: 'both' },
  icmp: { number: PROTOCOL.ICMP, over: 'ip' },
  igmp: { number: PROTOCOL.IGMP, over: 'ip' },
  igrp: { number: 9, over: 'ip' },
  pim: { number: 103, over: 'both' },
  vrrp: { number: 112, over: 'ip' },
  carp: { number: 112, over: 'ip' },
  icmp6: { number: PROTOCOL.ICMPv6, over: 'ip6' },
  ah: { number: PROTOCOL.AH, over: 'both' },
  esp: { number: PROTOCOL.ESP, over: 'both' },
};

export function isIPv4(link: LinkLayout): Test {
  return link.isType(IPV4);
}

export function isIPv6(link: LinkLayout): Test {
  return link.isType(IPV6);
}

/** The protocol field of an IPv4 header, without a look at the header's type. */
export function ipv4Protocol(link: LinkLayout, number: number): Test {
  const at = link.network + 9;
  return (packet) => packet.u8(at) === number;
}

export function ipv6NextHeader(link: LinkLayout, number: number): Test {
  const at = link.network + 6;
  return (packet) => packet.u8(at) === number;
}

/** Not a fragment other than the first: ports can be read. */
export function firstFragment(link: LinkLayout): Test {
  const at = link.network + 6;
  return (packet) => (packet.u16(at) & 0x1fff) === 0;
}

/** A keyword alone (gen_proto_abbrev). */
export function protocolTest(link: LinkLayout, keyword: ProtocolKeyword): Test | FilterError {
  const type = LINK_TYPES[keyword];
  if (type !== undefined) return link.isType(type);
  const upper = IP_PROTOCOLS[keyword];
  if (!upper) return { filterError: `'${keyword}' cannot be used as an abbreviation` };
  return numberTest(link, upper.number, upper.over === 'both' ? undefined : upper.over);
}

/** `[PROTOCOL] proto NUMBER` (gen_proto). */
export function numberTest(link: LinkLayout, number: number, protocol: ProtocolKeyword | undefined): Test | FilterError {
  if (protocol === 'link') return link.isType(number);
  if (protocol !== undefined && protocol !== 'ip' && protocol !== 'ip6') {
    return { filterError: `'${protocol}' is not a valid qualifier for 'proto'` };
  }
  if (number > 255) return { filterError: `protocol number ${number} greater than maximum 255` };
  const four = (): Test => both(isIPv4(link), ipv4Protocol(link, number));
  const six = (): Test => {
    const { network } = link;
    const behindFragment = both(ipv6NextHeader(link, PROTOCOL.Fragment), (packet) => packet.u8(network + 40) === number);
    return both(isIPv6(link), either(ipv6NextHeader(link, number), behindFragment));
  };
  if (protocol === 'ip') return four();
  return protocol === 'ip6' ? six() : either(four(), six());
}

/** `protochain`: the protocol anywhere in the chain of headers. */
export function chainTest(link: LinkLayout, number: number, protocol: ProtocolKeyword | undefined): Test | FilterError {
  if (protocol !== undefined && protocol !== 'ip' && protocol !== 'ip6') {
    return { filterError: `'${protocol}' is not a valid qualifier for 'protochain'` };
  }
  if (number > 255) return { filterError: `protocol number ${number} greater than maximum 255` };
  const { network } = link;
  const four = both(isIPv4(link), (packet) => {
    const header = (packet.u8(network) & 15) * 4;
    return walk(packet, packet.u8(network + 9), network + header, number);
  });
  const six = both(isIPv6(link), (packet) => walk(packet, packet.u8(network + 6), network + 40, number));
  if (protocol === 'ip') return four;
  return protocol === 'ip6' ? six : either(four, six);
}

const CHAINED: ReadonlySet<number> = new Set([
  PROTOCOL.HopByHop,
  PROTOCOL.DestinationOptions,
  PROTOCOL.Routing,
  PROTOCOL.Fragment,
  PROTOCOL.AH,
]);

function walk(packet: Subject, first: number, start: number, wanted: number): boolean {
  let [protocol, at] = [first, start];
  while (!packet.failed) {
    if (protocol === wanted) return true;
    if (!CHAINED.has(protocol)) return false;
    const length = protocol === PROTOCOL.AH ? (packet.u8(at + 1) + 2) * 4 : (packet.u8(at + 1) + 1) * 8;
    protocol = packet.u8(at);
    at += length;
  }
  return false;
}
