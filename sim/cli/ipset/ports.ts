import type { Lookup } from '../../host/iptables/lookup.ts';
import { parseNumber } from './number.ts';
import { isRefusal, type Refusal, syntaxError } from './refusal.ts';

const ICMP = 1;
const TCP = 6;
const ICMPV6 = 58;
/** Protocols whose elements have a port: TCP, UDP, SCTP, UDP-Lite. */
const PORTED: ReadonlySet<number> = new Set([TCP, 17, 132, 136]);

/** What /etc/protocols calls protocols, where a machine has no such file. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: ICMP,
  igmp: 2,
  tcp: TCP,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': ICMPV6,
  ospf: 89,
  ipip: 94,
  pim: 103,
  vrrp: 112,
  sctp: 132,
  udplite: 136,
  'mpls-in-ip': 137,
};

const code = (type: number, value = 0) => (type << 8) | value;

/** ICMP messages by name; of several names the first is the one that is printed. */
const ICMP_NAMES: readonly (readonly [string, number])[] = [
  ['echo-reply', code(0)],
  ['pong', code(0)],
  ['network-unreachable', code(3, 0)],
  ['host-unreachable', code(3, 1)],
  ['protocol-unreachable', code(3, 2)],
  ['port-unreachable', code(3, 3)],
  ['fragmentation-needed', code(3, 4)],
  ['source-route-failed', code(3, 5)],
  ['network-unknown', code(3, 6)],
  ['host-unknown', code(3, 7)],
  ['network-prohibited', code(3, 9)],
  ['host-prohibited', code(3, 10)],
  ['TOS-network-unreachable', code(3, 11)],
  ['TOS-host-unreachable', code(3, 12)],
  ['communication-prohibited', code(3, 13)],
  ['host-precedence-violation', code(3, 14)],
  ['precedence-cutoff', code(3, 15)],
  ['source-quench', code(4)],
  ['network-redirect', code(5, 0)],
  ['host-redirect', code(5, 1)],
  ['TOS-network-redirect', code(5, 2)],
  ['TOS-host-redirect', code(5, 3)],
  ['echo-request', code(8)],
  ['ping', code(8)],
  ['router-advertisement', code(9)],
  ['router-solicitation', code(10)],
  ['ttl-zero-during-transit', code(11, 0)],
  ['ttl-zero-during-reassembly', code(11, 1)],
  ['ip-header-bad', code(12, 0)],
  ['required-option-missing', code(12, 1)],
  ['timestamp-request', code(13)],
  ['timestamp-reply', code(14)],
  ['address-mask-request', code(17)],
  ['address-mask-reply', code(18)],
];

const ICMPV6_NAMES: readonly (readonly [string, number])[] = [
  ['no-route', code(1, 0)],
  ['communication-prohibited', code(1, 1)],
  ['address-unreachable', code(1, 3)],
  ['port-unreachable', code(1, 4)],
  ['packet-too-big', code(2)],
  ['ttl-zero-during-transit', code(3, 0)],
  ['ttl-zero-during-reassembly', code(3, 1)],
  ['bad-header', code(4, 0)],
  ['unknown-header-type', code(4, 1)],
  ['unknown-option', code(4, 2)],
  ['echo-request', code(128)],
  ['ping', code(128)],
  ['echo-reply', code(129)],
  ['pong', code(129)],
  ['router-solicitation', code(133)],
  ['router-advertisement', code(134)],
  ['neighbour-solicitation', code(135)],
  ['neigbour-solicitation', code(135)],
  ['neighbour-advertisement', code(136)],
  ['neigbour-advertisement', code(136)],
  ['redirect', code(137)],
];

/** A protocol and one port or a range of them. */
export interface PortRange {
  protocol: number;
  port: number;
  portTo: number;
}

/** `[PROTO:]PORT[-PORT]` (ipset_parse_proto_port). */
export function parseProtocolPort(text: string, family: 4 | 6, lookup: Lookup): PortRange | Refusal {
  const colon = text.indexOf(':');
  if (colon < 0 || colon === text.length - 1) return parsePorts(text, TCP, 'tcp', lookup);
  const name = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const protocol = protocolNumber(name, lookup);
  if (protocol === undefined) return syntaxError(`cannot parse '${name}' as a protocol`);
  if (PORTED.has(protocol)) return parsePorts(rest, protocol, name, lookup);
  if (protocol === ICMP || protocol === ICMPV6) return parseIcmp(rest, protocol, family);
  if (rest !== '0') return syntaxError(`Protocol ${name} can be used with pseudo port value 0 only.`);
  return { protocol, port: 0, portTo: 0 };
}

function protocolNumber(name: string, lookup: Lookup): number | undefined {
  const lower = name.toLowerCase();
  if (lower === 'icmpv6') return ICMPV6;
  const known = lookup.protocol(lower) ?? PROTOCOLS[lower];
  if (known !== undefined) return known;
  return /^\d+$/.test(name) && Number(name) < 256 ? Number(name) : undefined;
}

function parseIcmp(text: string, protocol: number, family: 4 | 6): PortRange | Refusal {
  if ((protocol === ICMP) !== (family === 4)) {
    const [name, wanted] = protocol === ICMP ? ['ICMP', 'inet'] : ['ICMPv6', 'inet6'];
    return syntaxError(`Protocol ${name} can be used with family ${wanted} only`);
  }
  const named = (protocol === ICMP ? ICMP_NAMES : ICMPV6_NAMES).find(([name]) => name === text);
  if (named) return { protocol, port: named[1], portTo: named[1] };
  const slash = text.indexOf('/');
  if (slash < 0) return syntaxError(`Cannot parse ${text} as an ${protocol === ICMP ? 'ICMP' : 'ICMPv6'} type/code.`);
  const type = parseNumber(text.slice(0, slash), 0, 255);
  if (isRefusal(type)) return type;
  const value = parseNumber(text.slice(slash + 1), 0, 255);
  if (isRefusal(value)) return value;
  return { protocol, port: code(type, value), portTo: code(type, value) };
}

/** Ports of a protocol by number or by their names in services(5). */
export function parsePorts(text: string, protocol: number, protocolName: string, lookup: Lookup): PortRange | Refusal {
  const dash = text.indexOf('-', 1);
  const whole = dash < 0 ? undefined : lookup.port(text, protocolName as 'tcp');
  if (dash < 0 || whole !== undefined) {
    const port = whole ?? parsePort(text, protocolName, lookup);
    return isRefusal(port) ? port : { protocol, port, portTo: port };
  }
  const from = parsePort(text.slice(0, dash), protocolName, lookup);
  if (isRefusal(from)) return from;
  const to = parsePort(text.slice(dash + 1), protocolName, lookup);
  if (isRefusal(to)) return to;
  return { protocol, port: Math.min(from, to), portTo: Math.max(from, to) };
}

function parsePort(text: string, protocolName: string, lookup: Lookup): number | Refusal {
  const number = parseNumber(text, 0, 65_535);
  if (!isRefusal(number)) return number;
  const named = lookup.port(text, protocolName as 'tcp');
  if (named !== undefined) return named;
  // All three attempts are told of.
  number.problem += `\nSyntax error: '${protocolName}' is invalid as number\ncannot parse '${text}' as a ${protocolName} port`;
  return number;
}

/** `PROTO:PORT` as elements are printed. */
export function protocolPortText(protocol: number, port: number, lookup: Lookup): string {
  const name = lookup.protocolName(protocol) ?? Object.entries(PROTOCOLS).find(([, number]) => number === protocol)?.[0] ?? protocol;
  if (protocol !== ICMP && protocol !== ICMPV6) return `${name}:${port}`;
  const known = (protocol === ICMP ? ICMP_NAMES : ICMPV6_NAMES).find(([, value]) => value === port);
  return `${name}:${known?.[0] ?? `${port >> 8}/${port & 0xff}`}`;
}
