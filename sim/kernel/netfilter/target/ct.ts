import { UNTRACKED } from '../conntrack/connection.ts';
import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

/** CT: whether, and how, the packet's connection is tracked (net/netfilter/xt_CT.c). */
export const ct: TargetExtension<undefined> = {
  name: 'CT',
  conntrack: true,
  options: [
    { name: 'notrack', arguments: 0 },
    { name: 'helper', unmodelled: true },
    { name: 'timeout', unmodelled: true },
    { name: 'ctevents', unmodelled: true },
    { name: 'expevents', unmodelled: true },
    { name: 'zone', unmodelled: true },
    { name: 'zone-orig', unmodelled: true },
    { name: 'zone-reply', unmodelled: true },
  ],
  parse: (given) => (given.has('notrack') ? undefined : problem('CT: without --notrack it is not modelled')),
  check: (_data, place) => (place.table === 'raw' ? undefined : 'EINVAL'),
  save: () => ' --notrack',
  list: () => ' CT notrack',
  evaluate(_data, skb) {
    if (skb.conntrack === undefined) skb.conntrack = UNTRACKED;
    return 'continue';
  },
};
