import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { type ListStyle, objectLines, setLines } from './list.ts';
import { elementText } from './print-expression.ts';
import { ruleText } from './print-rule.ts';
import { priorityText } from './priority.ts';
import type { KnownChain, KnownTable } from './ruleset.ts';
import type { RulesetEvent } from './ruleset-events.ts';
import { translateRule } from './xtables-rule.ts';

/** A rule of either kind in nft's words, with its handle where the style wants it. */
export function eitherRuleText(rule: Rule | NftRule, family: string, style: ListStyle): string {
  const text = 'statements' in rule ? ruleText(rule, style) : translateRule(rule, family === 'ip' ? 4 : 6, style).text;
  return text + handleOf(style, rule.handle);
}

const handleOf = (style: ListStyle, handle: number): string => (style.handles ? ` # handle ${handle}` : '');

/** A change as `nft monitor` prints it: the command that would make it (src/monitor.c), on a line. */
export function eventText(event: RulesetEvent, style: ListStyle): string {
  const { verb, table } = event;
  const where = `${table.family} ${table.name}`;
  switch (event.kind) {
    case 'table':
      return `${verb} table ${where}${table.dormant && verb !== 'delete' ? ' { flags dormant; }' : ''}${handleOf(style, table.handle)}\n`;
    case 'chain':
      return `${verb} chain ${where} ${verb === 'delete' ? event.chain.name : chainText(table, event.chain, style)}\n`;
    case 'rule': {
      const place = event.position === undefined ? '' : `handle ${event.position} `;
      const { rule, handle } = event.rule;
      const text = verb === 'delete' ? `handle ${handle}` : eitherRuleText(rule, table.family, style);
      return `${verb} rule ${where} ${event.chain.name} ${place}${text}\n`;
    }
    case 'set': {
      const { set } = event;
      if (verb === 'delete') return `${verb} set ${where} ${set.name}\n`;
      return `${verb} ${set.isMap ? 'map' : 'set'} ${where} ${set.name} {${handleOf(style, set.handle)} ${setLines(set, style).join('; ')}; } \n`;
    }
    case 'element': {
      const { set, element, now } = event;
      return `${verb} element ${where} ${set.name} { ${elementText(element, set, style, now)} }\n`;
    }
    case 'object': {
      const { type, object } = event;
      if (verb === 'delete') return `${verb} ${type} ${where} ${object.name}\n`;
      return `${verb} ${type} ${where} ${object.name} {${handleOf(style, object.handle)} ${objectLines(object, style).join(' ')} } \n`;
    }
  }
}

function chainText({ family }: KnownTable, { name, handle, hook }: KnownChain, style: ListStyle): string {
  if (!hook) return `${name}${handleOf(style, handle)}`;
  const priority = style.numericPriority ? String(hook.priority) : priorityText(family, hook.priority, hook.hook);
  const text = `type ${hook.type} hook ${hook.hook} priority ${priority}; policy ${hook.policy};`;
  return `${name} { ${text} }${handleOf(style, handle)}`;
}
