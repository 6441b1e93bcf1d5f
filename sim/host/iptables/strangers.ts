import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import { priorityOf, type TableName, TABLES } from '../../kernel/netfilter/tables/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { type Failure, failure } from './failure.ts';

function chainsOfNft({ netfilter }: NetNamespace, family: 4 | 6, table: string): NftChain[] {
  if (!netfilter.hasNftables) return [];
  return [...(netfilter.nftables.table(family === 4 ? 'ip' : 'ip6', table)?.chains.values() ?? [])];
}

/** Whether a base chain of nft could be one of iptables' own (nft_chain_builtin_find). */
function isOwn({ name, base }: NftChain, table: TableName): boolean {
  const hook = TABLES[table].hooks.find((each) => each === name);
  return hook !== undefined && base?.hook === hook && base.priority === priorityOf(table, hook);
}

/** What listings of a whole table say when nft has put base chains into it that iptables can't show (assert_chain_exists and around). */
export function strangersNote(net: NetNamespace, family: 4 | 6, table: TableName): string {
  const strange = chainsOfNft(net, family, table).some((chain) => chain.base !== undefined && !isOwn(chain, table));
  return strange ? `# Table \`${table}' contains incompatible base-chains, use 'nft' tool to list them.\n` : '';
}

/** Chains with iptables' names but with rules that it can't read make the whole table unreadable for it (nft_assert_table_compatible). */
export function incompatible(net: NetNamespace, family: 4 | 6, table: TableName): Failure | undefined {
  const own = chainsOfNft(net, family, table).filter((chain) => chain.base === undefined || isOwn(chain, table));
  const unreadable = own.some((chain) => chain.rules.some((rule) => rule.statements.some(({ kind }) => !READABLE.has(kind))));
  return unreadable ? failure('incompatible', `table \`${table}' is incompatible, use 'nft' tool.`) : undefined;
}

const READABLE: ReadonlySet<string> = new Set(['match', 'verdict', 'stateful', 'log']);
