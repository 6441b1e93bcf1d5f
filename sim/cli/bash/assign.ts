import type { Blocking } from '../../host/wait.ts';
import { ExpansionError } from './control.ts';
import { expandText, expandWords } from './expand.ts';
import type { Assignment } from './parse.ts';
import { wordQuote } from './quote.ts';
import type { Shell } from './shell.ts';
import { AssociativeArray, lastIndex, type Variable } from './variables.ts';
import { closingBracket } from './word.ts';

/** An assignment with its value expanded. */
export interface PreparedAssignment {
  name: string;
  /** As written; expanded when it is known what kind of array it is for. */
  subscript: string | undefined;
  append: boolean;
  value: string | PreparedElement[];
}

/** An element of `a=( … )`: with a key as written, or the next one. */
export interface PreparedElement {
  subscript: string | undefined;
  append: boolean;
  text: string;
}

/** Expands the right side of an assignment. */
export function* prepareAssignment(shell: Shell, node: Assignment): Blocking<PreparedAssignment> {
  const base = { name: node.name, subscript: node.index?.text, append: node.append === true };
  if (node.value.type !== 'ArrayValue') return { ...base, value: yield* expandText(shell, node.value.text, 'assignment') };
  return {
    ...base,
    value: yield* prepareElements(
      shell,
      node.value.elements.map((word) => word.text),
    ),
  };
}

/** Expands the words between the parentheses of an array assignment. */
export function* prepareElements(shell: Shell, sources: readonly string[]): Blocking<PreparedElement[]> {
  const prepared: PreparedElement[] = [];
  for (const source of sources) {
    const keyed = splitKey(source);
    if (keyed) prepared.push({ ...keyed, text: yield* expandText(shell, keyed.rest, 'assignment') });
    else for (const text of yield* expandWords(shell, [source])) prepared.push({ subscript: undefined, append: false, text });
  }
  return prepared;
}

/** `[key]=value` and `[key]+=value` */
function splitKey(source: string): { subscript: string; append: boolean; rest: string } | undefined {
  if (!source.startsWith('[')) return undefined;
  const close = closingBracket(source, 0);
  if (close === undefined) return undefined;
  const append = source[close + 1] === '+';
  if (source[close + (append ? 2 : 1)] !== '=') return undefined;
  return { subscript: source.slice(1, close), append, rest: source.slice(close + (append ? 3 : 2)) };
}

/** Carries an assignment out on the visible variable (or a new global one). */
export function* assign(shell: Shell, prepared: PreparedAssignment): Blocking<void> {
  const { name, subscript, append, value } = prepared;
  if (typeof value !== 'string') {
    if (subscript !== undefined) throw new ExpansionError(`${name}[${subscript}]: cannot assign list to array member`);
    const variable = shell.variables.find(name) ?? shell.variables.declareGlobal(name);
    yield* assignArray(shell, variable, name, value, append);
  } else if (subscript === undefined) shell.variables.set(name, value, undefined, append);
  else shell.variables.set(name, value, yield* elementKey(shell, name, subscript), append);
  if (shell.option('a')) {
    const variable = shell.variables.find(name);
    if (variable) variable.exported = true;
  }
}

/** The key for an assignment; bash refuses empty ones and negative ones before the start. */
export function* elementKey(shell: Shell, name: string, subscript: string): Blocking<string> {
  const associative = shell.variables.value(shell.variables.resolveName(name)) instanceof AssociativeArray;
  if (subscript === '' || (!associative && (subscript === '@' || subscript === '*')))
    throw new ExpansionError(`${name}[${subscript}]: bad array subscript`);
  if (associative) {
    const key = yield* expandText(shell, subscript);
    if (key === '') throw new ExpansionError(`${name}[${subscript}]: bad array subscript`);
    return key;
  }
  try {
    const key = yield* subscriptKeyQuietly(shell, name, subscript);
    return key;
  } catch (error) {
    if (error instanceof ExpansionError && error.message.endsWith('bad array subscript'))
      throw new ExpansionError(`${name}[${subscript}]: bad array subscript`);
    throw error;
  }
}

function* subscriptKeyQuietly(shell: Shell, name: string, subscript: string): Blocking<string> {
  return shell.keyOf(name, yield* expandText(shell, subscript, 'arithmetic'));
}

/** `a=( … )` on a given variable. */
export function* assignArray(
  shell: Shell,
  variable: Variable,
  name: string,
  elements: readonly PreparedElement[],
  append: boolean,
): Blocking<void> {
  if (variable.value instanceof AssociativeArray) {
    const entries = new AssociativeArray(append ? variable.value.entries : undefined);
    const keyed = elements.some((element) => element.subscript !== undefined);
    if (!keyed)
      for (let i = 0; i < elements.length; i += 2) entries.entries.set((elements[i] as PreparedElement).text, elements[i + 1]?.text ?? '');
    else {
      for (const element of elements) {
        if (element.subscript === undefined) {
          yield* shell.complain(`${name}: ${element.text}: must use subscript when assigning associative array`);
          continue;
        }
        const key = yield* expandText(shell, element.subscript);
        entries.entries.set(key, (element.append ? (entries.entries.get(key) ?? '') : '') + element.text);
      }
    }
    shell.variables.setArray(variable, name, entries, false);
    return;
  }
  const before =
    variable.value instanceof Map
      ? variable.value
      : typeof variable.value === 'string'
        ? new Map([[0, variable.value]])
        : new Map<number, string>();
  const array = new Map<number, string>(append ? before : []);
  let next = lastIndex(array) + 1;
  for (const element of elements) {
    if (element.subscript !== undefined) {
      const index = shell.arithmetic(yield* expandText(shell, element.subscript, 'arithmetic'));
      next = Number(index < 0n ? BigInt(lastIndex(array) + 1) + index : index);
      if (next < 0) throw new ExpansionError(`[${element.subscript}]=${element.text}: bad array subscript`);
    }
    let text = (element.append ? (array.get(next) ?? '') : '') + element.text;
    if (variable.integer) text = shell.variables.compute(text);
    else if (variable.lower) text = text.toLowerCase();
    else if (variable.upper) text = text.toUpperCase();
    array.set(next, text);
    next++;
  }
  shell.variables.setArray(variable, name, array, false);
}

/** An assignment as `set -x` shows it. */
export function traceText(prepared: PreparedAssignment): string {
  const { name, subscript, append, value } = prepared;
  const left = `${name}${subscript === undefined ? '' : `[${subscript}]`}${append ? '+' : ''}=`;
  if (typeof value === 'string') return left + traceWord(value, true);
  return `${left}(${value.map((e) => (e.subscript === undefined ? '' : `[${e.subscript}]=`) + traceWord(e.text)).join(' ')})`;
}

/** A word as `set -x` shows it: quoted when it has special characters. */
export function traceWord(text: string, empty = false): string {
  if (text === '') return empty ? '' : "''";
  return /[\s'"\\|&;()<>!{}*[\]?^$`]|^[~#]/.test(text) || /[\x00-\x1f]/.test(text) ? wordQuote(text) : text;
}
