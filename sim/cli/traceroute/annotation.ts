import { ICMP_TYPE, ICMP_UNREACHABLE } from '../../wire/icmp.ts';
import { ICMPV6_TYPE, ICMPV6_UNREACHABLE } from '../../wire/icmpv6.ts';

/** What stands behind a time when the answer was an ICMP error (traceroute(8)); `undefined` for a router on the way. */
export function annotation(family: 4 | 6, type: number, code: number, info: number): string | undefined {
  if (family === 4) {
    if (type === ICMP_TYPE.TimeExceeded && code === 0) return undefined;
    if (type === ICMP_TYPE.Unreachable) return UNREACHABLE[code] ?? (code === FRAGMENTATION ? `!F-${info}` : `!<${code}>`);
    return `!<${type}-${code}>`;
  }
  if (type === ICMPV6_TYPE.TimeExceeded && code === 0) return undefined;
  if (type === ICMPV6_TYPE.Unreachable) return UNREACHABLE6[code] ?? `!<${code}>`;
  return type === ICMPV6_TYPE.PacketTooBig ? `!F-${info}` : `!<${type}-${code}>`;
}

const FRAGMENTATION = ICMP_UNREACHABLE.FragmentationNeeded;

const UNREACHABLE: Record<number, string> = {
  [ICMP_UNREACHABLE.Network]: '!N',
  [ICMP_UNREACHABLE.NetworkUnknown]: '!N',
  [ICMP_UNREACHABLE.HostIsolated]: '!N',
  [ICMP_UNREACHABLE.NetworkTos]: '!N',
  [ICMP_UNREACHABLE.Host]: '!H',
  [ICMP_UNREACHABLE.HostUnknown]: '!H',
  [ICMP_UNREACHABLE.HostTos]: '!H',
  [ICMP_UNREACHABLE.NetworkProhibited]: '!X',
  [ICMP_UNREACHABLE.HostProhibited]: '!X',
  [ICMP_UNREACHABLE.Filtered]: '!X',
  // The destination itself has answered.
  [ICMP_UNREACHABLE.Port]: '',
  [ICMP_UNREACHABLE.Protocol]: '!P',
  [ICMP_UNREACHABLE.SourceRouteFailed]: '!S',
  [ICMP_UNREACHABLE.PrecedenceViolation]: '!V',
  [ICMP_UNREACHABLE.PrecedenceCutoff]: '!C',
};

const UNREACHABLE6: Record<number, string> = {
  [ICMPV6_UNREACHABLE.NoRoute]: '!N',
  [ICMPV6_UNREACHABLE.Prohibited]: '!X',
  2: '!H',
  3: '!H',
  [ICMPV6_UNREACHABLE.Port]: '',
};
