import { isProblem, LARGEST, not, numberOf } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Quota {
  bytes: number;
  inverted: boolean;
  /** What is left of it. */
  left: number;
}

/** The quota match: packets until so many bytes have come (net/netfilter/xt_quota.c). */
export const quota: MatchExtension<Quota> = {
  name: 'quota',
  options: [{ name: 'quota', mandatory: true, invert: true }],
  parse(given) {
    const bytes = numberOf('quota', given, 'quota', Number.MAX_SAFE_INTEGER, LARGEST);
    return isProblem(bytes) ? bytes : { bytes, inverted: given.find('quota')?.inverted ?? false, left: bytes };
  },
  save: ({ bytes, inverted }) => `${not(inverted)} --quota ${bytes}`,
  list: ({ bytes }) => ` quota: ${bytes} bytes`,
  matches(data, skb) {
    const length = skb.end - skb.network;
    if (data.left >= length) {
      data.left -= length;
      return !data.inverted;
    }
    // Not even a smaller packet from now on.
    data.left = 0;
    return data.inverted;
  },
};
