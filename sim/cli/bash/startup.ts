import type { Process } from '../../host/process.ts';
import { EPOCH_SECONDS } from '../../base/time.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Shell } from './shell.ts';
import { NAME_PATTERN, Variable } from './variables.ts';
import { parseProgram } from './parse.ts';

/** The version whose behaviour and words this shell follows. */
export const BASH_VERSION = '5.3.15(1)-release';

/** Takes over the environment and sets the variables that bash sets by itself. */
export function initialVariables(shell: Shell): void {
  const { process, variables } = shell;
  const global = variables.scopes[0] as { variables: Map<string, Variable> };
  for (const [name, text] of process.env) {
    const called = /^BASH_FUNC_(.+)%%$/.exec(name);
    if (called) importFunction(shell, called[1] as string, text);
    else if (NAME_PATTERN.test(name)) {
      const variable = new Variable(text);
      variable.exported = true;
      global.variables.set(name, variable);
    }
  }
  const set = (name: string, text: string, attributes: Partial<Variable> = {}): void => {
    const variable = global.variables.get(name) ?? new Variable();
    variable.value = text;
    Object.assign(variable, attributes);
    global.variables.set(name, variable);
  };
  set('IFS', ' \t\n', { exported: false });
  set('OPTIND', '1');
  set('OPTERR', '1');
  set('PS4', '+ ');
  const pwd = variables.get('PWD');
  const known = pwd?.startsWith('/') ? process.namespaces.mnt.resolve(process, pwd) : undefined;
  const right = known !== undefined && typeof known !== 'string' && known.path === process.cwd;
  set('PWD', right && pwd !== undefined ? pwd : process.cwd, { exported: true });
  if (!global.variables.has('OLDPWD')) global.variables.set('OLDPWD', Object.assign(new Variable(), { exported: true }));
  set('SHLVL', String((Number(variables.get('SHLVL') ?? 0) || 0) + 1), { exported: true });
  if (variables.get('PATH') === undefined) set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  if (variables.get('TERM') === undefined) set('TERM', 'dumb');
  const fixed = { readonly: true, integer: true };
  const uid = String(process.namespaces.user?.uid ?? 0);
  set('UID', uid, fixed);
  set('EUID', uid, fixed);
  // A parent outside the PID namespace is not seen.
  set('PPID', String(process.parent?.namespaces.pid === process.namespaces.pid ? process.parent.nspid : 0), fixed);
  set('HOSTNAME', process.namespaces.uts.hostname);
  set('HOSTTYPE', 'x86_64');
  set('OSTYPE', 'linux-gnu');
  set('MACHTYPE', 'x86_64-pc-linux-gnu');
  set('BASH', '/bin/bash');
  set('BASH_VERSION', BASH_VERSION);
  const versions = new Variable(new Map(['5', '3', '15', '1', 'release', 'x86_64-pc-linux-gnu'].map((part, i) => [i, part])));
  versions.readonly = true;
  global.variables.set('BASH_VERSINFO', versions);
  shell.lastArgument = process.env.get('_') ?? '/bin/bash';
  dynamicVariables(shell);
}

/** `export -f`: functions travel as variables (CVE-2014-6271 gave them their present names). */
function importFunction(shell: Shell, name: string, text: string): void {
  const { unit, problem } = parseProgram(`${name} ${text}`);
  const [statement] = unit.script.commands;
  if (problem || statement?.command.type !== 'Function' || statement.command.body.type === 'CompoundList') return;
  shell.functions.set(name, { name, body: statement.command.body, unit, exported: true });
}

/** Variables whose value is computed when it is looked at. */
export function dynamicVariables(shell: Shell): void {
  const { dynamic } = shell.variables;
  const { host } = shell.process;
  const seconds = (): number => EPOCH_SECONDS + host.now / 1e6;
  let random = shell.nextRandom;
  dynamic.set('RANDOM', {
    get: () => String(random()),
    set: (text) => {
      const stream = host.random(`bash/RANDOM=${text}`);
      random = () => stream.below(32_768);
    },
  });
  const wide = host.random(`bash/${shell.process.pid}/SRANDOM`);
  dynamic.set('SRANDOM', { get: () => String(wide.uint32()) });
  dynamic.set('SECONDS', {
    get: () => String(Math.floor((host.now - shell.secondsBase) / 1e6)),
    set: (text) => {
      shell.secondsBase = host.now - (Number(text) || 0) * 1e6;
    },
  });
  dynamic.set('EPOCHSECONDS', { get: () => String(Math.floor(seconds())) });
  dynamic.set('EPOCHREALTIME', { get: () => seconds().toFixed(6) });
  dynamic.set('LINENO', { get: () => String(shell.line), set: () => {} });
  dynamic.set('BASHPID', { get: () => String(shell.process.nspid) });
  dynamic.set('BASH_SUBSHELL', { get: () => String(shell.subshellDepth) });
  dynamic.set('BASH_COMMAND', { get: () => shell.currentCommand });
  dynamic.set('HISTCMD', { get: () => String(shell.history.length + 1) });
  dynamic.set('PIPESTATUS', { get: () => new Map(shell.pipeStatus.map((status, i) => [i, String(status)])) });
  dynamic.set('DIRSTACK', { get: () => new Map([shell.variables.get('PWD') ?? '', ...shell.directoryStack].map((path, i) => [i, path])) });
  dynamic.set('GROUPS', { get: () => new Map([[0, '0']]) });
  dynamic.set('FUNCNAME', {
    get: () =>
      shell.functionDepth === 0
        ? undefined
        : new Map(
            [...shell.frames.map((frame) => frame.name).reverse(), ...(shell.label === '' ? ['main'] : [])].map((name, i) => [i, name]),
          ),
  });
  dynamic.set('BASH_LINENO', {
    get: () =>
      new Map(
        [...shell.frames.map((frame) => String(frame.line)).reverse(), ...(shell.label === '' ? ['0'] : [])].map((line, i) => [i, line]),
      ),
  });
  dynamic.set('BASH_SOURCE', {
    get: () =>
      new Map(
        [
          ...shell.frames.map((frame) => frame.source || shell.name).reverse(),
          ...(shell.label === '' && !shell.interactive ? [shell.name] : []),
        ].map((name, i) => [i, name]),
      ),
  });
  dynamic.set('SHELLOPTS', { get: () => [...shell.options.flags].join(':') });
}

/** The terminal of an interactive shell: its session's, if standard input is it. */
export function terminalFor(process: Process) {
  return terminalOf(process.fds.get(0));
}
