import type { IP } from '../../base/address.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import { ETHERNET_HEADER } from '../../wire/ethernet.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import { IGMP_TYPE, parseIgmp } from '../../wire/igmp.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { MULTICAST_RECORD, type MulticastRecord } from '../../wire/mld.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { Skb } from '../skb.ts';

/** What a bridge reads in a message of IGMP or MLD that crosses it. Groups of IPv4 are numbers, of IPv6 bigints. */
export type Membership =
  | { kind: 'report' | 'leave'; group: IP }
  | { kind: 'records'; records: { group: IP; joins: boolean }[] }
  /** `delay` in milliseconds; `special` leaves the timers of a group alone: it names sources, or routers are to ignore it. */
  | { kind: 'query'; group: IP; source: IP; delay: number; special: boolean };

/**
 * The message in a frame of IPv4 (ip_mc_check_igmp); the Ethernet header stands at `skb.mac`.
 * @returns `undefined` for other traffic, `bad` for a message that is broken
 */
export function membershipOf4({ bytes, mac, end: frameEnd }: Skb): Membership | 'bad' | undefined {
  const network = mac + ETHERNET_HEADER;
  if (frameEnd - network < ip.IPV4_HEADER || ip.protocol(bytes, network) !== ip.PROTOCOL.IGMP) return undefined;
  const end = Math.min(frameEnd, network + ip.totalLength(bytes, network));
  const message = parseIgmp(bytes, network + ip.headerLength(bytes, network), end);
  if (isWireError(message)) return 'bad';
  if (message.kind === 'report-v3') return recordsOf(message.records, Number);
  const { group } = message;
  switch (message.type) {
    case IGMP_TYPE.ReportV1:
    case IGMP_TYPE.ReportV2:
      return { kind: 'report', group };
    case IGMP_TYPE.Leave:
      return { kind: 'leave', group };
    case IGMP_TYPE.Query: {
      const source = ip.source(bytes, network);
      const { rest, maxResponse } = message;
      // Version 1 has no response time: ten seconds, and always for all groups.
      if (rest.length === 0) {
        const first = maxResponse === 0;
        return { kind: 'query', group: first ? 0 : group, source, delay: first ? 10_000 : maxResponse * 100, special: false };
      }
      return { kind: 'query', group, source, delay: Math.max(1, codedTime(maxResponse) * 100), special: namesSources(rest) };
    }
    default:
      return undefined;
  }
}

/** The message in a frame of IPv6, which comes behind a hop-by-hop header (ipv6_mc_check_mld). */
export function membershipOf6({ bytes, mac, end: frameEnd }: Skb): Membership | 'bad' | undefined {
  const network = mac + ETHERNET_HEADER;
  if (frameEnd - network < ip6.IPV6_HEADER + 8 || ip6.nextHeader(bytes, network) !== ip6.PROTOCOL.HopByHop) return undefined;
  const options = network + ip6.IPV6_HEADER;
  if (bytes[options] !== ip6.PROTOCOL.ICMPv6) return undefined;
  const at = options + ((bytes[options + 1] as number) + 1) * 8;
  const end = Math.min(frameEnd, options + ip6.payloadLength(bytes, network));
  const source = ip6.source(bytes, network);
  const pseudo = pseudoHeaderIPv6(source, ip6.destination(bytes, network), ip6.PROTOCOL.ICMPv6, end - at);
  const message = icmp6.parseIcmpv6(bytes, at, end, pseudo);
  if (isWireError(message)) return 'bad';
  switch (message.kind) {
    case 'mld2-report':
      return recordsOf(message.records, (group) => group);
    case 'mld-report':
      return { kind: 'report', group: message.group };
    case 'mld-done':
      return { kind: 'leave', group: message.group };
    case 'mld-query': {
      const { group, rest, maxResponse } = message;
      const delay = rest.length === 0 ? maxResponse : Math.max(1, codedDelay(maxResponse));
      return { kind: 'query', group, source, delay, special: rest.length > 0 && namesSources(rest) };
    }
    default:
      return undefined;
  }
}

/** A record that wants nothing from anybody is a leave. */
function recordsOf(records: readonly MulticastRecord[], address: (group: bigint) => IP): Membership {
  return {
    kind: 'records',
    records: records.map(({ type, group, sources }) => ({
      group: address(group),
      joins: sources.length > 0 || (type !== MULTICAST_RECORD.ToInclude && type !== MULTICAST_RECORD.IsInclude),
    })),
  };
}

/** The tail of a query of IGMPv3 or MLDv2: flags, interval, how many sources. */
function namesSources(rest: Uint8Array): boolean {
  return (((rest[2] ?? 0) << 8) | (rest[3] ?? 0)) !== 0;
}

/** Tenths of a second from IGMPv3's code (RFC 3376 §4.1.1). */
function codedTime(code: number): number {
  return code < 128 ? code : ((code & 0xf) | 0x10) << (((code >> 4) & 7) + 3);
}

/** Milliseconds from MLDv2's code (RFC 3810 §5.1.3). */
function codedDelay(code: number): number {
  return code < 0x8000 ? code : ((code & 0xfff) | 0x1000) << (((code >> 12) & 7) + 3);
}
