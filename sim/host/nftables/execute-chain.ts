import { type BaseHook, NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import { HOOK, type HookName } from '../../kernel/netfilter/hooks.ts';
import type { NftFamily } from '../../kernel/netfilter/nftables/table.ts';
import { chainOf, tableOf } from './execute.ts';
import { removeRule } from './execute-rule.ts';
import { chainHint } from './hint.ts';
import { priorityNamed } from './priority.ts';
import { refuse, reject, Rejected, type Span, unmodelled, wholeCommand } from './source.ts';
import type { ChainNode, Command } from './syntax.ts';
import type { Transaction } from './transaction.ts';

type ChainCommand = Command & { what: 'chain'; op: 'add' | 'create' };

/** Which hooks a type of chain may stand at. */
const HOOKS_OF: Record<BaseHook['type'], readonly HookName[]> = {
  filter: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  route: ['OUTPUT'],
};

/** Before this priority connections are not yet known (NF_IP_PRI_CONNTRACK). */
const CONNTRACK = -200;

function baseOf(family: NftFamily, { type, hook, priority, device, policy, at }: ChainNode): BaseHook | undefined {
  if (!type || !hook || !priority) return undefined;
  const word = hook.text;
  if (word === 'ingress' || word === 'egress') {
    if (family === 'netdev' || (family === 'inet' && word === 'ingress')) return unmodelled(`the hook "${word}"`, hook.at);
    return reject(`The ${family} family does not support this hook`, hook.at);
  }
  const name = word.toUpperCase();
  if (!Object.hasOwn(HOOK, name)) return reject('unknown chain hook', hook.at);
  if (family === 'netdev') return reject(`The ${family} family does not support this hook`, hook.at);
  if (family === 'arp') return unmodelled('a base chain of the family "arp"', hook.at);
  if (device) return unmodelled('a device for this hook', device.at);
  const named = priority.name === undefined ? 0 : priorityNamed(family, priority.name, word);
  if (named === undefined) return reject('invalid priority expression value in this context.', priority.at);
  const supported = HOOKS_OF[type.text].includes(name as HookName) && (family !== 'bridge' || type.text === 'filter');
  if (!supported) return reject(`Chain of type "${type.text}" is not supported, perhaps kernel support is missing?`, at as Span);
  const value = named + priority.value;
  if (type.text === 'nat' && value <= CONNTRACK) return refuse('EOPNOTSUPP', at as Span);
  return { type: type.text, hook: name as HookName, priority: value, policy: policy?.text ?? 'accept' };
}

export function addChain(transaction: Transaction, command: ChainCommand): void {
  const table = tableOf(transaction, command.target);
  const { name } = command.target;
  const node = command.chain;
  const base = node && baseOf(table.family, node);
  const found = table.chains.get(name?.text ?? '');
  if (found) {
    if (command.op === 'create') refuse('EEXIST', name?.at as Span);
    if (node) change(transaction, found, node, base, name?.at as Span);
    return;
  }
  if (node?.policy && !base) refuse('EOPNOTSUPP', node.policy.at);
  const made = new NftChain(table, name?.text ?? '', base);
  made.handle = table.nextHandle();
  made.comment = node?.comment;
  made.exclusive = command.op === 'create';
  table.chains.set(made.name, made);
  transaction.done(() => table.chains.delete(made.name));
  transaction.changes.push({ command, made });
}

/** A chain that is there already can get another policy, and nothing else. */
function change(transaction: Transaction, chain: NftChain, node: ChainNode, base: BaseHook | undefined, name: Span): void {
  const old = chain.base;
  if (base) {
    if (!old || (old.type !== base.type && old.hook === base.hook && old.priority === base.priority)) refuse('EEXIST', name);
    if (old.hook !== base.hook || old.priority !== base.priority)
      reject(
        `Chain "${chain.name}" already exists in table ${chain.table.family} '${chain.table.name}' with different declaration`,
        node.at,
      );
  }
  if (!node.policy) return;
  if (!old) return refuse('EOPNOTSUPP', node.policy.at);
  chain.base = { ...old, policy: node.policy.text };
  transaction.done(() => {
    chain.base = old;
  });
}

export function deleteChain(transaction: Transaction, command: Command): void {
  const chain = chainOf(transaction, command.target);
  const at = (command.target.name?.at ?? command.target.handle?.at) as Span;
  if (chain.references > 0 || usedByMaps(chain)) refuse('EBUSY', at);
  flushChain(transaction, chain);
  const { chains } = chain.table;
  const before = new Map(chains);
  chains.delete(chain.name);
  transaction.done(() => {
    chains.clear();
    for (const [name, one] of before) chains.set(name, one);
  });
}

function usedByMaps(chain: NftChain): boolean {
  for (const set of chain.table.sets.values())
    for (const { verdict } of set.elements()) if (verdict && 'chain' in verdict && verdict.chain === chain) return true;
  return false;
}

export function flushChain(transaction: Transaction, chain: NftChain): void {
  for (const rule of chain.rules.toReversed()) removeRule(transaction, rule);
}

export function renameChain(transaction: Transaction, command: Command & { op: 'rename' }): void {
  const { name: old } = command.target;
  // What isn't there is found missing before the kernel is asked.
  if (old && !tableOf(transaction, command.target).chains.has(old.text)) {
    const missing = { message: 'No such file or directory', at: old.at };
    throw new Rejected([chainHint(transaction.before, command.target, old.at) ?? missing]);
  }
  const chain = chainOf(transaction, command.target);
  const { chains } = chain.table;
  const { newName } = command;
  if (chains.has(newName.text)) refuse('EEXIST', wholeCommand(command.at));
  const before = new Map(chains);
  const { name } = chain;
  chains.clear();
  for (const [key, one] of before) chains.set(one === chain ? newName.text : key, one);
  chain.name = newName.text;
  for (const one of chains.values()) for (const rule of one.rules) rule.renamed();
  transaction.done(() => {
    chain.name = name;
    chains.clear();
    for (const [key, one] of before) chains.set(key, one);
  });
}
