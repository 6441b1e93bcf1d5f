import { printCharacters } from './characters.ts';
import { dumpUnknown } from './dump.ts';
import { flagNames, hex, named, type Printout } from './printout.ts';

/** DHCP options whose values have a form of their own (print-bootp.c). */

/** Prints a value of `length` bytes, and returns how many of them are left over. */
type ValuePrinter = (out: Printout, at: number, length: number) => number;

const NODES: Readonly<Record<number, string>> = { 1: 'b-node', 2: 'p-node', 4: 'm-node', 8: 'h-node' };
const OVERLOADS: Readonly<Record<number, string>> = { 1: 'file', 2: 'sname', 3: 'file+sname' };
const HARDWARE: Readonly<Record<number, string>> = { 1: 'ether', 6: 'ieee802', 7: 'arcnet', 15: 'frelay', 23: 'strip', 24: 'ieee1394' };
const AGENT: Readonly<Record<number, string>> = { 1: 'Circuit-ID', 2: 'Remote-ID', 6: 'Subscriber-ID' };
const FQDN_FLAGS = [
  [1, 'S'],
  [2, 'O'],
  [4, 'E'],
  [8, 'N'],
] as const;

export function printSpecial(out: Printout, tag: number, at: number, length: number): number {
  return (SPECIAL[tag] as ValuePrinter)(out, at, length);
}

function refuse(out: Printout, text: string): number {
  out.write(`[${text}]`);
  out.invalid();
  return 0;
}

function quoted(out: Printout, at: number, length: number): void {
  out.write('"');
  printCharacters(out, at, length);
  out.write('"');
}

/** One byte that stands for a word. */
function word(names: Readonly<Record<number, string>>): ValuePrinter {
  return (out, at, length) => {
    if (length < 1) return refuse(out, 'length < 1 byte');
    out.write(named(names, out.u8(at), (value) => `#${value}`));
    return length - 1;
  };
}

const fullName: ValuePrinter = (out, at, length) => {
  if (length < 3) return refuse(out, 'length < 3 bytes');
  const flags = out.u8(at);
  if (flags & 0xf0) {
    out.write(`[MBZ nibble 0x${hex(flags >>> 4)} != 0] `);
    out.invalid();
  }
  if (flags & 0x0f) out.write(`[${flagNames(FQDN_FLAGS, flags, '', '')}] `);
  const [forward, backward] = [out.u8(at + 1), out.u8(at + 2)];
  if (forward || backward) out.write(`${forward}/${backward} `);
  quoted(out, at + 3, length - 3);
  return 0;
};

const clientId: ValuePrinter = (out, at, length) => {
  if (length < 1) return refuse(out, 'length < 1 byte');
  const type = out.u8(at);
  if (type === 0) quoted(out, at + 1, length - 1);
  else {
    const bytes = Array.from({ length: length - 1 }, (_, i) => hex(out.u8(at + 1 + i), 2));
    out.write(`${named(HARDWARE, type, (value) => `hardware-type ${value},`)} ${bytes.join(':')}`);
  }
  return 0;
};

/** What relays add: options within the option. */
const agent: ValuePrinter = (out, start, length) => {
  const end = start + length;
  let at = start;
  while (end - at >= 2) {
    const [kind, size] = [out.u8(at), out.u8(at + 1)];
    at += 2;
    out.write(`\n\t      ${named(AGENT, kind, 'Unknown')} SubOption ${kind}, length ${size}: `);
    if (size > end - at) {
      out.write('length goes past end of option');
      return 0;
    }
    if (AGENT[kind]) printCharacters(out, at, size);
    else dumpUnknown(out, at, '\n\t\t', size);
    at += size;
  }
  return end - at;
};

/** Routes: as many bytes of the network as its prefix has, then the gateway. */
const routes: ValuePrinter = (out, start, length) => {
  if (length < 5) return refuse(out, 'length < 5 bytes');
  const end = start + length;
  for (let at = start; at < end; ) {
    if (at > start) out.write(',');
    const prefix = out.u8(at++);
    if (prefix > 32) return refuse(out, `Mask width (${prefix}) > 32`);
    const size = Math.ceil(prefix / 8);
    if (end - at < size + 4) return refuse(out, `Remaining length (${end - at}) < ${size + 4} bytes`);
    const octets = Array.from({ length: 4 }, (_, i) => (i < size ? out.u8(at + i) : 0));
    out.withAddress(`(${prefix === 0 ? 'default' : `${octets.join('.')}/${prefix}`}:`, at + size, 4, ')');
    at += size + 4;
  }
  return 0;
};

const userClass: ValuePrinter = (out, start, length) => {
  if (length < 2) return refuse(out, 'length < 2 bytes');
  const end = start + length;
  let at = start;
  for (let instance = 1; at < end; instance++) {
    const size = out.u8(at++);
    out.write(`\n\t      instance#${instance}: `);
    if (size === 0) return refuse(out, 'suboption length == 0');
    if (end - at < size) {
      out.write(`[length ${end - at} < suboption length ${size}`);
      out.invalid();
      return 0;
    }
    quoted(out, at, size);
    out.write(`, length ${size}`);
    at += size;
  }
  return 0;
};

const bootstrapServers: ValuePrinter = (out, start, length) => {
  const end = start + length;
  let at = start;
  while (end - at >= 2) {
    const size = out.u16(at);
    at += 2;
    out.write(`\n\t\t    length ${size}: `);
    if (end - at < size) {
      out.write('length goes past end of option');
      return 0;
    }
    quoted(out, at, size);
    at += size;
  }
  if (end > at) refuse(out, 'length < 2 bytes');
  return end - at;
};

const SPECIAL: Readonly<Record<number, ValuePrinter>> = {
  46: word(NODES),
  52: word(OVERLOADS),
  61: clientId,
  77: userClass,
  81: fullName,
  82: agent,
  121: routes,
  143: bootstrapServers,
  249: routes,
};
