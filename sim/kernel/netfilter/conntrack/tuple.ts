import type { IP } from '../../../base/address.ts';
import { be16 } from '../../../wire/endian.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as icmp6 from '../../../wire/icmpv6.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import type { Family } from '../hooks.ts';

/** A packet's addresses as connections are looked up (struct nf_conntrack_tuple). */
export interface Tuple {
  protocol: number;
  source: IP;
  destination: IP;
  sourcePort: number;
  destinationPort: number;
}

const { TCP, UDP, UDPLite, SCTP, ICMP, ICMPv6 } = ip.PROTOCOL;

/** Protocols whose header starts with two ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP || protocol === UDPLite || protocol === 33;
}

/** Which ICMP type answers which; what is not here starts no connection (invmap). */
const ICMP_INVERSE: Partial<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
const ICMP6_INVERSE: Partial<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };
/** The questions: only they start a connection. */
export const ICMP_STARTS: ReadonlySet<number> = new Set([8, 13, 15, 17]);
export const ICMP6_STARTS: ReadonlySet<number> = new Set([128, 139]);

/** Messages between neighbours, of which there is no connection (noct_valid_new). */
export const ICMP6_UNTRACKED: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** Fills `into` from a packet's headers; false when the transport header isn't all there. */
export function readTuple(
  b: Uint8Array,
  network: number,
  transport: number,
  end: number,
  family: Family,
  protocol: number,
  into: Tuple,
): boolean {
  into.protocol = protocol;
  if (family === 4) {
    into.source = ip.source(b, network);
    into.destination = ip.destination(b, network);
  } else {
    into.source = ip6.source(b, network);
    into.destination = ip6.destination(b, network);
  }
  into.sourcePort = 0;
  into.destinationPort = 0;
  if (hasPorts(protocol)) {
    if (end - transport < 4) return false;
    into.sourcePort = be16(b, transport);
    into.destinationPort = be16(b, transport + 2);
  } else if (protocol === ICMP || protocol === ICMPv6) {
    if (end - transport < icmp.ICMP_HEADER) return false;
    into.sourcePort = icmp.identifier(b, transport);
    into.destinationPort = be16(b, transport);
  }
  return true;
}

/** The destination "port" of the answers to an ICMP message; `undefined` where nothing answers it. */
export function invertIcmp(protocol: number, typeAndCode: number): number | undefined {
  const inverse = (protocol === ICMP ? ICMP_INVERSE : ICMP6_INVERSE)[typeAndCode >>> 8];
  return inverse === undefined ? undefined : (inverse << 8) | (typeAndCode & 0xff);
}

/** Reads the tuple of the packet that an ICMP error quotes, and where it and its transport header stand. */
export function quotedTuple(
  b: Uint8Array,
  transport: number,
  end: number,
  family: Family,
): { tuple: Tuple; network: number; transport: number } | undefined {
  const network = transport + icmp.ICMP_HEADER;
  const tuple: Tuple = { protocol: 0, source: 0, destination: 0, sourcePort: 0, destinationPort: 0 };
  if (family === 4) {
    if (end - network < ip.IPV4_HEADER || ip.fragmentOffset(b, network) !== 0) return undefined;
    const at = network + ip.headerLength(b, network);
    return readTuple(b, network, at, end, 4, ip.protocol(b, network), tuple) ? { tuple, network, transport: at } : undefined;
  }
  if (end - network < ip6.IPV6_HEADER) return undefined;
  const upper = ip6.upperLayer(b, network, end);
  if (isWireError(upper)) return undefined;
  return readTuple(b, network, upper.offset, end, 6, upper.protocol, tuple) ? { tuple, network, transport: upper.offset } : undefined;
}

export function isIcmp(family: Family, protocol: number): boolean {
  return protocol === (family === 4 ? ICMP : ICMPv6);
}

export function isIcmpError(family: Family, type: number): boolean {
  return family === 4 ? icmp.isError(type) : icmp6.isError(type);
}
