import type { Errno } from '../../../base/errno.ts';
import type { HookName } from '../hooks.ts';
import type { Placement } from '../match/match.ts';
import type { Chain } from './chain.ts';
import type { Rule } from './rule.ts';
import type { Table } from './table.ts';

/** Chains may call one another this deep (NFT_JUMP_STACK_SIZE). */
const MAX_DEPTH = 16;

/** What is wrong with a table, and where. */
export interface Invalid {
  errno: Errno;
  chain: Chain;
  rule: Rule;
}

/**
 * Follows every way that packets can take from the built-in chains (nf_tables_check_loops, nft_chain_validate).
 *
 * @returns EMLINK for a circle or for jumps too deep, EOPNOTSUPP for a jump to a built-in chain, what a match or target says when it
 * can't be used at a hook that leads to it, or `undefined` when all is well
 */
export function validate(table: Table): Invalid | undefined {
  for (const chain of table.chains()) {
    for (const rule of chain.rules) {
      if (rule.action.kind === 'chain' && rule.action.chain?.hook !== undefined) return { errno: 'EOPNOTSUPP', chain, rule };
    }
  }
  const reached = new Set<Chain>();
  for (const base of table.builtin()) {
    const seen = new Map<Chain, number>();
    const invalid = visit(base, 0, placeIn(table, [base.hook as HookName]), new Set(), seen);
    if (invalid) return invalid;
    for (const chain of seen.keys()) reached.add(chain);
  }
  // Rules that no packet reaches must fit their table all the same.
  for (const chain of table.chains()) {
    if (reached.has(chain)) continue;
    for (const rule of chain.rules) {
      const errno = checkRule(rule, placeIn(table, []));
      if (errno) return { errno, chain, rule };
    }
  }
  return undefined;
}

function placeIn(table: Table, hooks: readonly HookName[]): Placement {
  return { table: table.name, family: table.family, hooks: new Set(hooks), protocol: 0, protocolInverted: false };
}

function visit(chain: Chain, depth: number, place: Placement, path: Set<Chain>, seen: Map<Chain, number>): Invalid | undefined {
  const before = seen.get(chain);
  if (before !== undefined && before >= depth) return undefined;
  seen.set(chain, depth);
  path.add(chain);
  for (const rule of chain.rules) {
    if (before === undefined) {
      const errno = checkRule(rule, place);
      if (errno) return { errno, chain, rule };
    }
    if (rule.action.kind !== 'chain' || !rule.action.chain) continue;
    const next = rule.action.chain;
    if (path.has(next) || depth + 1 >= MAX_DEPTH) return { errno: 'EMLINK', chain, rule };
    const invalid = visit(next, depth + 1, place, path, seen);
    if (invalid) return invalid;
  }
  path.delete(chain);
  return undefined;
}

function checkRule(rule: Rule, place: Placement): Errno | undefined {
  const { matches, action, header } = rule;
  if (matches.length === 0 && action.kind !== 'extension') return undefined;
  const here = { ...place, protocol: header.protocol, protocolInverted: header.protocolInverted };
  for (const { extension, data } of matches) {
    const errno = extension.check?.(data, here);
    if (errno) return errno;
  }
  return action.kind === 'extension' ? action.target.extension.check?.(action.target.data, here) : undefined;
}
