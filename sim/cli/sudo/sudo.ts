import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, isFailure, type OptionSpec, optionValue, type Parsed } from '../getopt.ts';
import { currentUser } from '../tool/accounts.ts';
import { findProgram } from '../tool/execute.ts';
import { HELP, USAGE } from './usage.ts';

/** Debian's sudoers: where commands are looked for, whatever the caller's PATH. */
const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What survives the reset of the environment: what is known to do no harm (env_keep and env_check, as far as anything here reads them). */
const KEPT = /^(LANG|LANGUAGE|LC_.*|TERM|TZ|COLORTERM|DISPLAY|LS_COLORS|HOSTNAME|PS1|PS2|XAUTHORITY)$/;

/** Builtins of a shell that people expect to be commands; sudo says what to do instead (sudo.c, command_details). */
const BUILTINS = new Set('alias bg cd command fc fg getopts hash jobs read type ulimit unalias wait'.split(' '));

const flag = (short: string, long: string): OptionSpec => ({ name: long, short, long });
const valued = (short: string, long: string): OptionSpec => ({ name: long, short, long, argument: 'required' });
const unmodelled = (option: OptionSpec): OptionSpec => ({ ...option, unmodelled: true });

const OPTIONS: readonly OptionSpec[] = [
  flag('A', 'askpass'),
  flag('B', 'bell'),
  flag('H', 'set-home'),
  flag('K', 'remove-timestamp'),
  flag('N', 'no-update'),
  flag('P', 'preserve-groups'),
  flag('S', 'stdin'),
  flag('h', 'help'),
  flag('i', 'login'),
  flag('k', 'reset-timestamp'),
  flag('l', 'list'),
  flag('n', 'non-interactive'),
  flag('s', 'shell'),
  flag('v', 'validate'),
  { name: 'preserve-env', short: 'E' },
  { name: 'preserve-list', long: 'preserve-env', argument: 'optional' },
  valued('g', 'group'),
  valued('p', 'prompt'),
  valued('u', 'user'),
  unmodelled(flag('b', 'background')),
  unmodelled(flag('e', 'edit')),
  unmodelled(flag('V', 'version')),
  unmodelled(valued('C', 'close-from')),
  unmodelled(valued('D', 'chdir')),
  unmodelled(valued('R', 'chroot')),
  unmodelled(valued('T', 'command-timeout')),
  unmodelled(valued('U', 'other-user')),
  unmodelled(valued('r', 'role')),
  unmodelled(valued('t', 'type')),
  unmodelled({ name: 'host', long: 'host', argument: 'required' }),
];

/** sudo(8), 1.9.17, for the one user there is: root, who may do everything and is asked for no password. */
export const sudo: Command = { name: 'sudo', paths: ['/usr/bin/sudo'], run: runSudo };

export const commands: readonly Command[] = [sudo];

function* runSudo(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1), true);
  if (isFailure(parsed)) {
    if (parsed.unmodelled !== undefined) return yield* fail(process, notModelled('sudo', `the option ${parsed.unmodelled}`));
    return yield* fail(process, `sudo: ${parsed.error}\n${USAGE}`);
  }
  const has = (name: string) => optionValue(parsed, name) !== undefined;
  if (has('help')) {
    yield* process.write(1, HELP);
    return 0;
  }
  const asRoot = yield* acceptsUser(process, parsed);
  if (!asRoot) return 1;
  if (has('login') && has('shell')) return yield* fail(process, `sudo: you may not specify both the -i and -s options\n${USAGE}`);
  const assignments: [string, string][] = [];
  const argv = [...parsed.operands];
  while (/^[^=]+=/.test(argv[0] ?? '')) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(argv.shift() as string) ?? [];
    assignments.push([name, value]);
  }
  if (has('list')) return yield* list(process, argv);
  if (argv.length === 0 && !has('login') && !has('shell')) {
    if (has('validate') || has('remove-timestamp') || has('reset-timestamp')) return 0;
    return yield* fail(process, USAGE);
  }
  return yield* execute(process, parsed, argv, assignments);
}

function* fail(process: Process, text: string): Blocking<number> {
  yield* process.write(2, text);
  return 1;
}

/** There is no other user to become. */
function* acceptsUser(process: Process, parsed: Parsed): Blocking<boolean> {
  const root = currentUser(process);
  for (const option of ['user', 'group']) {
    const name = optionValue(parsed, option);
    if (name === undefined || name === root || name === '#0') continue;
    yield* process.write(2, notModelled('sudo', `another ${option} than ${root}`));
    return false;
  }
  return true;
}

/** `-l`: what may be run; with a command, where it is. */
function* list(process: Process, argv: readonly string[]): Blocking<number> {
  if (argv.length > 0) {
    const found = findProgram(process, argv, SECURE_PATH);
    if (typeof found === 'string') return yield* fail(process, `sudo: ${argv[0]}: command not found\n`);
    yield* process.write(1, `${[found.path, ...argv.slice(1)].join(' ')}\n`);
    return 0;
  }
  const [user, host] = [currentUser(process), process.namespaces.uts.hostname];
  const path = SECURE_PATH.replaceAll(':', '\\:');
  yield* process.write(
    1,
    `Matching Defaults entries for ${user} on ${host}:
    secure_path=${path}

User ${user} may run the following commands on ${host}:
    (ALL : ALL) ALL
`,
  );
  return 0;
}

/** Runs the command, or a shell with `-s` and `-i`, which gets the command's words as one, quoted. */
function* execute(
  process: Process,
  parsed: Parsed,
  words: readonly string[],
  assignments: readonly (readonly [string, string])[],
): Blocking<number> {
  const login = optionValue(parsed, 'login') !== undefined;
  const inShell = login || optionValue(parsed, 'shell') !== undefined;
  const shell = (login ? undefined : process.env.get('SHELL')) || '/bin/bash';
  const text = words.map((word) => word.replace(/[^\w$-]/g, '\\$&')).join(' ');
  const argv = inShell ? [shell, ...(words.length > 0 ? ['-c', text] : [])] : words;
  const found = findProgram(process, argv, SECURE_PATH);
  if (found === 'ENOENT' || found === 'EACCES') return yield* notFound(process, argv[0] as string);
  if (typeof found === 'string') return yield* fail(process, `sudo: unable to execute ${argv[0]}: ${strerror(found)}\n`);
  const env = environment(process, parsed, [found.path, ...argv.slice(1)].join(' '), shell);
  for (const [name, value] of assignments) env.set(name, value);
  if (login) {
    process.cwd = env.get('HOME') as string;
    found.argv[0] = `-${shell.slice(shell.lastIndexOf('/') + 1)}`;
  }
  const result = yield* process.exec(found.path, found.argv, env);
  return typeof result === 'number' ? result : yield* fail(process, `sudo: unable to execute ${found.path}: ${strerror(result)}\n`);
}

function* notFound(process: Process, name: string): Blocking<number> {
  let text = `sudo: ${name}: command not found\n`;
  if (BUILTINS.has(name)) {
    text += `sudo: "${name}" is a shell built-in command, it cannot be run directly.\n`;
    text += 'sudo: the -s option may be used to run a privileged shell.\n';
    if (name === 'cd') text += 'sudo: the -D option may be used to run a command in a specific directory.\n';
  }
  return yield* fail(process, text);
}

/** What the command finds in its environment (rebuild_env): little, unless the caller's is to be kept. */
function environment(process: Process, parsed: Parsed, command: string, shell: string): Map<string, string> {
  const chosen = new Set((optionValue(parsed, 'preserve-list') ?? '').split(',').filter((name) => name !== ''));
  const everything = optionValue(parsed, 'preserve-env') !== undefined || optionValue(parsed, 'preserve-list') === '';
  const user = currentUser(process);
  const own: [string, string][] = [
    ['LOGNAME', user],
    ['USER', user],
    ['HOME', '/root'],
    ['SHELL', shell],
  ];
  const env = new Map<string, string>();
  for (const [name, value] of process.env) if (everything || KEPT.test(name) || chosen.has(name)) env.set(name, value);
  env.set('PATH', SECURE_PATH);
  if (!everything) env.set('MAIL', `/var/mail/${user}`);
  for (const [name, value] of own) if (!everything || !env.has(name)) env.set(name, value);
  env.set('SUDO_COMMAND', command);
  env.set('SUDO_USER', user);
  env.set('SUDO_UID', '0');
  env.set('SUDO_GID', '0');
  env.set('SUDO_HOME', '/root');
  return env;
}
