import { formatIPv4, formatIPv6, formatMac } from '../base/address.ts';
import { be16, be24, be32, be128 } from '../wire/endian.ts';
import { readMac } from '../wire/ethernet.ts';
import type { WireError } from '../wire/wire-error.ts';

/** One header field (or part of one) as a packet view shows it. */
export interface Field {
  name: string;
  value: string;
  /** In the frame, in bytes. Fields of less than a byte share the bytes they stand in. */
  offset: number;
  length: number;
}

/** One protocol's part of a frame. */
export interface Layer {
  /** `Ethernet`, `IPv4`, `TCP` …; `data` is a payload that nothing here understands. */
  protocol: string;
  /** Where its header starts in the frame, and how long it is (what of it is there). */
  offset: number;
  length: number;
  fields: Field[];
  /** What is wrong with it; the fields before that are shown all the same. */
  malformed?: string;
  /** How many tunnels it is inside of: 0 on the wire, 1 in a VXLAN or IP-in-IP packet … */
  level: number;
  /** The packet that an ICMP error quotes, as far as it is quoted. */
  quote?: Layer[];
}

/** What a stretch of bytes is to be read as. */
export type Kind = 'ethernet' | 'vlan' | 'llc' | 'stp' | 'arp' | 'ipv4' | 'ipv6' | 'fragment' | 'extension' | Upper;
export type Upper = 'icmp' | 'icmpv6' | 'igmp' | 'tcp' | 'udp' | 'vxlan' | 'wireguard' | 'dns' | 'http' | 'data';

/** Bytes still to be read. */
export interface Span {
  kind: Kind;
  at: number;
  end: number;
  level: number;
  /** Inside an ICMP error's quote, where packets end early and checksums can't be verified. */
  quoted: boolean;
  /** Sum of the pseudo header of what follows; absent when its checksum can't be verified (a fragment, a quote). */
  pseudo?: number;
}

/** What reading one layer gave: the layer, and what follows it. */
export interface Dissected {
  layer: Layer;
  next?: Span;
  quote?: Span;
}

export type Dissector = (b: Uint8Array, span: Span) => Dissected;

/** Collects a layer's fields; one that reaches past the end marks the layer as cut short instead. Offsets count from the layer's start. */
export class LayerBuilder {
  readonly layer: Layer;
  readonly #b: Uint8Array;
  readonly #end: number;
  readonly #quoted: boolean;
  /** Whether a field's bytes weren't there. */
  cut = false;

  constructor(protocol: string, b: Uint8Array, span: Span) {
    this.layer = { protocol, offset: span.at, length: 0, fields: [], level: span.level };
    this.#b = b;
    this.#end = span.end;
    this.#quoted = span.quoted;
  }

  /** Marks the layer; the first thing found wrong stays. That a quoted packet is cut off is not wrong. */
  wrong(what: string | WireError): void {
    if (typeof what === 'string') this.layer.malformed ??= what;
    else if (!what.short || !this.#quoted) this.layer.malformed ??= what.malformed;
  }

  /** Adds a field whose text is at hand. Returns whether its bytes are there. */
  field(name: string, value: string, offset: number, length: number): boolean {
    const at = this.layer.offset + offset;
    if (at + length > this.#end) {
      if (!this.#quoted) this.wrong(`${name} is cut off`);
      this.cut = true;
      return false;
    }
    this.layer.fields.push({ name, value, offset: at, length });
    this.layer.length = Math.max(this.layer.length, offset + length);
    return true;
  }

  u8(name: string, offset: number, text: (value: number) => string = String): void {
    this.field(name, text(this.#b[this.layer.offset + offset] ?? 0), offset, 1);
  }
  u16(name: string, offset: number, text: (value: number) => string = String): void {
    this.field(name, text(be16(this.#b, this.layer.offset + offset)), offset, 2);
  }
  u24(name: string, offset: number): void {
    this.field(name, String(be24(this.#b, this.layer.offset + offset)), offset, 3);
  }
  u32(name: string, offset: number, text: (value: number) => string = String): void {
    this.field(name, text(be32(this.#b, this.layer.offset + offset)), offset, 4);
  }
  mac(name: string, offset: number): void {
    this.field(name, formatMac(readMac(this.#b, this.layer.offset + offset) || 0), offset, 6);
  }
  ipv4(name: string, offset: number): void {
    this.u32(name, offset, formatIPv4);
  }
  ipv6(name: string, offset: number): void {
    this.field(name, formatIPv6(be128(this.#b, this.layer.offset + offset)), offset, 16);
  }

  /** A checksum field, compared with what it should be; a wrong one marks the layer. @param right undefined when it can't be known */
  checksum(offset: number, right: boolean | undefined): void {
    const verdict = right === undefined ? '' : right ? ' (correct)' : ' (wrong)';
    this.u16('checksum', offset, (value) => `${hex(value, 4)}${verdict}`);
    if (right === false) this.wrong('the checksum is wrong');
  }
}

/** `0x0800`. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
