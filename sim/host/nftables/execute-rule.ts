import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import { setsOf, type Statement } from '../../kernel/netfilter/nftables/statement.ts';
import type { NftTable } from '../../kernel/netfilter/nftables/table.ts';
import { Evaluator } from './evaluate.ts';
import { evaluateRule } from './evaluate-statement.ts';
import { chainOf, tableOf } from './execute.ts';
import { declareMeter } from './execute-set.ts';
import { setHint } from './hint.ts';
import { describeRule } from './print-rule.ts';
import { refuse, Rejected, type Span, wholeCommand } from './source.ts';
import type { Command } from './syntax.ts';
import type { Transaction } from './transaction.ts';

type RuleCommand = Command & { what: 'rule'; op: 'add' | 'insert' | 'replace' | 'create' };

/** How many elements a set has room for once rules add to it. */
const DYNAMIC_SIZE = 65_535;

/** What a rule leads to: chains and objects count who refers to them. */
function account(statements: readonly Statement[], change: 1 | -1): void {
  for (const statement of statements) {
    if (statement.kind === 'verdict' && 'chain' in statement.verdict && statement.verdict.chain)
      statement.verdict.chain.references += change;
    if (statement.kind === 'object' && statement.name !== undefined) {
      const object = statement.states.get(statement.name);
      if (object) object.references += change;
    }
    for (const set of setsOf(statement)) {
      set.references += change;
      if (!set.anonymous) continue;
      for (const { verdict } of set.elements()) if (verdict && 'chain' in verdict && verdict.chain) verdict.chain.references += change;
    }
  }
}

/** An evaluator for a table, which says of missing sets what nft says. */
export function evaluatorFor(transaction: Transaction, command: Command): Evaluator {
  const table = tableOf(transaction, command.target);
  return new Evaluator(transaction.net, transaction.lookup, table, (name, at) => {
    throw new Rejected([setHint(transaction.before, command.target, name.text, at)]);
  });
}

export function addRule(transaction: Transaction, command: RuleCommand): void {
  const chain = chainOf(transaction, command.target);
  for (const statement of command.rule.statements)
    if (statement.kind === 'update' && statement.declares)
      declareMeter(transaction, command, statement.set.text, statement.key, statement.declares.size);
  const statements = numbered(chain.table, () => evaluateRule(evaluatorFor(transaction, command), command.rule));
  const rule = new NftRule(chain, statements, command.rule.comment, describeRule(transaction.net));
  const before = chain.rules;
  const at = placeOf(chain, command);
  chain.rules = command.op === 'replace' ? before.with(at, rule) : before.toSpliced(at, 0, rule);
  account(statements, 1);
  const replaced = command.op === 'replace' ? before[at] : undefined;
  if (replaced) account(replaced.statements, -1);
  rule.inserted = command.op === 'insert';
  rule.handle = replaced?.handle ?? chain.table.nextHandle();
  transaction.done(() => {
    chain.rules = before;
    account(statements, -1);
    if (replaced) account(replaced.statements, 1);
  });
  makeDynamic(transaction, statements);
  if (statements.some(mustFit)) transaction.unchecked.add(chain.table);
  transaction.changes.push({ command, made: rule });
}

/** A rule that the kernel refuses for what it names has got a number before (nf_tables_newrule). */
function numbered<T>(table: NftTable, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Rejected && error.complaints.some(({ errno }) => errno !== undefined)) table.nextHandle();
    throw error;
  }
}

/** What can stand only in some chains, or makes a way into others. */
function mustFit(statement: Statement): boolean {
  return ['nat', 'reject', 'notrack', 'verdict', 'vmap'].includes(statement.kind);
}

/** Sets that rules add to must have a size (nft_dynset_init). */
function makeDynamic(transaction: Transaction, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (statement.kind !== 'update' || statement.set.spec.size !== undefined) continue;
    const { spec } = statement.set;
    spec.size = DYNAMIC_SIZE;
    transaction.done(() => {
      spec.size = undefined;
    });
  }
}

/** Where in its chain a rule goes. */
function placeOf(chain: NftChain, command: RuleCommand): number {
  const { rules } = chain;
  const after = command.op === 'insert' ? 0 : 1;
  if (command.op === 'replace') {
    const { handle } = command.target;
    const at = rules.findIndex((rule) => rule.handle === handle?.value);
    return at >= 0 ? at : refuse('ENOENT', handle?.at as Span);
  }
  if (command.position) {
    const at = rules.findIndex((rule) => rule.handle === command.position?.value);
    return at >= 0 ? at + after : refuse('ENOENT', wholeCommand(command.at));
  }
  if (command.index) return Math.min(rules.length, command.index.value + after);
  return command.op === 'insert' ? 0 : rules.length;
}

export function deleteRule(transaction: Transaction, command: Command): void {
  const chain = chainOf(transaction, command.target);
  const { handle } = command.target;
  const rule = chain.rules.find((one) => one.handle === handle?.value) ?? refuse('ENOENT', handle?.at as Span);
  removeRule(transaction, rule);
}

export function removeRule(transaction: Transaction, rule: NftRule): void {
  const { chain } = rule;
  const before = chain.rules;
  chain.rules = before.filter((other) => other !== rule);
  account(rule.statements, -1);
  transaction.done(() => {
    chain.rules = before;
    account(rule.statements, 1);
  });
}
