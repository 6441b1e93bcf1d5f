import { checksumUpdate16 } from '../../wire/checksum.ts';
import { be16 } from '../../wire/endian.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { Skb } from '../skb.ts';
import type { HookState } from './hooks.ts';
import { problem, type Problem, unsigned } from './options.ts';

/** The old names of the TOS field's values. */
const TOS_NAMES: readonly (readonly [string, number])[] = [
  ['Minimize-Delay', 0x10],
  ['Maximize-Throughput', 0x08],
  ['Maximize-Reliability', 0x04],
  ['Minimize-Cost', 0x02],
  ['Normal-Service', 0x00],
];
/** What they cover. */
const TOS_MASK = 0x3f;

/** Names of code points (RFC 2474, 2597, 3246). */
const CLASSES = new Map<string, number>([
  ...Array.from({ length: 8 }, (_, i) => [`CS${i}`, i * 8] as const),
  ...[1, 2, 3, 4].flatMap((i) => [1, 2, 3].map((j) => [`AF${i}${j}`, i * 8 + j * 2] as const)),
  ['BE', 0],
  ['EF', 0x2e],
]);

export function codePoint(name: string): number | Problem {
  return CLASSES.get(name.toUpperCase()) ?? problem(`Invalid DSCP value \`${name}'`);
}

export interface Tos {
  value: number;
  mask: number;
}

/** `VALUE[/MASK]` or a name. */
export function parseTos(text: string): Tos | Problem {
  const slash = text.indexOf('/');
  const value = unsigned(slash < 0 ? text : text.slice(0, slash), 255);
  const mask = slash < 0 ? 0xff : unsigned(text.slice(slash + 1), 255);
  if (value !== undefined && mask !== undefined) return { value, mask };
  const known = TOS_NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
  return known ? { value: known[1], mask: TOS_MASK } : problem(`Symbolic name "${text}" is unknown`);
}

export function tosName({ value, mask }: Tos): string | undefined {
  return mask === TOS_MASK ? TOS_NAMES.find(([, known]) => known === value)?.[0] : undefined;
}

export const hexByte = (value: number): string => `0x${(value & 0xff).toString(16).padStart(2, '0')}`;

export const tosText = ({ value, mask }: Tos): string => `${hexByte(value)}/${hexByte(mask)}`;

/** The field that is TOS, DSCP and ECN (ipv4_get_dsfield, ipv6_get_dsfield). */
export function trafficClass(skb: Skb, { family }: HookState): number {
  return family === 4 ? ip.tos(skb.bytes, skb.network) : ip6.trafficClass(skb.bytes, skb.network);
}

/** Changes it, with the checksum of IPv4's header. */
export function setTrafficClass(skb: Skb, state: HookState, value: number): void {
  const { bytes, network } = skb;
  if (trafficClass(skb, state) === value) return;
  if (state.family === 4) {
    const before = be16(bytes, network);
    bytes[network + 1] = value;
    ip.setChecksum(bytes, network, checksumUpdate16(ip.checksum(bytes, network), before, be16(bytes, network)));
  } else ip6.setTrafficClass(bytes, network, value);
  skb.traced = -1;
  state.net.netfilter.traceRewrite(skb, state, `tos ${hexByte(value)}`);
}
