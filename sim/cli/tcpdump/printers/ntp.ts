import { moment, strftime } from '../../../base/calendar.ts';
import { printCharacters } from './characters.ts';
import { hex, type Printer, type Printout } from './printout.ts';

/** NTP (print-ntp.c): with -v the clock's state, the four times and what they tell of the path. */

const TIME_MESSAGE = 48;
const CONTROL_MESSAGE = 12;
const MODES = ['unspecified', 'symmetric active', 'symmetric passive', 'Client', 'Server', 'Broadcast', 'Control Message', 'Reserved'];
const LEAPS: Readonly<Record<number, string>> = { 0: '', 64: '+1s', 128: '-1s', 192: 'clock unsynchronized' };
const CONTROL = 6;
const RESERVED = 7;
/** Seconds from 1900 to 1970, and from 1970 to the era of 2036. */
const EPOCH = 2_208_988_800;
const NEXT_ERA = 2_085_978_496;
const INFO_QUERY = 62;
const INFO_REPLY = 63;

export const ntp: Printer = (out, at, length) => {
  out.protocol = 'ntp';
  const status = out.u8(at);
  out.write('NTP');
  const mode = status & 7;
  out.write(`v${(status >>> 3) & 7}, ${MODES[mode]}, length ${length}`);
  if (!out.options.verbose) return;
  const leap = status & 0xc0;
  out.write(`\n\tLeap indicator: ${LEAPS[leap]} (${leap})`);
  if (mode === CONTROL) printControl(out, at, length);
  else if (mode !== RESERVED) printTimes(out, at, length);
};

function printTimes(out: Printout, at: number, length: number): void {
  if (length < TIME_MESSAGE) return printInvalid(out, at, length);
  const stratum = out.u8(at + 1);
  const kind = stratum === 0 ? 'unspecified' : stratum === 1 ? 'primary reference' : stratum <= 15 ? 'secondary reference' : 'reserved';
  const poll = (out.u8(at + 2) << 24) >> 24;
  out.write(`, Stratum ${stratum} (${kind}), poll ${poll}${pollText(poll)}`);
  out.write(`, precision ${(out.u8(at + 3) << 24) >> 24}`);
  out.expect(at + 4, 4);
  out.write(`\n\tRoot Delay: ${shortFixed(out, at + 4)}`);
  out.expect(at + 8, 4);
  out.write(`, Root dispersion: ${shortFixed(out, at + 8)}`);
  out.expect(at + 12, 4);
  out.write(', Reference-ID: ');
  if (stratum === 0) out.write('(unspec)');
  else if (stratum === 1) printCharacters(out, at + 12, 4);
  else if (stratum === INFO_QUERY || stratum === INFO_REPLY) {
    return out.withAddress('', at + 12, 4, stratum === INFO_QUERY ? ' INFO_QUERY' : ' INFO_REPLY');
  } else out.write(`0x${hex(out.u32(at + 12), 8)}`);
  const [origin, received, sent] = [at + 24, at + 32, at + 40];
  for (const [name, where] of [
    ['Reference Timestamp:  ', at + 16],
    ['Origin Timestamp:     ', origin],
    ['Receive Timestamp:    ', received],
    ['Transmit Timestamp:   ', sent],
  ] as const) {
    out.expect(where, 8);
    out.write(`\n\t  ${name}${timeText(out, where)}`);
  }
  out.write(`\n\t    Originator - Receive Timestamp:  ${apart(out, origin, received)}`);
  out.write(`\n\t    Originator - Transmit Timestamp: ${apart(out, origin, sent)}`);
  printKey(out, at, length);
}

/** A key's number and a digest of 128 or 160 bits, by how much is left. */
function printKey(out: Printout, at: number, length: number): void {
  const left = length - TIME_MESSAGE;
  if (left === 0) return;
  if (left !== 4 && left !== 20 && left !== 24) return out.write(`\n\t(${left} more bytes after the header)`);
  const key = at + TIME_MESSAGE;
  out.write(`\n\tKey id: ${out.u32(key)}`);
  if (left === 4) return;
  out.expect(key, left);
  out.write('\n\tAuthentication: ');
  for (let i = 4; i < left; i += 4) out.write(hex(out.u32(key + i), 8));
}

function printControl(out: Printout, at: number, length: number): void {
  if (length < CONTROL_MESSAGE) return printInvalid(out, at, length);
  const control = out.u8(at + 1);
  const flags = `${control & 0x80 ? 'Response' : 'Request'}, ${control & 0x40 ? 'Error' : 'OK'}, ${control & 0x20 ? 'More' : 'Last'}`;
  out.write(`, ${flags}, OpCode=${control & 0x1f}\n`);
  out.write(`\tSequence=${out.u16(at + 2)}`);
  const status = out.u16(at + 4);
  out.write(`, Status=${status ? '0x' : ''}${hex(status)}`);
  out.write(`, Assoc.=${out.u16(at + 6)}`);
  out.write(`, Offset=${out.u16(at + 8)}`);
  const count = out.u16(at + 10);
  out.write(`, Count=${count}`);
  if (CONTROL_MESSAGE + count > length) return printInvalid(out, at, length);
  if (count === 0) return;
  out.expect(at + CONTROL_MESSAGE, count);
  out.write('\n\tTO-BE-DONE: data not interpreted');
}

function printInvalid(out: Printout, at: number, length: number): void {
  out.invalid();
  out.expect(at, length);
}

/** How often it is asked, from the power of two. */
function pollText(poll: number): string {
  if (poll <= -32 || poll >= 32) return '';
  return poll >= 0 ? ` (${2 ** poll}s)` : ` (1/${2 ** -poll}s)`;
}

/** A number of 16 bits and 16 bits of fraction. */
function shortFixed(out: Printout, at: number): string {
  const [whole, fraction] = [out.u16(at), out.u16(at + 2)];
  return `${whole}.${String(Math.trunc((fraction / 65_536) * 1_000_000)).padStart(6, '0')}`;
}

function billionths(fraction: number): string {
  return String(Math.trunc((fraction / 2 ** 32) * 1_000_000_000)).padStart(9, '0');
}

function timeText(out: Printout, at: number): string {
  const [seconds, fraction] = [out.u32(at), out.u32(at + 4)];
  const number = `${seconds}.${billionths(fraction)}`;
  if (seconds === 0) return number;
  const unix = seconds >= 2 ** 31 ? seconds - EPOCH : seconds + NEXT_ERA;
  return `${number} (${strftime('%Y-%m-%dT%H:%M:%SZ', moment(unix))})`;
}

/** How much later the time at `to` is than that at `from`; that time itself when there is none at `from`. */
function apart(out: Printout, from: number, to: number): string {
  const unit = 2n ** 32n;
  const at = (place: number): bigint => BigInt(out.u32(place)) * unit + BigInt(out.u32(place + 4));
  const before = at(from);
  if (before === 0n) return timeText(out, to);
  const later = at(to) - before;
  const size = later < 0n ? -later : later;
  return `${later > 0n ? '+' : '-'}${size / unit}.${billionths(Number(size % unit))}`;
}
