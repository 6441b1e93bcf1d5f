import { ct } from './ct.ts';
import type { TargetExtension } from './target.ts';

/** NOTRACK: the old way to say `CT --notrack`. */
export const notrack: TargetExtension<undefined> = {
  name: 'NOTRACK',
  listedAs: 'CT',
  conntrack: true,
  options: [],
  parse: () => undefined,
  check: (_data, place) => ct.check?.(undefined, place),
  save: () => '',
  list: () => ' NOTRACK',
  evaluate: (_data, skb, state) => ct.evaluate(undefined, skb, state),
};
