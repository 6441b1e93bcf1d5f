import { dumpDefault } from './dump.ts';
import { hex, named, type Printer, type Printout, type UpperPrinter } from './printout.ts';
import { printAddress } from './tcp.ts';

/** SCTP packets and their chunks (print-sctp.c). */

const HEADER = 12;
const CHUNK = 4;
const NAMES: Readonly<Record<number, string>> = {
  0: 'DATA',
  1: 'INIT',
  2: 'INIT ACK',
  3: 'SACK',
  4: 'HB REQ',
  5: 'HB ACK',
  6: 'ABORT',
  7: 'SHUTDOWN',
  8: 'SHUTDOWN ACK',
  9: 'OP ERR',
  10: 'COOKIE ECHO',
  11: 'COOKIE ACK',
  12: 'ECN ECHO',
  13: 'ECN CWR',
  14: 'SHUTDOWN COMPLETE',
  192: 'FOR CUM TSN',
  193: 'REL CTRL',
  194: 'REL CTRL ACK',
};
/** Payload protocols, from 1 on. */
const PAYLOADS: Readonly<Record<number, string>> = [
  ...['', 'ISDN Q.921', 'M2UA', 'M3UA', 'SUA', 'M2PA', 'V5.2', 'H.248', 'BICC', 'TALI', 'DUA', 'ASAP', 'ENRP', 'H.323', 'Q.IPC'],
  ...['SIMCO', 'DDPSC', 'DDPSSC', 'S1AP', 'RUA', 'HNBAP', 'ForCES HP', 'ForCES MP', 'ForCES LP', 'SBc-AP', 'NBAP'],
];
const X2AP = 27;

/** Prints a chunk's value of `length` bytes. @returns false when it is too short, which ends the packet */
type ChunkPrinter = (out: Printout, at: number, length: number, flags: number) => boolean;

export const sctp: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'sctp';
  if (length < HEADER) return out.write(`truncated-sctp - ${HEADER - length} bytes missing!`);
  out.expect(at, HEADER);
  printAddress(out, ip, 'source');
  out.write(`.${out.u16(at)} > `);
  printAddress(out, ip, 'destination');
  out.write(`.${out.u16(at + 2)}: sctp`);
  printChunks(out, at + HEADER, length - HEADER);
};

const printChunks: Printer = (out, start, total) => {
  const listed = out.options.verbose >= 2;
  const end = start + total;
  let separator = listed ? '\n\t' : ' (';
  let at = start;
  for (let number = 1; at < end; number++) {
    if (end - at < CHUNK) return out.write(`${separator}${number}) [chunk descriptor cut off at end of packet]`);
    out.expect(at, CHUNK);
    const length = out.u16(at + 2);
    if (length < CHUNK) return out.write(`${separator}${number}) [Bad chunk length ${length}, < size of chunk descriptor]`);
    const padding = -length & 3;
    if (end - at < padding) return out.write(`${separator}${number}) [Bad chunk length ${length}, > remaining data in packet]`);
    out.expect(at, length);
    const kind = out.u8(at);
    out.write(`${separator}${number}) [${named(NAMES, kind, (value) => `Unknown chunk type: 0x${hex(value)}`)}] `);
    if (CHUNKS[kind]?.(out, at + CHUNK, length - CHUNK, out.u8(at + 1)) === false) return out.write(`bogus chunk length ${length}]`);
    if (!listed) separator = ', (';
    at += length;
    if (padding) out.expect(at, padding);
    at += padding;
  }
};

const printData: ChunkPrinter = (out, at, length, flags) => {
  const marks = `${flags & 4 ? '(U)' : ''}${flags & 2 ? '(B)' : ''}${flags & 1 ? '(E)' : ''}`;
  out.write(marks && `${marks} `);
  if (length < 12) return false;
  const protocol = out.u32(at + 8);
  out.write(`[TSN: ${out.u32(at)}] [SID: ${out.u16(at + 4)}] [SSEQ ${out.u16(at + 6)}] `);
  const name = protocol === 0 ? undefined : protocol === X2AP ? 'X2AP' : PAYLOADS[protocol];
  out.write(`[PPID ${name ?? `0x${hex(protocol)}`}] `);
  if (length === 12) return false;
  if (out.options.verbose < 2) return true;
  out.write('[Payload');
  if (!out.options.noDefaultDump) {
    out.write(':');
    dumpDefault(out, at + 12, length - 12);
  }
  out.write(']');
  return true;
};

const printInit: ChunkPrinter = (out, at, length) => {
  if (length < 16) return false;
  out.write(`[init tag: ${out.u32(at)}] [rwnd: ${out.u32(at + 4)}] [OS: ${out.u16(at + 8)}] [MIS: ${out.u16(at + 10)}] `);
  out.write(`[init TSN: ${out.u32(at + 12)}] `);
  return true;
};

const printSelectiveAck: ChunkPrinter = (out, at, length) => {
  if (length < 12) return false;
  const [acknowledged, gaps, duplicates] = [out.u32(at), out.u16(at + 8), out.u16(at + 10)];
  out.write(`[cum ack ${acknowledged}] [a_rwnd ${out.u32(at + 4)}] [#gap acks ${gaps}] [#dup tsns ${duplicates}] `);
  const end = at + length;
  let next = at + 12;
  for (let i = 1; i <= gaps && next < end; i++, next += 4) {
    if (end - next < 4) return false;
    const [first, last] = [(acknowledged + out.u16(next)) >>> 0, (acknowledged + out.u16(next + 2)) >>> 0];
    out.write(`\n\t\t[gap ack block #${i}: start = ${first}, end = ${last}] `);
  }
  for (let i = 1; i <= duplicates && next < end; i++, next += 4) {
    if (end - next < 4) return false;
    out.write(`\n\t\t[dup TSN #${i}: ${out.u32(next)}] `);
  }
  return true;
};

const CHUNKS: Readonly<Record<number, ChunkPrinter>> = { 0: printData, 1: printInit, 2: printInit, 3: printSelectiveAck };
