import type { Atom, Value } from '../../kernel/netfilter/nftables/expression.ts';
import { NftSet, type SetElement, type SetFlag, type Span } from '../../kernel/netfilter/nftables/set.ts';
import { fresh } from '../../kernel/netfilter/nftables/stateful.ts';
import type { NftTable, ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { Verdict } from '../../kernel/netfilter/nftables/verdict.ts';
import { type DataType, typeNamed } from './datatype.ts';
import type { Evaluator } from './evaluate.ts';
import { refuse, reject, Rejected, type Span as SourceSpan } from './source.ts';
import type { ElementNode, Node, VerdictNode } from './syntax.ts';
import { spanOf, readValue } from './values.ts';

const MILLISECOND = 1000;

/** An element, and where its key stands. */
export interface PlacedElement {
  element: SetElement;
  node: ElementNode;
}

export function verdictOf(table: NftTable, node: VerdictNode, at = node.chain?.at): Verdict {
  if (node.kind !== 'jump' && node.kind !== 'goto') return { kind: node.kind };
  const name = node.chain?.text ?? '';
  const chain = table.chains.get(name);
  if (!chain) return refuse('ENOENT', at ?? node.at);
  if (chain.base) return refuse('EOPNOTSUPP', at ?? node.at);
  return { kind: node.kind, name, chain };
}

/** What makes an element more than one value, and where, if that isn't the whole. */
interface Ranged {
  kind: 'prefix' | 'range' | 'range_value';
  at: SourceSpan | undefined;
}

/** Parts beyond the last type have none; the sign before is underlined with them. */
function tooMany(parts: readonly Node[], wanted: number): never {
  const { at } = parts[wanted === 1 ? 0 : wanted] as Node;
  const start = wanted === 1 ? at.start : at.source.text.lastIndexOf('.', at.start - 1);
  return reject('Could not parse symbolic invalid expression', { ...at, start });
}

function keyOf(evaluator: Evaluator, node: Node, types: readonly DataType[]): { key: Span[]; ranged: Ranged | undefined } {
  const parts = node.kind === 'concat' ? node.parts : [node];
  if (parts.length > types.length) tooMany(parts, types.length);
  if (parts.length !== types.length)
    reject('invalid data type, expected concatenation of ('.concat(types.map((type) => type.description).join(', '), ')'), node.at);
  let ranged: Ranged | undefined;
  const key = parts.map((part, i) => {
    const { span, prefix } = spanOf(part, types[i] as DataType, evaluator);
    if (span.from !== span.to) {
      const kind = prefix === undefined ? 'range' : 'prefix';
      ranged = parts.length === 1 ? { kind, at: undefined } : { kind: kind === 'range' ? 'range_value' : kind, at: part.at };
    }
    return span;
  });
  return { key, ranged };
}

function dataOf(evaluator: Evaluator, node: Node, types: readonly DataType[]): Value {
  const parts = node.kind === 'concat' ? node.parts : [node];
  const values = parts.map((part, i) => readValue(part, types[i] ?? (types[0] as DataType), evaluator));
  return values.length === 1 ? (values[0] as Atom) : values;
}

/** What an element's value may be: nothing in a set, in a map what the map's values are. */
function checkData({ spec, anonymous, isMap }: NftSet, node: ElementNode, dataTypes: readonly DataType[]): void {
  const at = (node.key ?? node).at;
  if (!isMap) {
    if (node.data || node.verdict) anonymous ? reject('mapping outside of map context', at) : notMap();
    return;
  }
  if (node.verdict && spec.data?.[0] !== 'verdict' && !spec.objects) {
    const wanted = dataTypes.map((type) => type.description).join(' . ');
    reject(`Element mapping mismatches map definition, expected ${wanted}, not 'netfilter verdict'`, node.verdict.at);
  }
  if (!node.data && !node.verdict && anonymous) refuse('EINVAL', at);
}

/** The kernel's own words, without a place. */
function notMap(): never {
  throw new Rejected([{ message: 'set is not a map', at: undefined, speaker: 'netlink' }]);
}

/** Elements as a set's types say. */
export function elementsOf(evaluator: Evaluator, set: NftSet, nodes: readonly ElementNode[], now: number): PlacedElement[] {
  const { spec } = set;
  const types = typesOfSet(set);
  const dataTypes = spec.data?.map(typeNamed) ?? [];
  return nodes.map((node) => {
    const { key, ranged } = node.key ? keyOf(evaluator, node.key, types) : { key: [], ranged: undefined };
    if (ranged && !spec.flags.has('interval'))
      reject(`You must add 'flags interval' to your set declaration if you want to add ${ranged.kind} elements`, ranged.at ?? node.at);
    checkData(set, node, dataTypes);
    const lifetime = node.expires ?? node.timeout ?? (spec.timeout === undefined ? undefined : spec.timeout / MILLISECOND);
    const stateful = node.stateful.length > 0 ? node.stateful.map((state) => ({ ...state })) : spec.stateful.map(fresh);
    const element: SetElement = {
      key,
      catchall: node.key === undefined,
      verdict: node.verdict && verdictOf(evaluator.table, node.verdict, node.at),
      data: node.data && !spec.objects ? dataOf(evaluator, node.data, dataTypes) : undefined,
      object: node.data?.kind === 'word' && spec.objects ? node.data.text : undefined,
      timeout: node.timeout === undefined ? undefined : node.timeout * MILLISECOND,
      expires: lifetime === undefined || lifetime === 0 ? undefined : now + lifetime * MILLISECOND,
      comment: node.comment,
      stateful,
    };
    if (element.object !== undefined && !evaluator.table.objects[spec.objects ?? 'counter'].has(element.object)) refuse('ENOENT', node.at);
    return { element, node };
  });
}

/** Types of integers have no name: a set that was made with one remembers its type itself. */
const ownTypes = new WeakMap<NftSet, readonly DataType[]>();

export function rememberTypes(set: NftSet, types: readonly DataType[]): void {
  ownTypes.set(set, types);
}

export function typesOfSet(set: NftSet): readonly DataType[] {
  return ownTypes.get(set) ?? set.spec.key.map(typeNamed);
}

/** Ranges that are given together must not overlap; of equal ones, one is enough (src/intervals.c `setelem_overlap`). */
export function refuseConflicts(elements: readonly PlacedElement[]): void {
  const sorted = elements.filter(({ element }) => !element.catchall).toSorted((a, b) => compare(first(a).from, first(b).from));
  let widest: PlacedElement | undefined;
  for (const each of sorted) {
    if (widest && compare(first(each).from, first(widest).to) <= 0) {
      const equal = first(each).from === first(widest).from && first(each).to === first(widest).to;
      if (!equal) reject('conflicting intervals specified', (each.node.key ?? each.node).at, [(widest.node.key ?? widest.node).at]);
    }
    if (!widest || compare(first(each).to, first(widest).to) > 0) widest = each;
  }
}

/** Neighbours become one range, and what lies in another goes (src/intervals.c `setelem_automerge`). */
export function merge(elements: readonly PlacedElement[]): PlacedElement[] {
  const sorted = elements.toSorted((a, b) => compare(first(a).from, first(b).from));
  const merged: PlacedElement[] = [];
  for (const each of sorted) {
    const previous = merged.at(-1);
    if (!previous || typeof first(each).from === 'string' || first(each).from > next(first(previous).to)) {
      merged.push(each);
      continue;
    }
    if (first(each).to <= first(previous).to) continue;
    const key = [{ from: first(previous).from, to: first(each).to }];
    merged[merged.length - 1] = { ...previous, element: { ...previous.element, key } };
  }
  return merged;
}

const first = ({ element }: PlacedElement): Span => element.key[0] as Span;
const next = (value: Atom): Atom => (typeof value === 'bigint' ? value + 1n : typeof value === 'number' ? value + 1 : value);
const compare = (a: Atom, b: Atom): number => (a < b ? -1 : a > b ? 1 : 0);

/** A set that stands in a rule (implicit_set_declaration). */
export function anonymousSet(
  evaluator: Evaluator,
  node: Node & { kind: 'set' },
  types: readonly DataType[],
  data: readonly DataType[] | 'verdict' | undefined,
  objects?: ObjectType,
): NftSet {
  const map = data !== undefined || objects !== undefined;
  const set = new NftSet(
    {
      name: evaluator.table.nextSetName(map),
      key: types.map((type) => type.name),
      data: data === 'verdict' ? ['verdict'] : data?.map((type) => type.name),
      objects,
      typeOf: undefined,
      flags: new Set<SetFlag>(['constant', 'interval']),
      timeout: undefined,
      gcInterval: undefined,
      size: undefined,
      policy: undefined,
      autoMerge: false,
      comment: undefined,
      stateful: [],
    },
    () => evaluator.net.kernel.events.now,
  );
  set.handle = evaluator.table.nextHandle();
  rememberTypes(set, types);
  let placed = elementsOf(evaluator, set, node.elements, 0);
  const plain = placed.filter(({ element }) => !element.catchall);
  const ranged = plain.some(({ element }) => element.key.some((span) => span.from !== span.to));
  if (!map && types.length === 1 && ranged) placed = [...merge(plain), ...placed.filter(({ element }) => element.catchall)];
  for (const { element, node: written } of placed) {
    if (!element.catchall && types.length === 1 && map && set.overlapping(element.key).length > 0) {
      const [same] = set.overlapping(element.key);
      const equal = same?.key[0]?.from === element.key[0]?.from && same?.key[0]?.to === element.key[0]?.to;
      const other = placed.find((one) => one.element === same)?.node;
      const others = other ? [(other.key ?? other).at] : [];
      if (!equal || ranged) reject('conflicting intervals specified', (written.key ?? written).at, others);
      refuse('EEXIST', written.at);
    }
    set.add(element);
  }
  return set;
}
