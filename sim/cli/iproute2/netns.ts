import { type Errno, strerror } from '../../base/errno.ts';
import { Directory, NamespaceFile } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { namedNamespaces, namespaceIn, namespaceName, namesInDirectory } from './netns-names.ts';
import { execute } from './netns-exec.ts';
import { NETNS_DIRECTORY, type Outcome, type Subcommand, type Tool } from './tool.ts';
import { NETNS_USAGE } from './usage/netns.ts';
import { parseUnsigned } from './values.ts';
import { EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

/** `ip netns`: its commands in the order that abbreviations are tried. */
export const netnsCommands: readonly Subcommand[] = [
  { names: ['list', 'show', 'lst'], run: checked(list) },
  { names: ['list-id'], run: checked(listIds) },
  { names: ['help'], run: (tool) => tool.refuse(new Quit(NETNS_USAGE, EXIT_MINUS_ONE)) },
  { names: ['add'], run: checked(add) },
  { names: ['set'], run: checked(set) },
  { names: ['delete'], run: checked(remove) },
  { names: ['identify'], run: checked(identify) },
  { names: ['pids'], run: checked(pids) },
  { names: ['exec'], run: checked(execute) },
  { names: ['monitor'], run: checked(follow) },
  { names: ['attach'], run: checked(attach) },
];

/** Refuses names that could not be file names, before anything else is looked at. */
function checked(run: Subcommand['run']): Subcommand['run'] {
  return (tool, words): Outcome => {
    const name = words.here;
    const bad = name === '' || name.includes('/') || name === '.' || name === '..' || name.length > 255;
    if (!tool.options.all && !words.empty && bad) throw new Quit(`Invalid netns name "${name}"\n`, EXIT_MINUS_ONE);
    return run(tool, words);
  };
}

/** `ip netns list`: the files of /run/netns, with the number that this namespace has for each. */
function list(tool: Tool): number {
  const report = tool.report();
  for (const name of namesInDirectory(tool)) {
    report.object('', () => {
      report.field('name', name, name);
      const net = tool.namespaceAt(`${NETNS_DIRECTORY}/${name}`);
      const id = typeof net === 'string' ? undefined : tool.netlink.nsid(net);
      if (id !== undefined) report.field('id', id, ` (id: ${id})`);
      report.text('\n');
    });
  }
  report.end();
  return 0;
}

/** `ip netns list-id`: every namespace that has a number here. */
function listIds(tool: Tool, words: Words): number {
  let wanted: number | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word !== 'nsid' && word !== 'target-nsid') throw invalid('What is it?\n', word);
    const text = words.value();
    const id = parseUnsigned(text, 0x7fff_ffff);
    if (id === undefined) throw invalid(`"${word}" value is invalid`, text);
    if (word === 'nsid') wanted = id;
    else if (!tool.net.nsids().some(([known]) => known === id)) return tool.outcome({ errno: 'ENOENT' }, 255);
    else throw tool.unmodelled("ip netns list-id's argument target-nsid");
  }
  const report = tool.report();
  for (const [id, net] of tool.net.nsids()) {
    if (wanted !== undefined && id !== wanted) continue;
    report.object('', () => {
      report.field('nsid', id, `nsid ${id} `);
      const name = namespaceName(tool, net);
      if (name !== undefined) report.field('name', name, `(iproute2 netns name: ${name})`);
      report.text('\n');
    });
  }
  report.end();
  return 0;
}

function add(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('No netns name specified\n', 1);
  const name = words.take();
  const refused = bind(tool, name, () => {
    const net = tool.process.own(tool.process.host.kernel.newNamespace());
    net.label = { kind: 'netns', name };
    return net;
  });
  return refused ?? 0;
}

/** `ip netns attach NAME PID`: gives a process's namespace a name. */
function attach(tool: Tool, words: Words): number {
  if (words.left < 2) throw new Quit('No netns name and PID specified\n', 1);
  const name = words.take();
  const text = words.take();
  const pid = parseUnsigned(text, 0x7fff_ffff);
  if (!pid) throw new Quit(`Invalid PID: ${text}\n`, 1);
  const process = tool.process.namespaces.pid.processes.get(pid);
  if (!process) throw new Quit(`Bind /proc/${pid}/ns/net -> ${NETNS_DIRECTORY}/${name} failed: ${strerror('ENOENT')}\n`, 1);
  return bind(tool, name, () => process.namespaces.net) ?? 0;
}

/** Makes /run/netns/NAME, which keeps the namespace alive. */
function bind(tool: Tool, name: string, namespace: () => NetNamespace): number | undefined {
  const path = `${NETNS_DIRECTORY}/${name}`;
  const directory = runDirectory(tool);
  if (!tool.process.capable('SYS_ADMIN')) {
    tool.warn(`mount --make-shared ${NETNS_DIRECTORY} failed: ${strerror('EPERM')}\n`);
    return 1;
  }
  const failed = typeof directory === 'string' ? directory : directory.child(name) ? 'EEXIST' : undefined;
  if (failed || typeof directory === 'string') {
    tool.warn(`Cannot create namespace file "${path}": ${strerror(failed ?? 'EIO')}\n`);
    return 1;
  }
  const net = namespace();
  const file = new NamespaceFile('net', net);
  const refused = directory.add(name, file);
  if (refused) throw new Quit(`Cannot create namespace file "${path}": ${strerror(refused)}\n`, 1);
  tool.process.host.pinNamespace(net);
  return undefined;
}

/** /run/netns, made when it is first needed. */
function runDirectory(tool: Tool): Directory | Errno {
  const { mnt } = tool.process.namespaces;
  const found = mnt.resolve(tool.process, NETNS_DIRECTORY);
  if (typeof found === 'string') return found;
  if (found.inode) return found.inode instanceof Directory ? found.inode : 'ENOTDIR';
  const made = found.parent.subdirectory(0o755);
  return found.parent.add(found.name, made) ?? made;
}

/** `ip netns delete`: takes the name away; the namespace ends with the last process in it. */
function remove(tool: Tool, words: Words): number {
  if (!tool.options.all) {
    if (words.empty) throw new Quit('No netns name specified\n', 1);
    return unbind(tool, words.take());
  }
  for (const name of namesInDirectory(tool)) unbind(tool, name);
  return 0;
}

function unbind(tool: Tool, name: string): number {
  const directory = runDirectory(tool);
  const file = typeof directory === 'string' ? undefined : directory.child(name);
  const refused = typeof directory === 'string' ? directory : directory.remove(name);
  if (refused) {
    tool.warn(`Cannot remove namespace file "${NETNS_DIRECTORY}/${name}": ${strerror(refused)}\n`);
    return 1;
  }
  const net = namespaceIn(file);
  if (net) tool.process.host.unpinNamespace(net);
  return 0;
}

/** `ip netns set NAME ID`. */
function set(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('No netns name specified\n', 1);
  const name = words.take();
  if (words.empty) throw new Quit('No nsid specified\n', 1);
  const text = words.take();
  const id = text === 'auto' ? undefined : parseUnsigned(text, 0x7fff_ffff);
  if (text !== 'auto' && id === undefined)
    throw invalid(text.startsWith('-') ? '"netnsid" value should be >= 0' : 'Invalid "netnsid" value', text);
  const net = tool.namespaceAt(`${NETNS_DIRECTORY}/${name}`);
  if (typeof net === 'string') throw new Quit(`Cannot open network namespace "${name}": ${strerror(net)}\n`, 1);
  if (tool.netlink.nsid(net) !== undefined) return tool.outcome({ errno: 'EEXIST', message: 'Peer netns already has a nsid assigned' });
  const given = tool.netlink.assignNsid(net, id);
  if (typeof given === 'number') return 0;
  return tool.outcome(given.message === undefined ? { ...given, message: 'The specified nsid is already used' } : given);
}

/** `ip netns identify`: the names of a process's namespace. */
function identify(tool: Tool, words: Words): number {
  if (words.left > 1) throw new Quit('extra arguments specified\n', 1);
  const text = words.take();
  if (text !== '' && !/^[0-9]+$/.test(text)) throw new Quit(`Specified string '${text}' is not a pid\n`, 1);
  const process = text === '' ? tool.process : tool.process.namespaces.pid.processes.get(Number(text));
  if (!process) throw new Quit(`Cannot open network namespace: ${strerror('ENOENT')}\n`, 1);
  const names = [...namedNamespaces(tool)].filter(([, net]) => net === process.namespaces.net).map(([name]) => name);
  tool.print(names.length === 0 ? '\n' : names.map((name) => `${name}\n`).join(''));
  return 0;
}

/** How often `ip netns monitor` looks, in place of inotify(7). */
const LOOK_AGAIN = 50_000;

/** `ip netns monitor`: says which names come and go, until somebody stops it. */
function* follow(tool: Tool): Blocking<number> {
  let known = namesInDirectory(tool);
  for (;;) {
    yield* tool.process.sleep(LOOK_AGAIN);
    const now = namesInDirectory(tool);
    for (const name of known) if (!now.includes(name)) tool.print(`delete ${name}\n`);
    for (const name of [...now].reverse()) if (!known.includes(name)) tool.print(`add ${name}\n`);
    known = now;
    yield* tool.flush();
  }
}

/** `ip netns pids`: the processes in a namespace. */
function pids(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('No netns name specified\n', 1);
  if (words.left > 1) throw new Quit('extra arguments specified\n', 1);
  const net = tool.namespaceAt(`${NETNS_DIRECTORY}/${words.take()}`);
  if (typeof net === 'string') throw new Quit(`Cannot open network namespace: ${strerror(net)}\n`, 1);
  const members = [...tool.process.namespaces.pid.processes].filter(
    ([, process]) => process.namespaces.net === net && process.state !== 'zombie',
  );
  tool.print(members.map(([pid]) => `${pid}\n`).join(''));
  return 0;
}
