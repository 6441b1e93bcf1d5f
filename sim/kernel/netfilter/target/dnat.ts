import { bind, checkPlace } from '../nat/apply.ts';
import type { NatRange } from '../nat/range.ts';
import { isProblem } from '../options.ts';
import { addressesText, flagsText, parseAddresses, withFlags } from './nat-address.ts';
import type { TargetExtension } from './target.ts';

/** DNAT: another destination (net/netfilter/xt_nat.c). */
export const dnat: TargetExtension<NatRange> = {
  name: 'DNAT',
  conntrack: true,
  options: [
    { name: 'to-destination', mandatory: true },
    { name: 'random', arguments: 0 },
    { name: 'persistent', arguments: 0 },
  ],
  parse(given, context) {
    const range = parseAddresses(given.value('to-destination') as string, context);
    return isProblem(range) ? range : withFlags(range, given);
  },
  check: (_range, place) => checkPlace(place, ['PREROUTING', 'OUTPUT']),
  save: (range) => ` --to-destination ${addressesText(range)}${flagsText(range, '--')}`,
  list: (range) => ` to:${addressesText(range)}${flagsText(range, '')}`,
  evaluate: (range, skb, state) => bind(skb, state, range, 'destination'),
};
