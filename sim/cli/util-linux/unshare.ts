import { strerror } from '../../base/errno.ts';
import { NamespaceFile } from '../../host/inode.ts';
import { type Namespaces, PidNamespace } from '../../host/namespaces.ts';
import type { Process } from '../../host/process.ts';
import { become } from '../tool/execute.ts';
import { flag, HELP_AND_VERSION, type Tool, UTIL_LINUX, unmodelled, valued } from '../tool/tool.ts';
import { bindFile, NSFS } from './bind.ts';
import { UNSHARE_HELP } from './help.ts';
import { NAMESPACE_KINDS, NAMESPACE_OPTIONS, SHARED_KINDS } from './namespace-options.ts';
import { changeDirectory } from './working-directory.ts';
import { runInside } from './nsenter.ts';

/** What belongs to users, or to how mounts spread. */
const REFUSED: readonly [short: string, long: string][] = [
  ['c', 'map-current-user'],
  ['R', 'root'],
  ['S', 'setuid'],
  ['G', 'setgid'],
  ['l', 'load-interp'],
  ...['propagation', 'map-user', 'map-group', 'map-auto', 'map-subids', 'map-users', 'map-groups', 'owner'].map(
    (long): [string, string] => ['', long],
  ),
  ...['mount-binfmt', 'forward-signals', 'setgroups', 'keep-caps', 'monotonic', 'boottime'].map((long): [string, string] => ['', long]),
];

/** `unshare` (unshare(1)): runs a program in namespaces of its own. */
export const unshare: Tool = {
  name: 'unshare',
  suite: UTIL_LINUX,
  usage: [],
  helpText: UNSHARE_HELP,
  about: 'Run a program with some namespaces not shared with the parent.',
  stopAtOperand: true,
  options: [
    // Only the long names take a file: `-pf` is two options.
    ...NAMESPACE_OPTIONS.flatMap(({ short = '', argument, ...option }) => {
      const { long: _long, ...brief } = option;
      return [
        { ...brief, short },
        { ...option, ...(argument ? { argument } : {}) },
      ];
    }),
    ...SHARED_KINDS.map(({ kind, short }) => unmodelled(short, kind)),
    flag('f', 'fork', 'fork before running the program'),
    flag('', 'mount-proc', 'mount proc first; /proc always shows the PID namespace of whoever looks, so nothing is left to do'),
    unmodelled('r', 'map-root-user'),
    unmodelled('', 'kill-child'),
    ...REFUSED.map(([short, long]) => unmodelled(short, long)),
    valued('w', 'wd', 'dir', 'change working directory to <dir>'),
    ...HELP_AND_VERSION,
  ],
  *main(call) {
    const { process } = call;
    const fresh = { ...process.namespaces };
    for (const { kind, option } of NAMESPACE_KINDS) if (call.has(option)) Object.assign(fresh, { [kind]: make(process, kind) });
    if (call.has('mount-proc')) fresh.mnt = fresh.mnt === process.namespaces.mnt ? process.namespaces.mnt.copy() : fresh.mnt;
    for (const { kind, option } of NAMESPACE_KINDS) {
      const path = call.value(option) ?? '';
      const refused = path === '' ? undefined : bindFile(process, path, new NamespaceFile(kind, fresh[kind]), NSFS);
      if (refused) return yield* call.fail(`mount /proc/${process.nspid}/ns/${kind} on ${path} failed: ${strerror(refused)}`);
    }
    const directory = call.value('wd');
    const missing = directory === undefined ? undefined : changeDirectory(process, directory);
    if (missing) return yield* call.fail(`cannot chdir to '${directory}': ${strerror(missing)}`);
    const argv = call.operands.length > 0 ? call.operands : [process.env.get('SHELL') ?? '/bin/sh'];
    process.namespaces = { ...fresh, pid: process.namespaces.pid };
    if (!call.has('fork')) return yield* become(call, argv, `failed to execute ${argv[0]}`);
    return yield* runInside(call, argv, fresh);
  },
};

function make(process: Process, kind: keyof Namespaces): Namespaces[keyof Namespaces] {
  switch (kind) {
    case 'net':
      return process.host.kernel.newNamespace();
    case 'mnt':
      return process.namespaces.mnt.copy();
    case 'uts':
      return { ...process.namespaces.uts };
    default:
      return new PidNamespace();
  }
}
