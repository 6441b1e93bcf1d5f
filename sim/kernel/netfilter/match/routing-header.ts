import { formatIPv6, type IPv6, parseIPv6 } from '../../../base/address.ts';
import { be32 } from '../../../wire/endian.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { type Given, isProblem, not, numberOf, numberRange, problem, type Problem, type Range } from '../options.ts';
import { findHeader } from './extension-headers.ts';
import type { MatchExtension } from './match.ts';

interface Tested<T> {
  value: T;
  inverted: boolean;
}

interface Routing {
  type: Tested<number> | undefined;
  left: Tested<Range> | undefined;
  length: Tested<number> | undefined;
  reserved: boolean;
  addresses: IPv6[] | undefined;
  strict: boolean;
}

const MAX_ADDRESSES = 16;

function tested(given: Given, name: string): Tested<number> | Problem | undefined {
  const option = given.find(name);
  if (!option) return undefined;
  const value = numberOf('rt', given, name, 0xffff_ffff);
  return isProblem(value) ? value : { value: value as number, inverted: option.inverted };
}

const range = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** The addresses of a header of type 0 are these, or have these among them in this order (rt_mt6). */
function passes({ addresses = [], strict }: Routing, b: Uint8Array, at: number): boolean {
  const count = (((b[at + 1] as number) + 1) * 8 - 8) >> 4;
  let found = 0;
  for (let i = 0; i < count && found < addresses.length; i++) {
    if (ip6.source(b, at + 16 * i) === addresses[found]) found++;
    else if (strict) return false;
  }
  return found === addresses.length && (!strict || count === found);
}

/** The rt match: the routing header (net/ipv6/netfilter/ip6t_rt.c). */
export const rt: MatchExtension<Routing> = {
  name: 'rt',
  family: 6,
  options: [
    { name: 'rt-type', invert: true },
    { name: 'rt-segsleft', invert: true },
    { name: 'rt-len', invert: true },
    { name: 'rt-0-res', arguments: 0 },
    { name: 'rt-0-addrs' },
    { name: 'rt-0-not-strict', arguments: 0 },
  ],
  parse(given) {
    const type = tested(given, 'rt-type');
    if (isProblem(type)) return type;
    const length = tested(given, 'rt-len');
    if (isProblem(length)) return length;
    const segments = given.find('rt-segsleft');
    const left = segments && numberRange('rt', 'rt-segsleft', segments.values[0] as string, 0xffff_ffff);
    if (isProblem(left)) return left;
    const extra = ['rt-0-res', 'rt-0-addrs', 'rt-0-not-strict'].find((name) => given.has(name));
    if (extra && (type?.value !== 0 || type.inverted)) return problem(`\`--rt-type 0' required before \`--${extra}'`);
    const listed = given.value('rt-0-addrs')?.split(',');
    if (listed && listed.length > MAX_ADDRESSES) return problem(`rt: --rt-0-addrs accepts at most ${MAX_ADDRESSES} addresses`);
    if (!listed && given.has('rt-0-not-strict')) return problem("`--rt-0-addr ...' required before `--rt-0-not-strict'");
    const addresses = listed?.map((word) => parseIPv6(word));
    const wrong = addresses?.indexOf(undefined) ?? -1;
    if (wrong >= 0) return problem(`error parsing address \`${listed?.[wrong]}'`);
    return {
      type,
      left: left && { value: left, inverted: segments?.inverted ?? false },
      length,
      reserved: given.has('rt-0-res'),
      addresses: addresses as IPv6[] | undefined,
      strict: !given.has('rt-0-not-strict'),
    };
  },
  save({ type, left, length, reserved, addresses, strict }) {
    let text = type ? `${not(type.inverted)} --rt-type ${type.value}` : '';
    if (left) text += `${not(left.inverted)} --rt-segsleft ${range(left.value)}`;
    if (length) text += `${not(length.inverted)} --rt-len ${length.value}`;
    if (reserved) text += ' --rt-0-res';
    if (addresses) text += ` --rt-0-addrs ${addresses.map(formatIPv6).join(',')}`;
    return strict ? text : `${text} --rt-0-not-strict`;
  },
  list({ type, left, length, reserved, addresses, strict }) {
    const sign = ({ inverted }: { inverted: boolean }) => (inverted ? '!' : '');
    let text = ' rt';
    if (type) text += ` type:${sign(type)}${type.value}`;
    if (left) text += ` segsleft${left.value.min === left.value.max ? '' : 's'}:${sign(left)}${range(left.value)}`;
    if (length) text += ` length:${sign(length)}${length.value}`;
    if (reserved) text += ' reserved';
    if (addresses) text += ` 0-addrs ${addresses.map(formatIPv6).join(',')}`;
    return strict ? text : `${text} 0-not-strict`;
  },
  matches(data, skb) {
    const at = findHeader(skb, ip6.PROTOCOL.Routing);
    if (at < 0) return false;
    const { bytes, end } = skb;
    const size = ((bytes[at + 1] as number) + 1) * 8;
    if (end - at < size) return false;
    const { type, left, length, reserved, addresses } = data;
    const segments = bytes[at + 3] as number;
    if (left && (segments >= left.value.min && segments <= left.value.max) === left.inverted) return false;
    if (length && (length.value === size) === length.inverted) return false;
    if (type && (type.value === bytes[at + 2]) === type.inverted) return false;
    if (reserved && be32(bytes, at + 4) !== 0) return false;
    return addresses === undefined || passes(data, bytes, at);
  },
};
