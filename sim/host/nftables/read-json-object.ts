import type { SetFlag } from '../../kernel/netfilter/nftables/set.ts';
import type { ObjectState } from '../../kernel/netfilter/nftables/stateful.ts';
import { findType } from './datatype.ts';
import type { Json } from './json.ts';
import { integerOf, isList, isObject, type JsonReader, type Members, stringOf } from './json-reader.ts';
import { NO_CHAIN } from './parse-chain.ts';
import { milliseconds, readSet, readTypeOf } from './read-json-expression.ts';
import { readLimit, readStates } from './read-json-statement.ts';
import { unmodelled } from './source.ts';
import type { ChainNode, Name, ObjectType, SetNode } from './syntax.ts';

const HOOKS: readonly string[] = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'];

/** What a chain says of its hook; `undefined` for a chain of its own with no comment. */
export function readChain(reader: JsonReader, members: Members): ChainNode | undefined {
  const { type, hook, prio, policy, dev } = members;
  const comment = stringOf(members.comment);
  const priority = integerOf(prio);
  if (typeof type !== 'string' || typeof hook !== 'string' || priority === undefined)
    return comment === undefined ? undefined : { ...NO_CHAIN, comment };
  if (!HOOKS.includes(hook)) return reader.error(`Invalid chain hook '${hook}'.`);
  if (policy !== undefined && policy !== 'accept' && policy !== 'drop') return reader.error(`Unknown policy '${policy}'.`);
  if (type !== 'filter' && type !== 'nat' && type !== 'route') return reader.error('Could not process rule: No such file or directory');
  const at = reader.place();
  const device = typeof dev === 'string' ? { text: dev, at } : undefined;
  if (isList(dev)) return unmodelled('a list of devices', at);
  return {
    type: { text: type, at },
    hook: { text: hook, at: reader.place() },
    priority: { name: undefined, value: priority, at: reader.place() },
    device,
    policy: policy === undefined ? undefined : { text: policy, at: reader.place() },
    comment,
    at,
  };
}

/** The types of a set's keys or of a map's values (`json_parse_dtype_expr`). */
function readTypes(reader: JsonReader, json: Json): NonNullable<SetNode['key']> {
  if (isObject(json) && json.typeof !== undefined) return readTypeOf(reader, json.typeof);
  const nameOf = (name: Json): Name => {
    if (typeof name !== 'string') return reader.error('Invalid set datatype.');
    return findType(name) || name === 'verdict' ? { text: name, at: reader.place() } : reader.error(`Invalid datatype '${name}'.`);
  };
  if (!isList(json)) return { types: [nameOf(json)] };
  return { types: json.map((one, i) => reader.inside(`Invalid datatype at index ${i}.`, () => nameOf(one))) };
}

const FLAGS: readonly string[] = ['constant', 'interval', 'timeout', 'dynamic'];
const OBJECTS: readonly string[] = ['counter', 'quota', 'limit'];

/** What a set or map is (`json_parse_cmd_add_set`). */
export function readSetNode(reader: JsonReader, members: Members): SetNode {
  const { type, map, policy, elem } = members;
  if (type === undefined) return reader.error('Invalid set type.');
  const key = reader.inside('Invalid set type.', () => readTypes(reader, type));
  const data =
    map === undefined
      ? undefined
      : typeof map === 'string' && OBJECTS.includes(map)
        ? { types: [{ text: map, at: reader.place() }] }
        : reader.inside(`Invalid map type '${JSON.stringify(map)}'.`, () => readTypes(reader, map));
  if (policy !== undefined && policy !== 'performance' && policy !== 'memory') return reader.error(`Unknown set policy '${policy}'.`);
  const flags = reader.inside(`Invalid set flags in set '${members.name}'.`, () => reader.flags(members, 'flags', FLAGS));
  const init = elem === undefined ? undefined : reader.inside('Invalid set elem expression.', () => readSet(reader, elem));
  return {
    key,
    data,
    flags: new Set(flags as SetFlag[]),
    timeout: milliseconds(members.timeout),
    gcInterval: milliseconds(members['gc-interval']),
    size: integerOf(members.size),
    policy,
    autoMerge: members['auto-merge'] === true,
    // Of all that lists say of a set this alone is not read.
    comment: undefined,
    stateful: readStates(reader, members.stmt),
    elements: init?.kind === 'set' ? init.elements : undefined,
    at: reader.place(),
  };
}

/** What a counter, quota or limit with a name holds. */
export function readObject(reader: JsonReader, type: ObjectType, members: Members): { state: ObjectState; comment: string | undefined } {
  const comment = stringOf(members.comment);
  const number = (key: string) => integerOf(members[key]) ?? 0;
  if (type === 'counter') return { state: { kind: 'counter', packets: number('packets'), bytes: number('bytes') }, comment };
  if (type === 'quota') {
    const state: ObjectState = { kind: 'quota', bytes: number('bytes'), used: number('used'), over: members.inv === true };
    return { state, comment };
  }
  reader.unpack(members, { rate: 'integer', per: 'string' });
  return { state: readLimit(members), comment };
}
