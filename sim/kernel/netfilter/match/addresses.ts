import { formatIP, type IP, ipv4Mask, ipv6Mask, parseIPv4, parseIPv6, parsePrefix } from '../../../base/address.ts';
import type { Skb } from '../../skb.ts';
import type { Family } from '../hooks.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';

/** A network that an extension's option names. */
export interface Network {
  address: IP;
  length: number;
}

/** `ADDRESS[/LENGTH]`, host bits cleared. */
export function parseNetwork(text: string, family: Family): Network | undefined {
  const prefix = parsePrefix(text);
  if (!prefix || (typeof prefix.address === 'bigint') !== (family === 6)) return undefined;
  return { address: maskTo(prefix.address, prefix.length), length: prefix.length };
}

export function maskTo(address: IP, length: number): IP {
  return typeof address === 'bigint' ? address & ipv6Mask(length) : (address & ipv4Mask(length)) >>> 0;
}

/** Without the length where it is a single address. */
export function networkText({ address, length }: Network): string {
  return length === (typeof address === 'bigint' ? 128 : 32) ? formatIP(address) : `${formatIP(address)}/${length}`;
}

export function parseAddress(text: string, family: Family): IP | undefined {
  return family === 4 ? parseIPv4(text) : parseIPv6(text);
}

export function sourceOf(skb: Skb, family: Family): IP {
  return family === 4 ? ip.source(skb.bytes, skb.network) : ip6.source(skb.bytes, skb.network);
}

export function destinationOf(skb: Skb, family: Family): IP {
  return family === 4 ? ip.destination(skb.bytes, skb.network) : ip6.destination(skb.bytes, skb.network);
}
