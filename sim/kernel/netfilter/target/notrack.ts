import { ct } from './ct.ts';
import type { TargetExtension } from './target.ts';

const ALONE = {
  notrack: true,
  helper: '',
  timeout: '',
  events: undefined,
  expectEvents: undefined,
  zone: undefined,
  template: undefined,
};

/** NOTRACK: the old way to say `CT --notrack`. */
export const notrack: TargetExtension<undefined> = {
  name: 'NOTRACK',
  listedAs: 'CT',
  conntrack: true,
  options: [],
  parse: () => undefined,
  check: (_data, place) => ct.check?.(ALONE, place),
  save: () => '',
  list: () => ' NOTRACK',
  evaluate: (_data, skb, state) => ct.evaluate(ALONE, skb, state),
};
