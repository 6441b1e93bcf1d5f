import type { IPv4 } from '../base/address.ts';
import { checksum as internetChecksum } from './checksum.ts';
import { be16, be32, setBe32 } from './endian.ts';
import { code, identifier, sequence, setChecksum, setCode, setIdentifier, setSequence, setType, type } from './icmp-header.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

export * from './icmp-header.ts';

/** Type, code, checksum and four bytes whose meaning the type gives. */
export const ICMP_HEADER = 8;

/** Types (include/uapi/linux/icmp.h). */
export const ICMP_TYPE = {
  EchoReply: 0,
  Unreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  Echo: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  TimestampReply: 14,
} as const;

/** Codes of `Unreachable` (ICMP_*_UNREACH and friends). */
export const ICMP_UNREACHABLE = {
  Network: 0,
  Host: 1,
  Protocol: 2,
  Port: 3,
  FragmentationNeeded: 4,
  SourceRouteFailed: 5,
  NetworkUnknown: 6,
  HostUnknown: 7,
  HostIsolated: 8,
  NetworkProhibited: 9,
  HostProhibited: 10,
  NetworkTos: 11,
  HostTos: 12,
  /** What `REJECT --reject-with icmp-admin-prohibited` sends. */
  Filtered: 13,
  PrecedenceViolation: 14,
  PrecedenceCutoff: 15,
} as const;

/** Of `FragmentationNeeded`: the next hop's MTU (RFC 1191). */
export function mtu(b: Uint8Array, at: number): number {
  return be16(b, at + 6);
}
/** Of a redirect. */
export function gateway(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 4);
}
/** Of a parameter problem: the offending octet of the quoted packet. */
export function pointer(b: Uint8Array, at: number): number {
  return b[at + 4] as number;
}
/** The four bytes after the checksum as one number. */
export function rest(b: Uint8Array, at: number): number {
  return be32(b, at + 4);
}
export function setRest(b: Uint8Array, at: number, value: number): void {
  setBe32(b, at + 4, value);
}

/** Whether the message reports an error and quotes the packet that caused it (icmp_is_err). */
export function isError(type: number): boolean {
  return (
    type === ICMP_TYPE.Unreachable ||
    type === ICMP_TYPE.SourceQuench ||
    type === ICMP_TYPE.Redirect ||
    type === ICMP_TYPE.TimeExceeded ||
    type === ICMP_TYPE.ParameterProblem
  );
}

export function checksumValid(b: Uint8Array, at: number, end: number): boolean {
  return internetChecksum(b, at, end) === 0;
}

export function fillChecksum(b: Uint8Array, at: number, end: number): void {
  setChecksum(b, at, 0);
  setChecksum(b, at, internetChecksum(b, at, end));
}

/** A whole message. `quote` is the start of the packet that caused an error, from its IP header on. */
export type Icmp =
  | { kind: 'echo-request' | 'echo-reply'; identifier: number; sequence: number; data: Uint8Array }
  | { kind: 'unreachable'; code: number /** 0 unless fragmentation was needed */; mtu: number; quote: Uint8Array }
  | { kind: 'redirect'; code: number; gateway: IPv4; quote: Uint8Array }
  | { kind: 'time-exceeded'; code: number; quote: Uint8Array }
  | { kind: 'parameter-problem'; code: number; pointer: number; quote: Uint8Array }
  /** Any other: `rest` are the four bytes after the checksum. */
  | { kind: 'other'; type: number; code: number; rest: number; data: Uint8Array };

/**
 * Takes apart a message with a right checksum. Bits that a type leaves unused and that aren't zero make it `other`, so that emitting
 * gives the same bytes.
 */
export function parseIcmp(b: Uint8Array, at: number, end: number): Icmp | WireError {
  if (end - at < ICMP_HEADER) return truncated('an ICMP message', at, ICMP_HEADER, end - at);
  if (!checksumValid(b, at, end)) return wireError('the ICMP checksum is wrong', at + 2);
  const data = b.slice(at + ICMP_HEADER, end);
  const c = code(b, at);
  switch (type(b, at)) {
    case ICMP_TYPE.Echo:
    case ICMP_TYPE.EchoReply:
      if (c !== 0) break;
      return {
        kind: type(b, at) === ICMP_TYPE.Echo ? 'echo-request' : 'echo-reply',
        identifier: identifier(b, at),
        sequence: sequence(b, at),
        data,
      };
    case ICMP_TYPE.Unreachable:
      if (rest(b, at) > 0xffff) break;
      return { kind: 'unreachable', code: c, mtu: mtu(b, at), quote: data };
    case ICMP_TYPE.Redirect:
      return { kind: 'redirect', code: c, gateway: gateway(b, at), quote: data };
    case ICMP_TYPE.TimeExceeded:
      if (rest(b, at) !== 0) break;
      return { kind: 'time-exceeded', code: c, quote: data };
    case ICMP_TYPE.ParameterProblem:
      if ((rest(b, at) & 0xffffff) !== 0) break;
      return { kind: 'parameter-problem', code: c, pointer: pointer(b, at), quote: data };
  }
  return { kind: 'other', type: type(b, at), code: c, rest: rest(b, at), data };
}

/** Writes a whole message and its checksum. */
export function emitIcmp(b: Uint8Array, at: number, message: Icmp): void {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply':
      head(b, at, message.kind === 'echo-request' ? ICMP_TYPE.Echo : ICMP_TYPE.EchoReply, 0, 0);
      setIdentifier(b, at, message.identifier);
      setSequence(b, at, message.sequence);
      break;
    case 'unreachable':
      head(b, at, ICMP_TYPE.Unreachable, message.code, message.mtu);
      break;
    case 'redirect':
      head(b, at, ICMP_TYPE.Redirect, message.code, message.gateway);
      break;
    case 'time-exceeded':
      head(b, at, ICMP_TYPE.TimeExceeded, message.code, 0);
      break;
    case 'parameter-problem':
      head(b, at, ICMP_TYPE.ParameterProblem, message.code, message.pointer << 24);
      break;
    case 'other':
      head(b, at, message.type, message.code, message.rest);
  }
  b.set(body(message), at + ICMP_HEADER);
  fillChecksum(b, at, at + icmpLength(message));
}

function head(b: Uint8Array, at: number, type: number, code: number, rest: number): void {
  setType(b, at, type);
  setCode(b, at, code);
  setRest(b, at, rest);
}

function body(message: Icmp): Uint8Array {
  return 'quote' in message ? message.quote : message.data;
}

/** Of the whole message, in bytes. */
export function icmpLength(message: Icmp): number {
  return ICMP_HEADER + body(message).length;
}
