import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import type { NftSet } from '../../kernel/netfilter/nftables/set.ts';
import type { ObjectState } from '../../kernel/netfilter/nftables/stateful.ts';
import type { NftTable } from '../../kernel/netfilter/nftables/table.ts';
import { TABLE_NAMES } from '../../kernel/netfilter/tables/table.ts';
import { addChain, deleteChain, flushChain, renameChain } from './execute-chain.ts';
import { addElements, addSet, deleteElements, deleteSet, flushSet } from './execute-set.ts';
import { addRule, deleteRule, removeRule } from './execute-rule.ts';
import { setHint } from './hint.ts';
import { refuse, Rejected, type Span } from './source.ts';
import type { Command, ObjectType, Target } from './syntax.ts';
import type { Transaction } from './transaction.ts';
import { changeXtables } from './xtables-write.ts';

/** Carries out one command that changes something; throws what is wrong with it. Lists are not its business. */
export function execute(transaction: Transaction, command: Command): void {
  if (changeXtables(transaction, command)) return;
  switch (command.op) {
    case 'add':
    case 'create':
    case 'insert':
    case 'replace':
      return add(transaction, command as Command & { op: 'add' });
    case 'delete':
    case 'destroy':
      return remove(transaction, command as Command & { op: 'delete' });
    case 'flush':
      return flush(transaction, command);
    case 'rename':
      return renameChain(transaction, command);
    default:
  }
}

/** The table that a command names. @throws ENOENT */
export function tableOf({ nftables }: Transaction, { family, table, handle }: Target): NftTable {
  if (!table)
    return (
      [...nftables.tables.values()].find((one) => one.family === family && one.handle === handle?.value) ??
      refuse('ENOENT', handle?.at as Span)
    );
  return nftables.table(family, table.text) ?? refuse('ENOENT', table.at);
}

/** The chain that a command names. @throws ENOENT */
export function chainOf(transaction: Transaction, target: Target): NftChain {
  const table = tableOf(transaction, target);
  if (!target.name)
    return [...table.chains.values()].find((one) => one.handle === target.handle?.value) ?? refuse('ENOENT', target.handle?.at as Span);
  return table.chains.get(target.name.text) ?? refuse('ENOENT', target.name.at);
}

/** The set or map that a command names. @throws ENOENT */
export function setOf(transaction: Transaction, target: Target): NftSet {
  const table = tableOf(transaction, target);
  if (!target.name)
    return [...table.sets.values()].find((one) => one.handle === target.handle?.value) ?? refuse('ENOENT', target.handle?.at as Span);
  return table.sets.get(target.name.text) ?? refuse('ENOENT', target.name.at);
}

function add(transaction: Transaction, command: Command & { op: 'add' }): void {
  switch (command.what) {
    case 'table':
      return addTable(transaction, command);
    case 'chain':
      return addChain(transaction, command);
    case 'rule':
      return addRule(transaction, command);
    case 'set':
    case 'map':
      return addSet(transaction, command);
    case 'element':
      return addElements(transaction, command);
    default:
      return addObject(transaction, command);
  }
}

function addTable(transaction: Transaction, command: Command & { op: 'add' | 'create'; what: 'table' }): void {
  const { nftables } = transaction;
  const { family, table } = command.target;
  const name = table?.text ?? '';
  const found = nftables.table(family, name);
  if (found) {
    if (command.op === 'create') refuse('EEXIST', table?.at as Span);
    const { dormant } = found;
    if (command.dormant !== undefined) found.dormant = command.dormant;
    transaction.done(() => {
      found.dormant = dormant;
    });
    return;
  }
  const made = nftables.makeTable(family, name);
  made.comment = command.comment;
  made.dormant = command.dormant ?? false;
  made.exclusive = command.op === 'create';
  transaction.done(() => nftables.tables.delete(`${family} ${name}`));
  transaction.changes.push({ command, made });
}

function addObject(transaction: Transaction, command: Command & { op: 'add' | 'create'; what: ObjectType; state: ObjectState }): void {
  const table = tableOf(transaction, command.target);
  const objects = table.objects[command.what];
  const name = command.target.name?.text ?? '';
  if (objects.has(name)) {
    if (command.op === 'create') refuse('EEXIST', command.target.name?.at as Span);
    return;
  }
  const made = { name, handle: table.nextHandle(), references: 0, comment: command.comment, state: { ...command.state } };
  objects.set(name, made);
  transaction.done(() => objects.delete(name));
  transaction.changes.push({ command, made });
}

type Removal = Command & { op: 'delete' | 'destroy' };

/** `destroy` is content when there is nothing. */
function remove(transaction: Transaction, command: Removal): void {
  if (command.op === 'destroy' && !exists(transaction, command)) return;
  switch (command.what) {
    case 'table':
      return dropTable(transaction, tableOf(transaction, command.target));
    case 'chain':
      return deleteChain(transaction, command);
    case 'rule':
      return deleteRule(transaction, command);
    case 'set':
    case 'map':
      return deleteSet(transaction, command);
    case 'element':
      return deleteElements(transaction, command);
    default:
      return deleteObject(transaction, command as Removal & { what: ObjectType });
  }
}

function exists({ nftables }: Transaction, { what, target }: Removal): boolean {
  const table = target.table ? nftables.table(target.family, target.table.text) : undefined;
  if (!table) return false;
  const name = target.name?.text ?? '';
  if (what === 'table') return true;
  if (what === 'chain') return table.chains.has(name);
  if (what === 'rule') return table.chains.get(name)?.rules.some((rule) => rule.handle === target.handle?.value) ?? false;
  if (what === 'set' || what === 'map' || what === 'element') return table.sets.has(name);
  return table.objects[what].has(name);
}

/** Takes a table with all that is in it. */
export function dropTable(transaction: Transaction, table: NftTable): void {
  const { tables } = transaction.nftables;
  const before = new Map(tables);
  tables.delete(`${table.family} ${table.name}`);
  transaction.done(() => {
    tables.clear();
    for (const [key, value] of before) tables.set(key, value);
  });
}

function deleteObject(transaction: Transaction, { what, target }: Removal & { what: ObjectType }): void {
  const table = tableOf(transaction, target);
  const objects = table.objects[what];
  const name = target.name?.text ?? '';
  const found = objects.get(name) ?? refuse('ENOENT', target.name?.at as Span);
  if (found.references > 0 || inMaps(table, what, name)) refuse('EBUSY', target.name?.at as Span);
  objects.delete(name);
  transaction.done(() => objects.set(name, found));
}

function inMaps(table: NftTable, what: ObjectType, name: string): boolean {
  for (const set of table.sets.values())
    if (set.spec.objects === what && set.elements().some((element) => element.object === name)) return true;
  return false;
}

function flush(transaction: Transaction, command: Command & { op: 'flush' }): void {
  const { target } = command;
  switch (command.what) {
    case 'ruleset':
      return flushRuleset(transaction, target);
    case 'table':
      for (const chain of tableOf(transaction, target).chains.values()) for (const rule of [...chain.rules]) removeRule(transaction, rule);
      return;
    case 'chain':
      return flushChain(transaction, chainOf(transaction, target));
    default: {
      const table = tableOf(transaction, target);
      // What isn't there is found missing before the kernel is asked.
      if (target.name && !table.sets.has(target.name.text))
        throw new Rejected([setHint(transaction.before, target, target.name.text, target.name.at)]);
      return flushSet(transaction, setOf(transaction, target));
    }
  }
}

/** All tables of a family or of all, those of iptables too. */
function flushRuleset(transaction: Transaction, { family, familyGiven }: Target): void {
  for (const table of transaction.nftables.list()) if (!familyGiven || table.family === family) dropTable(transaction, table);
  for (const [name, number] of [
    ['ip', 4],
    ['ip6', 6],
  ] as const) {
    if (familyGiven && family !== name) continue;
    const { netfilter } = transaction.net;
    for (const each of TABLE_NAMES) {
      if (!netfilter.table(number, each)) continue;
      transaction.done(netfilter.snapshot(number, each));
      netfilter.removeTable(number, each);
    }
  }
}
