import { be16, be32 } from '../../wire/endian.ts';

/** One instruction (struct sock_filter); `yes` and `no` say how many to pass over behind a comparison. */
export interface Instruction {
  code: number;
  yes: number;
  no: number;
  k: number;
}

const CLASS = { load: 0, loadIndex: 1, store: 2, storeIndex: 3, arithmetic: 4, jump: 5, result: 6, other: 7 } as const;
const WORDS = 16;
/** Loads from here on ask the kernel about the packet instead of reading it (SKF_AD_OFF and around). */
const ANCILLARY = 0xfff0_0000;

const LOADS: ReadonlySet<number> = new Set([0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80]);
const INDEX_LOADS: ReadonlySet<number> = new Set([0x01, 0x61, 0x81, 0xb1]);
const OPERATIONS: ReadonlySet<number> = new Set([0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0]);

/** Whether the kernel would take a program (net/core/filter.c `bpf_check_classic`). */
export function checkProgram(program: readonly Instruction[]): boolean {
  const { length } = program;
  for (const [i, { code, yes, no, k }] of program.entries()) {
    const kind = code & 7;
    const operation = code & 0xf0;
    if (code > 0xff) return false;
    if (kind === CLASS.load && !LOADS.has(code)) return false;
    if (kind === CLASS.loadIndex && !INDEX_LOADS.has(code)) return false;
    if ((code === 0x60 || code === 0x61 || kind === CLASS.store || kind === CLASS.storeIndex) && k >= WORDS) return false;
    if (kind === CLASS.arithmetic) {
      const negates = operation === 0x80;
      if (!negates && !OPERATIONS.has(operation)) return false;
      if (code === 0x34 || code === 0x94) if (k === 0) return false;
      if ((code === 0x64 || code === 0x74) && k >= 32) return false;
    }
    if (kind === CLASS.jump) {
      if (operation > 0x40) return false;
      const furthest = operation === 0 ? k : Math.max(yes, no);
      if (furthest >= length - i - 1) return false;
    }
    if (kind === CLASS.result && code !== 0x06 && code !== 0x16) return false;
    if (kind === CLASS.other && code !== 0x07 && code !== 0x87) return false;
  }
  return ((program.at(-1)?.code ?? 0) & 7) === CLASS.result;
}

/**
 * Runs a program that was checked over the bytes from `start` to `end`. Jumps lead forward only, so it ends.
 * @returns what the program returns: how much of the packet it wants; 0 also when it reads beyond the packet
 */
export function runProgram(program: readonly Instruction[], bytes: Uint8Array, start: number, end: number): number {
  const memory = new Array<number>(WORDS).fill(0);
  let a = 0;
  let x = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, yes, no, k } = program[at] as Instruction;
    switch (code & 7) {
      case CLASS.load:
      case CLASS.loadIndex: {
        const value = load(code, k, x, memory, bytes, start, end);
        if (value === undefined) return 0;
        if ((code & 7) === CLASS.load) a = value;
        else x = value;
        break;
      }
      case CLASS.store:
        memory[k] = a;
        break;
      case CLASS.storeIndex:
        memory[k] = x;
        break;
      case CLASS.arithmetic: {
        const value = compute(code & 0xf0, a, code & 8 ? x : k);
        if (value === undefined) return 0;
        a = value;
        break;
      }
      case CLASS.jump:
        if ((code & 0xf0) === 0) at += k;
        else at += holds(code & 0xf0, a, code & 8 ? x : k) ? yes : no;
        break;
      case CLASS.result:
        return code === 0x16 ? a : k;
      default:
        if (code === 0x07) x = a;
        else a = x;
    }
  }
  return 0;
}

/** By size (word, half, byte) and by mode: a number, the packet, the packet from X on, memory, the length, four times a nibble. */
function load(
  code: number,
  k: number,
  x: number,
  memory: readonly number[],
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const mode = code & 0xe0;
  if (mode === 0x00) return k;
  if (mode === 0x60) return memory[k];
  if (mode === 0x80) return end - start;
  if (k >= ANCILLARY) return undefined;
  const at = start + k + (mode === 0x40 ? x : 0);
  const size = code & 0x18;
  if (at + (size === 0x00 ? 4 : size === 0x08 ? 2 : 1) > end) return undefined;
  if (mode === 0xa0) return ((bytes[at] as number) & 0xf) * 4;
  return size === 0x00 ? be32(bytes, at) : size === 0x08 ? be16(bytes, at) : (bytes[at] as number);
}

function compute(operation: number, a: number, b: number): number | undefined {
  switch (operation) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return b === 0 ? undefined : Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    case 0x60:
      return (a << b) >>> 0;
    case 0x70:
      return a >>> b;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return b === 0 ? undefined : a % b;
    default:
      return (a ^ b) >>> 0;
  }
}

function holds(operation: number, a: number, b: number): boolean {
  if (operation === 0x10) return a === b;
  if (operation === 0x20) return a > b;
  return operation === 0x30 ? a >= b : (a & b) !== 0;
}
