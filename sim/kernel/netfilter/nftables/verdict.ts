import type { NftChain } from './chain.ts';

/** Where a packet goes next (enum nft_verdicts). A jump's chain is found when the rule or element is added. */
export type Verdict =
  | { kind: 'accept' | 'drop' | 'continue' | 'return' | 'stolen' }
  | { kind: 'jump' | 'goto'; name: string; chain: NftChain | undefined };

export const ACCEPT: Verdict = { kind: 'accept' };
export const DROP: Verdict = { kind: 'drop' };

/** What a statement comes to: go on with the next one, leave the rule, or a verdict. */
export const CONTINUE = 0;
export const BREAK = 1;
export type Outcome = typeof CONTINUE | typeof BREAK | Verdict;
