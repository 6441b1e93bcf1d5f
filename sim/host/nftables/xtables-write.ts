import type { Statement } from '../../kernel/netfilter/nftables/statement.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import type { Table } from '../../kernel/netfilter/tables/table.ts';
import { iptablesWithin } from '../iptables/iptables.ts';
import { Evaluator } from './evaluate.ts';
import { evaluateRule } from './evaluate-statement.ts';
import { plainStyle, statementText } from './print-rule.ts';
import { refuse, reject, type Span, unmodelled } from './source.ts';
import type { Command } from './syntax.ts';
import type { Transaction } from './transaction.ts';
import { xtablesNamed } from './xtables.ts';

/**
 * Carries a command out on a table of iptables. Rules go there by the words of iptables, which has to understand them too; tables
 * that nft adds to have a table of nft's own beside them, for what is not iptables'.
 *
 * @returns false when the command is about something else
 */
export function changeXtables(transaction: Transaction, command: Command): boolean {
  const { target } = command;
  if (command.op === 'list' || !target.table || (target.family !== 'ip' && target.family !== 'ip6')) return false;
  const view = xtablesNamed(transaction.net, target.family, target.table.text);
  if (!view) return false;
  const { xtables } = view;
  const chain = target.name ? xtables.chain(target.name.text) : undefined;
  const { netfilter } = transaction.net;
  const remember = () => transaction.done(netfilter.snapshot(xtables.family, xtables.name));
  const done = () => {
    netfilter.rulesChanged(xtables.family);
    return true;
  };
  if (command.what === 'table') {
    if (command.op === 'create') refuse('EEXIST', target.table.at);
    if (command.op === 'add') return true;
    remember();
    if (command.op === 'flush') for (const each of xtables.chains()) xtables.flush(each);
    else netfilter.removeTable(xtables.family, xtables.name);
    // What nft has added goes the same way.
    return view.native ? !done() : done();
  }
  if (command.what === 'rule' && chain?.active) {
    remember();
    changeRules(transaction, command, xtables, chain);
    return done();
  }
  if (command.what === 'chain' && chain?.active && (command.op === 'flush' || command.op === 'delete')) {
    remember();
    if (command.op === 'delete' && (chain.references > 0 || chain.rules.length > 0)) refuse('EBUSY', target.name?.at as Span);
    xtables.flush(chain);
    if (command.op === 'delete' && chain.hook === undefined) xtables.deleteChain(chain);
    else if (command.op === 'delete') netfilter.deactivate(xtables, chain);
    return done();
  }
  if (chain?.active && command.what === 'chain' && command.op === 'add') return changePolicy(transaction, command, chain);
  if (!view.native) {
    const made = transaction.nftables.makeTable(target.family, target.table.text);
    transaction.done(() => transaction.nftables.tables.delete(`${made.family} ${made.name}`));
  }
  return false;
}

function changePolicy(transaction: Transaction, command: Command & { what: 'chain'; op: 'add' | 'create' }, chain: Chain): boolean {
  const policy = command.chain?.policy;
  if (!policy) return true;
  if (chain.hook === undefined) refuse('EOPNOTSUPP', policy.at);
  const { policy: before } = chain;
  chain.policy = policy.text === 'drop' ? 'DROP' : 'ACCEPT';
  transaction.done(() => {
    chain.policy = before;
  });
  return true;
}

function changeRules(transaction: Transaction, command: Command, table: Table, chain: Chain): void {
  const { handle } = command.target;
  if (command.op === 'delete' || command.op === 'destroy') {
    const at = chain.rules.findIndex((rule) => rule.handle === handle?.value);
    if (at >= 0) table.remove(chain, at);
    else if (command.op === 'delete') refuse('ENOENT', handle?.at as Span);
    return;
  }
  if (command.what !== 'rule' || !('rule' in command)) return;
  if (command.op === 'replace' || command.index || command.position)
    return unmodelled('a place for a rule in a chain of iptables', command.at);
  const { net, lookup, nftables } = transaction;
  const twin = nftables.table(command.target.family, table.name) ?? nftables.makeTable(command.target.family, table.name);
  if (twin.chains.size + twin.sets.size === 0) nftables.tables.delete(`${twin.family} ${twin.name}`);
  const chains = new Map<string, string>();
  const evaluator = new Evaluator(net, lookup, twin, (_name, at) => reject('No such file or directory', at));
  // Chains of iptables are found when iptables makes the rule.
  const nodes = command.rule.statements.filter((node) => {
    if (node.kind !== 'verdict' || !node.verdict.chain) return true;
    if (!table.chain(node.verdict.chain.text)) refuse('ENOENT', node.verdict.chain.at);
    chains.set(node.verdict.kind === 'goto' ? '-g' : '-j', node.verdict.chain.text);
    return false;
  });
  const statements = evaluateRule(evaluator, { ...command.rule, statements: nodes });
  const words = statements.flatMap(
    (statement) =>
      xtablesWords(statement) ?? unmodelled(`"${statementText(statement, plainStyle(net))}" in a chain of iptables`, command.rule.at),
  );
  if (command.rule.comment !== undefined) words.push('-m', 'comment', '--comment', command.rule.comment);
  for (const [option, name] of chains) words.push(option, name);
  const failed = iptablesWithin(net, ['-t', table.name, command.op === 'insert' ? '-I' : '-A', chain.name, ...words], table.family);
  if (failed) reject(`Could not process rule: ${failed.message}`, command.rule.at);
}

/** A statement in the words of iptables; `undefined` for what it has none for. */
export function xtablesWords(statement: Statement): string[] | undefined {
  if (statement.kind === 'stateful') return statement.state.kind === 'counter' ? [] : undefined;
  if (statement.kind === 'verdict') return statement.verdict.kind === 'continue' ? [] : ['-j', statement.verdict.kind.toUpperCase()];
  if (statement.kind === 'nat' && statement.nat === 'masquerade' && !statement.port) return ['-j', 'MASQUERADE'];
  if (statement.kind !== 'match' || statement.right.kind === 'set') return undefined;
  const { left, right, comparison } = statement;
  const name = left.kind === 'payload' ? left.field.name : left.kind === 'meta' ? left.key : '';
  const text = statementTail(statement);
  const not = comparison === '!=' ? ['!'] : [];
  if (comparison !== '==' && comparison !== '!=') return undefined;
  const ports = right.kind === 'span' ? text.replace('-', ':') : text;
  switch (name) {
    case 'ip saddr':
    case 'ip6 saddr':
      return right.kind === 'span' && right.prefix === undefined ? undefined : [...not, '-s', text];
    case 'ip daddr':
    case 'ip6 daddr':
      return right.kind === 'span' && right.prefix === undefined ? undefined : [...not, '-d', text];
    case 'iifname':
      return [...not, '-i', text.replace(/"/g, '').replace(/\*$/, '+')];
    case 'oifname':
      return [...not, '-o', text.replace(/"/g, '').replace(/\*$/, '+')];
    case 'ip protocol':
    case 'l4proto':
      return [...not, '-p', text];
    case 'tcp sport':
    case 'tcp dport':
    case 'udp sport':
    case 'udp dport': {
      const [protocol = '', field = ''] = name.split(' ');
      return ['-p', protocol, '-m', protocol, ...not, `--${field}`, ports];
    }
    case 'mark':
      return ['-m', 'mark', ...not, '--mark', text];
    default:
      return undefined;
  }
}

/** What stands behind the selector and the operator. */
function statementTail(statement: Statement & { kind: 'match' }): string {
  const style = {
    lookup: undefined as never,
    net: undefined as never,
    numeric: false,
    numericProtocols: false,
    services: false,
    accounts: false,
    stateless: true,
  };
  return statementText(statement, style).split(' ').at(-1) ?? '';
}
