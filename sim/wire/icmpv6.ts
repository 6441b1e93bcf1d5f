import type { IPv6 } from '../base/address.ts';
import { checksum as internetChecksum } from './checksum.ts';
import { be16, be32, be128, setBe16, setBe32, setBe128 } from './endian.ts';
import { code, identifier, sequence, setChecksum, setCode, setIdentifier, setSequence, setType, type } from './icmp-header.ts';
import { emitMulticastRecords, type MulticastRecord, multicastRecordsLength, parseMulticastRecords } from './mld.ts';
import { emitNdOptions, type NdOption, ndOptionsLength, parseNdOptions } from './nd-options.ts';
import { isWireError, truncated, type WireError, wireError } from './wire-error.ts';

export * from './icmp-header.ts';
export { linkLayerOption, ND_OPTION, type NdOption } from './nd-options.ts';

/** Type, code, checksum and four bytes whose meaning the type gives. */
export const ICMPV6_HEADER = 8;

/** Types (include/uapi/linux/icmpv6.h). */
export const ICMPV6_TYPE = {
  Unreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  Echo: 128,
  EchoReply: 129,
  MldQuery: 130,
  MldReport: 131,
  MldDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighbourSolicitation: 135,
  NeighbourAdvertisement: 136,
  Redirect: 137,
  Mld2Report: 143,
} as const;

/** Codes of `Unreachable` (RFC 4443 §3.1). */
export const ICMPV6_UNREACHABLE = {
  NoRoute: 0,
  Prohibited: 1,
  BeyondScope: 2,
  Address: 3,
  Port: 4,
  PolicyFail: 5,
  RejectRoute: 6,
} as const;

/** Flags of a neighbour advertisement, the top bits of its second word's first byte. */
export const NA_FLAG = { Router: 0x80, Solicited: 0x40, Override: 0x20 } as const;

/** Of `PacketTooBig`. */
export function mtu(b: Uint8Array, at: number): number {
  return be32(b, at + 4);
}
/** Of `ParameterProblem`: the offending octet of the quoted packet. */
export function pointer(b: Uint8Array, at: number): number {
  return be32(b, at + 4);
}
/** `NA_FLAG` bits. */
export function advertisementFlags(b: Uint8Array, at: number): number {
  return (b[at + 4] as number) & 0xe0;
}
/** Of neighbour solicitations and advertisements and of redirects. */
export function target(b: Uint8Array, at: number): IPv6 {
  return be128(b, at + 8);
}
/** Where the options of a solicitation, an advertisement or a redirect start, from the message's start. */
export function optionsOffset(type: number): number {
  switch (type) {
    case ICMPV6_TYPE.RouterSolicitation:
      return 8;
    case ICMPV6_TYPE.RouterAdvertisement:
      return 16;
    case ICMPV6_TYPE.Redirect:
      return 40;
    default:
      return 24;
  }
}

/** Whether the message reports an error: types below 128. */
export function isError(type: number): boolean {
  return type < 128;
}

/** @param pseudo the sum of the pseudo header, with the message's length */
export function checksumValid(b: Uint8Array, at: number, end: number, pseudo: number): boolean {
  return internetChecksum(b, at, end, pseudo) === 0;
}

export function fillChecksum(b: Uint8Array, at: number, end: number, pseudo: number): void {
  setChecksum(b, at, 0);
  setChecksum(b, at, internetChecksum(b, at, end, pseudo));
}

/** A whole message. `quote` is the start of the packet that caused an error, from its IPv6 header on. */
export type Icmpv6 =
  | { kind: 'echo-request' | 'echo-reply'; identifier: number; sequence: number; data: Uint8Array }
  | { kind: 'unreachable' | 'time-exceeded'; code: number; quote: Uint8Array }
  | { kind: 'packet-too-big'; mtu: number; quote: Uint8Array }
  | { kind: 'parameter-problem'; code: number; pointer: number; quote: Uint8Array }
  | { kind: 'router-solicitation'; options: NdOption[] }
  | RouterAdvertisement
  | { kind: 'neighbour-solicitation'; target: IPv6; options: NdOption[] }
  | { kind: 'neighbour-advertisement' /** `NA_FLAG` bits */; flags: number; target: IPv6; options: NdOption[] }
  | { kind: 'redirect'; target: IPv6; destination: IPv6; options: NdOption[] }
  | { kind: 'mld-query' /** milliseconds, in the wire's code */; maxResponse: number; group: IPv6 /** MLDv2's part */; rest: Uint8Array }
  | { kind: 'mld-report' | 'mld-done'; group: IPv6 }
  | { kind: 'mld2-report'; records: MulticastRecord[] }
  /** Any other, and those above with a code they don't have: `rest` are the four bytes after the checksum. */
  | { kind: 'other'; type: number; code: number; rest: number; data: Uint8Array };

export interface RouterAdvertisement {
  kind: 'router-advertisement';
  hopLimit: number;
  /** Managed 0x80, other configuration 0x40, preference 0x18. */
  flags: number;
  /** Seconds; 0 is no default router. */
  lifetime: number;
  /** Milliseconds. */
  reachableTime: number;
  retransTimer: number;
  options: NdOption[];
}

/** @param pseudo the sum of the pseudo header for a check of the checksum; without it the checksum isn't looked at */
export function parseIcmpv6(b: Uint8Array, at: number, end: number, pseudo?: number): Icmpv6 | WireError {
  if (end - at < ICMPV6_HEADER) return truncated('an ICMPv6 message', at, ICMPV6_HEADER, end - at);
  if (pseudo !== undefined && !checksumValid(b, at, end, pseudo)) return wireError('the ICMPv6 checksum is wrong', at + 2);
  return parseError(b, at, end) ?? parseEcho(b, at, end) ?? parseDiscovery(b, at, end) ?? parseListener(b, at, end) ?? other(b, at, end);
}

function other(b: Uint8Array, at: number, end: number): Icmpv6 {
  return { kind: 'other', type: type(b, at), code: code(b, at), rest: be32(b, at + 4), data: b.slice(at + ICMPV6_HEADER, end) };
}

function parseError(b: Uint8Array, at: number, end: number): Icmpv6 | undefined {
  const quote = (): Uint8Array => b.slice(at + ICMPV6_HEADER, end);
  const c = code(b, at);
  switch (type(b, at)) {
    case ICMPV6_TYPE.Unreachable:
      return be32(b, at + 4) === 0 ? { kind: 'unreachable', code: c, quote: quote() } : undefined;
    case ICMPV6_TYPE.TimeExceeded:
      return be32(b, at + 4) === 0 ? { kind: 'time-exceeded', code: c, quote: quote() } : undefined;
    case ICMPV6_TYPE.PacketTooBig:
      return c === 0 ? { kind: 'packet-too-big', mtu: mtu(b, at), quote: quote() } : undefined;
    case ICMPV6_TYPE.ParameterProblem:
      return { kind: 'parameter-problem', code: c, pointer: pointer(b, at), quote: quote() };
  }
  return undefined;
}

function parseEcho(b: Uint8Array, at: number, end: number): Icmpv6 | undefined {
  const t = type(b, at);
  if ((t !== ICMPV6_TYPE.Echo && t !== ICMPV6_TYPE.EchoReply) || code(b, at) !== 0) return undefined;
  return {
    kind: t === ICMPV6_TYPE.Echo ? 'echo-request' : 'echo-reply',
    identifier: identifier(b, at),
    sequence: sequence(b, at),
    data: b.slice(at + ICMPV6_HEADER, end),
  };
}

/** Neighbour discovery (RFC 4861 §4), with a code of 0 as §6 and §7 ask. */
function parseDiscovery(b: Uint8Array, at: number, end: number): Icmpv6 | WireError | undefined {
  const t = type(b, at);
  if (t < ICMPV6_TYPE.RouterSolicitation || t > ICMPV6_TYPE.Redirect || code(b, at) !== 0) return undefined;
  const start = at + optionsOffset(t);
  if (end < start) return truncated('the neighbour discovery message', at, start - at, end - at);
  const options = parseNdOptions(b, start, end);
  if (isWireError(options)) return options;
  switch (t) {
    case ICMPV6_TYPE.RouterSolicitation:
      return { kind: 'router-solicitation', options };
    case ICMPV6_TYPE.RouterAdvertisement:
      return {
        kind: 'router-advertisement',
        hopLimit: b[at + 4] as number,
        flags: b[at + 5] as number,
        lifetime: be16(b, at + 6),
        reachableTime: be32(b, at + 8),
        retransTimer: be32(b, at + 12),
        options,
      };
    case ICMPV6_TYPE.NeighbourSolicitation:
      return { kind: 'neighbour-solicitation', target: target(b, at), options };
    case ICMPV6_TYPE.NeighbourAdvertisement:
      return { kind: 'neighbour-advertisement', flags: advertisementFlags(b, at), target: target(b, at), options };
    default:
      return { kind: 'redirect', target: target(b, at), destination: be128(b, at + 24), options };
  }
}

/** Multicast listener discovery (RFC 2710, RFC 3810). */
function parseListener(b: Uint8Array, at: number, end: number): Icmpv6 | WireError | undefined {
  const t = type(b, at);
  if (code(b, at) !== 0) return undefined;
  if (t === ICMPV6_TYPE.Mld2Report) {
    const records = parseMulticastRecords(b, at + 8, end, be16(b, at + 6), 16);
    return isWireError(records) ? records : { kind: 'mld2-report', records };
  }
  if (t !== ICMPV6_TYPE.MldQuery && t !== ICMPV6_TYPE.MldReport && t !== ICMPV6_TYPE.MldDone) return undefined;
  if (end - at < 24) return truncated('an MLD message', at, 24, end - at);
  const group = be128(b, at + 8);
  if (t === ICMPV6_TYPE.MldQuery) return { kind: 'mld-query', maxResponse: be16(b, at + 4), group, rest: b.slice(at + 24, end) };
  return { kind: t === ICMPV6_TYPE.MldReport ? 'mld-report' : 'mld-done', group };
}

/** Writes a whole message with checksum 0 (the pseudo header is the caller's); `fillChecksum` follows. */
export function emitIcmpv6(b: Uint8Array, at: number, message: Icmpv6): void {
  b.fill(0, at, at + icmpv6Length(message));
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply':
      setType(b, at, message.kind === 'echo-request' ? ICMPV6_TYPE.Echo : ICMPV6_TYPE.EchoReply);
      setIdentifier(b, at, message.identifier);
      setSequence(b, at, message.sequence);
      b.set(message.data, at + ICMPV6_HEADER);
      return;
    case 'unreachable':
      return emitError(b, at, ICMPV6_TYPE.Unreachable, message.code, 0, message.quote);
    case 'time-exceeded':
      return emitError(b, at, ICMPV6_TYPE.TimeExceeded, message.code, 0, message.quote);
    case 'packet-too-big':
      return emitError(b, at, ICMPV6_TYPE.PacketTooBig, 0, message.mtu, message.quote);
    case 'parameter-problem':
      return emitError(b, at, ICMPV6_TYPE.ParameterProblem, message.code, message.pointer, message.quote);
    case 'other':
      return emitError(b, at, message.type, message.code, message.rest, message.data);
    case 'mld-query':
    case 'mld-report':
    case 'mld-done':
    case 'mld2-report':
      return emitListener(b, at, message);
    default:
      emitDiscovery(b, at, message);
  }
}

function emitError(b: Uint8Array, at: number, type: number, code: number, rest: number, quote: Uint8Array): void {
  setType(b, at, type);
  setCode(b, at, code);
  setBe32(b, at + 4, rest);
  b.set(quote, at + ICMPV6_HEADER);
}

type Discovery = Extract<Icmpv6, { options: NdOption[] }>;

function emitDiscovery(b: Uint8Array, at: number, message: Discovery): void {
  const type = DISCOVERY_TYPE[message.kind];
  setType(b, at, type);
  if ('target' in message) setBe128(b, at + 8, message.target);
  if (message.kind === 'neighbour-advertisement') b[at + 4] = message.flags;
  else if (message.kind === 'redirect') setBe128(b, at + 24, message.destination);
  else if (message.kind === 'router-advertisement') {
    b[at + 4] = message.hopLimit;
    b[at + 5] = message.flags;
    setBe16(b, at + 6, message.lifetime);
    setBe32(b, at + 8, message.reachableTime);
    setBe32(b, at + 12, message.retransTimer);
  }
  emitNdOptions(b, at + optionsOffset(type), message.options);
}

const DISCOVERY_TYPE: Record<Discovery['kind'], number> = {
  'router-solicitation': ICMPV6_TYPE.RouterSolicitation,
  'router-advertisement': ICMPV6_TYPE.RouterAdvertisement,
  'neighbour-solicitation': ICMPV6_TYPE.NeighbourSolicitation,
  'neighbour-advertisement': ICMPV6_TYPE.NeighbourAdvertisement,
  redirect: ICMPV6_TYPE.Redirect,
};

type Listener = Extract<Icmpv6, { kind: 'mld-query' | 'mld-report' | 'mld-done' | 'mld2-report' }>;

function emitListener(b: Uint8Array, at: number, message: Listener): void {
  if (message.kind === 'mld2-report') {
    setType(b, at, ICMPV6_TYPE.Mld2Report);
    setBe16(b, at + 6, message.records.length);
    emitMulticastRecords(b, at + 8, message.records);
    return;
  }
  setBe128(b, at + 8, message.group);
  if (message.kind === 'mld-query') {
    setType(b, at, ICMPV6_TYPE.MldQuery);
    setBe16(b, at + 4, message.maxResponse);
    b.set(message.rest, at + 24);
  } else setType(b, at, message.kind === 'mld-report' ? ICMPV6_TYPE.MldReport : ICMPV6_TYPE.MldDone);
}

/** Of the whole message, in bytes. */
export function icmpv6Length(message: Icmpv6): number {
  switch (message.kind) {
    case 'mld-query':
      return 24 + message.rest.length;
    case 'mld-report':
    case 'mld-done':
      return 24;
    case 'mld2-report':
      return 8 + multicastRecordsLength(message.records);
  }
  if ('options' in message) return optionsOffset(DISCOVERY_TYPE[message.kind]) + ndOptionsLength(message.options);
  return ICMPV6_HEADER + ('quote' in message ? message.quote : message.data).length;
}
