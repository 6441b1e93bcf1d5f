import { markText, markValue, not, problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Realm {
  value: number;
  mask: number;
  inverted: boolean;
}

/** The realm match of IPv4: the realm of the packet's route (net/netfilter/xt_realm.c). Routes have none here, which is realm 0. */
export const realm: MatchExtension<Realm> = {
  name: 'realm',
  family: 4,
  options: [{ name: 'realm', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('realm') as { values: readonly string[]; inverted: boolean };
    const value = option.values[0] === 'cosmos' ? { value: 0, mask: 0xffff_ffff } : markValue(option.values[0] as string);
    return value ? { ...value, inverted: option.inverted } : problem('realm: bad integer value for option "--realm", or out of range.\n');
  },
  check: (_data, { hooks }) => (hooks.has('PREROUTING') ? 'EINVAL' : undefined),
  save: ({ value, mask, inverted }) => `${not(inverted)} --realm ${markText(value, mask)}`,
  list: ({ value, mask, inverted }) => `${not(inverted)} realm ${markText(value, mask)}`,
  matches: ({ value, inverted }) => (value === 0) !== inverted,
};
