import { ICMPV6_TYPE } from '../../../wire/icmpv6.ts';
import { upperLayer } from '../../../wire/ipv6.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import { judge, pseudoHeader } from './checksums.ts';
import { dumpUnknown } from './dump.ts';
import { printGroupRecords } from './group-records.ts';
import { printNdOptions } from './nd-options.ts';
import { flagNames, hex, named, type Printout, Truncated, type UpperPrinter } from './printout.ts';

/** ICMPv6, neighbour discovery and multicast listeners (print-icmp6.c). */

const NAMES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  138: 'router renumbering',
  139: 'node information query',
  140: 'node information reply',
  141: 'inverse neighbor solicitation',
  142: 'inverse neighbor advertisement',
  143: 'multicast listener report v2',
};
const UNREACHABLE = ['unreachable route', ' unreachable prohibited', 'beyond scope', 'unreachable address', 'unreachable port'];
const ROUTER_FLAGS = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
  [0x02, 'ipv6 only'],
] as const;
const NEIGHBOUR_FLAGS = [
  [0x80, 'router'],
  [0x40, 'solicited'],
  [0x20, 'override'],
] as const;
const PARAMETER_PROBLEMS = ['erroneous', 'next header', 'option', 'incomplete header chain'];
/** Neighbour discovery: with -v the length stands before the options. */
const DISCOVERY: ReadonlySet<number> = new Set([133, 134, 135, 136, 137]);
const QUOTE = 8;

export const icmpv6: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'icmp6';
  const { verbose } = out.options;
  if (verbose && !ip.fragmented && out.has(at, length)) {
    const wrong = judge(out, at, length, at + 2, pseudoHeader(out, ip, PROTOCOL.ICMPv6, length));
    out.write(wrong ? `[bad icmp6 cksum 0x${hex(wrong.found, 4)} -> 0x${hex(wrong.expected, 4)}!] ` : '[icmp6 sum ok] ');
  }
  const type = out.u8(at);
  out.write(`ICMP6, ${named(NAMES, type, (value) => `unknown icmp6 type (${value})`)}`);
  if (verbose && DISCOVERY.has(type)) out.write(`, length ${length}`);
  if (NAMES[type] === undefined) {
    out.u8(at + 1);
    out.write(`, length ${length}`);
    if (verbose <= 1) dumpUnknown(out, at, '\n\t', length);
    return;
  }
  if (printMessage(out, at, length, type) && !verbose) out.write(`, length ${length}`);
};

/** @returns whether the line goes on */
function printMessage(out: Printout, at: number, length: number, type: number): boolean {
  const code = out.u8(at + 1);
  switch (type) {
    case ICMPV6_TYPE.Unreachable:
      return printUnreachable(out, at, length, code);
    case ICMPV6_TYPE.PacketTooBig:
      out.write(`, mtu ${out.u32(at + 4)}`);
      return true;
    case ICMPV6_TYPE.TimeExceeded:
      out.need(at + QUOTE + 24, 16);
      if (code === 0) out.withAddress(' for ', at + QUOTE + 24, 16);
      else out.write(code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
      return true;
    case ICMPV6_TYPE.ParameterProblem: {
      out.need(at + QUOTE + 24, 16);
      const problem = PARAMETER_PROBLEMS[code];
      out.write(problem ? `, ${problem} - octet ${out.u32(at + 4)}` : `, code-#${code}`);
      return true;
    }
    case ICMPV6_TYPE.Echo:
    case ICMPV6_TYPE.EchoReply:
      out.write(`, id ${out.u16(at + 4)}, seq ${out.u16(at + 6)}`);
      return true;
    case ICMPV6_TYPE.MldQuery:
      if (length === 24) printListener(out, at);
      else if (length >= 28) printQuery(out, at, length);
      else out.write(` unknown-version (len ${length}) `);
      return true;
    case ICMPV6_TYPE.MldReport:
    case ICMPV6_TYPE.MldDone:
      printListener(out, at);
      return true;
    case ICMPV6_TYPE.Mld2Report:
      if (length < 8) out.write(` [invalid len ${length}]`);
      else printGroupRecords(out, at, length, 16);
      return true;
  }
  return printDiscovery(out, at, length, type);
}

function printUnreachable(out: Printout, at: number, length: number, code: number): boolean {
  out.write(`, ${UNREACHABLE[code] ?? `unknown unreach code (${code})`}`);
  const destination = at + QUOTE + 24;
  if (code === 0 || code === 1 || code === 3) out.withAddress(' ', destination, 16);
  else if (code === 2) {
    out.withAddress(' ', destination, 16);
    out.withAddress(', source address ', at + QUOTE + 8, 16);
  } else if (code === 4) {
    const quoted = upperLayer(out.b, at + QUOTE, out.end);
    if (isWireError(quoted) || (quoted.protocol !== PROTOCOL.TCP && quoted.protocol !== PROTOCOL.UDP)) throw new Truncated();
    const port = out.u16(quoted.offset + 2);
    const name = quoted.protocol === PROTOCOL.TCP ? 'tcp' : 'udp';
    out.withAddress(', ', destination, 16, ` ${name} port ${out.names.port(port, name)}`);
  } else if (out.options.verbose <= 1) {
    dumpUnknown(out, at, '\n\t', length);
    return false;
  }
  return true;
}

function printDiscovery(out: Printout, at: number, length: number, type: number): boolean {
  const { verbose } = out.options;
  const options = (start: number): boolean => {
    if (!verbose || printNdOptions(out, at + start, length - start)) return true;
    out.truncated();
    return false;
  };
  switch (type) {
    case ICMPV6_TYPE.RouterSolicitation:
      return options(8);
    case ICMPV6_TYPE.RouterAdvertisement: {
      if (!verbose) return true;
      const flags = out.u8(at + 5);
      const preference = ['medium', 'high', 'rsv', 'low'][(flags >>> 3) & 3];
      out.write(`\n\thop limit ${out.u8(at + 4)}, Flags [${flagNames(ROUTER_FLAGS, flags, 'none')}], pref ${preference}`);
      out.write(`, router lifetime ${out.u16(at + 6)}s, reachable time ${out.u32(at + 8)}ms, retrans timer ${out.u32(at + 12)}ms`);
      return options(16);
    }
    case ICMPV6_TYPE.NeighbourSolicitation:
      out.withAddress(', who has ', at + 8, 16);
      return options(24);
    case ICMPV6_TYPE.NeighbourAdvertisement:
      out.withAddress(', tgt is ', at + 8, 16);
      if (verbose) out.write(`, Flags [${flagNames(NEIGHBOUR_FLAGS, out.u8(at + 4), 'none')}]`);
      return options(24);
    case ICMPV6_TYPE.Redirect:
      out.withAddress(', ', at + 24, 16);
      out.withAddress(' to ', at + 8, 16);
      return options(40);
  }
  return true;
}

/** MLD version 1. */
function printListener(out: Printout, at: number): void {
  if (!out.has(at, 24)) return;
  out.withAddress(`max resp delay: ${out.u16(at + 4)} addr: `, at + 8, 16);
}

/** An MLDv2 query. */
function printQuery(out: Printout, at: number, length: number): void {
  const { verbose } = out.options;
  out.write(' v2');
  const code = out.u16(at + 4);
  const delay = code < 32_768 ? code : ((code & 0x0fff) | 0x1000) << (((code & 0x7000) >>> 12) + 3);
  if (verbose) out.write(` [max resp delay=${delay}]`);
  out.withAddress(' [gaddr ', at + 8, 16);
  if (verbose) {
    const flags = out.u8(at + 24);
    if (flags & 8) out.write(' sflag');
    if (flags & 7) out.write(` robustness=${flags & 7}`);
    const interval = out.u8(at + 25);
    out.write(` qqi=${interval < 128 ? interval : ((interval & 0x0f) | 0x10) << (((interval & 0x70) >>> 4) + 3)}`);
  }
  const sources = out.u16(at + 26);
  if (sources > 0) {
    if (length < 28 + sources * 16) out.write(' [invalid number of sources]');
    else if (verbose > 1) {
      out.write(' {');
      for (let i = 0; i < sources; i++) out.withAddress(' ', at + 28 + i * 16, 16);
      out.write(' }');
    } else out.write(`, ${sources} source(s)`);
  }
  out.write(']');
}
