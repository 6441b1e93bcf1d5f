import { formatIPv4, networkOf } from '../../../base/address.ts';
import { type Extensions, noParts, type Parts, type Stored } from './element.ts';
import { SECOND } from '../../../base/time.ts';
import { type Found, IpSet } from './set.ts';
import type { SetError } from './types.ts';

/** struct bitmap_ip, struct bitmap_ipmac and struct bitmap_port. */
const BASE_MEMORY = { 'bitmap:ip': 88, 'bitmap:ip,mac': 80, 'bitmap:port': 72 } as const;
/** struct bitmap_ipmac_elem; the other types keep a bit only. */
const MAC_ELEMENT = 8;

/** Elements that a bitmap may have (IPSET_BITMAP_MAX_RANGE). */
export const MAX_RANGE = 65_536;

/**
 * bitmap:ip, bitmap:ip,mac and bitmap:port: a bit for each address or port of a range (net/netfilter/ipset/ip_set_bitmap_gen.h).
 * With a MAC that isn't given (0), an element waits for the first packet to bring one, and its timeout doesn't run.
 */
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
    if (this.#withMac) this.#setMac(this.#elements.get(key) as Stored, parts.mac);
    return undefined;
  }

  get #withMac(): boolean {
    return this.type.name === 'bitmap:ip,mac';
  }

  #setMac(element: Stored, mac: number): void {
    if (mac === 0) {
      if (element.parts.mac === 0) element.expires = Number.POSITIVE_INFINITY;
      return;
    }
    if (element.parts.mac !== mac) element.parts = { ...element.parts, mac };
  }

  override secondsLeft(element: Stored): number {
    if (this.#withMac && element.parts.mac === 0) return this.options.timeout ?? 0;
    return super.secondsLeft(element);
  }

  remove(parts: Parts): SetError | undefined {
    const key = this.#key(parts);
    if (key === undefined) return 'BITMAP_RANGE';
    const element = this.#get(key);
    if (!element) return 'EEXIST';
    this.#elements.delete(key);
    // It goes; but its timeout, which hasn't begun, looks as if it had ended.
    return this.#withMac && element.parts.mac === 0 && this.options.timeout !== undefined ? 'EEXIST' : undefined;
  }

  test(parts: Parts): Found | undefined {
    const key = this.#key(parts);
    const element = key === undefined ? undefined : this.#get(key);
    if (element && this.#withMac && element.parts.mac !== 0 && parts.mac !== 0 && element.parts.mac !== parts.mac) return undefined;
    return element && { element, nomatch: false };
  }

  /** A packet brings the MAC that an element waits for. */
  complete(element: Stored, mac: number): void {
    if (!this.#withMac || element.parts.mac !== 0) return;
    this.#setMac(element, mac);
    const { timeout } = this.options;
    if (timeout) element.expires = this.now + timeout * SECOND;
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
    return (
      base +
      Math.ceil(bits / 64) * 8 +
      bits * this.elementSize(this.#withMac ? MAC_ELEMENT : 0) +
      this.commentMemory(this.#elements.values())
    );
  }
}

/** How many elements a bitmap of a range has. */
export function elementCount(from: number, to: number, netmask = 32): number {
  return Math.floor((to - from) / 2 ** (32 - netmask)) + 1;
}
