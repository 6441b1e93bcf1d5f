import { strerror } from '../../base/errno.ts';
import type { Namespaces } from '../../host/namespaces.ts';
import { NamespaceFile } from '../../host/inode.ts';
import { UserNamespace } from '../../host/user-namespace.ts';
import { OpenNamespace } from '../../host/open.ts';
import { exitCode } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { become, findProgram } from '../tool/execute.ts';
import { flag, HELP_AND_VERSION, optional, type Tool, UTIL_LINUX, unmodelled, valued } from '../tool/tool.ts';
import { NSENTER_HELP } from './help.ts';
import { NAMESPACE_KINDS, NAMESPACE_OPTIONS, SHARED_KINDS } from './namespace-options.ts';
import { changeDirectory } from './working-directory.ts';

/** `nsenter` (nsenter(1)): runs a program with some of another process's namespaces. */
export const nsenter: Tool = {
  name: 'nsenter',
  suite: UTIL_LINUX,
  usage: [],
  helpText: NSENTER_HELP,
  about: 'Run a program with namespaces of other processes.',
  stopAtOperand: true,
  options: [
    flag('a', 'all', 'enter all namespaces'),
    valued('t', 'target', 'pid', 'the process to get namespaces from'),
    ...NAMESPACE_OPTIONS,
    ...SHARED_KINDS.map(({ kind, short }) => optional(short, kind, 'file', `the ${kind} namespace, which everybody shares`)),
    optional('w', 'wd', 'dir', 'set the working directory'),
    valued('W', 'wdns', 'dir', 'set the working directory in namespace'),
    ...HELP_AND_VERSION,
    unmodelled('N', 'net-socket'),
    unmodelled('', 'user-parent'),
    unmodelled('S', 'setuid'),
    unmodelled('G', 'setgid'),
    flag('', 'preserve-credentials', 'do not touch uids or gids'),
    unmodelled('', 'keep-caps'),
    unmodelled('r', 'root'),
    unmodelled('e', 'env'),
    unmodelled('c', 'join-cgroup'),
    unmodelled('Z', 'follow-context'),
    flag('F', 'no-fork', 'do not fork before running the program'),
  ],
  *main(call) {
    const wanted = yield* collect(call);
    if (typeof wanted === 'number') return wanted;
    const { process } = call;
    const named = [...NAMESPACE_KINDS.map(({ option }) => option), ...SHARED_KINDS.map(({ kind }) => kind), 'all', 'wd'];
    if (call.has('target') && !call.has(...named)) return yield* call.fail('no namespace specified');
    const current = process.namespaces;
    process.namespaces = { ...current, ...wanted, pid: current.pid };
    if (wanted.mnt) process.cwd = '/';
    const directory = workingDirectory(call);
    if (directory !== undefined) {
      const refused = changeDirectory(process, directory);
      if (refused) return yield* call.fail(`cannot open ${directory}: ${strerror(refused)}`);
    }
    const argv = call.operands.length > 0 ? call.operands : [process.env.get('SHELL') ?? '/bin/sh'];
    if (!wanted.pid || wanted.pid === current.pid || call.has('no-fork')) return yield* become(call, argv, `failed to execute ${argv[0]}`);
    return yield* runInside(call, argv, { ...process.namespaces, pid: wanted.pid });
  },
};

/** Entering a PID namespace changes the children, not the process itself: the program runs as one. */
export function* runInside(call: Call, argv: string[], namespaces: Namespaces): Blocking<number> {
  const child = call.process.fork(
    function* (inside) {
      const program = findProgram(inside, argv);
      const result = typeof program === 'string' ? program : yield* inside.exec(program.path, program.argv);
      if (typeof result === 'number') return result;
      yield* inside.write(2, `${call.name}: failed to execute ${argv[0]}: ${strerror(result)}\n`);
      return result === 'ENOENT' ? 127 : 126;
    },
    { namespaces },
  );
  if (typeof child === 'string') return yield* call.fail(`fork failed: ${strerror(child)}`);
  const status = yield* call.process.wait({ pid: child.pid });
  return typeof status === 'object' ? exitCode(status) : 1;
}

/** `--wd` without a value means the target's own. */
function workingDirectory(call: Call): string | undefined {
  const named = call.value('wdns') ?? call.value('wd');
  if (named !== '') return named;
  return call.process.namespaces.pid.processes.get(Number(call.value('target')))?.cwd;
}

/** The user namespace of the target or of a file; `undefined` is the machine's own. */
function targetUser(call: Call): UserNamespace | undefined {
  const { process } = call;
  const named = call.value('user') ?? '';
  if (named === '') return process.namespaces.pid.processes.get(Number(call.value('target')))?.namespaces.user;
  const found = process.namespaces.mnt.resolve(process, named);
  const file = typeof found === 'string' ? undefined : found.inode;
  return file instanceof NamespaceFile && file.namespace instanceof UserNamespace ? file.namespace : undefined;
}

/** The namespaces that the options name, or the exit status after a complaint. */
function* collect(call: Call): Blocking<Partial<Namespaces> | number> {
  const target = call.value('target');
  if (target !== undefined && !/^\d+$/.test(target)) return yield* call.fail('invalid PID argument');
  const shared = SHARED_KINDS.find(({ kind }) => call.has(kind) && target === undefined && (call.value(kind) ?? '') === '');
  if (shared) return yield* call.fail('no target PID specified');
  const wanted: Partial<Namespaces> = {};
  if (call.has('user', 'all')) {
    const user = targetUser(call);
    // Whoever is in a user namespace can't enter it again, nor one above.
    const inside = user && user !== call.process.namespaces.user && (call.process.namespaces.user?.contains(user) ?? true);
    if (inside) wanted.user = user;
    else if (call.has('user')) return yield* call.fail(`reassociate to namespaces failed: ${strerror('EINVAL')}`);
  }
  for (const { kind, option } of NAMESPACE_KINDS) {
    if (!call.has(option) && !call.has('all')) continue;
    const named = call.value(option) ?? '';
    if (named === '' && target === undefined) return yield* call.fail('no target PID specified');
    const path = named === '' ? `/proc/${target}/ns/${kind}` : named;
    const fd = call.process.open(path);
    if (typeof fd === 'string') return yield* call.fail(`cannot open ${path}: ${strerror(fd)}`);
    const file = call.process.fds.get(fd);
    const namespace = file instanceof OpenNamespace && file.inode.type === kind ? file.inode.namespace : undefined;
    call.process.close(fd);
    if (!namespace) return yield* call.fail(`reassociate to namespace 'ns/${kind}' failed: ${strerror('EINVAL')}`);
    Object.assign(wanted, { [kind]: namespace });
  }
  return wanted;
}
