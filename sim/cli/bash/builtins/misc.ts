import { parseSignal, SIGNAL, type Signal } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import { notModelled } from '../../command.ts';
import { singleQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { listNames } from '../glob.ts';
import { fail, options, output, usage } from './builtin.ts';
import { BUILTIN_NAMES } from './names-list.ts';

/** `INT`, `SIGINT`, `2`, `EXIT`, `0`, `ERR`, `DEBUG`, `RETURN` → the key under which a trap is kept. */
function trapName(text: string): string | undefined {
  const upper = text.toUpperCase().replace(/^SIG(?=EXIT$|ERR$|DEBUG$|RETURN$)/, '');
  if (upper === '0' || upper === 'EXIT') return 'EXIT';
  if (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN') return upper;
  return parseSignal(text);
}

function trapOrder(name: string): number {
  return name === 'EXIT' ? 0 : name in SIGNAL ? SIGNAL[name as Signal] : 65;
}

export function* trap(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args[0] === '-' ? ['--', ...args] : args, 'lpP');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'trap [-Plp] [[action] signal_spec ...]');
  const { letters, rest } = parsed;
  if (letters.has('l')) return yield* shell.interpreter.runWords(shell, ['kill', '-l'], { skipFunctions: true });
  if (rest.length === 0 || letters.has('p')) return yield* printTraps(shell, name, rest);
  const single = rest.length === 1;
  const [first = ''] = rest;
  const reset = single || /^\d+$/.test(first) || first === '-';
  const signals = single || /^\d+$/.test(first) ? rest : rest.slice(1);
  let status = 0;
  for (const text of signals) {
    const signal = trapName(text);
    if (signal === undefined) {
      status = yield* fail(shell, name, `${text}: invalid signal specification`);
      continue;
    }
    if (signal === 'RETURN') {
      yield* shell.process.write(2, notModelled('bash', 'trap RETURN'));
      status = 1;
    } else setTrap(shell, signal, reset ? undefined : first);
  }
  return status;
}

/** Sets, ignores (`''`) or resets (`undefined`) a trap. */
function setTrap(shell: Shell, signal: string, action: string | undefined): void {
  if (shell.ignoredAtStart.has(signal) && !shell.interactive) return;
  if (action === undefined) shell.traps.delete(signal);
  else shell.traps.set(signal, action);
  if (!(signal in SIGNAL)) return;
  const name = signal as Signal;
  if (action === '') shell.process.onSignal(name, 'ignore');
  else if (action !== undefined) shell.process.onSignal(name, () => shell.pendingTraps.push(name));
  else if (name === 'SIGINT') {
    shell.process.onSignal(name, () => {
      shell.interrupted = true;
    });
  } else if (shell.interactive && ['SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'].includes(name))
    shell.process.onSignal(name, () => {});
  else shell.process.onSignal(name, 'default');
}

function* printTraps(shell: Shell, name: string, wanted: readonly string[]): Blocking<number> {
  const names = wanted.length > 0 ? wanted.map((text) => trapName(text) ?? text) : [...shell.traps.keys()];
  const lines = names
    .filter((signal) => shell.traps.has(signal))
    .sort((a, b) => trapOrder(a) - trapOrder(b))
    .map((signal) => `trap -- ${singleQuote(shell.traps.get(signal) ?? '')} ${signal}\n`);
  return yield* output(shell, name, lines.join(''));
}

export function* umask(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'pS');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'umask [-p] [-S] [mode]');
  const [mode] = parsed.rest;
  const { process } = shell;
  if (mode === undefined || mode === '') {
    const octal = process.umask.toString(8).padStart(4, '0');
    const text = parsed.letters.has('S') ? symbolic(process.umask) : octal;
    return yield* output(shell, name, parsed.letters.has('p') ? `umask ${parsed.letters.has('S') ? '-S ' : ''}${text}\n` : `${text}\n`);
  }
  if (/^\d/.test(mode)) {
    if (!/^[0-7]{1,4}$/.test(mode)) return yield* fail(shell, name, `${mode}: octal number out of range`);
    process.umask = Number.parseInt(mode, 8) & 0o777;
    return 0;
  }
  let allowed = ~process.umask & 0o777;
  for (const clause of mode.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause);
    if (!match) return yield* fail(shell, name, `\`${clause}': invalid symbolic mode operator`);
    const [, who = '', operator, permissions = ''] = match;
    const bits = [...permissions].reduce((sum, letter) => sum | (letter === 'r' ? 4 : letter === 'w' ? 2 : 1), 0);
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const) {
      if (who !== '' && !who.includes('a') && !who.includes(letter)) continue;
      if (operator === '=') allowed = (allowed & ~(7 << shift)) | (bits << shift);
      else if (operator === '+') allowed |= bits << shift;
      else allowed &= ~(bits << shift);
    }
  }
  process.umask = ~allowed & 0o777;
  return 0;
}

function symbolic(mask: number): string {
  const part = (shift: number): string => [...'rwx'].filter((_, i) => ((~mask >> shift) & (4 >> i)) !== 0).join('');
  return `u=${part(6)},g=${part(3)},o=${part(0)}`;
}

const LIMITS: [letter: string, what: string, unit: string, value: string][] = [
  ['R', 'real-time non-blocking time ', '(microseconds, -R)', 'unlimited'],
  ['c', 'core file size             ', '(blocks, -c)', '0'],
  ['d', 'data seg size              ', '(kbytes, -d)', 'unlimited'],
  ['f', 'file size                  ', '(blocks, -f)', '32768'],
  ['n', 'open files                 ', '(-n)', '1024'],
  ['s', 'stack size                 ', '(kbytes, -s)', '8192'],
  ['t', 'cpu time                   ', '(seconds, -t)', 'unlimited'],
  ['u', 'max user processes         ', '(-u)', '1024'],
  ['v', 'virtual memory             ', '(kbytes, -v)', 'unlimited'],
];

/** Shows the limits of the simulation; changing them is not modelled. */
export function* ulimit(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'SHabcdefiklmnpqrstuvxPRT');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]');
  const letters = [...parsed.letters].filter((letter) => !'SHa'.includes(letter));
  if (parsed.rest.length > 0) {
    yield* shell.process.write(2, notModelled('ulimit', 'changing a limit'));
    return 1;
  }
  if (parsed.letters.has('a'))
    return yield* output(shell, name, LIMITS.map(([, what, unit, value]) => `${what}${unit.padStart(20)} ${value}\n`).join(''));
  for (const letter of letters.length > 0 ? letters : ['f']) {
    const limit = LIMITS.find(([known]) => known === letter);
    if (limit) yield* output(shell, name, `${limit[3]}\n`);
    else yield* shell.process.write(2, notModelled('ulimit', `-${letter}`));
  }
  return 0;
}

/** Processor time isn't simulated apart from waiting, so all four are zero. */
export function* times(shell: Shell, args: string[], name: string): Blocking<number> {
  if (args.length > 0 && args[0] !== '--') return yield* usage(shell, name, `${args[0]?.slice(0, 2)}: invalid option`, 'times');
  return yield* output(shell, name, '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
}

export function* history(shell: Shell, args: string[], name: string): Blocking<number> {
  if (args[0] === '-c') {
    shell.history.length = 0;
    return 0;
  }
  const count = args[0] === undefined ? shell.history.length : Number(args[0]);
  if (!/^\d+$/.test(args[0] ?? '0')) return yield* fail(shell, name, `${args[0]}: numeric argument required`, 2);
  const from = Math.max(0, shell.history.length - count);
  const lines = shell.history.slice(from).map((line, i) => `${String(from + i + 1).padStart(5)}  ${line}\n`);
  return yield* output(shell, name, lines.join(''));
}

export function* help(shell: Shell, args: string[], name: string): Blocking<number> {
  const wanted = args.filter((arg) => !/^-[dms]+$/.test(arg));
  if (wanted.length === 0) return yield* output(shell, name, `GNU bash builtins of this simulation:\n\n${BUILTIN_NAMES.join(' ')}\n`);
  let status = 0;
  for (const word of wanted) {
    if (BUILTIN_NAMES.includes(word)) yield* output(shell, name, `${word}: a shell builtin; see bash(1)\n`);
    else status = yield* fail(shell, name, `no help topics match \`${word}'.  Try \`help help' or \`man -k ${word}' or \`info ${word}'.`);
  }
  return status;
}

export function* caller(shell: Shell, args: string[], name: string): Blocking<number> {
  const frame = shell.frames.at(-1 - Number(args[0] ?? 0));
  if (!frame) return 1;
  const outer = shell.frames.at(-2 - Number(args[0] ?? 0));
  const file = shell.label === '' ? shell.name : 'NULL';
  return yield* output(shell, name, args[0] === undefined ? `${frame.line} ${file}\n` : `${frame.line} ${outer?.name ?? 'main'} ${file}\n`);
}

export function* getopts(shell: Shell, args: string[], name: string): Blocking<number> {
  const [spec, variable, ...given] = args[0] === '--' ? args.slice(1) : args;
  if (spec === undefined || variable === undefined) return yield* usage(shell, name, undefined, 'getopts optstring name [arg ...]');
  const operands = given.length > 0 ? given : shell.positional;
  const silent = spec.startsWith(':') || shell.variables.get('OPTERR') === '0';
  let index = Number(shell.variables.get('OPTIND') ?? 1) || 1;
  if (index === 1 && shell.getoptsOffset < 0) shell.getoptsOffset = 0;
  const word = operands[index - 1];
  const finish = (next: number, offset: number): void => {
    shell.getoptsOffset = offset;
    shell.variables.set('OPTIND', String(next));
    shell.getoptsOffset = offset;
  };
  const at = shell.getoptsOffset > 0 ? shell.getoptsOffset : 1;
  if (word === undefined || (at === 1 && (!word.startsWith('-') || word === '-')) || word === '--') {
    shell.variables.set(variable, '?');
    shell.variables.unset('OPTARG');
    finish(word === '--' ? index + 1 : index, 0);
    return 1;
  }
  const letter = word[at] ?? '?';
  const more = at + 1 < word.length;
  const place = letter === ':' ? -1 : spec.indexOf(letter, spec.startsWith(':') ? 1 : 0);
  if (place < 0) {
    finish(more ? index : index + 1, more ? at + 1 : 0);
    shell.variables.set(variable, '?');
    if (spec.startsWith(':')) shell.variables.set('OPTARG', letter);
    else shell.variables.unset('OPTARG');
    if (!silent) yield* shell.process.write(2, `${shell.name}: illegal option -- ${letter}\n`);
    return 0;
  }
  if (spec[place + 1] !== ':') {
    finish(more ? index : index + 1, more ? at + 1 : 0);
    shell.variables.set(variable, letter);
    shell.variables.unset('OPTARG');
    return 0;
  }
  const value = more ? word.slice(at + 1) : operands[index];
  index += more ? 1 : 2;
  finish(index, 0);
  if (value !== undefined) {
    shell.variables.set(variable, letter);
    shell.variables.set('OPTARG', value);
    return 0;
  }
  finish(index - 1, 0);
  shell.variables.set(variable, spec.startsWith(':') ? ':' : '?');
  if (spec.startsWith(':')) shell.variables.set('OPTARG', letter);
  else shell.variables.unset('OPTARG');
  if (!silent) yield* shell.process.write(2, `${shell.name}: option requires an argument -- ${letter}\n`);
  return 0;
}

/** `compgen`: only the lists that scripts ask for. */
export function* compgen(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'abcdefkvA:W:');
  if ('error' in parsed)
    return yield* usage(
      shell,
      name,
      parsed.error,
      'compgen [-V varname] [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [word]',
    );
  const { letters, values } = parsed;
  const [word = ''] = parsed.rest;
  const found: string[] = [];
  if (letters.has('W')) found.push(...(values.get('W') ?? '').split(/[ \t\n]+/).filter((text) => text !== ''));
  const action = values.get('A');
  if (letters.has('a') || action === 'alias') found.push(...shell.aliases.keys());
  if (letters.has('b') || letters.has('c') || action === 'builtin') found.push(...BUILTIN_NAMES);
  if (letters.has('c') || action === 'function') found.push(...shell.functions.keys());
  if (letters.has('c'))
    for (const directory of (shell.variables.get('PATH') ?? '').split(':')) found.push(...listNames(shell.process, `${directory}/`));
  if (letters.has('v') || action === 'variable') found.push(...shell.variables.visible().keys());
  if (letters.has('e') || action === 'export') found.push(...shell.variables.environment().keys());
  if (letters.has('f') || letters.has('d'))
    found.push(
      ...listNames(shell.process, word.slice(0, word.lastIndexOf('/') + 1)).map((file) => word.slice(0, word.lastIndexOf('/') + 1) + file),
    );
  const matching = found.filter((text) => text.startsWith(word));
  if (matching.length === 0) return 1;
  return yield* output(shell, name, `${matching.join('\n')}\n`);
}
