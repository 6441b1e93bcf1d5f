import { formatIPv4, networkOf } from '../../../base/address.ts';
import { type Extensions, noParts, type Parts, type Stored } from './element.ts';
import { type Found, IpSet } from './set.ts';
import type { SetError } from './types.ts';

/** struct bitmap_ip and struct bitmap_port. */
const BASE_MEMORY = { 'bitmap:ip': 88, 'bitmap:port': 72 } as const;

/** Elements that a bitmap may have (IPSET_BITMAP_MAX_RANGE). */
export const MAX_RANGE = 65_536;

/** bitmap:ip and bitmap:port: a bit for each address or port of a range (net/netfilter/ipset/ip_set_bitmap_gen.h). */
export class BitmapSet extends IpSet {
  readonly #elements = new Map<number, Stored>();

  get #from(): number {
    return this.options.from ?? 0;
  }

  get #to(): number {
    return this.options.to ?? 0;
  }

  #key(parts: Parts): number | undefined {
    if (this.type.name === 'bitmap:port') return parts.port >= this.#from && parts.port <= this.#to ? parts.port : undefined;
    const { address } = parts;
    if (typeof address !== 'number' || address < this.#from || address > this.#to) return undefined;
    return networkOf(address, this.options.netmask ?? 32);
  }

  #get(key: number): Stored | undefined {
    const element = this.#elements.get(key);
    if (!element || this.alive(element)) return element;
    this.#elements.delete(key);
    return undefined;
  }

  add(parts: Parts, extensions: Extensions, exist: boolean): SetError | undefined {
    const refused = this.refuses(extensions);
    if (refused) return refused;
    const key = this.#key(parts);
    if (key === undefined) return 'BITMAP_RANGE';
    const old = this.#get(key);
    if (old && !exist) return 'EEXIST';
    if (old) this.change(old, extensions);
    else this.#elements.set(key, this.make({ ...noParts(), port: key, address: key }, [], extensions));
    return undefined;
  }

  remove(parts: Parts): SetError | undefined {
    const key = this.#key(parts);
    if (key === undefined) return 'BITMAP_RANGE';
    if (!this.#get(key)) return 'EEXIST';
    this.#elements.delete(key);
    return undefined;
  }

  test(parts: Parts): Found | undefined {
    const key = this.#key(parts);
    const element = key === undefined ? undefined : this.#get(key);
    return element && { element, nomatch: false };
  }

  flush(): void {
    this.#elements.clear();
  }

  list(): Stored[] {
    const keys = [...this.#elements.keys()].sort((a, b) => a - b);
    return keys.map((key) => this.#get(key)).filter((element) => element !== undefined);
  }

  header(): string {
    const { netmask } = this.options;
    if (this.type.name === 'bitmap:port') return `range ${this.#from}-${this.#to}${this.extensionHeader()}`;
    const mask = netmask === undefined ? '' : ` netmask ${netmask}`;
    return `range ${formatIPv4(this.#from)}-${formatIPv4(this.#to)}${mask}${this.extensionHeader()}`;
  }

  memory(): number {
    const bits = elementCount(this.#from, this.#to, this.options.netmask);
    const base = BASE_MEMORY[this.type.name as 'bitmap:ip'];
    return base + Math.ceil(bits / 64) * 8 + bits * this.elementSize(0) + this.commentMemory(this.#elements.values());
  }
}

/** How many elements a bitmap of a range has. */
export function elementCount(from: number, to: number, netmask = 32): number {
  return Math.floor((to - from) / 2 ** (32 - netmask)) + 1;
}
