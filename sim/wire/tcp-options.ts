import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/** Option kinds (IANA; include/net/tcp.h TCPOPT_*). */
export const TCP_OPTION = { End: 0, Nop: 1, Mss: 2, WindowScale: 3, SackPermitted: 4, Sack: 5, Timestamps: 8 } as const;

/** One option, in the order of the header. `end` stands for itself and everything after it, kept as it was. */
export type TcpOption =
  | { kind: 'end'; padding: Uint8Array }
  | { kind: 'nop' }
  | { kind: 'mss'; mss: number }
  | { kind: 'wscale'; shift: number }
  | { kind: 'sack-permitted' }
  | { kind: 'sack'; blocks: [left: number, right: number][] }
  | { kind: 'timestamps'; value: number; echo: number }
  | { kind: 'unknown'; code: number; data: Uint8Array };

/** What a connection needs of the options, whatever their order. */
export interface TcpOptions {
  mss?: number;
  /** The shift, 0 … 14. */
  windowScale?: number;
  sackPermitted?: boolean;
  sack?: [left: number, right: number][];
  timestamps?: { value: number; echo: number };
}

/**
 * Reads options [at, end) as Linux's tcp_parse_options: what can't be read ends the list, options of the wrong length are passed over,
 * MSS 0 counts as absent and a window scale above 14 as 14. MSS, window scale and SACK-permitted count only on a SYN.
 */
export function readOptions(b: Uint8Array, at: number, end: number, syn: boolean): TcpOptions {
  const options: TcpOptions = {};
  for (let i = at; i < end; ) {
    const kind = b[i] as number;
    if (kind === TCP_OPTION.End) break;
    if (kind === TCP_OPTION.Nop) {
      i++;
      continue;
    }
    const length = b[i + 1] as number;
    if (i + 1 >= end || length < 2 || i + length > end) break;
    readOption(b, i, kind, length, syn, options);
    i += length;
  }
  return options;
}

function readOption(b: Uint8Array, at: number, kind: number, length: number, syn: boolean, options: TcpOptions): void {
  if (kind === TCP_OPTION.Mss && length === 4 && syn) {
    if (be16(b, at + 2) > 0) options.mss = be16(b, at + 2);
  } else if (kind === TCP_OPTION.WindowScale && length === 3 && syn) options.windowScale = Math.min(14, b[at + 2] as number);
  else if (kind === TCP_OPTION.SackPermitted && length === 2 && syn) options.sackPermitted = true;
  else if (kind === TCP_OPTION.Sack && length >= 10 && (length - 2) % 8 === 0) options.sack = readBlocks(b, at, length);
  else if (kind === TCP_OPTION.Timestamps && length === 10) options.timestamps = { value: be32(b, at + 2), echo: be32(b, at + 6) };
}

function readBlocks(b: Uint8Array, at: number, length: number): [number, number][] {
  const blocks: [number, number][] = [];
  for (let i = at + 2; i < at + length; i += 8) blocks.push([be32(b, i), be32(b, i + 4)]);
  return blocks;
}

/** Lays options out as Linux's tcp_options_write does, each group padded to a multiple of 4 with NOPs. */
export function layOutOptions(options: TcpOptions): TcpOption[] {
  const list: TcpOption[] = [];
  if (options.mss !== undefined) list.push({ kind: 'mss', mss: options.mss });
  if (options.timestamps) {
    if (options.sackPermitted) list.push({ kind: 'sack-permitted' });
    else list.push({ kind: 'nop' }, { kind: 'nop' });
    list.push({ kind: 'timestamps', ...options.timestamps });
  } else if (options.sackPermitted) list.push({ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack-permitted' });
  if (options.windowScale !== undefined) list.push({ kind: 'nop' }, { kind: 'wscale', shift: options.windowScale });
  if (options.sack?.length) list.push({ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks: options.sack });
  return list;
}

/** Every option in its order; one whose length is wrong is an error. */
export function parseTcpOptions(b: Uint8Array, at: number, end: number): TcpOption[] | WireError {
  const options: TcpOption[] = [];
  for (let i = at; i < end; ) {
    const kind = b[i] as number;
    if (kind === TCP_OPTION.End) {
      options.push({ kind: 'end', padding: b.slice(i, end) });
      break;
    }
    if (kind === TCP_OPTION.Nop) {
      options.push({ kind: 'nop' });
      i++;
      continue;
    }
    if (i + 1 >= end) return truncated(`TCP option ${kind}`, i, 2, end - i);
    const length = b[i + 1] as number;
    if (length < 2) return wireError(`TCP option ${kind} has length ${length}`, i + 1);
    if (i + length > end) return truncated(`TCP option ${kind}`, i + 1, length, end - i);
    options.push(decodeOption(b, i, kind, length));
    i += length;
  }
  return options;
}

function decodeOption(b: Uint8Array, at: number, kind: number, length: number): TcpOption {
  if (kind === TCP_OPTION.Mss && length === 4) return { kind: 'mss', mss: be16(b, at + 2) };
  if (kind === TCP_OPTION.WindowScale && length === 3) return { kind: 'wscale', shift: b[at + 2] as number };
  if (kind === TCP_OPTION.SackPermitted && length === 2) return { kind: 'sack-permitted' };
  if (kind === TCP_OPTION.Sack && length >= 10 && (length - 2) % 8 === 0) return { kind: 'sack', blocks: readBlocks(b, at, length) };
  if (kind === TCP_OPTION.Timestamps && length === 10) return { kind: 'timestamps', value: be32(b, at + 2), echo: be32(b, at + 6) };
  return { kind: 'unknown', code: kind, data: b.slice(at + 2, at + length) };
}

/** Writes the options from `at` on and returns where they end; padding to a multiple of 4 is the caller's. */
export function emitTcpOptions(b: Uint8Array, at: number, options: readonly TcpOption[]): number {
  let i = at;
  for (const option of options) i = emitOption(b, i, option);
  return i;
}

function emitOption(b: Uint8Array, at: number, option: TcpOption): number {
  const length = optionLength(option);
  switch (option.kind) {
    case 'end':
      b.set(option.padding, at);
      break;
    case 'nop':
      b[at] = TCP_OPTION.Nop;
      break;
    case 'mss':
      head(b, at, TCP_OPTION.Mss, length);
      setBe16(b, at + 2, option.mss);
      break;
    case 'wscale':
      head(b, at, TCP_OPTION.WindowScale, length);
      b[at + 2] = option.shift;
      break;
    case 'sack-permitted':
      head(b, at, TCP_OPTION.SackPermitted, length);
      break;
    case 'sack':
      head(b, at, TCP_OPTION.Sack, length);
      option.blocks.forEach(([left, right], i) => {
        setBe32(b, at + 2 + i * 8, left);
        setBe32(b, at + 6 + i * 8, right);
      });
      break;
    case 'timestamps':
      head(b, at, TCP_OPTION.Timestamps, length);
      setBe32(b, at + 2, option.value);
      setBe32(b, at + 6, option.echo);
      break;
    case 'unknown':
      head(b, at, option.code, length);
      b.set(option.data, at + 2);
  }
  return at + length;
}

function head(b: Uint8Array, at: number, kind: number, length: number): void {
  b[at] = kind;
  b[at + 1] = length;
}

function optionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'end':
      return option.padding.length;
    case 'nop':
      return 1;
    case 'mss':
      return 4;
    case 'wscale':
      return 3;
    case 'sack-permitted':
      return 2;
    case 'sack':
      return 2 + option.blocks.length * 8;
    case 'timestamps':
      return 10;
    case 'unknown':
      return 2 + option.data.length;
  }
}

/** Bytes the options take in a header, padded to a multiple of 4. */
export function tcpOptionsLength(options: readonly TcpOption[]): number {
  let length = 0;
  for (const option of options) length += optionLength(option);
  return (length + 3) & ~3;
}
