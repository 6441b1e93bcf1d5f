import { PROTOCOL } from '../../../wire/protocol.ts';
import { PROTOCOL_NAMES, printUpper } from './ipv4.ts';
import { hex, named, type Printer, type Printout, type UpperPrinter } from './printout.ts';

/** IPv6 headers and extension headers (print-ip6.c, print-ip6opts.c, print-frag6.c, print-rt6.c). */

const HEADER = 40;
const WITH_PORTS: ReadonlySet<number> = new Set([PROTOCOL.TCP, PROTOCOL.UDP, 132, 33]);

export const ipv6: Printer = (out, at, length) => {
  out.protocol = 'ip6';
  if (!out.options.link) out.write('IP6 ');
  if (length < HEADER) {
    out.write(` [length ${length} < ${HEADER}]`);
    return out.invalid();
  }
  const version = out.u8(at) >>> 4;
  if (version !== 6) {
    out.write(` [version ${version} != 6]`);
    return out.invalid();
  }
  const payload = out.u16(at + 4);
  const total = payload === 0 ? length : payload + HEADER;
  if (total > length) {
    out.write(`[header+payload length ${total} > length ${length}]`);
    out.invalid();
    out.write(' ');
  }
  const next = out.u8(at + 6);
  if (out.options.verbose) {
    const flow = out.u32(at);
    const label = flow & 0xfffff;
    const trafficClass = (flow >>> 20) & 0xff;
    out.write(`(${trafficClass ? `class 0x${hex(trafficClass, 2)}, ` : ''}${label ? `flowlabel 0x${hex(label, 5)}, ` : ''}`);
    const name = named(PROTOCOL_NAMES, next, 'unknown');
    out.write(`hlim ${out.u8(at + 7)}, next-header ${name} (${next}), payload length ${payload}) `);
  }
  if (!out.has(at, HEADER)) return out.truncated();
  out.within(at, Math.min(length, total), () => printExtensions(out, at, total, next, payload === 0));
};

/** Extension headers in their order, then what the packet carries. */
function printExtensions(out: Printout, at: number, total: number, first: number, empty: boolean): void {
  let [protocol, offset, fragmented] = [first, HEADER, false];
  for (;;) {
    if (offset === HEADER && !WITH_PORTS.has(protocol)) {
      out.withAddress('', at + 8, 16, ' > ');
      out.withAddress('', at + 24, 16, ': ');
    }
    const here = at + offset;
    if (here > out.end) return;
    if (protocol === PROTOCOL.HopByHop || protocol === PROTOCOL.DestinationOptions) {
      const hopByHop = protocol === PROTOCOL.HopByHop;
      out.protocol = hopByHop ? 'hbh' : 'dstopt';
      const length = (out.u8(here + 1) + 1) * 8;
      out.need(here, length);
      out.write(hopByHop ? 'HBH ' : 'DSTOPT ');
      if ((hopByHop || out.options.verbose) && !printOptions(out, here + 2, length - 2)) return out.invalid();
      offset += length;
    } else if (protocol === PROTOCOL.Fragment) {
      if (!printFragment(out, here, at)) return;
      fragmented = true;
      offset += 8;
      if (out.end <= at + offset) return;
    } else if (protocol === PROTOCOL.Routing) {
      offset += printRouting(out, here);
    } else {
      if (empty) out.end = Math.min(out.end, at + HEADER);
      const left = empty ? 0 : total - offset;
      return printUpper(out, here, left, protocol, { version: 6, header: at, fragmented });
    }
    protocol = out.u8(here);
    if (at + offset >= out.end) return;
  }
}

/** @returns false when the options are malformed */
function printOptions(out: Printout, at: number, length: number): boolean {
  if (length === 0) return true;
  const say = (text: string): void => {
    if (out.options.verbose) out.write(text);
  };
  for (let i = 0; i < length; ) {
    const type = out.u8(at + i);
    const left = length - i;
    const size = type === 0 ? 1 : left < 2 ? 2 : out.u8(at + i + 1) + 2;
    if (left < size) {
      out.write(` [remaining length ${left} < ${size}]`);
      return false;
    }
    out.need(at + i, size);
    if (type === 0) say('(pad1)');
    else if (type === 1) say('(padn)');
    else if (type === 5) say(`(rtalert: 0x${hex(out.u16(at + i + 2), 4)}) `);
    else say(`(unknown opt-type 0x${hex(type, 2)} len=${size - 2})`);
    i += size;
  }
  say(' ');
  return true;
}

/** @returns whether the rest can be read: it can't in the middle of a packet */
function printFragment(out: Printout, at: number, header: number): boolean {
  out.protocol = 'frag6';
  out.write('frag (');
  if (out.options.verbose) out.write(`0x${hex(out.u32(at + 4), 8)}:`);
  else out.need(at + 4, 4);
  const offset = out.u16(at + 2) & 0xfff8;
  const length = HEADER + out.u16(header + 4) - (at - header) - 8;
  out.write(`${offset}|${length < 0 ? '[length < 0] (invalid)' : length})`);
  if (offset !== 0) return false;
  out.write(' ');
  return true;
}

/** Routing headers are named by type and length. @returns their length */
function printRouting(out: Printout, at: number): number {
  out.protocol = 'rt6';
  const length = out.u8(at + 1);
  out.write(`srcrt (len=${length}, type=${out.u8(at + 2)}, segleft=${out.u8(at + 3)}, unknown type) `);
  return (length + 1) * 8;
}

/** IPv6 in IP: the inner packet follows on the same line. */
export const ipv6InIp: UpperPrinter = (out, at, length) => ipv6(out, at, length);
