import { type IP, formatIP, networkOf } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import { type Extensions, type Parts, type Stored, wordsOf } from './element.ts';
import { HashTable } from './hash-table.ts';
import { type Found, IpSet } from './set.ts';
import type { SetError, SetOptions, SetType } from './types.ts';

const MIN_HASHSIZE = 64;
const DEFAULT_BUCKETSIZE = 12;
/** A set without anything (struct htype, struct htable). */
const BASE_MEMORY = 192;

/** The hash:* types (net/netfilter/ipset/ip_set_hash_gen.h). */
export class HashSet extends IpSet {
  readonly #table: HashTable;
  readonly #maxelem: number;
  readonly #bits: number;
  /** How many elements have a network of each length, for the first and the second network of a type. */
  readonly #lengths: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  readonly #nets: boolean;
  readonly #secondNet: boolean;

  constructor(name: string, type: SetType, options: SetOptions, clock: { readonly now: Micros }, initval: number) {
    super(name, type, options, clock);
    this.#bits = options.family === 4 ? 32 : 128;
    this.#nets = type.parts[0] === 'net';
    this.#secondNet = type.parts.lastIndexOf('net') > 0;
    this.#maxelem = options.maxelem ?? 65_536;
    const wanted = Math.max(options.hashsize ?? 1024, MIN_HASHSIZE);
    const bucketsize = Math.min(Math.max(options.bucketsize ?? DEFAULT_BUCKETSIZE, 2), DEFAULT_BUCKETSIZE);
    this.#table = new HashTable(2 ** Math.ceil(Math.log2(wanted)), options.initval ?? initval, bucketsize);
  }

  /** The element as it is kept: networks without host bits, addresses under the set's mask. */
  #kept(parts: Parts): Parts {
    const { netmask, bitmask } = this.options;
    let { address, second } = parts;
    if (netmask !== undefined) address = networkOf(address, netmask);
    if (bitmask !== undefined) address = under(address, bitmask);
    if (this.#nets) address = networkOf(address, parts.length);
    if (this.#secondNet) second = networkOf(second, parts.secondLength);
    return { ...parts, address, second };
  }

  #same(parts: Parts): ((element: Stored) => boolean) | undefined {
    if (this.type.name !== 'hash:net,iface') return undefined;
    return (element) => element.parts.iface === parts.iface;
  }

  #find(parts: Parts): Stored | undefined {
    const element = this.#table.find(wordsOf(this.type, parts), this.#same(parts));
    return element && this.alive(element) ? element : undefined;
  }

  /** Which elements can't be in such a set at all. */
  #impossible(parts: Parts): SetError | undefined {
    if (this.type.name === 'hash:net,iface') return undefined;
    if ((this.#nets && parts.length === 0) || (this.#secondNet && parts.secondLength === 0)) return 'INVALID_CIDR';
    if (!this.#nets && !this.#secondNet && this.type.name === 'hash:ip' && (parts.address === 0 || parts.address === 0n))
      return 'HASH_ELEM';
    return this.type.name === 'hash:mac' && parts.mac === 0 ? 'HASH_ELEM' : undefined;
  }

  add(given: Parts, extensions: Extensions, exist: boolean): SetError | undefined {
    const refused = this.refuses(extensions);
    if (refused) return refused;
    const parts = this.#kept(given);
    const wrong = this.#impossible(parts);
    if (wrong) return wrong;
    const words = wordsOf(this.type, parts);
    const old = this.#table.find(words, this.#same(parts));
    if (old) {
      if (this.alive(old) && !exist) return 'EEXIST';
      if (!this.alive(old)) old.packets = old.bytes = 0;
      old.parts = parts;
      this.change(old, extensions);
      return undefined;
    }
    const element = this.make(parts, words, extensions);
    if (this.#table.count >= this.#maxelem) {
      this.#expire();
      if (this.#table.count >= this.#maxelem) {
        const evicted = this.options.forceadd ? this.#table.evict(element) : undefined;
        if (!evicted) return 'HASH_FULL';
        this.#count(evicted.parts, -1);
        this.#count(parts, 1);
        return undefined;
      }
    }
    this.#table.insert(element);
    this.#count(parts, 1);
    return undefined;
  }

  remove(given: Parts): SetError | undefined {
    const parts = this.#kept(given);
    const wrong = this.#impossible(parts);
    if (wrong) return wrong;
    const element = this.#find(parts);
    if (!element) return 'EEXIST';
    this.#forget(element);
    return undefined;
  }

  #forget(element: Stored): void {
    this.#table.remove(element);
    this.#count(element.parts, -1);
  }

  #count(parts: Parts, by: number): void {
    const [first, second] = this.#lengths;
    if (this.#nets) bump(first, parts.length, by);
    if (this.#secondNet) bump(second, parts.secondLength, by);
  }

  /** The longest network that the first part of an element may have: what the kernel adds packets' addresses with. */
  get longest(): readonly [number, number] {
    const top = (lengths: Map<number, number>) => Math.max(...lengths.keys(), -1);
    const [first, second] = this.#lengths;
    return [top(first) < 0 ? this.#bits : top(first), top(second) < 0 ? this.#bits : top(second)];
  }

  /** An address that is no network is looked for in the networks of every length, longest first (mtype_test_cidrs). */
  test(given: Parts): Found | undefined {
    const parts = this.#kept(given);
    const wide = this.#nets && given.length === this.#bits;
    const secondWide = this.#secondNet && given.secondLength === this.#bits;
    const firsts = wide ? descending(this.#lengths[0]) : [given.length];
    const seconds = secondWide ? descending(this.#lengths[1]) : [given.secondLength];
    if (!this.#nets && !this.#secondNet) return this.#found(this.#find(parts));
    for (const length of firsts) {
      parts.length = length;
      if (this.#nets) parts.address = networkOf(given.address, length);
      for (const secondLength of seconds) {
        parts.secondLength = secondLength;
        if (this.#secondNet) parts.second = networkOf(given.second, secondLength);
        const found = this.#found(this.#find(parts) ?? this.#wildcard(parts));
        if (found) return found;
      }
    }
    return undefined;
  }

  #found(element: Stored | undefined): Found | undefined {
    return element && { element, nomatch: element.nomatch };
  }

  #wildcard(parts: Parts): Stored | undefined {
    if (this.type.name !== 'hash:net,iface') return undefined;
    const fits = ({ parts: other }: Stored) => other.wildcard && parts.iface.startsWith(other.iface);
    const element = this.#table.find(wordsOf(this.type, parts), fits);
    return element && this.alive(element) ? element : undefined;
  }

  flush(): void {
    this.#table.flush();
    for (const lengths of this.#lengths) lengths.clear();
  }

  #expire(): void {
    if (this.options.timeout !== undefined) this.#table.expire(this.now, (element) => this.#count(element.parts, -1));
  }

  list(): Stored[] {
    this.#expire();
    return [...this.#table.elements()];
  }

  header(): string {
    const { family, netmask, bitmask } = this.options;
    let text = this.type.family ? `family ${family === 4 ? 'inet' : 'inet6'} ` : '';
    text += `hashsize ${this.#table.hashsize} maxelem ${this.#maxelem}`;
    if (netmask !== undefined) text += ` netmask ${netmask}`;
    if (bitmask !== undefined) text += ` bitmask ${formatIP(bitmask)}`;
    text += this.extensionHeader();
    return `${text} bucketsize ${this.#table.bucketsize} initval 0x${this.#table.initval.toString(16).padStart(8, '0')}`;
  }

  memory(): number {
    const plain = this.type.size[this.options.family === 4 ? 0 : 1];
    let bytes = BASE_MEMORY + Math.ceil(plain / 8) * 8 + (this.type.masks ? 16 : 0) + (this.type.parts.includes('iface') ? 8 : 0);
    if (this.#nets || this.#secondNet) bytes += 8 * this.#bits;
    return bytes + this.#table.memory(this.elementSize(plain)) + this.commentMemory(this.#table.elements());
  }
}

function bump(counts: Map<number, number>, key: number, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function descending(lengths: ReadonlyMap<number, number>): number[] {
  return lengths.size < 2 ? [...lengths.keys()] : [...lengths.keys()].sort((a, b) => b - a);
}

function under(address: IP, mask: IP): IP {
  return typeof address === 'number' ? (address & (mask as number)) >>> 0 : address & (mask as bigint);
}
