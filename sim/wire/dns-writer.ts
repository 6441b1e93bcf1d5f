import type { IPv6 } from '../base/address.ts';
import { type DnsName, nameLabels } from './dns-name.ts';
import { setBe16, setBe32, setBe128 } from './endian.ts';

/** Offsets above this don't fit a compression pointer. */
const MAX_POINTER = 0x3fff;

/** A growing DNS message that remembers where names stand, so that later ones point to them (RFC 1035 §4.1.4). */
export class DnsWriter {
  #bytes: Uint8Array = new Uint8Array(512);
  #length = 0;
  /** Suffixes already written, by the text of their bytes (case and all: a pointer must not change letters). */
  readonly #names = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  /** Forgets everything from `length` on. */
  rollBack(length: number): void {
    this.#length = length;
    for (const [suffix, offset] of this.#names) if (offset >= length) this.#names.delete(suffix);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }
  u16(value: number): void {
    const at = this.#grow(2);
    setBe16(this.#bytes, at, value);
  }
  u32(value: number): void {
    const at = this.#grow(4);
    setBe32(this.#bytes, at, value);
  }
  u128(value: IPv6): void {
    const at = this.#grow(16);
    setBe128(this.#bytes, at, value);
  }
  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Writes over the two bytes at `at`: a count or a length that wasn't known before. */
  patch16(at: number, value: number): void {
    setBe16(this.#bytes, at, value);
  }

  /** @param name must be valid (`nameLabels`); @param compress whether it may be a pointer. Later names point to it either way. */
  name(name: DnsName, compress: boolean): void {
    const labels = nameLabels(name);
    if ('error' in labels) throw new RangeError(`${name}: ${labels.error}`);
    for (let i = 0; i < labels.length; i++) {
      const suffix = labels.slice(i).join('.');
      const known = this.#names.get(suffix);
      if (known !== undefined && compress) return this.u16(0xc000 | known);
      if (known === undefined && this.#length <= MAX_POINTER) this.#names.set(suffix, this.#length);
      const label = labels[i] as number[];
      this.u8(label.length);
      this.bytes(Uint8Array.from(label));
    }
    this.u8(0);
  }

  /** Makes room for `count` bytes and returns where they stand. `#bytes` may be another array afterwards. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}
