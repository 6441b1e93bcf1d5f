/** Filter expressions (pcap-filter(7)) as values. */

/** Protocols that expressions name, under the keyword that libpcap's messages use. */
export const PROTOCOL_KEYWORDS = [
  ...['link', 'ip', 'arp', 'rarp', 'sctp', 'tcp', 'udp', 'icmp', 'igmp', 'igrp', 'pim', 'vrrp', 'carp', 'ip6', 'icmp6', 'ah', 'esp'],
  ...['stp', 'ipx', 'netbeui', 'iso', 'lat', 'sca', 'moprc', 'mopdl', 'atalk', 'aarp', 'decnet'],
] as const;
export type ProtocolKeyword = (typeof PROTOCOL_KEYWORDS)[number];

export type Direction = 'src' | 'dst' | 'or' | 'and';
export type IdType = 'host' | 'net' | 'port' | 'portrange' | 'proto' | 'protochain' | 'gateway';

/** What stands before an id: `tcp src port`. Each part may be left out. */
export interface Qualifiers {
  protocol?: ProtocolKeyword;
  direction?: Direction;
  type?: IdType;
}

/** What is looked for: a name, a number or an address, as it was typed. */
export type Id =
  | { kind: 'name'; text: string }
  | { kind: 'number'; value: number }
  | { kind: 'ipv4'; text: string }
  | { kind: 'ipv4-prefix'; text: string; length: number }
  | { kind: 'ipv4-mask'; text: string; mask: string }
  | { kind: 'ipv6'; text: string }
  | { kind: 'ipv6-prefix'; text: string; length: number }
  | { kind: 'mac'; text: string };

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type Relation = '=' | '!=' | '<' | '>' | '<=' | '>=';

export type Arithmetic =
  | { kind: 'constant'; value: number }
  | { kind: 'length' }
  | { kind: 'negative'; of: Arithmetic }
  | { kind: 'binary'; operator: ArithmeticOperator; left: Arithmetic; right: Arithmetic }
  /** `tcp[13]`, `ip[6:2]`. */
  | { kind: 'load'; protocol: ProtocolKeyword; at: Arithmetic; size: number };

export type Expression =
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not'; of: Expression }
  | { kind: 'id'; qualifiers: Qualifiers; id: Id }
  /** An id after an expression that has no qualifiers to hand on, which is an error: `tcp or 80`. */
  | { kind: 'bare'; id: Id }
  | { kind: 'protocol'; protocol: ProtocolKeyword }
  | { kind: 'relation'; operator: Relation; left: Arithmetic; right: Arithmetic }
  | { kind: 'broadcast' | 'multicast'; protocol?: ProtocolKeyword }
  | { kind: 'less' | 'greater'; length: number }
  | { kind: 'byte'; at: number; operator: '&' | '|' | '<' | '>' | '='; value: number }
  | { kind: 'inbound' | 'outbound' }
  | { kind: 'ifindex'; value: number }
  | { kind: 'vlan'; tag?: number }
  /** Understood and refused, in words that depend on the keyword. */
  | { kind: 'keyword'; keyword: string };

/** Why an expression isn't one, in libpcap's words. */
export interface FilterError {
  filterError: string;
}

export function isFilterError(value: unknown): value is FilterError {
  return typeof value === 'object' && value !== null && 'filterError' in value;
}

export const SYNTAX_ERROR: FilterError = { filterError: "can't parse filter expression: syntax error" };
