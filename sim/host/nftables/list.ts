import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import type { NftSet } from '../../kernel/netfilter/nftables/set.ts';
import { fresh, type Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import type { NftObject } from '../../kernel/netfilter/nftables/statement.ts';
import { type NftTable, OBJECT_TYPES, type ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import { durationText } from './datatype.ts';
import { typesOfSet } from './evaluate-set.ts';
import { priorityText } from './priority.ts';
import { elementText, type Style } from './print-expression.ts';
import { ruleText } from './print-rule.ts';
import { quotaText, rateText } from './print-stateful.ts';

/** What a listing shows, and how. */
export interface ListStyle extends Style {
  /** `-a` */
  handles: boolean;
  /** `-t`: sets without their elements. */
  terse: boolean;
  /** Elements are given, and not counted. */
  plainSize?: boolean;
  /** `-y` */
  numericPriority: boolean;
}

const handleOf = (style: ListStyle, handle: number): string => (style.handles ? ` # handle ${handle}` : '');

export function tableHead(table: NftTable, style: ListStyle): string {
  return `table ${table.family} ${table.name} {${handleOf(style, table.handle)}\n`;
}

/** A whole table: what it says of itself, then objects, sets and chains with a line between. */
export function* listTable(table: NftTable, style: ListStyle): Generator<string> {
  yield tableHead(table, style);
  if (table.comment !== undefined) yield `\tcomment "${table.comment}"\n`;
  if (table.dormant) yield '\tflags dormant\n';
  let first = true;
  for (const part of parts(table, style)) {
    if (!first) yield '\n';
    first = false;
    yield* part;
  }
  yield '}\n';
}

function* parts(table: NftTable, style: ListStyle): Generator<Iterable<string>> {
  for (const type of OBJECT_TYPES) for (const object of table.objects[type].values()) yield [objectBlock(type, object, style)];
  for (const set of table.sets.values()) if (!set.anonymous) yield listSet(set, style);
  for (const chain of table.chains.values()) yield listChain(chain, style);
}

export function objectBlock(type: ObjectType, object: NftObject, style: ListStyle): string {
  const lines = objectLines(object, style).map((line) => `\t\t${line}\n`);
  return `\t${type} ${object.name} {${handleOf(style, object.handle)}\n${lines.join('')}\t}\n`;
}

/** What an object says of itself. */
export function objectLines(object: NftObject, style: ListStyle): string[] {
  const comment = object.comment === undefined ? '' : `comment "${object.comment}"`;
  return [comment, objectText(object.state, style)].filter((line) => line !== '');
}

function objectText(state: NftObject['state'], style: ListStyle): string {
  if (state.kind === 'limit') return rateText(state, false);
  if (state.kind === 'quota') return quotaText(state, style);
  return style.stateless ? '' : `packets ${state.packets} bytes ${state.bytes}`;
}

/** A chain's own lines, without its rules. */
export function chainHead(chain: NftChain, style: ListStyle): string {
  let text = `\tchain ${chain.name} {${handleOf(style, chain.handle)}\n`;
  if (chain.comment !== undefined) text += `\t\tcomment "${chain.comment}"\n`;
  const { base } = chain;
  if (!base) return text;
  const hook = base.hook.toLowerCase();
  const priority = style.numericPriority ? String(base.priority) : priorityText(chain.table.family, base.priority, hook);
  return `${text}\t\ttype ${base.type} hook ${hook} priority ${priority}; policy ${base.policy};\n`;
}

export function* listChain(chain: NftChain, style: ListStyle): Generator<string> {
  yield chainHead(chain, style);
  for (const rule of chain.rules) yield `\t\t${ruleText(rule, style)}${handleOf(style, rule.handle)}\n`;
  yield '\t}\n';
}

/** A set's declaration and its elements, some in a line. */
export function* listSet(set: NftSet, style: ListStyle, elements = set.elements()): Generator<string> {
  yield `\t${set.isMap ? 'map' : 'set'} ${set.name} {${handleOf(style, set.handle)}\n`;
  yield setLines(set, style)
    .map((line) => `\t\t${line}\n`)
    .join('');
  if (!style.terse && elements.length > 0) yield elementLines(set, style, elements);
  yield '\t}\n';
}

/** What a set says of itself, without its elements. */
export function setLines(set: NftSet, style: ListStyle): string[] {
  const { spec } = set;
  const lines = [typeText(set)];
  if (spec.size !== undefined) lines.push(`size ${spec.size}${set.size > 0 && !style.plainSize ? `\t# count ${set.size}` : ''}`);
  if (spec.policy === 'memory') lines.push('policy memory');
  const flags = (['constant', 'interval', 'dynamic', 'timeout'] as const).filter((flag) => spec.flags.has(flag));
  // That elements have timeouts is said by the usual one, if there is no other flag.
  if (flags.some((flag) => flag !== 'timeout' || spec.timeout === undefined)) lines.push(`flags ${flags.join(',')}`);
  for (const state of spec.stateful) lines.push(statefulLine(state, style));
  if (spec.timeout !== undefined) lines.push(`timeout ${durationText(spec.timeout / 1000, style)}`);
  if (spec.gcInterval !== undefined) lines.push(`gc-interval ${durationText(spec.gcInterval / 1000, style)}`);
  if (spec.autoMerge) lines.push('auto-merge');
  if (spec.comment !== undefined && !style.plainSize) lines.push(`comment "${spec.comment}"`);
  return lines;
}

/** What every element starts with is shown without counts. */
function statefulLine(state: Stateful, style: ListStyle): string {
  if (state.kind === 'counter') return 'counter';
  const text = fresh(state);
  return text.kind === 'limit' ? `limit ${rateText(text)}` : `quota ${quotaText(text as Stateful & { kind: 'quota' }, style)}`;
}

export function typeText({ spec }: NftSet): string {
  const data = spec.objects ?? spec.data?.join(' . ');
  if (spec.typeOf) return `typeof ${spec.typeOf.key}${data === undefined ? '' : ` : ${spec.typeOf.data ?? data}`}`;
  return `type ${spec.key.join(' . ')}${data === undefined ? '' : ` : ${data}`}`;
}

const INDENT = '\t\t\t     ';

function elementLines(set: NftSet, style: ListStyle, elements: ReturnType<NftSet['elements']>): string {
  const { now } = style.net.kernel.events;
  const types = typesOfSet(set);
  const plain = elements.every(
    (element) =>
      element.stateful.length === 0 && element.comment === undefined && element.expires === undefined && element.timeout === undefined,
  );
  const perLine = set.isMap || types.length > 1 || !plain ? 1 : (types[0]?.perLine ?? 1);
  let text = '\t\telements = { ';
  for (const [i, element] of elements.entries()) {
    if (i > 0) text += i % perLine === 0 ? `,\n${INDENT}` : ', ';
    text += elementText(element, set, style, now);
  }
  return `${text} }\n`;
}
