import { type NftFamily, NftTable } from '../../kernel/netfilter/nftables/table.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { Evaluator } from './evaluate.ts';
import { evaluateRule } from './evaluate-statement.ts';
import { expressionJson, type Json } from './json.ts';
import { statementJson } from './json-rule.ts';
import type { ListStyle } from './list.ts';
import { parseConcat } from './parse-expression.ts';
import { Parser } from './parser.ts';
import { parseRule } from './parse-statement.ts';
import { reject } from './source.ts';
import { translateRule } from './xtables-rule.ts';

/** The expressions of a rule of iptables in JSON: nf_tables' own as such, matches and targets of xtables by their names alone. */
export function xtablesJson(rule: Rule, family: NftFamily, style: ListStyle): Json[] {
  const expressions: Json[] = [];
  const { pieces } = translateRule(rule, family === 'ip6' ? 6 : 4, style);
  for (const { text, extension } of pieces) {
    if (extension) expressions.push({ xt: extension });
    else expressions.push(...nativeJson(text, family, style));
  }
  const { action } = rule;
  if (action.kind === 'verdict') expressions.push({ [action.verdict.toLowerCase()]: null });
  if (action.kind === 'chain') expressions.push({ [action.goto ? 'goto' : 'jump']: { target: action.chain?.name ?? action.name } });
  return expressions;
}

/** An expression that is kept as it was written, as the types of sets are. */
export function wordsJson(text: string, family: NftFamily, style: ListStyle): Json {
  const parser = new Parser({ name: undefined, text }, style.lookup, new Map(), () => undefined);
  return expressionJson(evaluatorFor(family, style).left(parseConcat(parser)).expression, style);
}

function evaluatorFor(family: NftFamily, style: ListStyle): Evaluator {
  return new Evaluator(style.net, style.lookup, new NftTable(family, '', 0), (_name, at) => reject('No such file or directory', at));
}

/** What nft makes of its own words. */
function nativeJson(text: string, family: NftFamily, style: ListStyle): Json[] {
  const parser = new Parser({ name: undefined, text }, style.lookup, new Map(), () => undefined);
  return evaluateRule(evaluatorFor(family, style), parseRule(parser)).map((statement) => statementJson(statement, style));
}
