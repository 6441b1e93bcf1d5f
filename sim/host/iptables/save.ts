import type { NetNamespace } from '../../kernel/netns.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { saveMatches, saveTarget } from '../../kernel/netfilter/tables/save.ts';
import { Table, type TableName } from '../../kernel/netfilter/tables/table.ts';

/** A table as it is, or as it would be if somebody used it. */
export function tableOrEmpty(net: NetNamespace, family: 4 | 6, name: TableName): Table {
  return net.netfilter.table(family, name) ?? new Table(name, family);
}

/** `-A CHAIN …`; with counters as `-S -v` has them, before the target. */
export function ruleLine(chain: string, rule: Rule, counters = false): string {
  return `-A ${chain}${saveMatches(rule)}${counters ? ` -c ${rule.packets} ${rule.bytes}` : ''}${saveTarget(rule)}`;
}

/** A table as iptables-save prints it, from `*TABLE` to `COMMIT`. */
export function* saveTable(table: Table, counters: boolean): Generator<string> {
  yield `*${table.name}\n`;
  const chains = table.chains();
  for (const chain of chains) yield `:${chain.name} ${chain.hook === undefined ? '-' : chain.policy} [${chain.packets}:${chain.bytes}]\n`;
  for (const chain of chains) {
    for (const rule of chain.rules) yield `${counters ? `[${rule.packets}:${rule.bytes}] ` : ''}${ruleLine(chain.name, rule)}\n`;
  }
  yield 'COMMIT\n';
}

/**
 * What iptables-save prints, without its comments.
 * @param table one table instead of all that are in use
 */
export function save(net: NetNamespace, options: { family?: 4 | 6; table?: TableName; counters?: boolean } = {}): string {
  const { family = 4, counters = false } = options;
  const tables = options.table ? [tableOrEmpty(net, family, options.table)] : net.netfilter.tables(family);
  return tables.map((table) => [...saveTable(table, counters)].join('')).join('');
}

/** The lines of `-S`. */
export function* listRules(table: Table, only: Chain | undefined, number: number, counters: boolean): Generator<string> {
  const chains = only ? [only] : table.chains();
  if (number > 0) {
    const rule = only?.rules[number - 1];
    if (only && rule) yield `${ruleLine(only.name, rule, counters)}\n`;
    return;
  }
  for (const { name, hook, policy, packets, bytes } of chains) {
    if (hook !== undefined) yield `-P ${name} ${policy}${counters ? ` -c ${packets} ${bytes}` : ''}\n`;
    else yield `-N ${name}\n`;
  }
  for (const chain of chains) for (const rule of chain.rules) yield `${ruleLine(chain.name, rule, counters)}\n`;
}
