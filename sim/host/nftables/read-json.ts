import { NFT_FAMILIES, type NftFamily } from '../../kernel/netfilter/nftables/table.ts';
import type { Lookup } from '../iptables/lookup.ts';
import type { Json } from './json.ts';
import { integerOf, isList, isObject, JsonReader, kindOf, type Members, stringOf } from './json-reader.ts';
import { readSet } from './read-json-expression.ts';
import { readChain, readObject, readSetNode } from './read-json-object.ts';
import { readRule } from './read-json-statement.ts';
import { type Complaint, Rejected, type Source, unmodelled } from './source.ts';
import type { Command, Listed, Target } from './syntax.ts';

const SCHEMA_VERSION = 1;
const OBJECTS: readonly string[] = ['counter', 'quota', 'limit'];
/** Objects that nft reads and tables here lack. */
const OTHERS: readonly string[] = ['flowtable', 'ct helper', 'ct timeout', 'ct expectation', 'secmark', 'synproxy', 'tunnel'];
const ADDED: readonly string[] = ['table', 'chain', 'rule', 'set', 'map', 'element', ...OBJECTS, ...OTHERS];
const PLURALS: readonly string[] =
  'tables,chains,sets,maps,counters,quotas,limits,ruleset,meters,flowtables,secmarks,tunnels,synproxys'.split(',');

/** A text of JSON: its commands, and which of its objects each of them came from. */
export interface JsonInput {
  root: Members;
  commands: Command[];
  origins: ReadonlyMap<Command, Json>;
}

/**
 * Reads a text of JSON (libnftables-json(5)).
 *
 * @returns its commands, or what is wrong with them; `undefined` when it is no JSON, and may be a text of nft
 */
export function readJson(source: Source, lookup: Lookup): JsonInput | readonly Complaint[] | undefined {
  let root: Json;
  try {
    root = JSON.parse(source.text) as Json;
  } catch {
    return undefined;
  }
  if (!isObject(root) && !isList(root)) return undefined;
  try {
    const origins = new Map<Command, Json>();
    const commands = readAll(new JsonReader(source, lookup), root, origins);
    return { root: root as Members, commands, origins };
  } catch (error) {
    if (error instanceof Rejected) return error.complaints;
    throw error;
  }
}

function readAll(reader: JsonReader, root: Json, origins: Map<Command, Json>): Command[] {
  const { nftables } = reader.unpack(root, { nftables: 'any' });
  if (!isList(nftables)) return reader.error('Value of property "nftables" must be an array.');
  return nftables.flatMap((one, i) => {
    if (!isObject(one)) return reader.error(`Unexpected command array element of type ${kindOf(one)}, expected object.`);
    if (one.metainfo !== undefined) {
      const version = isObject(one.metainfo) ? (integerOf(one.metainfo.json_schema_version) ?? 0) : 0;
      if (version <= SCHEMA_VERSION) return [];
      const message = `Schema version ${version} not supported, maximum supported version is ${SCHEMA_VERSION}\n`;
      return reader.inside('Metainfo verification failed.', () => reader.error(message));
    }
    const command = reader.inside(`Parsing command array at index ${i} failed.`, () => readCommand(reader, one));
    origins.set(command, one);
    return [command];
  });
}

/** One command; objects without one are added, as lists show them. */
function readCommand(reader: JsonReader, json: Members): Command {
  for (const op of ['add', 'replace', 'create', 'insert', 'delete', 'list', 'reset', 'flush', 'rename', 'destroy'] as const) {
    const inner = json[op];
    if (inner === undefined) continue;
    switch (op) {
      case 'add':
      case 'create':
        return add(reader, op, inner, false);
      case 'insert':
      case 'replace':
        return place(reader, op, inner);
      case 'delete':
      case 'destroy':
        return remove(reader, op, inner);
      case 'list':
      case 'reset':
        return list(reader, op, inner);
      case 'flush':
        return flush(reader, inner);
      case 'rename':
        return rename(reader, inner);
    }
  }
  return add(reader, 'add', json, true);
}

/** The object that a command is about, and what kind it is. */
function subject(reader: JsonReader, op: string, known: readonly string[], json: Json): [what: string, object: Json] {
  if (!isObject(json)) return reader.error(`Value of ${op} command must be object (got ${kindOf(json)} instead).`);
  const what = known.find((one) => json[one] !== undefined);
  if (what === undefined) return reader.error(`Unknown object passed to ${op} command.`);
  return [what, json[what] as Json];
}

function familyOf(reader: JsonReader, family: string): NftFamily {
  return NFT_FAMILIES.find((one) => one === family) ?? reader.error(`Unknown family '${family}'.`);
}

/** Where something is to be found: its table, and its name or handle. */
function targetOf(reader: JsonReader, what: string, json: Json, named: 'name' | 'either'): Target {
  const name = (text: string | undefined) => (text === undefined ? undefined : { text, at: reader.place() });
  const handle = integerOf((json as Members).handle);
  const shown = what === 'table' || what === 'chain' ? `a ${what}` : what === 'set' || what === 'map' ? 'a set' : 'an object';
  const need = () => {
    const found = stringOf((json as Members).name);
    if (named === 'name') return reader.unpack(json, { name: 'string' }).name;
    if (found === undefined && handle === undefined) reader.error(`Either name or handle required to delete ${shown}.`);
    return found;
  };
  const isTable = what === 'table';
  const head = reader.unpack(json, isTable ? { family: 'string' } : { family: 'string', table: 'string' }) as Record<string, string>;
  const own = name(need());
  const family = familyOf(reader, head.family as string);
  const byHandle = !own && handle !== undefined ? { value: handle, at: reader.place() } : undefined;
  if (isTable) return { family, familyGiven: true, table: own, name: undefined, handle: byHandle };
  return { family, familyGiven: true, table: name(head.table), name: own, handle: byHandle };
}

function add(reader: JsonReader, op: 'add' | 'create', json: Json, implicit: boolean): Command {
  const [what, object] = subject(reader, 'add', ADDED, json);
  const at = reader.place();
  switch (what) {
    case 'rule':
      return rule(reader, op, object, implicit);
    case 'element':
      return elements(reader, op, object);
    case 'table': {
      const target = targetOf(reader, what, object, 'name');
      const flags = reader.flags(object as Members, 'flags', ['dormant', 'owner', 'persist']);
      if (flags.some((flag) => flag !== 'dormant')) return unmodelled(`the table flag "${flags.find((flag) => flag !== 'dormant')}"`, at);
      const dormant = flags.length > 0 ? true : undefined;
      return { op, what, target, comment: stringOf((object as Members).comment), dormant, at };
    }
    case 'chain': {
      const target = targetOf(reader, what, object, 'name');
      return { op, what, target, chain: readChain(reader, object as Members), at };
    }
    case 'set':
    case 'map': {
      const target = targetOf(reader, what, object, 'name');
      return {
        op,
        what: isObject(object) && object.map !== undefined ? 'map' : 'set',
        target,
        set: readSetNode(reader, object as Members),
        at,
      };
    }
    case 'counter':
    case 'quota':
    case 'limit': {
      const target = targetOf(reader, what, object, 'name');
      const { state, comment } = readObject(reader, what, object as Members);
      return { op, what, target, state, comment, at };
    }
    default:
      return unmodelled(`"${what}"`, at);
  }
}

function elements(reader: JsonReader, op: 'add' | 'create' | 'delete' | 'destroy' | 'reset', json: Json): Command {
  const given = reader.unpack(json, { family: 'string', table: 'string', name: 'string', elem: 'any' });
  const target = targetOf(reader, 'element', json, 'name');
  const set = reader.inside('Invalid set.', () => readSet(reader, given.elem));
  if (set.kind !== 'set') return reader.error('Invalid set.');
  return { op, what: 'element', target, elements: set.elements, whole: set.at, at: reader.place() };
}

/** A rule; the handle of one that is to be added says behind which it stands. */
function rule(reader: JsonReader, op: 'add' | 'create' | 'insert' | 'replace', json: Json, implicit: boolean): Command {
  const several = op === 'insert' || op === 'replace';
  const head = { family: 'string', table: 'string', chain: 'string' } as const;
  const given = reader.unpack(json, several ? { ...head, expr: 'any' } : head) as Record<string, string>;
  const { expr } = several ? (json as Members) : reader.unpack(json, { expr: 'any' });
  const { handle, index, comment } = json as Members;
  const number = (value: Json | undefined) => {
    const found = integerOf(value);
    return found === undefined ? undefined : { value: found, at: reader.place() };
  };
  const target: Target = {
    family: familyOf(reader, given.family as string),
    familyGiven: true,
    table: { text: given.table as string, at: reader.place() },
    name: { text: given.chain as string, at: reader.place() },
    handle: op === 'replace' ? number(handle) : undefined,
  };
  if (op === 'replace' && !target.handle) return reader.error('Handle is required when replacing a rule.');
  const position = op === 'replace' || implicit ? undefined : number(handle);
  const body = readRule(reader, expr as Json, stringOf(comment));
  return { op, what: 'rule', target, rule: body, index: number(index), position, at: reader.place() };
}

function place(reader: JsonReader, op: 'insert' | 'replace', json: Json): Command {
  return rule(reader, op, reader.unpack(json, { rule: 'any' }).rule, false);
}

function remove(reader: JsonReader, op: 'delete' | 'destroy', json: Json): Command {
  const [what, object] = subject(reader, 'add', ADDED, json);
  const at = reader.place();
  if (what === 'element') return elements(reader, op, object);
  if (OTHERS.includes(what)) return unmodelled(`"${what}"`, at);
  if (what !== 'rule') return { op, what: what as 'table', target: targetOf(reader, what, object, 'either'), at };
  const given = reader.unpack(object, { family: 'string', table: 'string', chain: 'string' });
  const { handle } = reader.unpack(object, { handle: 'integer' });
  const target: Target = {
    family: familyOf(reader, given.family),
    familyGiven: true,
    table: { text: given.table, at: reader.place() },
    name: { text: given.chain, at: reader.place() },
    handle: { value: handle, at: reader.place() },
  };
  return { op, what, target, at };
}

function everywhere(reader: JsonReader, json: Json): Target {
  const { family, table } = isObject(json) ? json : ({} as Members);
  const given = typeof family === 'string';
  return {
    family: given ? familyOf(reader, family) : 'ip',
    familyGiven: given,
    table: typeof table === 'string' ? { text: table, at: reader.place() } : undefined,
    name: undefined,
    handle: undefined,
  };
}

function list(reader: JsonReader, op: 'list' | 'reset', json: Json): Command {
  const singular =
    op === 'list' ? ['table', 'chain', 'set', 'map', 'meter', ...OBJECTS] : ['set', 'map', 'counter', 'quota', 'element', 'rule'];
  const [what, object] = subject(reader, op, [...singular, ...PLURALS, 'rules'], json);
  const at = reader.place();
  if (what === 'element') return elements(reader, 'reset', object);
  if (what === 'rule') return unmodelled('"reset rule"', at);
  const target = singular.includes(what) ? targetOf(reader, what, object, 'name') : everywhere(reader, object);
  return { op, what: what as Listed, target, at };
}

function flush(reader: JsonReader, json: Json): Command {
  const [what, object] = subject(reader, 'flush', ['table', 'chain', 'set', 'map', 'meter', 'ruleset'], json);
  const at = reader.place();
  const target = what === 'ruleset' ? everywhere(reader, object) : targetOf(reader, what, object, 'name');
  return { op: 'flush', what: what === 'meter' ? 'set' : (what as 'table'), target, at };
}

function rename(reader: JsonReader, json: Json): Command {
  const { chain } = reader.unpack(json, { chain: 'any' });
  const { newname } = reader.unpack(chain, { family: 'string', table: 'string', name: 'string', newname: 'string' });
  const target = targetOf(reader, 'chain', chain, 'name');
  return { op: 'rename', what: 'chain', target, newName: { text: newname, at: reader.place() }, at: reader.place() };
}

/** What `--echo` says of a text of JSON: itself, with the handles that its objects got. */
export function echoJson({ root, origins }: JsonInput, changes: readonly { command: Command; made: unknown }[]): Json {
  const handles = new Map<Json, number>();
  for (const { command, made } of changes) {
    const origin = origins.get(command);
    const handle = (made as { handle?: number }).handle;
    if (origin !== undefined && handle !== undefined && !handles.has(origin)) handles.set(origin, handle);
  }
  const withHandle = (json: Json): Json => {
    const handle = handles.get(json);
    if (handle === undefined || !isObject(json)) return json;
    const [verb, inner] = Object.entries(json)[0] as [string, Json];
    const numbered = (object: Json): Json => {
      const { handle: _old, ...rest } = object as Members;
      return { ...rest, handle };
    };
    const within = ADDED.includes(verb) ? undefined : Object.entries(inner as Members)[0];
    return within ? { [verb]: { [within[0]]: numbered(within[1]) } } : { [verb]: numbered(inner) };
  };
  return { ...root, nftables: (root.nftables as readonly Json[]).map(withHandle) };
}
