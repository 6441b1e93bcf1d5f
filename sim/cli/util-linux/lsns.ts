import { Directory, type Inode, NamespaceFile, type NamespaceType } from '../../host/inode.ts';
import { NAMESPACES, namespaceNumber, namespaceOf } from '../../host/filesystems/identity.ts';
import { UserNamespace } from '../../host/user-namespace.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Call } from '../tool/call.ts';
import { flag, HELP_AND_VERSION, type Tool, UTIL_LINUX, unmodelled, valued } from '../tool/tool.ts';
import { LSNS_HELP } from './help.ts';
import { branches, type Cell, type Column, drawTable } from './table.ts';

/** `lsns` (lsns(8)): the namespaces of the processes that can be seen, and those that a mount keeps. */
export const lsns: Tool = {
  name: 'lsns',
  suite: UTIL_LINUX,
  usage: [],
  helpText: LSNS_HELP,
  about: 'List system namespaces.',
  options: [
    flag('J', 'json', 'use JSON output format'),
    flag('l', 'list', 'use list format output'),
    flag('n', 'noheadings', "don't print headings"),
    valued('o', 'output', 'list', 'define which output columns to use'),
    flag('', 'output-all', 'output all columns'),
    flag('P', 'persistent', 'namespaces without processes'),
    valued('p', 'task', 'pid', 'print process namespaces'),
    unmodelled('Q', 'filter'),
    flag('r', 'raw', 'use the raw output format'),
    flag('u', 'notruncate', "don't truncate text in columns"),
    flag('W', 'nowrap', "don't use multi-line representation"),
    valued('t', 'type', 'name', 'namespace type'),
    unmodelled('T', 'tree'),
    flag('H', 'list-columns', 'list the available columns'),
    ...HELP_AND_VERSION,
  ],
  main: list,
};

interface Namespace {
  type: NamespaceType;
  object: object;
  number: number;
  /** By their numbers, the lowest first. */
  processes: Process[];
  /** Where it is mounted. */
  mounts: string[];
}

/** The columns with what `-H` says of them. */
const COLUMNS: readonly (Column & { about: string; integer?: boolean })[] = [
  { name: 'NS', right: true, least: 10, integer: true, about: 'namespace identifier (inode number)' },
  { name: 'TYPE', bare: 5, about: 'kind of namespace' },
  { name: 'PATH', about: 'path to the namespace' },
  { name: 'NPROCS', right: true, integer: true, about: 'number of processes in the namespace' },
  { name: 'PID', right: true, integer: true, about: 'lowest PID in the namespace' },
  { name: 'PPID', right: true, integer: true, about: 'PPID of the PID' },
  { name: 'COMMAND', tree: true, about: 'command line of the PID' },
  { name: 'UID', right: true, integer: true, about: 'UID of the PID' },
  { name: 'USER', about: 'username of the PID' },
  { name: 'NETNSID', right: true, about: 'namespace ID as used by network subsystem' },
  { name: 'NSFS', about: 'nsfs mountpoint (usually used network subsystem)' },
  { name: 'PNS', right: true, integer: true, about: 'parent namespace identifier (inode number)' },
  { name: 'ONS', right: true, integer: true, about: 'owner namespace identifier (inode number)' },
];

function* list(call: Call): Blocking<number> {
  if (call.has('list-columns')) {
    yield* call.out.text(
      COLUMNS.map(({ name, integer, about }) => `${name.padStart(7)} ${(integer ? '<integer>' : '<string>').padEnd(9)} ${about}\n`).join(
        '',
      ),
    );
    return 0;
  }
  const types = call.values('type');
  const wrong = types.find((type) => !NAMESPACES.some((known) => known === type));
  if (wrong !== undefined) return yield* call.fail(`unknown namespace type: ${wrong}`);
  const task = call.value('task');
  if (task !== undefined && !/^[0-9]+$/.test(task)) return yield* call.fail(`invalid PID argument: '${task}'`);
  const [wanted] = call.operands;
  const all = namespacesSeen(call.process);
  const one = wanted === undefined ? undefined : all.find(({ number }) => number === Number(wanted));
  if (wanted !== undefined && !one) return yield* call.fail(`not found namespace: ${wanted}`);
  const usual = one
    ? ['PID', 'PPID', 'USER', 'COMMAND']
    : ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', ...(types.includes('net') ? ['NETNSID', 'NSFS'] : []), 'COMMAND'];
  const columns = columnsOf(call, usual);
  if (typeof columns === 'string') return yield* call.fail(`unknown column: ${columns}`);
  const of = task === undefined ? undefined : call.process.namespaces.pid.processes.get(Number(task));
  if (task !== undefined && (!of || of.status)) return 1;
  const chosen = all.filter(
    ({ type, object, processes }) =>
      (types.length === 0 || types.includes(type)) &&
      (!of || namespaceOf(of, type) === object) &&
      !(call.has('persistent') && processes.length > 0),
  );
  const rows = one
    ? branches(one.processes, parentProcess, (process) => cells(call.process, one, process))
    : branches(chosen, parentOf(chosen), (each) => cells(call.process, each, each.processes[0]));
  if (rows.length === 0) return 0;
  const how = {
    name: one ? 'processes' : 'namespaces',
    json: call.has('json'),
    raw: call.has('raw'),
    flat: call.has('list'),
    headings: !call.has('noheadings'),
  };
  yield* call.out.text(drawTable(columns, rows, how));
  return 0;
}

/** The columns of `-o`, which with a plus come to the usual ones; the list from the first on that doesn't exist. */
function columnsOf(call: Call, usual: readonly string[]): Column[] | string {
  const given = call.value('output');
  const asked =
    given
      ?.replace(/^\+/, '')
      .split(',')
      .map((name) => name.toUpperCase()) ?? [];
  const names = call.has('output-all')
    ? COLUMNS.map(({ name }) => name)
    : given === undefined
      ? usual
      : given.startsWith('+')
        ? [...usual, ...asked]
        : asked;
  const known = new Set(COLUMNS.map(({ name }) => name));
  const unknown = names.findIndex((name) => !known.has(name));
  if (unknown >= 0)
    return (
      given
        ?.replace(/^\+/, '')
        .split(',')
        .slice(unknown - (names.length - asked.length))
        .join(',') ?? ''
    );
  return names.map((name) => COLUMNS.find((column) => column.name === name) as Column);
}

/** Of every process, and of the mounts that keep one without; by number. */
function namespacesSeen(viewer: Process): Namespace[] {
  const found = new Map<object, Namespace>();
  const at = (type: NamespaceType, object: object): Namespace => {
    const known = found.get(object) ?? { type, object, number: namespaceNumber(viewer.host, object), processes: [], mounts: [] };
    found.set(object, known);
    return known;
  };
  for (const process of viewer.namespaces.pid.processes.values())
    if (!process.status) for (const type of NAMESPACES) at(type, namespaceOf(process, type)).processes.push(process);
  for (const [path, inode] of kept(viewer)) if (inode instanceof NamespaceFile) at(inode.type, inode.namespace).mounts.push(path);
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** What keeps namespaces: files mounted anywhere, and those that `ip netns` puts into its folder. */
function* kept(viewer: Process): Generator<[path: string, inode: Inode]> {
  const { mnt } = viewer.namespaces;
  for (const { inode, path } of mnt.mounts.values()) yield [path, inode];
  const folder = mnt.resolve(viewer, NAMED);
  if (typeof folder === 'string' || !(folder.inode instanceof Directory)) return;
  for (const name of folder.inode.names(viewer)) {
    const inode = folder.inode.lookup(name, viewer);
    if (inode) yield [`${NAMED}/${name}`, inode];
  }
}

const NAMED = '/run/netns';

function parentProcess(process: Process): Process | undefined {
  return process.parent;
}

/** The namespace, among those listed, out of which the first process of another came. */
function parentOf(listed: readonly Namespace[]): (each: Namespace) => Namespace | undefined {
  return ({ type, object, processes }) => {
    let process = processes[0]?.parent;
    while (process && namespaceOf(process, type) === object) process = process.parent;
    const above = process && namespaceOf(process, type);
    return listed.find((other) => other.object === above);
  };
}

function cells(
  viewer: Process,
  { type, object, number, processes, mounts }: Namespace,
  process: Process | undefined,
): Record<string, Cell> {
  const net = type === 'net' ? (object as NetNamespace) : undefined;
  const id = net && viewer.namespaces.net.nsid(net);
  const pids = viewer.namespaces.pid.processes;
  const pidOf = (each: Process | undefined) => each && (pids.get(each.pid) === each ? each.pid : each.nspid);
  return {
    NS: number,
    TYPE: type,
    PATH: process && `/proc/${pidOf(process)}/ns/${type}`,
    NPROCS: processes.length,
    PID: pidOf(process),
    PPID: process && (pidOf(process.parent) ?? 0),
    COMMAND: process?.argv.join(' '),
    UID: 0,
    USER: 'root',
    NETNSID: net ? (id === undefined ? 'unassigned' : String(id)) : undefined,
    NSFS: mounts.length > 0 ? mounts.join('\n') : undefined,
    ...(type === 'pid' ? { PNS: 0 } : {}),
    ...(type === 'user'
      ? { PNS: object instanceof UserNamespace ? namespaceNumber(viewer.host, object.parent ?? viewer.host.shared.user) : 0 }
      : {}),
    ...(type === 'user' ? {} : { ONS: namespaceNumber(viewer.host, viewer.host.owners.get(object) ?? viewer.host.shared.user) }),
  };
}
