import { ETHERTYPE } from '../wire/ethernet.ts';
import { ICMP_TYPE } from '../wire/icmp.ts';
import { ICMPV6_TYPE } from '../wire/icmpv6.ts';
import { IGMP_TYPE } from '../wire/igmp.ts';
import { MULTICAST_RECORD } from '../wire/mld.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { TCP_FLAG } from '../wire/tcp.ts';

/** Names for people of the numbers that headers hold. */

function nameIn(table: Readonly<Record<string, number>>, value: number): string | undefined {
  for (const name in table) if (table[name] === value) return name;
  return undefined;
}

/** `ICMP`, or `protocol 99`. */
export function protocolName(protocol: number): string {
  return nameIn(PROTOCOL, protocol) ?? `protocol ${protocol}`;
}

/** `IPv4`, or `EtherType 0x88cc`. */
export function etherTypeName(etherType: number): string {
  return nameIn(ETHERTYPE, etherType) ?? `EtherType 0x${etherType.toString(16).padStart(4, '0')}`;
}

/** `SYN ACK`; `no flags` when there are none. */
export function tcpFlagNames(flags: number): string {
  const names: string[] = [];
  for (const [name, bit] of Object.entries(TCP_FLAG)) if ((flags & bit) !== 0) names.push(name);
  // The acknowledgement goes last, as people say it: SYN ACK, FIN ACK.
  const ack = names.indexOf('ACK');
  if (ack >= 0) names.push(...names.splice(ack, 1));
  return names.join(' ') || 'no flags';
}

const UNREACHABLE = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'network unknown',
  'host unknown',
  'host isolated',
  'network prohibited',
  'host prohibited',
  'network unreachable for this type of service',
  'host unreachable for this type of service',
  'administratively prohibited',
  'precedence violation',
  'precedence cut-off',
];

const UNREACHABLE6 = [
  'no route to destination',
  'administratively prohibited',
  'beyond the scope of the source address',
  'address unreachable',
  'port unreachable',
  'source address failed policy',
  'route rejected',
];

/** What an ICMP message is, from its type and code. */
export function icmpName(type: number, code: number): string {
  switch (type) {
    case ICMP_TYPE.EchoReply:
      return 'echo reply';
    case ICMP_TYPE.Echo:
      return 'echo request';
    case ICMP_TYPE.Unreachable:
      return UNREACHABLE[code] ?? `unreachable, code ${code}`;
    case ICMP_TYPE.SourceQuench:
      return 'source quench';
    case ICMP_TYPE.Redirect:
      return 'redirect';
    case ICMP_TYPE.TimeExceeded:
      return code === 0 ? 'time exceeded' : 'reassembly time exceeded';
    case ICMP_TYPE.ParameterProblem:
      return 'parameter problem';
    case ICMP_TYPE.Timestamp:
      return 'timestamp request';
    case ICMP_TYPE.TimestampReply:
      return 'timestamp reply';
  }
  return `type ${type} code ${code}`;
}

const ICMPV6_NAMES: Readonly<Record<number, string>> = {
  [ICMPV6_TYPE.PacketTooBig]: 'packet too big',
  [ICMPV6_TYPE.Echo]: 'echo request',
  [ICMPV6_TYPE.EchoReply]: 'echo reply',
  [ICMPV6_TYPE.MldQuery]: 'multicast listener query',
  [ICMPV6_TYPE.MldReport]: 'multicast listener report',
  [ICMPV6_TYPE.MldDone]: 'multicast listener done',
  [ICMPV6_TYPE.RouterSolicitation]: 'router solicitation',
  [ICMPV6_TYPE.RouterAdvertisement]: 'router advertisement',
  [ICMPV6_TYPE.NeighbourSolicitation]: 'neighbour solicitation',
  [ICMPV6_TYPE.NeighbourAdvertisement]: 'neighbour advertisement',
  [ICMPV6_TYPE.Redirect]: 'redirect',
  [ICMPV6_TYPE.Mld2Report]: 'multicast listener report',
};

/** What an ICMPv6 message is, from its type and code. */
export function icmpv6Name(type: number, code: number): string {
  if (type === ICMPV6_TYPE.Unreachable) return UNREACHABLE6[code] ?? `unreachable, code ${code}`;
  if (type === ICMPV6_TYPE.TimeExceeded) return code === 0 ? 'time exceeded' : 'reassembly time exceeded';
  if (type === ICMPV6_TYPE.ParameterProblem) return code === 1 ? 'next header unknown' : 'parameter problem';
  return ICMPV6_NAMES[type] ?? `type ${type} code ${code}`;
}

export function igmpName(type: number): string {
  switch (type) {
    case IGMP_TYPE.Query:
      return 'membership query';
    case IGMP_TYPE.Leave:
      return 'leave group';
    case IGMP_TYPE.ReportV1:
    case IGMP_TYPE.ReportV2:
    case IGMP_TYPE.ReportV3:
      return 'membership report';
  }
  return `type ${type}`;
}

/** What a group record of a membership report says of its group. @param sources how many sources it names */
export function recordVerb(type: number, sources: number): string {
  if (type === MULTICAST_RECORD.ToExclude || type === MULTICAST_RECORD.IsExclude) return 'joins';
  if ((type === MULTICAST_RECORD.ToInclude || type === MULTICAST_RECORD.IsInclude) && sources === 0) return 'leaves';
  return type === MULTICAST_RECORD.BlockSources ? 'blocks sources of' : 'wants sources of';
}
