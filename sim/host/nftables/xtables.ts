import type { NftFamily, NftTable } from '../../kernel/netfilter/nftables/table.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import { priorityOf, type Table } from '../../kernel/netfilter/tables/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { type ListStyle, listTable } from './list.ts';
import { priorityText } from './priority.ts';
import { translateRule } from './xtables-rule.ts';

/** A table of iptables, as nft sees it. */
export interface XtablesView {
  family: NftFamily;
  name: string;
  handle: number;
  xtables: Table;
  /** What nft has added to it. */
  native: NftTable | undefined;
}

/** The tables that iptables has written. */
export function xtablesOf({ netfilter }: NetNamespace): XtablesView[] {
  return ([4, 6] as const).flatMap((number) =>
    netfilter.tables(number).map((xtables) => {
      const family = number === 4 ? 'ip' : 'ip6';
      const native = netfilter.hasNftables ? netfilter.nftables.table(family, xtables.name) : undefined;
      return { family, name: xtables.name, handle: xtables.handle, xtables, native } as const;
    }),
  );
}

export function xtablesNamed(net: NetNamespace, family: NftFamily, name: string): XtablesView | undefined {
  return xtablesOf(net).find((view) => view.family === family && view.name === name);
}

/** Chains as nft lists them: in the order in which they came to be, as near as that is known. */
function chainsOf(table: Table): Chain[] {
  return table.age().filter((chain) => chain.active);
}

/**
 * A table of iptables in nft's words (iptables-nft writes rules of nf_tables, with xtables' matches and targets where there is nothing
 * of nf_tables' own).
 *
 * @param only one chain
 * @param rules whether the rules are listed too
 */
export function* listXtables(
  { family, name, xtables, native }: XtablesView,
  style: ListStyle,
  only?: string,
  rules = true,
): Generator<string> {
  const chains = chainsOf(xtables).filter((chain) => only === undefined || chain.name === only);
  const lines = chains.map((chain) => chain.rules.map((rule) => translateRule(rule, xtables.family, style)));
  const foreign = rules && lines.some((texts) => texts.some((text) => text.foreign));
  if (foreign) yield `# Warning: table ${family} ${name} is managed by iptables-nft, do not touch!\n`;
  yield `table ${family} ${name} {${style.handles && only === undefined ? ` # handle ${xtables.handle}` : ''}\n`;
  const added = native && only === undefined && rules ? [...listTable(native, style)].slice(1, -1).join('') : '';
  for (const [i, chain] of chains.entries()) {
    if (i > 0 && rules) yield '\n';
    yield `\tchain ${chain.name} {${style.handles ? ` # handle ${chain.handle}` : ''}\n`;
    if (chain.hook !== undefined) yield `\t\t${hookLine(xtables, chain, family, style)}\n`;
    for (const [at, { text }] of (rules ? (lines[i] ?? []) : []).entries())
      yield `\t\t${text}${style.handles ? ` # handle ${chain.rules[at]?.handle}` : ''}\n`;
    yield '\t}\n';
  }
  if (added !== '') yield `${chains.length > 0 ? '\n' : ''}${added}`;
  yield '}\n';
}

function hookLine(table: Table, chain: Chain, family: NftFamily, style: ListStyle): string {
  const hook = chain.hook as NonNullable<typeof chain.hook>;
  const type = table.name === 'nat' ? 'nat' : table.name === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter';
  const priority = priorityOf(table.name, hook);
  const word = hook.toLowerCase();
  const shown = style.numericPriority ? String(priority) : priorityText(family, priority, word);
  return `type ${type} hook ${word} priority ${shown}; policy ${chain.policy.toLowerCase()};`;
}
