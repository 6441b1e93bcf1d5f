import type { Blocking } from '../../../host/wait.ts';
import { notModelled } from '../../command.ts';
import { declaration } from '../declaration.ts';
import { SET_OPTIONS, UNMODELLED_SET } from '../options.ts';
import { functionText } from '../print.ts';
import { listQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { fail, options, output, usage } from './builtin.ts';

const SYNOPSIS = 'set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]';

export function* set(shell: Shell, args: string[], name: string): Blocking<number> {
  if (args.length === 0) return yield* listVariables(shell);
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      shell.positional = args.slice(i + 1);
      return 0;
    }
    if (arg === '-') {
      shell.options.flags.delete('x');
      shell.options.flags.delete('v');
      if (i + 1 < args.length) shell.positional = args.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(arg)) break;
    const on = arg[0] === '-';
    for (const letter of arg.slice(1)) {
      if (letter === 'o') {
        const option = args[i + 1];
        if (option === undefined || /^[-+]/.test(option)) {
          yield* listOptions(shell, on);
          continue;
        }
        i++;
        if (!(option in SET_OPTIONS)) return yield* fail(shell, name, `${option}: invalid option name`, 2);
        if (!(yield* change(shell, SET_OPTIONS[option] as string, on))) return 2;
      } else if (!'abefhkmnptuvxBCEHPT'.includes(letter)) return yield* usage(shell, name, `${arg[0]}${letter}: invalid option`, SYNOPSIS);
      else if (!(yield* change(shell, letter, on))) return 2;
    }
  }
  if (i < args.length) shell.positional = args.slice(i);
  return 0;
}

function* change(shell: Shell, letter: string, on: boolean): Blocking<boolean> {
  if (on && UNMODELLED_SET.has(letter)) {
    yield* shell.process.write(2, notModelled('bash', `set -${letter.length > 1 ? `o ${letter}` : letter}`));
    return false;
  }
  setOption(shell, letter, on);
  return true;
}

/** Switches an option by its letter. */
export function setOption(shell: Shell, letter: string, on: boolean): void {
  if (on) shell.options.flags.add(letter);
  else shell.options.flags.delete(letter);
  if (letter === 'm') shell.monitor = on && shell.tty !== undefined;
  if (letter === 'posix') shell.posix = on;
}

function* listOptions(shell: Shell, table: boolean): Blocking<void> {
  const lines = Object.entries(SET_OPTIONS).map(([name, letter]) => {
    const on = shell.option(letter);
    return table ? `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${name}\n`;
  });
  yield* shell.print(lines.join(''));
}

function* listVariables(shell: Shell): Blocking<number> {
  let text = '';
  for (const [name, variable] of shell.variables.visible()) {
    if (variable.value === undefined) continue;
    text +=
      typeof variable.value === 'string'
        ? `${name}=${listQuote(variable.value)}\n`
        : `${declaration(name, variable).replace(/^declare -\S+ /, '')}\n`;
  }
  for (const called of [...shell.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
    text += `${functionText(called.unit, called.name, called.body)}\n`;
  return yield* output(shell, 'set', text);
}

/** Options of `shopt` that exist in bash and would change what happens, but not here. */
const UNMODELLED_SHOPT = new Set([
  'autocd',
  'cdspell',
  'dirspell',
  'cdable_vars',
  'extdebug',
  'restricted_shell',
  'gnu_errfmt',
  'varredir_close',
  'compat31',
  'compat32',
  'compat40',
  'compat41',
  'compat42',
  'compat43',
  'compat44',
]);

export function* shopt(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'psuqo');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'shopt [-pqsu] [-o] [optname ...]');
  const { letters, rest } = parsed;
  const viaSet = letters.has('o');
  const known = viaSet ? Object.keys(SET_OPTIONS) : [...shell.options.shopt.keys()];
  const isOn = (option: string): boolean => (viaSet ? shell.option(SET_OPTIONS[option] as string) : shell.shopt(option));
  if (letters.has('s') && letters.has('u')) return yield* fail(shell, name, 'cannot set and unset shell options simultaneously');
  const setting = letters.has('s') || letters.has('u');
  let status = 0;
  let text = '';
  for (const option of rest.length > 0 ? rest : known) {
    if (!known.includes(option)) {
      status = yield* fail(shell, name, `${option}: invalid ${viaSet ? '' : 'shell '}option name`);
      continue;
    }
    if (setting && rest.length > 0) {
      if (letters.has('s') && !viaSet && UNMODELLED_SHOPT.has(option)) {
        yield* shell.process.write(2, notModelled('bash', `shopt -s ${option}`));
        status = 1;
      } else if (viaSet) setOption(shell, SET_OPTIONS[option] as string, letters.has('s'));
      else shell.options.shopt.set(option, letters.has('s'));
      continue;
    }
    const on = isOn(option);
    if (setting && on !== letters.has('s')) continue;
    if (rest.length > 0 && !on) status = 1;
    if (letters.has('q')) continue;
    if (letters.has('p')) text += viaSet ? `set ${on ? '-' : '+'}o ${option}\n` : `shopt -${on ? 's' : 'u'} ${option}\n`;
    else text += viaSet ? `${option.padEnd(15)}\t${on ? 'on' : 'off'}\n` : `${option.padEnd(20)}\t${on ? 'on' : 'off'}\n`;
  }
  yield* output(shell, name, text);
  return status;
}

export function* unset(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'fnv');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'unset [-f] [-v] [-n] [name ...]');
  const { letters, rest } = parsed;
  let status = 0;
  for (const operand of rest) {
    if (letters.has('f')) {
      shell.functions.delete(operand);
      continue;
    }
    const element = /^([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]$/s.exec(operand);
    const target = element ? (element[1] as string) : operand;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(target)) {
      if (!shell.functions.delete(operand) && letters.has('v')) status = yield* fail(shell, name, `\`${operand}': not a valid identifier`);
      continue;
    }
    const variable = shell.variables.find(target, !letters.has('n'));
    if (!variable && !letters.has('v') && shell.functions.has(operand)) {
      shell.functions.delete(operand);
      continue;
    }
    const resolved = letters.has('n') ? target : shell.variables.resolveName(target);
    const removed =
      element && element[2] !== '@' && element[2] !== '*'
        ? shell.variables.unsetElement(resolved, shell.keyOf(resolved, element[2] as string))
        : shell.variables.unset(resolved);
    if (!removed) status = yield* fail(shell, name, `${operand}: cannot unset: readonly variable`);
  }
  return status;
}
