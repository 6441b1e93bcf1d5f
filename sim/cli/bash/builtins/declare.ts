import type { Blocking } from '../../../host/wait.ts';
import { assignArray, elementKey, type PreparedAssignment, prepareElements } from '../assign.ts';
import { ExpansionError } from '../control.ts';
import { attributeLetters, declaration } from '../declaration.ts';
import { functionText } from '../print.ts';
import type { Shell } from '../shell.ts';
import { AssociativeArray, NAME_PATTERN, type Variable, VariableError } from '../variables.ts';
import { fail, output, usage } from './builtin.ts';

const SYNOPSIS: Record<string, string> = {
  declare: 'declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]',
  typeset: 'typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]',
  local: 'local [option] name[=value] ...',
  export: 'export [-fn] [name[=value] ...] or export -p [-f]',
  readonly: 'readonly [-aAf] [name[=value] ...] or readonly -p',
};
const LETTERS: Record<string, string> = { export: 'fnp', readonly: 'aAfp' };

interface Flags {
  on: Set<string>;
  off: Set<string>;
}

/** `declare`, `typeset`, `local`, `export` and `readonly`. */
export function* runDeclaration(
  shell: Shell,
  name: string,
  args: readonly string[],
  declared: ReadonlyMap<number, PreparedAssignment>,
): Blocking<number> {
  const flags: Flags = { on: new Set(), off: new Set() };
  const allowed = LETTERS[name] ?? 'aAfFgiIlnprtux';
  let first = 0;
  for (; first < args.length && !declared.has(first + 1); first++) {
    const arg = args[first] as string;
    if (arg === '--') {
      first++;
      break;
    }
    if (!/^[-+]./.test(arg) || (arg[0] === '+' && LETTERS[name])) break;
    for (const letter of arg.slice(1)) {
      if (!allowed.includes(letter)) return yield* usage(shell, name, `${arg[0]}${letter}: invalid option`, SYNOPSIS[name] as string);
      (arg[0] === '-' ? flags.on : flags.off).add(letter);
    }
  }
  if (name === 'local' && shell.functionDepth === 0) return yield* fail(shell, name, 'can only be used in a function');
  if (name === 'readonly') flags.on.add('r');
  if (name === 'export') {
    if (flags.on.has('n')) {
      flags.on.delete('n');
      flags.off.add('x');
    } else flags.on.add('x');
  }
  const operands = args.slice(first);
  if (flags.on.has('f') || flags.on.has('F')) return yield* functions(shell, name, flags, operands);
  if (operands.length === 0) return yield* list(shell, name, flags);
  if (flags.on.has('p')) return yield* print(shell, name, operands);
  let status = 0;
  for (const [i, operand] of operands.entries()) {
    const prepared = declared.get(first + i + 1) ?? (yield* parseOperand(shell, operand));
    status = (yield* declareOne(shell, name, flags, operand, prepared)) || status;
  }
  return status;
}

/** An operand that was no assignment in the source: `declare "x=1"`, `export x`. */
function* parseOperand(shell: Shell, operand: string): Blocking<PreparedAssignment | undefined> {
  const match = /^([^=[+]+)(?:\[([^\]]*)\])?(\+?)=([\s\S]*)$/.exec(operand);
  if (!match) return undefined;
  const [, name = '', subscript, plus, text = ''] = match;
  const array = /^\((.*)\)$/s.exec(text);
  const value = array ? yield* prepareElements(shell, (array[1] as string).match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) : text;
  return { name, subscript, append: plus === '+', value };
}

function* declareOne(
  shell: Shell,
  command: string,
  flags: Flags,
  operand: string,
  prepared: PreparedAssignment | undefined,
): Blocking<number> {
  const name = prepared?.name ?? operand.replace(/\[.*\]$/s, '');
  if (!NAME_PATTERN.test(name)) return yield* fail(shell, command, `\`${operand}': not a valid identifier`);
  const plain = command === 'export' || command === 'readonly' || flags.on.has('g');
  const inFunction = shell.functionDepth > 0 && !plain;
  const referenceOnly = flags.on.has('n') || flags.off.has('n');
  const outer = shell.variables.find(name, !referenceOnly);
  const existing = inFunction ? undefined : outer;
  const variable = existing ?? (inFunction ? shell.variables.declareLocal(name) : shell.variables.declareGlobal(name));
  if (inFunction && flags.on.has('I') && outer && outer !== variable) Object.assign(variable, outer.copy());
  if (inFunction && outer?.readonly) return yield* fail(shell, command, `${name}: readonly variable`);
  if (variable.readonly && (prepared || flags.off.has('r'))) return yield* fail(shell, command, `${name}: readonly variable`);
  const converted = convert(variable, name, flags);
  if (converted !== undefined) return yield* fail(shell, command, converted);
  applyAttributes(variable, flags);
  if (prepared) {
    try {
      yield* store(shell, variable, name, prepared, flags);
    } catch (error) {
      if (error instanceof VariableError || (error instanceof ExpansionError && !error.fatal)) {
        yield* fail(shell, command, error.message);
        return 1;
      }
      throw error;
    }
  }
  if (flags.on.has('r')) variable.readonly = true;
  shell.variables.changed(name);
  return 0;
}

/** `-a` and `-A` on a variable that has a text make it element 0. */
function convert(variable: Variable, name: string, flags: Flags): string | undefined {
  if (flags.off.has('a') || flags.off.has('A')) return variable.isArray ? `${name}: cannot destroy array variables in this way` : undefined;
  if (flags.on.has('A')) {
    if (variable.value instanceof Map) return `${name}: cannot convert indexed to associative array`;
    if (!(variable.value instanceof AssociativeArray))
      variable.value = new AssociativeArray(typeof variable.value === 'string' ? [['0', variable.value]] : []);
  } else if (flags.on.has('a')) {
    if (variable.value instanceof AssociativeArray) return `${name}: cannot convert associative to indexed array`;
    if (!(variable.value instanceof Map)) variable.value = new Map(typeof variable.value === 'string' ? [[0, variable.value]] : []);
  }
  return undefined;
}

function applyAttributes(variable: Variable, flags: Flags): void {
  const set = (letter: string, change: (value: boolean) => void): void => {
    if (flags.on.has(letter)) change(true);
    if (flags.off.has(letter)) change(false);
  };
  set('x', (value) => (variable.exported = value));
  set('i', (value) => (variable.integer = value));
  set('n', (value) => (variable.reference = value));
  set('l', (value) => {
    variable.lower = value;
    if (value) variable.upper = false;
  });
  set('u', (value) => {
    variable.upper = value;
    if (value) variable.lower = false;
  });
}

function* store(shell: Shell, variable: Variable, name: string, prepared: PreparedAssignment, flags: Flags): Blocking<void> {
  if (typeof prepared.value !== 'string') {
    yield* assignArray(shell, variable, name, prepared.value, prepared.append);
    return;
  }
  const target = variable.reference && !flags.on.has('n') ? shell.variables.find(name) : variable;
  const key = prepared.subscript === undefined ? undefined : yield* elementKey(shell, name, prepared.subscript);
  shell.variables.assign(target ?? variable, name, prepared.value, key, prepared.append);
}

function* print(shell: Shell, command: string, names: readonly string[]): Blocking<number> {
  let status = 0;
  for (const name of names) {
    const variable = shell.variables.find(name, false);
    const dynamic = shell.variables.dynamic.get(name)?.get();
    if (variable) yield* output(shell, command, `${declaration(name, variable)}\n`);
    else if (typeof dynamic === 'string') yield* output(shell, command, `declare -- ${name}="${dynamic}"\n`);
    else status = yield* fail(shell, command, `${name}: not found`);
  }
  return status;
}

function* list(shell: Shell, command: string, flags: Flags): Blocking<number> {
  const wanted = [...flags.on].filter((letter) => letter !== 'p' && letter !== 'g');
  const all =
    command === 'local'
      ? new Map([...(shell.variables.scopes.at(-1)?.variables ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)))
      : shell.variables.visible();
  let text = '';
  for (const [name, variable] of all) {
    const letters = attributeLetters(variable);
    if (!wanted.every((letter) => letters.includes(letter))) continue;
    if (wanted.length > 0 || flags.on.has('p') || command === 'local') text += `${declaration(name, variable)}\n`;
    else if (variable.value !== undefined) text += `${declaration(name, variable).replace(/^declare -\S+ /, '')}\n`;
  }
  if (wanted.length === 0 && !flags.on.has('p') && command !== 'local') {
    for (const called of [...shell.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
      text += `${functionText(called.unit, called.name, called.body)}\n`;
  }
  return yield* output(shell, command, text);
}

function* functions(shell: Shell, command: string, flags: Flags, names: readonly string[]): Blocking<number> {
  const all = [...shell.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (names.length === 0) {
    const text = all.map((f) => (flags.on.has('F') ? `declare -f ${f.name}\n` : `${functionText(f.unit, f.name, f.body)}\n`)).join('');
    return yield* output(shell, command, text);
  }
  let status = 0;
  for (const name of names) {
    const found = shell.functions.get(name);
    if (!found) {
      status = 1;
      if (command === 'export' || command === 'readonly') yield* fail(shell, command, `${name}: not a function`);
    } else if (command === 'export') found.exported = !flags.off.has('x');
    else if (command !== 'readonly')
      yield* output(shell, command, flags.on.has('F') ? `${name}\n` : `${functionText(found.unit, name, found.body)}\n`);
  }
  return status;
}
