import { be16, be32 } from '../../../wire/endian.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, not, numberRange, type Range } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Spi {
  range: (Range & { inverted: boolean }) | undefined;
}

const text = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** Matches of IPsec's protocols by their SPI; nothing here speaks them, but they pass through. */
function spiMatch(name: 'ah' | 'esp', protocol: number, offset: number, empty: string): MatchExtension<Spi> {
  const option = `${name}spi`;
  return {
    name,
    ...(name === 'ah' ? { family: 4 as const } : {}),
    options: [{ name: option, invert: true }],
    parse(given) {
      const value = given.value(option);
      if (value === undefined) return { range: undefined };
      const range = numberRange(name, option, value, 0xffff_ffff);
      return isProblem(range) ? range : { range: { ...range, inverted: given.find(option)?.inverted ?? false } };
    },
    check: (_data, place) => (place.protocol === protocol && !place.protocolInverted ? undefined : 'EINVAL'),
    save: ({ range }) => (range ? `${not(range.inverted)} --${option} ${text(range)}` : ''),
    list({ range }) {
      if (!range) return empty;
      return ` ${name} spi${range.min === range.max ? '' : 's'}:${range.inverted ? '!' : ''}${text(range)}`;
    },
    matches({ range }, skb, state) {
      if (!hasTransport(skb, state, offset + 4)) return false;
      if (!range) return true;
      const spi = be32(skb.bytes, state.transport + offset);
      return (spi >= range.min && spi <= range.max) !== range.inverted;
    },
  };
}

/** The ipcomp match of IPv4 and IPv6: compressed packets by their index of 16 bits (net/netfilter/xt_ipcomp.c). */
export const ipcomp: MatchExtension<Spi> = {
  name: 'ipcomp',
  options: [
    { name: 'ipcompspi', invert: true },
    { name: 'compres', arguments: 0, unmodelled: true },
  ],
  parse(given) {
    const value = given.value('ipcompspi');
    if (value === undefined) return { range: undefined };
    const range = numberRange('ipcomp', 'ipcompspi', value, 0xffff_ffff);
    return isProblem(range) ? range : { range: { ...range, inverted: given.find('ipcompspi')?.inverted ?? false } };
  },
  check: (_data, place) => (place.protocol === 108 && !place.protocolInverted ? undefined : 'EINVAL'),
  save: ({ range }) => (range ? `${not(range.inverted)} --ipcompspi ${text(range)}` : ''),
  list({ range }) {
    if (!range) return ' comp';
    return ` comp spi${range.min === range.max ? '' : 's'}:${range.inverted ? '!' : ''}${text(range)}`;
  },
  matches({ range }, skb, state) {
    if (!hasTransport(skb, state, 4)) return false;
    const index = be16(skb.bytes, state.transport + 2);
    return range === undefined || (index >= range.min && index <= range.max) !== range.inverted;
  },
};

/** The ah match of IPv4 (net/ipv4/netfilter/ipt_ah.c). */
export const ah = spiMatch('ah', 51, 4, ' ah ');
/** The esp match (net/netfilter/xt_esp.c). */
export const esp = spiMatch('esp', 50, 0, ' esp');
