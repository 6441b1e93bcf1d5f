import type { Blocking } from '../../host/wait.ts';
import { ExpansionError } from './control.ts';
import { compilePattern, expandParts, expandPattern, expandText, joinParts, type Piece, type Surroundings } from './expand.ts';
import { Pattern } from '../shell-pattern.ts';
import { caseModify, removePart, replaceMatches } from './parameter-operations.ts';
import type { Shell } from './shell.ts';
import { specialParameter } from './special.ts';
import { transform } from './transform.ts';
import { AssociativeArray, elements, VariableError } from './variables.ts';
import type { Operation, ParameterPart } from './word.ts';

/** What a parameter stands for: one text (maybe unset), or a list (`$@`, `${a[*]}`). */
export interface Found {
  /** `@` or `*` for lists. */
  list: '@' | '*' | undefined;
  items: string[];
  set: boolean;
  /** The variable and key behind it, for assignments and attributes. */
  name: string;
  key: string | undefined;
}

/** Expands `$x` and `${…}`. */
export function* expandParameter(shell: Shell, part: ParameterPart, where: Surroundings): Blocking<Piece[]> {
  if (part.bad) throw new ExpansionError(`${part.text}: bad substitution`);
  if (part.operation?.kind === 'names') return emit(shell, prefixNames(shell, part), where);
  if (part.indirect && (part.subscript === '@' || part.subscript === '*') && !part.operation) return emit(shell, keys(shell, part), where);
  let found = yield* resolve(shell, part.name, part.subscript);
  if (part.indirect) found = yield* indirect(shell, part, found);
  if (part.length) return emit(shell, single(String(lengthOf(shell, part, found))), where);
  const operation = part.operation;
  if (operation?.kind === 'default') return yield* withDefault(shell, part, operation, found, where);
  if (!found.set && !found.list && shell.option('u') && !(operation?.kind === 'transform' && operation.letter === 'a')) {
    const shown = part.subscript === undefined ? part.name : `${part.name}[${part.subscript}]`;
    throw new ExpansionError(`${/^\d$/.test(shown) ? `$${shown}` : shown}: unbound variable`, 127, true);
  }
  return emit(shell, operation ? yield* apply(shell, operation, found, part) : found, where);
}

function single(text: string): Found {
  return { list: undefined, items: [text], set: true, name: '', key: undefined };
}

/** Looks a parameter up. */
export function* resolve(shell: Shell, name: string, subscript: string | undefined): Blocking<Found> {
  if (name === '@' || name === '*') {
    return { list: name, items: [...shell.positional], set: shell.positional.length > 0, name, key: undefined };
  }
  const special = specialParameter(shell, name);
  if (special) return { list: undefined, items: [special.value ?? ''], set: special.value !== undefined, name, key: undefined };
  if (subscript === undefined) {
    const resolved = shell.variables.resolveName(name);
    const bracket = resolved.indexOf('[');
    if (bracket > 0) return yield* resolve(shell, resolved.slice(0, bracket), resolved.slice(bracket + 1, -1));
    const text = shell.variables.get(name);
    return { list: undefined, items: [text ?? ''], set: text !== undefined, name, key: undefined };
  }
  if (subscript === '@' || subscript === '*') {
    const items = elements(shell.variables.value(shell.variables.resolveName(name))).map(([, text]) => text);
    return { list: subscript, items, set: items.length > 0, name, key: undefined };
  }
  const key = yield* subscriptKey(shell, name, subscript);
  if (key === undefined) return { list: undefined, items: [''], set: false, name, key };
  const text = shell.variables.element(name, key);
  return { list: undefined, items: [text ?? ''], set: text !== undefined, name, key };
}

/** The key that a subscript's source means; `undefined` (after a message) for a negative index beyond the start. */
export function* subscriptKey(shell: Shell, name: string, subscript: string): Blocking<string | undefined> {
  const value = shell.variables.value(shell.variables.resolveName(name));
  if (value instanceof AssociativeArray) return yield* expandText(shell, subscript);
  const text = yield* expandText(shell, subscript, 'arithmetic');
  try {
    return shell.keyOf(name, text);
  } catch (error) {
    if (error instanceof ExpansionError && error.message.endsWith('bad array subscript')) {
      yield* shell.complain(error.message);
      return undefined;
    }
    throw error;
  }
}

function* indirect(shell: Shell, part: ParameterPart, found: Found): Blocking<Found> {
  const variable = shell.variables.find(part.name, false);
  if (variable?.reference && typeof variable.value === 'string') return single(variable.value);
  const target = found.list ? found.items.join(' ') : (found.items[0] ?? '');
  if (!found.set && part.operation?.kind !== 'default') throw new ExpansionError(`${part.name}: invalid indirect expansion`);
  const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?:\[(.*)\])?$/s.exec(target);
  if (!match) {
    if (!found.set || target === '') return { ...found, set: false };
    throw new ExpansionError(`${target}: invalid variable name`);
  }
  return yield* resolve(shell, match[1] as string, match[2]);
}

function prefixNames(shell: Shell, part: ParameterPart): Found {
  const names = [...shell.variables.visible()]
    .filter(([name, v]) => name.startsWith(part.name) && v.value !== undefined)
    .map(([name]) => name);
  return { list: part.subscript as '@' | '*', items: names, set: true, name: '', key: undefined };
}

function keys(shell: Shell, part: ParameterPart): Found {
  const items = elements(shell.variables.value(shell.variables.resolveName(part.name))).map(([key]) => key);
  return { list: part.subscript as '@' | '*', items, set: true, name: '', key: undefined };
}

function lengthOf(shell: Shell, part: ParameterPart, found: Found): number {
  if (found.list) return found.items.length;
  if (!found.set && shell.option('u')) throw new ExpansionError(`${part.name}: unbound variable`, 127, true);
  return [...(found.items[0] ?? '')].length;
}

function* withDefault(
  shell: Shell,
  part: ParameterPart,
  operation: Operation & { kind: 'default' },
  found: Found,
  where: Surroundings,
): Blocking<Piece[]> {
  const empty = found.items.join('') === '';
  const missing = !found.set || (operation.colon && empty && found.items.length <= 1);
  const word = function* (): Blocking<Piece[]> {
    const pieces = yield* expandParts(shell, operation.word, { ...where, splitLiterals: !where.quoted });
    return pieces.length === 0 && where.quoted ? [] : pieces;
  };
  switch (operation.operator) {
    case '-':
      return missing ? yield* word() : emit(shell, found, where);
    case '+':
      return missing ? [] : yield* word();
    case '?': {
      if (!missing) return emit(shell, found, where);
      const given = yield* joinParts(shell, operation.word, where.quoted);
      const message = operation.word.length > 0 ? given : operation.colon ? 'parameter null or not set' : 'parameter not set';
      throw new ExpansionError(`${part.name}: ${message}`, 127, true);
    }
    case '=': {
      if (!missing) return emit(shell, found, where);
      if (!/^[A-Za-z_]/.test(found.name)) throw new ExpansionError(`$${part.name}: cannot assign in this way`);
      const text = yield* joinParts(shell, operation.word, where.quoted);
      assignDefault(shell, found, text);
      return emit(shell, { ...found, items: [text], set: true, list: undefined }, where);
    }
  }
}

function assignDefault(shell: Shell, found: Found, text: string): void {
  try {
    shell.variables.set(found.name, text, found.key);
  } catch (error) {
    if (error instanceof VariableError) throw new ExpansionError(error.message);
    throw error;
  }
}

function* apply(shell: Shell, operation: Exclude<Operation, { kind: 'default' }>, found: Found, part: ParameterPart): Blocking<Found> {
  const each = (change: (text: string) => string): Found => ({ ...found, items: found.set ? found.items.map(change) : found.items });
  switch (operation.kind) {
    case 'remove': {
      const pattern = yield* compilePattern(shell, operation.pattern);
      return each((text) => removePart(text, pattern, operation.side, operation.longest));
    }
    case 'replace': {
      const pattern = new Pattern(yield* expandPattern(shell, operation.pattern), { ignoreCase: shell.shopt('nocasematch') });
      const replacement = yield* expandPattern(shell, operation.replacement);
      return each((text) => replaceMatches(text, pattern, operation.where, replacement));
    }
    case 'case': {
      const pattern = operation.pattern.length > 0 ? yield* compilePattern(shell, operation.pattern) : undefined;
      return each((text) => caseModify(text, operation.to, operation.all, pattern));
    }
    case 'slice':
      return yield* slice(shell, operation, found);
    case 'transform':
      return transform(shell, operation.letter, found, part);
    default:
      return found;
  }
}

function* slice(shell: Shell, operation: Operation & { kind: 'slice' }, found: Found): Blocking<Found> {
  const offset = Number(shell.arithmetic(yield* joinParts(shell, operation.offset, true)));
  const length = operation.length && Number(shell.arithmetic(yield* joinParts(shell, operation.length, true)));
  if (found.list) {
    if (length !== undefined && length < 0) throw new ExpansionError(`${length}: substring expression < 0`);
    return { ...found, items: sliceList(shell, found, offset, length) };
  }
  const characters = [...(found.items[0] ?? '')];
  const start = offset < 0 ? characters.length + offset : offset;
  if (start < 0 || start > characters.length) return { ...found, items: [''] };
  const end = length === undefined ? characters.length : length < 0 ? characters.length + length : start + length;
  if (end < start) {
    throw new ExpansionError(`${length}: substring expression < 0`);
  }
  return { ...found, items: [characters.slice(start, end).join('')] };
}

/** `${@:1:2}` counts `$0` as element 0; `${a[@]:1:2}` starts at an index. */
function sliceList(shell: Shell, found: Found, offset: number, length: number | undefined): string[] {
  if (found.name === '@' || found.name === '*') {
    const all = [shell.name, ...found.items];
    const start = offset < 0 ? all.length + offset : offset;
    if (start < 0) return [];
    const from = offset === 0 ? all : all.slice(start);
    return length === undefined ? from : from.slice(0, length);
  }
  const pairs = elements(shell.variables.value(shell.variables.resolveName(found.name)));
  const value = shell.variables.value(shell.variables.resolveName(found.name));
  if (value instanceof AssociativeArray)
    return pairs.slice(Math.max(0, offset - 1), length === undefined ? undefined : offset - 1 + length).map(([, t]) => t);
  const last = Number(pairs.at(-1)?.[0] ?? -1);
  const start = offset < 0 ? last + 1 + offset : offset;
  if (start < 0) return [];
  const from = pairs.filter(([key]) => Number(key) >= start).map(([, text]) => text);
  return length === undefined ? from : from.slice(0, length);
}

/** Pieces for a value, as quotes and surroundings want them. */
function emit(shell: Shell, found: Found, where: Surroundings): Piece[] {
  const text = (value: string): Piece => ({ text: value, quoted: where.quoted, split: !where.quoted });
  if (!found.list) return [text(found.items[0] ?? '')];
  const separator = shell.variables.get('IFS') === undefined ? ' ' : shell.ifs.slice(0, 1);
  if (found.list === '*' && (where.quoted || !where.fields)) return [text(found.items.join(separator))];
  if (!where.fields) return found.items.length > 0 ? [text(found.items.join(' '))] : [];
  const pieces: Piece[] = [];
  for (const [i, item] of found.items.entries()) {
    if (i > 0) pieces.push('break');
    pieces.push(text(item));
  }
  return pieces;
}
