/** Shell variables: values with attributes, in scopes that functions and temporary environments open (dynamic scoping). */

/** Attributes in the order in which `declare -p` prints their letters. */
export interface Attributes {
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  lower: boolean;
  upper: boolean;
  /** The value is the name of the variable that is meant (`declare -n`). */
  reference: boolean;
}

export type Value = string | Map<number, string> | AssociativeArray | undefined;

/** `declare -A`; a class of its own, so that an empty one is told from an empty indexed array. */
export class AssociativeArray {
  readonly entries: Map<string, string>;

  constructor(entries?: Iterable<[string, string]>) {
    this.entries = new Map(entries);
  }
}

export class Variable implements Attributes {
  value: Value;
  exported = false;
  readonly = false;
  integer = false;
  lower = false;
  upper = false;
  reference = false;
  /** `declare -a x` and `declare -A x` without a value yet make the kind known. */
  constructor(value?: Value) {
    this.value = value;
  }

  get isArray(): boolean {
    return this.value instanceof Map || this.value instanceof AssociativeArray;
  }

  copy(): Variable {
    const copy = new Variable();
    Object.assign(copy, this);
    if (this.value instanceof Map) copy.value = new Map(this.value);
    else if (this.value instanceof AssociativeArray) copy.value = new AssociativeArray(this.value.entries);
    return copy;
  }
}

/** Who opened a scope; `declare` in a function makes its variables in the function's. */
export interface Scope {
  kind: 'global' | 'function' | 'temporary';
  variables: Map<string, Variable>;
}

/** A variable that is computed when it is read (`RANDOM`), and maybe reacts to assignment. */
export interface Dynamic {
  get(): Value;
  set?(text: string): void;
}

export class VariableError extends Error {}

export const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class Variables {
  scopes: Scope[] = [{ kind: 'global', variables: new Map() }];
  readonly dynamic = new Map<string, Dynamic>();
  /** Told of every assignment: some variables steer the shell (PATH, FUNCNEST, HISTSIZE). */
  changed: (name: string) => void = () => {};
  /** Computes the text given to an integer variable. */
  compute: (text: string) => string = (text) => text;

  copyInto(target: Variables): void {
    target.scopes = this.scopes.map((scope) => ({
      kind: scope.kind,
      variables: new Map([...scope.variables].map(([name, variable]) => [name, variable.copy()])),
    }));
  }

  push(kind: Scope['kind']): Scope {
    const scope: Scope = { kind, variables: new Map() };
    this.scopes.push(scope);
    return scope;
  }

  pop(): void {
    this.scopes.pop();
  }

  /** The innermost variable of that name, with `declare -n` followed. */
  find(name: string, followReference = true): Variable | undefined {
    let wanted = name;
    for (let hops = 0; hops < 10; hops++) {
      const found = this.#innermost(wanted);
      if (!found?.reference || !followReference || typeof found.value !== 'string' || found.value === '') return found;
      wanted = found.value.replace(/\[.*/s, '');
    }
    return undefined;
  }

  /** The name that a name stands for, when it is a reference. May carry a subscript. */
  resolveName(name: string): string {
    let wanted = name;
    for (let hops = 0; hops < 10; hops++) {
      const found = this.#innermost(wanted);
      if (!found?.reference || typeof found.value !== 'string' || found.value === '') return wanted;
      wanted = found.value;
      if (wanted.includes('[')) return wanted;
    }
    return name;
  }

  #innermost(name: string): Variable | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.variables.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** The value as a whole; dynamic variables are computed. */
  value(name: string): Value {
    const dynamic = this.dynamic.get(name);
    if (dynamic) return dynamic.get();
    return this.find(name)?.value;
  }

  /** A variable's text; of an array, element 0. */
  get(name: string): string | undefined {
    const resolved = this.resolveName(name);
    const bracket = resolved.indexOf('[');
    if (bracket > 0) return this.element(resolved.slice(0, bracket), resolved.slice(bracket + 1, -1));
    const value = this.value(resolved);
    if (typeof value === 'string' || value === undefined) return value;
    return value instanceof Map ? value.get(0) : value.entries.get('0');
  }

  /** An array's element by key text; indexes must be numbers by now. */
  element(name: string, key: string): string | undefined {
    const value = this.value(this.resolveName(name));
    if (value instanceof AssociativeArray) return value.entries.get(key);
    const index = Number(key);
    if (value instanceof Map) return value.get(index < 0 ? lastIndex(value) + 1 + index : index);
    return index === 0 || index === -1 ? value : undefined;
  }

  /** Makes sure the variable exists, in the innermost scope that has it or the global one. */
  #ensure(name: string): Variable {
    const found = this.#innermost(name);
    if (found) return found;
    const made = new Variable();
    (this.scopes[0] as Scope).variables.set(name, made);
    return made;
  }

  /** The variable in the scope where `local` and `declare` make theirs. */
  declareLocal(name: string): Variable {
    let scope: Scope | undefined;
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      if (this.scopes[i]?.kind !== 'temporary') {
        scope = this.scopes[i];
        break;
      }
    }
    const variables = (scope as Scope).variables;
    let variable = variables.get(name);
    if (!variable) {
      variable = new Variable();
      variables.set(name, variable);
    }
    return variable;
  }

  declareGlobal(name: string): Variable {
    const variables = (this.scopes[0] as Scope).variables;
    let variable = variables.get(name);
    if (!variable) {
      variable = new Variable();
      variables.set(name, variable);
    }
    return variable;
  }

  /** Assigns text to a variable, or to an element. @throws VariableError in bash's words */
  set(name: string, text: string, key?: string, append = false): void {
    const resolved = this.resolveName(name);
    const bracket = resolved.indexOf('[');
    if (bracket > 0 && key === undefined) {
      this.set(resolved.slice(0, bracket), text, resolved.slice(bracket + 1, -1), append);
      return;
    }
    const dynamic = this.dynamic.get(resolved);
    if (dynamic) {
      dynamic.set?.(text);
      return;
    }
    this.assign(this.#ensure(resolved), resolved, text, key, append);
  }

  /** Assigns to a given variable, heeding its attributes. */
  assign(variable: Variable, name: string, text: string, key?: string, append = false): void {
    if (variable.readonly) throw new VariableError(`${name}: readonly variable`);
    if (key === undefined && !variable.isArray) variable.value = this.#shaped(variable, text, append ? scalar(variable.value) : undefined);
    else this.#assignElement(variable, name, text, key ?? '0', append);
    this.changed(name);
  }

  #assignElement(variable: Variable, name: string, text: string, key: string, append: boolean): void {
    if (variable.value instanceof AssociativeArray) {
      const entries = variable.value.entries;
      entries.set(key, this.#shaped(variable, text, append ? (entries.get(key) ?? '') : undefined));
      return;
    }
    if (!(variable.value instanceof Map)) variable.value = new Map(typeof variable.value === 'string' ? [[0, variable.value]] : []);
    const array = variable.value;
    let index = Number(key);
    if (index < 0) index += lastIndex(array) + 1;
    if (index < 0) throw new VariableError(`${name}[${key}]: bad array subscript`);
    array.set(index, this.#shaped(variable, text, append ? (array.get(index) ?? '') : undefined));
  }

  #shaped(variable: Variable, text: string, before: string | undefined): string {
    if (variable.integer) return this.compute(before === undefined ? text : `${before || '0'}+(${text})`);
    const whole = before === undefined ? text : before + text;
    if (variable.lower) return whole.toLowerCase();
    return variable.upper ? whole.toUpperCase() : whole;
  }

  /** Replaces (or extends) a whole array. */
  setArray(variable: Variable, name: string, value: Map<number, string> | AssociativeArray, append: boolean): void {
    if (variable.readonly) throw new VariableError(`${name}: readonly variable`);
    if (!append) {
      variable.value = value;
    } else if (variable.value instanceof AssociativeArray && value instanceof AssociativeArray) {
      for (const [key, text] of value.entries) variable.value.entries.set(key, text);
    } else {
      const array =
        variable.value instanceof Map ? variable.value : new Map(typeof variable.value === 'string' ? [[0, variable.value]] : []);
      for (const [index, text] of value instanceof Map ? value : []) array.set(index, text);
      variable.value = array;
    }
    this.changed(name);
  }

  /** Removes a variable from the innermost scope that has it. False if it is readonly. */
  unset(name: string): boolean {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const variables = (this.scopes[i] as Scope).variables;
      const found = variables.get(name);
      if (!found) continue;
      if (found.readonly) return false;
      // A local that is unset hides the outer one until its function ends.
      if (this.scopes[i]?.kind === 'function') variables.set(name, new Variable());
      else variables.delete(name);
      this.changed(name);
      return true;
    }
    this.dynamic.delete(name);
    return true;
  }

  unsetElement(name: string, key: string): boolean {
    const variable = this.find(name);
    if (variable?.readonly) return false;
    const value = variable?.value;
    if (value instanceof AssociativeArray) value.entries.delete(key);
    else if (value instanceof Map) value.delete(Number(key) < 0 ? lastIndex(value) + 1 + Number(key) : Number(key));
    else if (variable && Number(key) === 0) this.unset(name);
    return true;
  }

  /** Every visible variable that is set or has attributes, by name. */
  visible(): Map<string, Variable> {
    const all = new Map<string, Variable>();
    for (const scope of this.scopes) for (const [name, variable] of scope.variables) all.set(name, variable);
    return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The environment for programs: exported variables with a text. */
  environment(): Map<string, string> {
    const [global] = this.scopes;
    const all = this.scopes.length === 1 && global ? global.variables : new Map<string, Variable>();
    if (this.scopes.length > 1) for (const scope of this.scopes) for (const [name, variable] of scope.variables) all.set(name, variable);
    const environment = new Map<string, string>();
    for (const [name, variable] of all) if (variable.exported && typeof variable.value === 'string') environment.set(name, variable.value);
    return environment;
  }
}

export function lastIndex(array: ReadonlyMap<number, string>): number {
  let last = -1;
  for (const index of array.keys()) if (index > last) last = index;
  return last;
}

/** An array's elements in order of index; an associative one's in order of insertion; a text is one element. */
export function elements(value: Value): [string, string][] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [['0', value]];
  if (value instanceof AssociativeArray) return [...value.entries];
  return [...value].sort(([a], [b]) => a - b).map(([index, text]) => [String(index), text]);
}

function scalar(value: Value): string {
  return typeof value === 'string' ? value : '';
}
