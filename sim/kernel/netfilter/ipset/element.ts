import type { IP, Mac } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { SetType } from './types.ts';

/** One element's parts; which of them mean something is its set's type's business. */
export interface Parts {
  address: IP;
  /** Prefix length of `address`. */
  length: number;
  protocol: number;
  /** For ICMP `type << 8 | code`. */
  port: number;
  second: IP;
  secondLength: number;
  mac: Mac;
  iface: string;
  /** `iface` is a bridge's port. */
  physical: boolean;
  /** hash:net,iface: `iface` is the beginning of names. */
  wildcard: boolean;
}

/** What the SET target gives packets: a mark under a mask, a class and a queue (struct ip_set_skbinfo). */
export interface SkbInfo {
  mark: number;
  mask: number;
  priority: number;
  queue: number;
}

export const NO_SKBINFO: SkbInfo = { mark: 0, mask: 0, priority: 0, queue: 0 };

/** What may stand beside an element; `undefined` leaves what is there, or the set's default. */
export interface Extensions {
  /** Seconds; 0 is for ever. */
  timeout?: number | undefined;
  packets?: number | undefined;
  bytes?: number | undefined;
  comment?: string | undefined;
  skbinfo?: SkbInfo | undefined;
  /** An exception: what it covers counts as not in the set. */
  nomatch?: boolean;
}

/** An element as it is stored. */
export interface Stored {
  parts: Parts;
  /** What is hashed and compared (the element's struct as 32-bit little-endian words). */
  words: readonly number[];
  hash: number;
  nomatch: boolean;
  /** Infinity is for ever. */
  expires: Micros;
  packets: number;
  bytes: number;
  comment: string;
  skbinfo: SkbInfo;
}

export function noParts(): Parts {
  return {
    address: 0,
    length: 32,
    protocol: 0,
    port: 0,
    second: 0,
    secondLength: 32,
    mac: 0,
    iface: '',
    physical: false,
    wildcard: false,
  };
}

/** 32 bits in the other byte order: the kernel hashes network order on a little-endian machine. */
function swap(value: number): number {
  return ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff_0000) | (value << 24)) >>> 0;
}

/** An address as the kernel hashes it: 32-bit words of network order, read on a little-endian machine. */
export function addressWords(address: IP): number[] {
  const words: number[] = [];
  pushAddress(words, address);
  return words;
}

function pushAddress(words: number[], address: IP): void {
  if (typeof address === 'number') words.push(swap(address));
  else for (let shift = 96n; shift >= 0n; shift -= 32n) words.push(swap(Number((address >> shift) & 0xffff_ffffn)));
}

/** The words of an element, laid out as the structs of net/netfilter/ipset/ip_set_hash_*.c. */
export function wordsOf(type: SetType, parts: Parts): number[] {
  const words: number[] = [];
  const port = swap(parts.port) >>> 16;
  switch (type.name) {
    case 'hash:mac':
      words.push(swap(Math.floor(parts.mac / 0x1_0000)), swap((parts.mac % 0x1_0000) * 0x1_0000));
      return words;
    case 'hash:ip':
      pushAddress(words, parts.address);
      return words;
    case 'hash:net':
      pushAddress(words, parts.address);
      words.push((parts.length << 24) >>> 0);
      return words;
    case 'hash:net,iface':
      pushAddress(words, parts.address);
      words.push((parts.physical ? 1 : 0) | (parts.length << 8));
      return words;
    case 'hash:ip,port':
      pushAddress(words, parts.address);
      words.push(port | (parts.protocol << 16));
      return words;
    case 'hash:net,port':
      pushAddress(words, parts.address);
      words.push((port | (parts.protocol << 16) | ((parts.length - 1) << 24)) >>> 0);
      return words;
  }
  pushAddress(words, parts.address);
  pushAddress(words, parts.second);
  if (type.name === 'hash:net,net') words.push(((parts.length << 16) | (parts.secondLength << 24)) >>> 0);
  else if (type.name === 'hash:ip,port,ip') words.push(port | (parts.protocol << 16));
  else words.push((port | ((parts.secondLength - 1) << 16) | (parts.protocol << 24)) >>> 0);
  return words;
}

export function sameWords(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
