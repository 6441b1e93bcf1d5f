import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { NftSet, SetElement } from '../../kernel/netfilter/nftables/set.ts';
import { chainHead, type ListStyle, typeText } from './list.ts';
import { elementText } from './print-expression.ts';
import { ruleText } from './print-rule.ts';
import type { Change } from './transaction.ts';

/** A change as `--echo` tells it: the command that would make the same. */
export function* echo(change: Change, style: ListStyle): Generator<string> {
  const { command, made } = change;
  const { family, table, name } = command.target;
  const handle = (number: number) => (style.handles ? ` # handle ${number}` : '');
  const where = `${family} ${table?.text}`;
  const word = command.op === 'insert' || command.op === 'replace' ? command.op : 'add';
  switch (command.what) {
    case 'table':
      yield `add table ${where}${handle((made as { handle: number }).handle)}\n`;
      return;
    case 'chain': {
      const chain = made as NftChain;
      const [, line] = chainHead(chain, style).split('\n');
      yield `add chain ${where} ${chain.name}${chain.base ? ` { ${line?.trim()} }` : ''}${handle(chain.handle)}\n`;
      return;
    }
    case 'rule': {
      const rule = made as NftRule;
      yield `${word} rule ${where} ${rule.chain.name} ${ruleText(rule, style)}${handle(rule.handle)}\n`;
      return;
    }
    case 'set':
    case 'map': {
      const set = made as NftSet;
      yield `add ${command.what} ${where} ${set.name} { ${typeText(set)}; } ${handle(set.handle).trimStart()}\n`;
      return;
    }
    case 'element': {
      const { set, elements } = made as { set: NftSet; elements: SetElement[] };
      for (const element of elements)
        yield `add element ${where} ${name?.text} { ${elementText(element, set, style, style.net.kernel.events.now)} }\n`;
      return;
    }
    default:
  }
}
