import { NftSet, type SetFlag, type SetSpec } from '../../kernel/netfilter/nftables/set.ts';
import { type DataType, findType } from './datatype.ts';
import { elementsOf, merge, type PlacedElement, refuseConflicts, rememberTypes } from './evaluate-set.ts';
import type { Evaluator } from './evaluate.ts';
import { setOf, tableOf } from './execute.ts';
import { evaluatorFor } from './execute-rule.ts';
import { setHint } from './hint.ts';
import { type Complaint, refuse, reject, Rejected, type Span } from './source.ts';
import type { Command, Name, Node, SetNode } from './syntax.ts';
import type { Transaction } from './transaction.ts';

type SetCommand = Command & { what: 'set' | 'map'; op: 'add' | 'create' };
type ElementCommand = Command & { what: 'element' };

const OBJECTS: readonly string[] = ['counter', 'quota', 'limit'];

type Written = { types: readonly Name[] } | { nodes: readonly Node[]; text: string } | undefined;

/** Types by name, or those of expressions. */
function typesFrom(evaluator: Evaluator, written: Written, complaints: Complaint[]): DataType[] {
  if (!written) return [];
  if ('nodes' in written) return written.nodes.flatMap((node) => [...evaluator.left(node).types]);
  return written.types.flatMap((name) => {
    const type = findType(name.text);
    if (!type) complaints.push({ message: `unknown datatype ${name.text}`, at: name.at });
    return type ? [type] : [];
  });
}

function specOf(evaluator: Evaluator, command: SetCommand): { spec: SetSpec; key: readonly DataType[] } {
  const { set } = command;
  const complaints: Complaint[] = [];
  const key = typesFrom(evaluator, set.key, complaints);
  const data = dataOf(evaluator, set, complaints);
  if (key.length === 0 || complaints.length > 0) {
    complaints.push({ message: 'set definition does not specify key', at: set.at });
    throw new Rejected(complaints);
  }
  const flags = new Set<SetFlag>(set.flags);
  if (set.timeout !== undefined) flags.add('timeout');
  const spec: SetSpec = {
    name: command.target.name?.text ?? '',
    key: key.map((type) => type.name),
    data: data.types,
    objects: data.objects,
    typeOf:
      set.key && 'text' in set.key ? { key: set.key.text, data: set.data && 'text' in set.data ? set.data.text : undefined } : undefined,
    flags,
    timeout: set.timeout === undefined ? undefined : set.timeout * 1000,
    gcInterval: set.gcInterval === undefined ? undefined : set.gcInterval * 1000,
    size: set.size,
    policy: set.policy,
    autoMerge: set.autoMerge,
    comment: set.comment,
    stateful: set.stateful,
  };
  return { spec, key };
}

function dataOf(
  evaluator: Evaluator,
  { data }: SetNode,
  complaints: Complaint[],
): Pick<SetSpec, 'objects'> & { types: readonly string[] | undefined } {
  if (!data) return { objects: undefined, types: undefined };
  const word = 'types' in data ? data.types[0]?.text : undefined;
  if (word !== undefined && OBJECTS.includes(word)) return { objects: word as 'counter', types: undefined };
  if (word === 'verdict') return { objects: undefined, types: ['verdict'] };
  return { objects: undefined, types: typesFrom(evaluator, data, complaints).map((type) => type.name) };
}

export function addSet(transaction: Transaction, command: SetCommand): void {
  const table = tableOf(transaction, command.target);
  const evaluator = evaluatorFor(transaction, command);
  const { spec, key } = specOf(evaluator, command);
  let set = table.sets.get(spec.name);
  if (set) {
    const same =
      set.spec.key.join() === spec.key.join() && set.spec.data?.join() === spec.data?.join() && set.isMap === (command.what === 'map');
    if (command.op === 'create' || !same) refuse('EEXIST', command.target.name?.at as Span);
  } else {
    const made = new NftSet(spec, () => transaction.net.kernel.events.now);
    rememberTypes(made, key);
    made.handle = table.nextHandle();
    made.exclusive = command.op === 'create';
    table.sets.set(spec.name, made);
    transaction.done(() => table.sets.delete(spec.name));
    transaction.changes.push({ command, made });
    set = made;
  }
  if (command.what === 'set' && command.set.elements?.some(({ data, verdict }) => data || verdict))
    reject('set is not a map', command.set.at);
  if (command.set.elements)
    insert(transaction, set, elementsOf(evaluator, set, command.set.elements, transaction.net.kernel.events.now), false);
}

/** The set of a `meter` statement, unless there is one of its name. */
export function declareMeter(transaction: Transaction, command: Command, name: string, key: Node, size: number): void {
  const table = tableOf(transaction, command.target);
  if (table.sets.has(name)) return;
  const { types } = evaluatorFor(transaction, command).left(key);
  const spec: SetSpec = {
    name,
    key: types.map((type) => type.name),
    data: undefined,
    objects: undefined,
    typeOf: undefined,
    flags: new Set<SetFlag>(['dynamic']),
    timeout: undefined,
    gcInterval: undefined,
    size,
    policy: undefined,
    autoMerge: false,
    comment: undefined,
    stateful: [],
  };
  const made = new NftSet(spec, () => transaction.net.kernel.events.now);
  rememberTypes(made, types);
  made.handle = table.nextHandle();
  table.sets.set(name, made);
  transaction.done(() => table.sets.delete(name));
}

export function addElements(transaction: Transaction, command: ElementCommand): void {
  const evaluator = evaluatorFor(transaction, command);
  const set = found(transaction, command);
  const placed = elementsOf(evaluator, set, command.elements, transaction.net.kernel.events.now);
  insert(transaction, set, placed, command.op === 'create');
  transaction.changes.push({ command, made: { set, elements: placed.map(({ element }) => element) } });
  if (set.spec.data?.[0] === 'verdict') transaction.unchecked.add(tableOf(transaction, command.target));
}

/** The set of an element; a missing one is found missing before the kernel is asked. */
function found(transaction: Transaction, command: ElementCommand): NftSet {
  const { name } = command.target;
  const set = tableOf(transaction, command.target).sets.get(name?.text ?? '');
  if (set) return set;
  throw new Rejected([setHint(transaction.before, command.target, name?.text ?? '', name?.at as Span)]);
}

function insert(transaction: Transaction, set: NftSet, placed: readonly PlacedElement[], create: boolean): void {
  const { spec } = set;
  const single = spec.key.length === 1 && spec.flags.has('interval');
  if (single && !spec.autoMerge && !set.isMap) refuseConflicts(placed);
  const ready = single && spec.autoMerge ? mergeInto(transaction, set, placed) : placed;
  for (const { element, node } of ready) {
    if (
      (set.isMap && spec.data && !element.verdict && element.data === undefined) ||
      (!set.isMap && (element.verdict || element.data !== undefined))
    )
      refuse('EINVAL', node.at);
    const same = set.find(element.key, element.catchall);
    if (same) {
      const differs =
        JSON.stringify([same.data, same.object]) !== JSON.stringify([element.data, element.object]) ||
        same.verdict?.kind !== element.verdict?.kind;
      if (create || differs) refuse('EEXIST', node.at);
      if (element.timeout !== undefined || element.expires !== undefined) same.expires = element.expires;
      continue;
    }
    if (element.timeout !== undefined && !spec.flags.has('timeout')) refuse('EINVAL', node.at);
    const ranged = spec.key.length > 1 && spec.flags.has('interval');
    if (ranged && !element.catchall && set.overlapping(element.key).length > 0) refuse('EEXIST', node.at);
    if (single && !element.catchall && set.overlapping(element.key).length > 0)
      reject('interval overlaps with an existing one', (node.key ?? node).at);
    if (spec.size !== undefined && set.size >= spec.size) refuse('ENFILE', node.at);
    set.add(element);
    transaction.done(() => set.remove(element));
  }
}

/** `auto-merge`: what touches or overlaps becomes one range. */
function mergeInto(transaction: Transaction, set: NftSet, placed: readonly PlacedElement[]): readonly PlacedElement[] {
  const [sample] = placed;
  if (!sample) return placed;
  const old = set.elements();
  for (const element of old) set.remove(element);
  transaction.done(() => {
    for (const element of old) set.add(element);
  });
  return merge([...old.map((element) => ({ element, node: sample.node })), ...placed]);
}

export function deleteElements(transaction: Transaction, command: ElementCommand): void {
  const evaluator = evaluatorFor(transaction, command);
  const set = found(transaction, command);
  for (const { element, node } of elementsOf(evaluator, set, command.elements, transaction.net.kernel.events.now)) {
    const there = set.find(element.key, element.catchall);
    if (!there) {
      if (command.op === 'destroy') continue;
      if (set.spec.flags.has('interval') && set.spec.key.length === 1) reject('element does not exist', node.at);
      refuse('ENOENT', node.at);
    } else {
      set.remove(there);
      transaction.done(() => set.add(there));
    }
  }
}

export function deleteSet(transaction: Transaction, command: Command): void {
  const set = setOf(transaction, command.target);
  const at = (command.target.name?.at ?? command.target.handle?.at) as Span;
  if (set.references > 0) refuse('EBUSY', at);
  const { sets } = tableOf(transaction, command.target);
  const before = new Map(sets);
  sets.delete(set.name);
  transaction.done(() => {
    sets.clear();
    for (const [name, one] of before) sets.set(name, one);
  });
}

export function flushSet(transaction: Transaction, set: NftSet): void {
  const gone = set.clear();
  transaction.done(() => {
    for (const element of gone) set.add(element);
  });
}
