import { be16 } from '../../../wire/endian.ts';
import * as tcp from '../../../wire/tcp.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, not, numberRange, type Range } from '../options.ts';
import { findMss } from '../tcp-mss.ts';
import type { MatchExtension } from './match.ts';

const text = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** The tcpmss match: the MSS option of a segment (net/netfilter/xt_tcpmss.c). */
export const tcpmss: MatchExtension<Range & { inverted: boolean }> = {
  name: 'tcpmss',
  options: [{ name: 'mss', mandatory: true, invert: true }],
  parse(given) {
    const range = numberRange('tcpmss', 'mss', given.value('mss') as string, 65_535);
    return isProblem(range) ? range : { ...range, inverted: given.find('mss')?.inverted ?? false };
  },
  check: (_data, { protocol, protocolInverted }) => (protocol === 6 && !protocolInverted ? undefined : 'EINVAL'),
  save: (data) => `${not(data.inverted)} --mss ${text(data)}`,
  list: (data) => ` tcpmss match ${data.inverted ? '!' : ''}${text(data)}`,
  matches({ min, max, inverted }, skb, state) {
    if (!hasTransport(skb, state, tcp.TCP_HEADER)) return false;
    const { bytes } = skb;
    const option = findMss(bytes, state.transport, Math.min(skb.end, state.transport + tcp.headerLength(bytes, state.transport)));
    if (option < 0) return inverted;
    const mss = be16(bytes, option + 2);
    return (mss >= min && mss <= max) !== inverted;
  },
};
