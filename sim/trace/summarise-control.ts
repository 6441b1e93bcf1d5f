import { formatIP, formatIPv4, formatIPv6, formatMac, type IP, type IPv6, isMulticastIPv6 } from '../base/address.ts';
import { be16 } from '../wire/endian.ts';
import * as icmp from '../wire/icmp.ts';
import { type Icmpv6, type NdOption, parseIcmpv6, type } from '../wire/icmpv6.ts';
import { IGMP_TYPE, parseIgmp } from '../wire/igmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import * as ipv6 from '../wire/ipv6.ts';
import type { MulticastRecord } from '../wire/mld.ts';
import { isWireError } from '../wire/wire-error.ts';
import { icmpName, icmpv6Name, igmpName, protocolName, recordVerb } from './names.ts';
import type { Text } from './summarise-transport.ts';

/** @param whole false for a first fragment, whose checksum can't be verified */
export function summariseIcmp(b: Uint8Array, at: number, end: number, whole: boolean): Text {
  if (end - at < icmp.ICMP_HEADER) return { protocol: 'ICMP', text: 'malformed: it is cut short' };
  if (whole && !icmp.checksumValid(b, at, end)) return { protocol: 'ICMP', text: 'malformed: the ICMP checksum is wrong' };
  const name = icmpName(icmp.type(b, at), icmp.code(b, at));
  return { protocol: 'ICMP', text: `${name}${icmpDetail(b, at, end)}` };
}

function icmpDetail(b: Uint8Array, at: number, end: number): string {
  const quote = at + icmp.ICMP_HEADER;
  switch (icmp.type(b, at)) {
    case icmp.ICMP_TYPE.Echo:
    case icmp.ICMP_TYPE.EchoReply:
      return ` id ${icmp.identifier(b, at)} seq ${icmp.sequence(b, at)}`;
    case icmp.ICMP_TYPE.Redirect:
      return `: reach ${quotedDestination(b, quote, end) ?? 'it'} through ${formatIPv4(icmp.gateway(b, at))}`;
    case icmp.ICMP_TYPE.Unreachable:
      if (icmp.code(b, at) === icmp.ICMP_UNREACHABLE.FragmentationNeeded) return `, MTU ${icmp.mtu(b, at)}${forQuoted(b, quote, end)}`;
      return forQuoted(b, quote, end);
  }
  return icmp.isError(icmp.type(b, at)) ? forQuoted(b, quote, end) : '';
}

/** ` for 10.0.2.2 UDP port 9`: what the packet that an error quotes was about. */
function forQuoted(b: Uint8Array, at: number, end: number): string {
  const destination = quotedDestination(b, at, end);
  if (destination === undefined) return '';
  const v6 = ipv6.version(b, at) === 6;
  const upper = v6
    ? ipv6.upperLayer(b, at, end)
    : { protocol: ipv4.protocol(b, at), offset: at + ipv4.headerLength(b, at), fragment: ipv4.fragmentOffset(b, at) };
  if (isWireError(upper)) return ` for ${destination}`;
  const ports = upper.protocol === ipv4.PROTOCOL.UDP || upper.protocol === ipv4.PROTOCOL.TCP;
  if (!ports || upper.offset + 4 > end || (!v6 && upper.fragment > 0)) return ` for ${destination}`;
  return ` for ${destination} ${protocolName(upper.protocol)} port ${be16(b, upper.offset + 2)}`;
}

function quotedDestination(b: Uint8Array, at: number, end: number): string | undefined {
  if (end - at >= ipv4.IPV4_HEADER && ipv4.version(b, at) === 4) return formatIPv4(ipv4.destination(b, at));
  if (end - at >= ipv6.IPV6_HEADER && ipv6.version(b, at) === 6) return formatIPv6(ipv6.destination(b, at));
  return undefined;
}

/** @param pseudo the pseudo header's sum, or undefined when the checksum can't be verified */
export function summariseIcmpv6(b: Uint8Array, at: number, end: number, pseudo: number | undefined, destination: IP): Text {
  const message = parseIcmpv6(b, at, end, pseudo);
  if (isWireError(message)) return { protocol: 'ICMPv6', text: `malformed: ${message.malformed}` };
  const name = icmpv6Name(type(b, at), b[at + 1] as number);
  return { protocol: 'ICMPv6', text: `${name}${icmpv6Detail(message, b, at, end, destination)}` };
}

function icmpv6Detail(message: Icmpv6, b: Uint8Array, at: number, end: number, destination: IP): string {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply':
      return ` id ${message.identifier} seq ${message.sequence}`;
    case 'packet-too-big':
      return `, MTU ${message.mtu}${forQuoted(b, at + 8, end)}`;
    case 'unreachable':
    case 'time-exceeded':
    case 'parameter-problem':
      return forQuoted(b, at + 8, end);
    case 'neighbour-solicitation': {
      // A host that checks that an address is free asks from ::, so without its link-layer address, and many at once.
      const asker = linkLayer(message.options, 'source-link-layer');
      const check = asker === undefined && typeof destination === 'bigint' && isMulticastIPv6(destination);
      return ` for ${formatIPv6(message.target)}${check ? ' (duplicate address check)' : ''}`;
    }
    case 'neighbour-advertisement': {
      const mac = linkLayer(message.options, 'target-link-layer');
      return `: ${formatIPv6(message.target)} is ${mac === undefined ? 'here' : `at ${mac}`}`;
    }
    case 'redirect':
      return `: reach ${formatIP(message.destination)} through ${formatIP(message.target)}`;
    case 'router-advertisement': {
      const prefixes = message.options.flatMap((option) =>
        option.kind === 'prefix' ? [`${formatIPv6(option.prefix)}/${option.length}`] : [],
      );
      return prefixes.length > 0 ? ` of ${prefixes.join(', ')}` : '';
    }
    case 'mld-query':
      return message.group === 0n ? '' : ` for ${formatIPv6(message.group)}`;
    case 'mld-report':
    case 'mld-done':
      return `: ${message.kind === 'mld-done' ? 'leaves' : 'joins'} ${formatIPv6(message.group)}`;
    case 'mld2-report':
      return recordsText(message.records, formatIPv6);
  }
  return '';
}

function linkLayer(options: readonly NdOption[], kind: 'source-link-layer' | 'target-link-layer'): string | undefined {
  for (const option of options) if (option.kind === kind) return formatMac(option.mac);
  return undefined;
}

/** `: joins ff02::2, leaves ff02::3`. */
function recordsText(records: readonly MulticastRecord[], format: (group: IPv6) => string): string {
  if (records.length === 0) return '';
  return `: ${records.map((record) => `${recordVerb(record.type, record.sources.length)} ${format(record.group)}`).join(', ')}`;
}

export function summariseIgmp(b: Uint8Array, at: number, end: number): Text {
  const message = parseIgmp(b, at, end);
  if (isWireError(message)) return { protocol: 'IGMP', text: `malformed: ${message.malformed}` };
  if (message.kind === 'report-v3') {
    const text = recordsText(message.records, (group) => formatIPv4(Number(group)));
    return { protocol: 'IGMP', text: `${igmpName(IGMP_TYPE.ReportV3)}${text}` };
  }
  const group = message.group === 0 ? '' : ` for ${formatIPv4(message.group)}`;
  return { protocol: 'IGMP', text: `${igmpName(message.type)}${group}` };
}
