import { problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

/** Probabilities are kept as 31-bit fractions. */
const ONE = 0x8000_0000;

type Statistic =
  | { mode: 'random'; probability: number; inverted: boolean }
  | { mode: 'nth'; every: number; packet: number; inverted: boolean /** Counts to `every - 1`. */; count: number };

/** The statistic match: at random, or every nth packet (net/netfilter/xt_statistic.c). */
export const statistic: MatchExtension<Statistic> = {
  name: 'statistic',
  options: [
    { name: 'mode' },
    { name: 'probability', invert: true },
    { name: 'every', invert: true, excludes: ['probability'], also: 'packet' },
    { name: 'packet' },
  ],
  parse(given) {
    const mode = given.value('mode') ?? 'random';
    if (mode !== 'random' && mode !== 'nth') return problem(`Bad mode "${mode}"`);
    const probability = given.find('probability');
    const every = given.find('every');
    if (mode === 'random') {
      if (!probability) return problem('--probability must be specified when using random mode');
      const value = Number(probability.values[0]);
      if (!/^[0-9.eE+-]+$/.test(probability.values[0] as string) || !(value >= 0 && value <= 1))
        return problem('statistic: bad value for option "--probability", or out of range (0-1).\n');
      return { mode, probability: Math.round(value * ONE), inverted: probability.inverted };
    }
    if (!every) return problem('--every and --packet must be specified when using nth mode');
    const n = unsigned(every.values[0] as string, 0xffff_ffff, 1);
    if (n === undefined) return problem('statistic: bad value for option "--every", or out of range (1-4294967295).\n');
    const packet = unsigned(given.value('packet') ?? '0');
    if (packet === undefined) return problem('statistic: bad value for option "--packet", or out of range (0-4294967295).\n');
    if (packet >= n) return problem('the --packet p must be 0 <= p <= n-1');
    return { mode, every: n, packet, inverted: every.inverted, count: n - 1 - packet };
  },
  save(data) {
    const not = data.inverted ? ' !' : '';
    if (data.mode === 'random') return ` --mode random${not} --probability ${(data.probability / ONE).toFixed(11)}`;
    return ` --mode nth${not} --every ${data.every} --packet ${data.packet}`;
  },
  list(data) {
    const not = data.inverted ? ' !' : '';
    if (data.mode === 'random') return ` statistic mode random${not} probability ${(data.probability / ONE).toFixed(11)}`;
    return ` statistic mode nth${not} every ${data.every}${data.packet === 0 ? '' : ` packet ${data.packet}`}`;
  },
  matches(data, _skb, state) {
    if (data.mode === 'random') {
      return (state.net.netfilter.random.uint32() & 0x7fff_ffff) < data.probability !== data.inverted;
    }
    data.count = data.count === data.every - 1 ? 0 : data.count + 1;
    return (data.count === 0) !== data.inverted;
  },
};
