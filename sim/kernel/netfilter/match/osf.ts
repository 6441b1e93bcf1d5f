import { not, problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Fingerprint {
  genre: string;
  inverted: boolean;
  ttl: number | undefined;
  log: number | undefined;
}

/** The osf match of IPv4: the sender's system by its SYN (net/netfilter/xt_osf.c). Nobody here loads fingerprints, so it knows no system. */
export const osf: MatchExtension<Fingerprint> = {
  name: 'osf',
  family: 4,
  options: [{ name: 'genre', mandatory: true, invert: true }, { name: 'ttl' }, { name: 'log' }],
  parse(given) {
    const numbers: (number | undefined)[] = [];
    for (const name of ['ttl', 'log']) {
      const text = given.value(name);
      const value = text === undefined ? undefined : unsigned(text, 2);
      if (text !== undefined && value === undefined) return problem(`osf: bad value for option "--${name}", or out of range (0-2).\n`);
      numbers.push(value);
    }
    const option = given.find('genre') as { values: readonly string[]; inverted: boolean };
    return { genre: option.values[0] as string, inverted: option.inverted, ttl: numbers[0], log: numbers[1] };
  },
  check: (_data, { protocol, hooks }) => (protocol !== 6 || hooks.has('OUTPUT') || hooks.has('POSTROUTING') ? 'EINVAL' : undefined),
  save({ genre, inverted, ttl, log }) {
    return `${not(inverted)} --genre ${genre}${ttl === undefined ? '' : ` --ttl ${ttl}`}${log === undefined ? '' : ` --log ${log}`}`;
  },
  list: ({ genre, inverted }) => ` OS fingerprint match${not(inverted)} ${genre}`,
  matches: () => false,
};
