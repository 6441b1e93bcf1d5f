import type { IP } from '../../../base/address.ts';
import { formatMac } from '../../../base/address.ts';
import { be16, be24, be32, be128 } from '../../../wire/endian.ts';
import { readMac } from '../../../wire/ethernet.ts';

/** How much a packet's line tells (tcpdump(1)). */
export interface PrintOptions {
  /** -v, as often as given. */
  verbose: number;
  /** -e: the link-layer header. */
  link: boolean;
  /** -n: addresses, ports and protocols as numbers. */
  numeric: boolean;
  /** -q, as often as given. */
  quiet: number;
  /** -S: TCP sequence numbers as they are. */
  absolute: boolean;
  /** -K: checksums aren't looked at. */
  noChecksums: boolean;
  /** Unknown payload isn't dumped: -q, -x and -X ask for that. */
  noDefaultDump: boolean;
  /** -g: no line break after the IP header. */
  oneLine: boolean;
}

/** Names of numbers that don't need a question to anybody. */
export interface LocalNames {
  port(number: number, protocol: 'tcp' | 'udp'): string;
  /** The name in `/etc/protocols`, as tcpdump has it built in. */
  protocol(number: number): string | undefined;
  device(ifindex: number): string | undefined;
}

/** What is remembered of TCP connections, to show sequence numbers from their start. */
export type TcpConversations = Map<string, { sequence: number; acknowledgement: number }>;

/** Thrown by reads past the captured bytes; it ends the packet with `[|PROTOCOL]` and never leaves `printPacket`. */
export class Truncated {
  /** Found by a printer that looked ahead: dumps then still start where the link-layer header ends. */
  readonly expected: boolean;
  /** What the line ends with after that. */
  readonly after: string;
  constructor(expected = false, after = '') {
    this.expected = expected;
    this.after = after;
  }
}

/** Prints what starts at `at` and is `length` bytes long on the wire, as far as it was captured. */
export type Printer = (out: Printout, at: number, length: number) => void;

/** What an IP header tells the printers of what it carries. */
export interface IpContext {
  version: 4 | 6;
  /** Where the IP header starts. */
  header: number;
  /** A first fragment: its checksum can't be verified. */
  fragmented: boolean;
}

export type UpperPrinter = (out: Printout, at: number, length: number, ip: IpContext) => void;

/** The printers by what names them in headers; `registry.ts` fills it. */
export interface Printers {
  linkTypes: ReadonlyMap<number, Printer>;
  etherTypes: ReadonlyMap<number, Printer>;
  protocols: ReadonlyMap<number, UpperPrinter>;
  /** In order: the first whose port is either end's. */
  tcpPorts: readonly (readonly [port: number, printer: Printer])[];
  /** Some only by the port that is sent to. */
  udpPorts: readonly (readonly [port: number, printer: Printer, end?: 'destination'])[];
}

/** Text of a packet whose addresses are named later, since that may take a question to DNS. */
export type Part = string | { address: IP };

/**
 * Where printers write, and the packet they read: every read is checked against what was captured (`end`), as tcpdump's GET_U_1 and
 * friends do.
 */
export class Printout {
  readonly b: Uint8Array;
  readonly options: PrintOptions;
  readonly names: LocalNames;
  readonly printers: Printers;
  readonly conversations: TcpConversations;
  readonly parts: Part[] = [];
  /** Where the readable bytes end; an inner header may draw it in. */
  end: number;
  /** Named in `[|…]` when bytes run out. */
  protocol = '';
  /** Bytes of link-layer headers, which -x leaves out. */
  linkHeader = 0;

  constructor(b: Uint8Array, context: { options: PrintOptions; names: LocalNames; printers: Printers; conversations: TcpConversations }) {
    this.b = b;
    this.end = b.length;
    this.options = context.options;
    this.names = context.names;
    this.printers = context.printers;
    this.conversations = context.conversations;
  }

  write(text: string): void {
    this.parts.push(text);
  }

  /** An address, by name unless -n. */
  address(address: IP): void {
    this.parts.push({ address });
  }

  ipv4(at: number): void {
    this.address(this.u32(at));
  }

  ipv6(at: number): void {
    this.need(at, 16);
    this.address(be128(this.b, at));
  }

  /** An IPv4 or IPv6 address between two texts; nothing of it when its bytes weren't captured. */
  withAddress(before: string, at: number, size: 4 | 16, after = ''): void {
    this.need(at, size);
    this.write(before);
    this.address(size === 4 ? be32(this.b, at) : be128(this.b, at));
    this.write(after);
  }

  invalid(): void {
    this.write(' (invalid)');
  }

  truncated(): void {
    this.write(` [|${this.protocol}]`);
  }

  /** Whether `length` bytes from `at` on were captured. */
  has(at: number, length: number): boolean {
    return at + length <= this.end;
  }

  need(at: number, length: number): void {
    if (at + length > this.end) throw new Truncated();
  }

  /** As `need`, for printers that look ahead. */
  expect(at: number, length: number): void {
    if (at + length > this.end) throw new Truncated(true);
  }

  u8(at: number): number {
    this.need(at, 1);
    return this.b[at] as number;
  }

  u16(at: number): number {
    this.need(at, 2);
    return be16(this.b, at);
  }

  u24(at: number): number {
    this.need(at, 3);
    return be24(this.b, at);
  }

  u32(at: number): number {
    this.need(at, 4);
    return be32(this.b, at);
  }

  mac(at: number): string {
    this.need(at, 6);
    return formatMac(readMac(this.b, at));
  }

  /** A link-layer address as lines show it: without -n, `Broadcast` has its name. */
  linkAddress(at: number): string {
    const text = this.mac(at);
    return text === 'ff:ff:ff:ff:ff:ff' && !this.options.numeric ? 'Broadcast' : text;
  }

  /** Runs `print` with the readable bytes drawn in to `length` from `at` on. */
  within(at: number, length: number, print: () => void): void {
    const { end } = this;
    this.end = Math.min(end, at + length);
    print();
    this.end = end;
  }
}

/** The text for a value, or `otherwise` of it. */
export function named(table: Readonly<Record<number, string>>, value: number, otherwise: string | ((value: number) => string)): string {
  return table[value] ?? (typeof otherwise === 'string' ? otherwise : otherwise(value));
}

/** The names of the bits that are set, in the table's order. */
export function flagNames(
  table: readonly (readonly [bits: number, name: string])[],
  value: number,
  none: string,
  separator = ', ',
): string {
  const names = table.filter(([bits]) => bits !== 0 && (value & bits) === bits).map(([, name]) => name);
  return names.length > 0 ? names.join(separator) : none;
}

/** A byte of a name or a text, control characters as `^A` and the upper half as `M-A` (fn_print_char). */
export function visible(byte: number): string {
  const low = byte & 0x7f;
  const shown = low < 0x20 || low === 0x7f ? `^${String.fromCharCode(low ^ 0x40)}` : String.fromCharCode(low);
  return byte >= 0x80 ? `M-${shown}` : shown;
}

export function hex(value: number, digits = 0): string {
  return value.toString(16).padStart(digits, '0');
}
