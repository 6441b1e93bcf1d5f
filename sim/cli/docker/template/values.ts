/**
 * What templates work on, as Go has it: strings, booleans and whole numbers are JavaScript's; arrays are slices; `null` is nil.
 * A struct has fixed fields, a map any keys; a number of undecoded JSON is `json.Number`, text that only looks like a number.
 */
export type Value = string | boolean | number | null | undefined | readonly Value[] | GoStruct | GoMap | JsonNumber | Fields;

export class GoStruct {
  readonly fields: ReadonlyMap<string, Value>;
  /** Held by pointer: printed as an address when it stands inside something else. */
  readonly pointer: boolean;
  /** Its field ID is `Id` in JSON. */
  readonly idIsId: boolean;
  /** Fields with their zero value, which the JSON leaves out. */
  readonly omitted: ReadonlySet<string>;

  constructor(fields: ReadonlyMap<string, Value>, pointer: boolean, idIsId: boolean, omitted: ReadonlySet<string> = new Set()) {
    this.fields = fields;
    this.pointer = pointer;
    this.idIsId = idIsId;
    this.omitted = omitted;
  }
}

export class GoMap {
  readonly entries: ReadonlyMap<string, Value>;
  constructor(entries: ReadonlyMap<string, Value>) {
    this.entries = entries;
  }

  keys(): string[] {
    return [...this.entries.keys()].sort();
  }
}

export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An object of the command's own whose fields are methods, such as a row of `docker ps`. */
export interface Fields {
  readonly typeName: string;
  /** The value, or `undefined` for a name that it doesn't have. */
  field(name: string, args: readonly Value[]): Value;
  /** What `json` makes of it. */
  toJson(): Record<string, unknown>;
}

export function isFields(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && 'typeName' in value;
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** API objects whose JSON keys are data; every other object is a struct. */
const MAPS = new Set([
  'Annotations',
  'Attributes',
  'Config@LogConfig',
  'Containers',
  'Data',
  'DriverOpts',
  'ExposedPorts',
  'Labels',
  'Networks',
  'Options',
  'PortBindings',
  'Ports',
  'Runtimes',
  'Sysctls',
  'Tmpfs',
  'Volumes',
]);

/** A nil slice and a nil map: empty, but `null` as JSON. */
const NIL_SLICE: readonly Value[] = Object.freeze([]);
const NIL_MAP = new GoMap(new Map());

/** Fields that are null because they are nil pointers; null elsewhere is a nil slice or map. */
const NIL_POINTERS = new Set(['IPAMConfig', 'MemorySwappiness', 'OomKillDisable', 'PidsLimit', 'Health', 'ExitCode']);

/** Structs that the API's types hold by pointer. */
const POINTERS = new Set(['State', 'HostConfig', 'Config', 'NetworkSettings', 'Health']);

/** Fields that a type has and its JSON leaves out while they say nothing, by the name that the object has in the whole. */
const OMITTED: Readonly<Record<string, readonly [string, Value][]>> = {
  State: [['Health', null]],
  Config: [
    ['User', ''],
    ['ExposedPorts', NIL_MAP],
    ['Env', NIL_SLICE],
    ['Entrypoint', NIL_SLICE],
    ['Cmd', NIL_SLICE],
    ['Volumes', NIL_MAP],
    ['WorkingDir', ''],
    ['Labels', NIL_MAP],
    ['StopSignal', ''],
    ['Healthcheck', null],
    ['OnBuild', NIL_SLICE],
    ['Shell', NIL_SLICE],
  ],
  HostConfig: [['Init', null]],
};

/** The same for the elements of a list: all fields, in their order. */
const OMITTED_IN_LISTS: Readonly<Record<string, readonly [string, Value][]>> = {
  Config: [
    ['Subnet', ''],
    ['IPRange', ''],
    ['Gateway', ''],
    ['AuxiliaryAddresses', NIL_MAP],
  ],
};

/** Decoded JSON as the typed object that a client of the API has. */
export function typed(json: unknown, key = '', parent = ''): Value {
  if (Array.isArray(json)) return json.map((element) => typed(element, key, key));
  if (json === null) return MAPS.has(key) ? NIL_MAP : NIL_POINTERS.has(key) ? null : NIL_SLICE;
  if (typeof json !== 'object') return json as string | boolean | number;
  // The field of the id is called ID in Go, whatever its JSON name.
  const fieldName = (name: string): string => (key === '' && name === 'Id' ? 'ID' : name);
  const entries = new Map(Object.entries(json).map(([name, value]): [string, Value] => [fieldName(name), typed(value, name, key)]));
  // What stands in a list under that name is something else: an element.
  const element = parent === key && key !== '';
  if (!element && (MAPS.has(key) || MAPS.has(`${key}@${parent}`))) return new GoMap(entries);
  const omitted = new Set<string>();
  for (const [name, zero] of parent === '' ? (OMITTED[key] ?? []) : element ? (OMITTED_IN_LISTS[key] ?? []) : []) {
    const value = entries.get(name);
    if (value === undefined) omitted.add(name);
    // Again at the end: fields stand in the order of the type.
    entries.delete(name);
    entries.set(name, value ?? zero);
  }
  return new GoStruct(entries, (POINTERS.has(key) && !element) || parent === 'Networks' || key === '', 'Id' in json, omitted);
}

/** Decoded JSON as maps all the way down, as a template sees it when the typed object had no answer. */
export function raw(json: unknown): Value {
  if (Array.isArray(json)) return json.map(raw);
  if (typeof json === 'number') return new JsonNumber(String(json));
  if (typeof json !== 'object' || json === null) return json as string | boolean | null;
  return new GoMap(new Map(Object.entries(json).map(([name, value]): [string, Value] => [name, raw(value)])));
}

/** Back to plain JSON values. */
export function plain(value: Value): unknown {
  if (value instanceof GoStruct) {
    const present = [...value.fields].filter(([name, field]) => field !== undefined && !value.omitted.has(name));
    return Object.fromEntries(present.map(([name, field]) => [name === 'ID' && value.idIsId ? 'Id' : name, plain(field)]));
  }
  if (value === NIL_SLICE || value === NIL_MAP) return null;
  if (value instanceof GoMap) return Object.fromEntries(value.keys().map((name) => [name, plain(value.entries.get(name))]));
  if (value instanceof JsonNumber) return Number(value.text);
  if (isArray(value)) return value.map(plain);
  if (isFields(value)) return value.toJson();
  return value ?? null;
}

/** JSON text as Go's encoder writes it: `<`, `>` and `&` escaped unless asked not to. */
export function goJson(json: unknown, escapeHtml: boolean): string {
  const text = JSON.stringify(json);
  if (!escapeHtml) return text;
  return text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

/** As `{{.}}` prints it (fmt's %v). `nested` is inside a struct, slice or map, where pointers show as addresses. */
export function print(value: Value, nested = false): string {
  if (value === undefined || value === null) return nested ? '<nil>' : '<no value>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.text;
  if (isArray(value)) return `[${value.map((element) => print(element, true)).join(' ')}]`;
  if (value instanceof GoStruct) {
    if (nested && value.pointer) return address(value);
    return `{${[...value.fields.values()].map((field) => print(field, true)).join(' ')}}`;
  }
  if (value instanceof GoMap) {
    return `map[${value
      .keys()
      .map((name) => `${name}:${print(value.entries.get(name), true)}`)
      .join(' ')}]`;
  }
  return address(value);
}

/** A made-up heap address, the same for the same contents. */
function address(value: GoStruct | Fields): string {
  let hash = 0;
  for (const character of JSON.stringify(plain(value))) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return `0xc000${(hash & 0xffffe0).toString(16).padStart(6, '0')}`;
}

/** Whether a condition takes it for true: not empty, not zero, not nil. */
export function truth(value: Value): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'boolean') return value;
  if (value instanceof JsonNumber) return value.text !== '';
  if (isArray(value)) return value.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  return true;
}

/** The name of its type in messages. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof JsonNumber) return 'json.Number';
  if (isArray(value)) return value.every((element) => typeof element === 'string') ? '[]string' : '[]interface {}';
  if (value instanceof GoMap) return 'map[string]interface {}';
  return isFields(value) ? value.typeName : 'struct';
}
