import { strerror } from '../../base/errno.ts';
import { NamespaceFile } from '../../host/inode.ts';
import { PidNamespace } from '../../host/namespaces.ts';
import { UserNamespace } from '../../host/user-namespace.ts';
import type { Process } from '../../host/process.ts';
import type { Call } from '../tool/call.ts';
import { become } from '../tool/execute.ts';
import { flag, HELP_AND_VERSION, type Tool, UTIL_LINUX, unmodelled, valued } from '../tool/tool.ts';
import { bindFile, NSFS } from './bind.ts';
import { UNSHARE_HELP } from './help.ts';
import { NAMESPACE_KINDS, NAMESPACE_OPTIONS, SHARED_KINDS } from './namespace-options.ts';
import { changeDirectory } from './working-directory.ts';
import { runInside } from './nsenter.ts';

/** What belongs to users, or to how mounts spread. */
const REFUSED: readonly [short: string, long: string][] = [
  ['R', 'root'],
  ['S', 'setuid'],
  ['G', 'setgid'],
  ['l', 'load-interp'],
  ...['propagation', 'map-auto', 'map-subids', 'map-users', 'map-groups', 'owner'].map((long): [string, string] => ['', long]),
  ...['mount-binfmt', 'forward-signals', 'keep-caps', 'monotonic', 'boottime'].map((long): [string, string] => ['', long]),
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
    ...SHARED_KINDS.map(({ kind, short }) => (kind === 'user' ? flag(short, kind, 'the user namespace') : unmodelled(short, kind))),
    flag('f', 'fork', 'fork before running the program'),
    flag('', 'mount-proc', 'mount proc first; /proc always shows the PID namespace of whoever looks, so nothing is left to do'),
    flag('r', 'map-root-user', 'be root in a user namespace'),
    flag('c', 'map-current-user', 'be the same user in a user namespace'),
    valued('', 'map-user', 'uid', 'be that user in a user namespace'),
    valued('', 'map-group', 'gid', 'be of that group in a user namespace'),
    valued('', 'setgroups', 'allow|deny', 'whether groups can be set in the user namespace'),
    unmodelled('', 'kill-child'),
    ...REFUSED.map(([short, long]) => unmodelled(short, long)),
    valued('w', 'wd', 'dir', 'change working directory to <dir>'),
    ...HELP_AND_VERSION,
  ],
  *main(call) {
    const { process } = call;
    const fresh = { ...process.namespaces };
    const user = userWanted(call);
    if (typeof user === 'string') return yield* call.fail(user);
    const others = NAMESPACE_KINDS.some(({ option }) => call.has(option)) || call.has('mount-proc');
    if ((user || others) && !mayUnshare(process, user !== undefined)) return yield* call.fail(`unshare failed: ${strerror('EPERM')}`);
    if (user) process.namespaces = { ...process.namespaces, user };
    if (user) fresh.user = user;
    for (const { kind, option } of NAMESPACE_KINDS) if (call.has(option)) Object.assign(fresh, { [kind]: make(process, kind) });
    if (call.has('mount-proc')) fresh.mnt = fresh.mnt === process.namespaces.mnt ? process.own(process.namespaces.mnt.copy()) : fresh.mnt;
    for (const { kind, option } of NAMESPACE_KINDS) {
      const path = call.value(option) ?? '';
      const refused =
        path === ''
          ? undefined
          : bindFile(process, path, new NamespaceFile(kind, fresh[kind] ?? process.host.shared[kind as 'ipc' | 'cgroup']), NSFS);
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

/** Making namespaces takes SYS_ADMIN, but for a user namespace it is enough to be somebody; containers' seccomp wants it there, too. */
function mayUnshare({ namespaces, capabilities, makesNamespaces }: Process, user: boolean): boolean {
  if (!user) return makesNamespaces;
  return capabilities.has('SYS_ADMIN') && (!namespaces.user || namespaces.user.user !== undefined);
}

/** The user namespace that the options ask for, if any, or what is wrong with them. */
function userWanted(call: Call): UserNamespace | string | undefined {
  const { user: above } = call.process.namespaces;
  const setgroups = call.value('setgroups');
  if (setgroups !== undefined && setgroups !== 'allow' && setgroups !== 'deny') return `unsupported --setgroups argument '${setgroups}'`;
  const [own, ownGroup] = [above?.uid ?? 0, above?.gid ?? 0];
  const [root, same] = [call.has('map-root-user'), call.has('map-current-user')];
  const uid = idOf(call.value('map-user')) ?? (root ? 0 : same ? own : undefined);
  const gid = idOf(call.value('map-group')) ?? (root ? 0 : same ? ownGroup : undefined);
  if (Number.isNaN(uid)) return `failed to parse uid: ${call.quote(call.value('map-user') ?? '')}`;
  if (Number.isNaN(gid)) return `failed to parse gid: ${call.quote(call.value('map-group') ?? '')}`;
  if (uid === undefined && gid === undefined && !call.has('user')) return undefined;
  if (gid !== undefined && setgroups === 'allow') return 'options --setgroups=allow and --map-group are mutually exclusive';
  return new UserNamespace({
    parent: above,
    ...(uid === undefined ? {} : { user: { inside: uid, outside: own } }),
    ...(gid === undefined ? {} : { group: { inside: gid, outside: ownGroup } }),
    setgroups: setgroups ?? (gid === undefined ? (above?.setgroups ?? 'allow') : 'deny'),
  });
}

/** A user's or group's number; not a number where the text is none. */
function idOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
}

type Kind = (typeof NAMESPACE_KINDS)[number]['kind'];

function make(process: Process, kind: Kind): object {
  switch (kind) {
    case 'net':
      return process.own(process.host.kernel.newNamespace());
    case 'mnt':
      return process.own(process.namespaces.mnt.copy());
    case 'uts':
      return process.own({ ...process.namespaces.uts });
    case 'pid':
      return process.own(new PidNamespace());
    default:
      return process.own({});
  }
}
