import type { IPv6, Mac } from '../base/address.ts';
import { be32, be128, setBe16, setBe32, setBe128 } from './endian.ts';
import { readMac, writeMac } from './ethernet.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/** Option types of neighbour discovery (RFC 4861 §4.6, RFC 8106). */
export const ND_OPTION = { SourceLinkLayer: 1, TargetLinkLayer: 2, Prefix: 3, RedirectedHeader: 4, Mtu: 5, Rdnss: 25 } as const;

export type NdOption =
  | { kind: 'source-link-layer' | 'target-link-layer'; mac: Mac }
  | {
      kind: 'prefix';
      prefix: IPv6;
      length: number;
      onLink: boolean;
      autonomous: boolean;
      /** Seconds; 0xffffffff is for ever. */
      validLifetime: number;
      preferredLifetime: number;
    }
  | { kind: 'mtu'; mtu: number }
  | { kind: 'rdnss'; lifetime: number; servers: IPv6[] }
  /** Any other, and those above with an unusual length: the bytes after type and length. */
  | { kind: 'unknown'; type: number; data: Uint8Array };

/** Finds the link-layer address option of that type among the options [at, end), without allocating; -1 when there is none. */
export function linkLayerOption(b: Uint8Array, at: number, end: number, type: number): Mac {
  for (let i = at; i + 8 <= end; ) {
    const length = (b[i + 1] as number) * 8;
    if (length === 0) return -1;
    if (b[i] === type && length === 8) return readMac(b, i + 2);
    i += length;
  }
  return -1;
}

/** A length of 0 makes the whole message invalid (RFC 4861 §4.6). */
export function parseNdOptions(b: Uint8Array, at: number, end: number): NdOption[] | WireError {
  const options: NdOption[] = [];
  for (let i = at; i < end; ) {
    const length = (b[i + 1] as number) * 8;
    if (i + 2 > end) return truncated('a neighbour discovery option', i, 2, end - i);
    if (length === 0) return wireError('a neighbour discovery option has length 0', i + 1);
    if (i + length > end) return truncated('a neighbour discovery option', i, length, end - i);
    options.push(decodeOption(b, i, length));
    i += length;
  }
  return options;
}

function decodeOption(b: Uint8Array, at: number, length: number): NdOption {
  const type = b[at] as number;
  if (type === ND_OPTION.SourceLinkLayer && length === 8) return { kind: 'source-link-layer', mac: readMac(b, at + 2) };
  if (type === ND_OPTION.TargetLinkLayer && length === 8) return { kind: 'target-link-layer', mac: readMac(b, at + 2) };
  if (type === ND_OPTION.Mtu && length === 8) return { kind: 'mtu', mtu: be32(b, at + 4) };
  if (type === ND_OPTION.Prefix && length === 32) {
    const flags = b[at + 3] as number;
    return {
      kind: 'prefix',
      length: b[at + 2] as number,
      onLink: (flags & 0x80) !== 0,
      autonomous: (flags & 0x40) !== 0,
      validLifetime: be32(b, at + 4),
      preferredLifetime: be32(b, at + 8),
      prefix: be128(b, at + 16),
    };
  }
  if (type === ND_OPTION.Rdnss && length >= 24 && length % 16 === 8) {
    const servers: IPv6[] = [];
    for (let i = at + 8; i < at + length; i += 16) servers.push(be128(b, i));
    return { kind: 'rdnss', lifetime: be32(b, at + 4), servers };
  }
  return { kind: 'unknown', type, data: b.slice(at + 2, at + length) };
}

/** Writes the options from `at` on; reserved bits are zero. */
export function emitNdOptions(b: Uint8Array, at: number, options: readonly NdOption[]): void {
  let i = at;
  for (const option of options) {
    const length = optionLength(option);
    b.fill(0, i, i + length);
    b[i + 1] = length / 8;
    emitOption(b, i, option);
    i += length;
  }
}

function emitOption(b: Uint8Array, at: number, option: NdOption): void {
  switch (option.kind) {
    case 'source-link-layer':
    case 'target-link-layer':
      b[at] = option.kind === 'source-link-layer' ? ND_OPTION.SourceLinkLayer : ND_OPTION.TargetLinkLayer;
      writeMac(b, at + 2, option.mac);
      return;
    case 'prefix':
      setBe16(b, at, (ND_OPTION.Prefix << 8) | 4);
      b[at + 2] = option.length;
      b[at + 3] = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0);
      setBe32(b, at + 4, option.validLifetime);
      setBe32(b, at + 8, option.preferredLifetime);
      setBe128(b, at + 16, option.prefix);
      return;
    case 'mtu':
      b[at] = ND_OPTION.Mtu;
      setBe32(b, at + 4, option.mtu);
      return;
    case 'rdnss':
      b[at] = ND_OPTION.Rdnss;
      setBe32(b, at + 4, option.lifetime);
      option.servers.forEach((server, n) => {
        setBe128(b, at + 8 + n * 16, server);
      });
      return;
    case 'unknown':
      b[at] = option.type;
      b.set(option.data, at + 2);
  }
}

function optionLength(option: NdOption): number {
  switch (option.kind) {
    case 'prefix':
      return 32;
    case 'rdnss':
      return 8 + option.servers.length * 16;
    case 'unknown':
      return (option.data.length + 2 + 7) & ~7;
    default:
      return 8;
  }
}

export function ndOptionsLength(options: readonly NdOption[]): number {
  let length = 0;
  for (const option of options) length += optionLength(option);
  return length;
}
