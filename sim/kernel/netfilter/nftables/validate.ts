import type { Errno } from '../../../base/errno.ts';
import type { HookName } from '../hooks.ts';
import type { NftChain } from './chain.ts';
import type { NftRule } from './rule.ts';
import { setsOf, type Statement } from './statement.ts';
import type { NftTable } from './table.ts';

/** Chains may call one another this deep (NFT_JUMP_STACK_SIZE). */
const MAX_DEPTH = 16;

const NAT_HOOKS: Record<string, readonly HookName[]> = {
  snat: ['POSTROUTING', 'INPUT'],
  masquerade: ['POSTROUTING'],
  dnat: ['PREROUTING', 'OUTPUT'],
  redirect: ['PREROUTING', 'OUTPUT'],
};

/** A rule that can't stand where packets reach it. */
export interface Misplaced {
  errno: Errno;
  rule: NftRule;
}

/**
 * Follows every way from the base chains (nft_table_validate).
 * @returns ELOOP-like EMLINK for circles and jumps too deep, EOPNOTSUPP for statements in chains of the wrong type or hook
 */
export function validateTable(table: NftTable): Misplaced | undefined {
  for (const chain of table.chains.values()) {
    if (!chain.base) continue;
    const found = visit(chain, chain, 0, new Map());
    if (found) return found;
  }
  return undefined;
}

function visit(chain: NftChain, base: NftChain, depth: number, seen: Map<NftChain, number>): Misplaced | undefined {
  const before = seen.get(chain);
  if (before !== undefined && before >= depth) return undefined;
  seen.set(chain, depth);
  for (const rule of chain.rules) {
    for (const statement of rule.statements) {
      const errno = before === undefined ? checkStatement(statement, base) : undefined;
      if (errno) return { errno, rule };
    }
    for (const next of chainsFrom(rule)) {
      if (depth + 1 >= MAX_DEPTH) return { errno: 'EMLINK', rule };
      const found = visit(next, base, depth + 1, seen);
      if (found) return found;
    }
  }
  return undefined;
}

/** The chains that a rule leads to, by itself or by its maps. */
export function chainsFrom(rule: NftRule): NftChain[] {
  const chains: NftChain[] = [];
  for (const statement of rule.statements) {
    if (statement.kind === 'verdict' && 'chain' in statement.verdict && statement.verdict.chain) chains.push(statement.verdict.chain);
    for (const set of setsOf(statement)) {
      if (set.spec.data?.[0] !== 'verdict') continue;
      for (const { verdict } of set.elements()) if (verdict && 'chain' in verdict && verdict.chain) chains.push(verdict.chain);
    }
  }
  return chains;
}

function checkStatement(statement: Statement, base: NftChain): Errno | undefined {
  const { type, hook } = base.base as NonNullable<NftChain['base']>;
  if (statement.kind === 'nat') {
    if (type !== 'nat' || !NAT_HOOKS[statement.nat]?.includes(hook)) return 'EOPNOTSUPP';
  }
  if (statement.kind === 'reject' && base.table.family !== 'bridge' && !['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING'].includes(hook))
    return 'EOPNOTSUPP';
  return undefined;
}
