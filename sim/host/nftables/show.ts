import type { NftSet, SetElement } from '../../kernel/netfilter/nftables/set.ts';
import type { Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import { type NftTable, OBJECT_TYPES, type ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Lookup } from '../iptables/lookup.ts';
import { elementsOf } from './evaluate-set.ts';
import { Evaluator } from './evaluate.ts';
import { setHint } from './hint.ts';
import { chainHead, type ListStyle, listChain, listSet, listTable, objectBlock, tableHead } from './list.ts';
import { reject, Rejected, type Span, wholeCommand } from './source.ts';
import type { Command, Listed, Target } from './syntax.ts';
import { listXtables, xtablesNamed, xtablesOf, type XtablesView } from './xtables.ts';

const NOT_FOUND = 'No such file or directory';

/** What `list`, `get` and `reset` print, piece by piece; throws what is wrong with the command. */
export function* show(net: NetNamespace, command: Command, style: ListStyle, lookup: Lookup): Generator<string> {
  const { what, target } = command;
  // As of a kernel that doesn't tell its hooks (CONFIG_NETFILTER_NETLINK_HOOK).
  if (what === 'hooks') return;
  if (what === 'element') yield* showElements(net, command as Command & { what: 'element' }, style, lookup);
  else if (command.op === 'list' || command.op === 'reset') {
    if (target.table) yield* showIn(net, what as Listed, target, style);
    else yield* showAll(net, what as Listed, target, style);
    if (command.op === 'reset') reset(net, what as Listed, target);
  }
}

/** Tables in the order in which they came to be; `family` narrows it down. */
function tablesOf(net: NetNamespace, { family, familyGiven }: Target): (NftTable | XtablesView)[] {
  const native = net.netfilter.hasNftables ? net.netfilter.nftables.list() : [];
  const tables = [...xtablesOf(net), ...native.filter((table) => !xtablesNamed(net, table.family, table.name))];
  return tables.filter((table) => !familyGiven || table.family === family).sort((a, b) => a.handle - b.handle);
}

function isXtables(table: NftTable | XtablesView): table is XtablesView {
  return 'xtables' in table;
}

function* showAll(net: NetNamespace, what: Listed, target: Target, style: ListStyle): Generator<string> {
  for (const table of tablesOf(net, target)) {
    if (what === 'synproxys' || what === 'secmarks' || what === 'tunnels') return;
    if (what === 'tables') yield `table ${table.family} ${table.name}\n`;
    else if (what === 'ruleset' || what === 'rules') yield* isXtables(table) ? listXtables(table, style) : listTable(table, style);
    else if (what === 'chains') {
      if (isXtables(table)) yield* listXtables(table, style, undefined, false);
      else yield* chainsOf(table, style);
    } else if (!isXtables(table)) yield* partsOf(table, what, style, true);
    else if (what === 'sets' || what === 'maps' || what === 'meters' || what === 'flowtables')
      yield `table ${table.family} ${table.name} {\n}\n`;
  }
}

function* chainsOf(table: NftTable, style: ListStyle): Generator<string> {
  yield tableHead(table, { ...style, handles: false });
  for (const chain of table.chains.values()) yield `${chainHead(chain, style)}\t}\n`;
  yield '}\n';
}

const OBJECTS: Partial<Record<Listed, ObjectType>> = { counters: 'counter', quotas: 'quota', limits: 'limit' };

/** The sets, maps or objects of a table. Objects of tables that have none are passed over. */
function* partsOf(table: NftTable, what: Listed, style: ListStyle, all: boolean): Generator<string> {
  const type = OBJECTS[what];
  if (type) {
    if (table.objects[type].size === 0 && all) return;
    yield tableHead(table, { ...style, handles: false });
    for (const object of table.objects[type].values()) yield objectBlock(type, object, style);
  } else {
    yield tableHead(table, { ...style, handles: false });
    for (const set of table.sets.values()) if (!set.anonymous && belongs(set, what)) yield* listSet(set, style);
  }
  yield '}\n';
}

function belongs(set: NftSet, what: Listed): boolean {
  if (what === 'meters') return !set.isMap && set.spec.flags.has('dynamic');
  return what !== 'flowtables' && set.isMap === (what === 'maps');
}

/** Something of one table, or the table itself. */
function* showIn(net: NetNamespace, what: Listed, target: Target, style: ListStyle): Generator<string> {
  const name = target.table?.text ?? '';
  const native = net.netfilter.hasNftables ? net.netfilter.nftables.table(target.family, name) : undefined;
  const foreign = xtablesNamed(net, target.family, name);
  if (!native && !foreign) reject(NOT_FOUND, target.table?.at);
  if (foreign && (what === 'table' || what === 'rules')) yield* listXtables(foreign, style);
  if (foreign && what === 'chain' && foreign.xtables.chain(target.name?.text ?? '')?.active) {
    yield* listXtables(foreign, style, target.name?.text);
    return;
  }
  if (!native || (foreign && (what === 'table' || what === 'rules'))) {
    if (what !== 'table' && what !== 'rules') reject(NOT_FOUND, target.name?.at ?? target.table?.at);
    return;
  }
  if (what === 'table' || what === 'rules') yield* listTable(native, style);
  else if (what === 'chains') yield* chainsOf(native, style);
  else if (what === 'sets' || what === 'maps' || what === 'meters' || what === 'flowtables' || OBJECTS[what])
    yield* partsOf(native, what, style, false);
  else {
    const part = [...named(native, what, target, style)];
    yield tableHead(native, { ...style, handles: false });
    yield* part;
    yield '}\n';
  }
}

function named(table: NftTable, what: Listed, target: Target, style: ListStyle): Iterable<string> {
  const name = target.name?.text ?? '';
  const missing = (): never => reject(NOT_FOUND, target.name?.at);
  if (what === 'ct objects') return [];
  if (what === 'ct object') return missing();
  if (what === 'chain') return listChain(table.chains.get(name) ?? missing(), style);
  if (what === 'set' || what === 'map' || what === 'meter') {
    const set = table.sets.get(name);
    return set && set.isMap === (what === 'map') ? listSet(set, style) : missing();
  }
  const type = what as ObjectType;
  return [objectBlock(type, table.objects[type].get(name) ?? missing(), style)];
}

/** `get element`: the elements that hold the values. */
function* showElements(net: NetNamespace, command: Command & { what: 'element' }, style: ListStyle, lookup: Lookup): Generator<string> {
  const { target } = command;
  const { nftables } = net.netfilter;
  const table = nftables.table(target.family, target.table?.text ?? '') ?? reject(NOT_FOUND, target.table?.at);
  const name = target.name?.text ?? '';
  const set = table.sets.get(name);
  if (!set) throw new Rejected([setHint(nftables.list(), target, name, target.name?.at as Span)]);
  const evaluator = new Evaluator(net, lookup, table, (_name, at) => reject(NOT_FOUND, at));
  const found: SetElement[] = [];
  for (const { element } of elementsOf(evaluator, set, command.elements, 0)) {
    const values = element.key.map((span) => span.from);
    const there = set.lookup(values.length === 1 ? (values[0] as string | number | bigint) : values);
    if (!there) reject(`Could not process rule: ${NOT_FOUND}`, wholeCommand(command.at));
    else found.push(there);
  }
  yield tableHead(table, { ...style, handles: false });
  yield* listSet(set, { ...style, plainSize: true }, found);
  yield '}\n';
}

/** Sets to zero what was just shown. */
function reset(net: NetNamespace, what: Listed, target: Target): void {
  if (!net.netfilter.hasNftables) return;
  const named = target.name?.text;
  for (const table of net.netfilter.nftables.list()) {
    if (target.familyGiven && table.family !== target.family) continue;
    if (target.table && (target.table.text !== table.name || table.family !== target.family)) continue;
    for (const type of OBJECT_TYPES) {
      if (what !== type && OBJECTS[what] !== type) continue;
      for (const object of table.objects[type].values()) if (named === undefined || object.name === named) zero(object.state);
    }
    if (what === 'rules' || what === 'table' || what === 'chain') {
      for (const chain of table.chains.values())
        for (const rule of chain.rules) for (const statement of rule.statements) if (statement.kind === 'stateful') zero(statement.state);
    }
    if (what === 'set' || what === 'map')
      for (const element of table.sets.get(named ?? '')?.elements() ?? []) element.stateful.forEach(zero);
  }
}

function zero(state: Stateful): void {
  if (state.kind === 'counter') Object.assign(state, { packets: 0, bytes: 0 });
  else if (state.kind === 'quota') state.used = 0;
}
