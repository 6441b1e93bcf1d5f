import { parseRule, ruleUsage } from './rule-arguments.ts';
import { parseRuleFilter } from './rule-filter.ts';
import { printRule } from './rule-print.ts';
import { PRIORITY_UNSAID, restoreRules, saveRules } from './saved-rules.ts';
import type { Subcommand, Tool } from './tool.ts';
import { Quit, type Words } from './words.ts';

/** `ip rule`: its commands in the order that abbreviations are tried. */
export const ruleCommands: readonly Subcommand[] = [
  { names: ['list', 'lst', 'show'], run: list },
  { names: ['save'], run: save },
  { names: ['restore'], run: restoreRules },
  { names: ['add'], run: add },
  { names: ['delete'], run: remove },
  { names: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(ruleUsage()) },
];

function add(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('"ip rule add" requires arguments.\n', 1);
  const wanted = parseRule(tool, words, true);
  const family = tool.family === 6 ? 6 : 4;
  const rule = { inverted: false, table: 0, action: 'lookup', priority: PRIORITY_UNSAID, ...wanted, family } as const;
  return tool.outcome(tool.netlink.newRule(rule));
}

function remove(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('"ip rule del" requires arguments.\n', 1);
  return tool.outcome(tool.netlink.delRule({ ...parseRule(tool, words, false), family: tool.family === 6 ? 6 : 4 }));
}

function list(tool: Tool, words: Words): number {
  const passes = parseRuleFilter(tool, words);
  const report = tool.report();
  for (const rule of tool.netlink.rules(tool.family === 6 ? 6 : 4)) {
    if (passes(rule)) report.object('', () => printRule(tool, report, rule));
  }
  report.end();
  return 0;
}

function save(tool: Tool, words: Words): number {
  if (!words.empty) throw new Quit('"ip rule save" does not take any arguments.\n', 1);
  return saveRules(tool, tool.netlink.rules(tool.family === 6 ? 6 : 4));
}

/** Deletes all but the rules of preference 0. */
function flush(tool: Tool, words: Words): number {
  const passes = parseRuleFilter(tool, words);
  for (const rule of tool.netlink.rules(tool.family === 6 ? 6 : 4)) {
    if (rule.priority === 0 || !passes(rule)) continue;
    const refused = tool.netlink.delRule(rule);
    if (refused) return tool.outcome(refused);
  }
  return 0;
}
