import { type Errno, strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import { exitCode, type Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { namesInDirectory } from './netns-names.ts';
import type { Tool } from './tool.ts';
import { Quit, type Words } from './words.ts';

/** `ip netns exec NAME COMMAND …`: becomes the command inside the namespace; with -all, runs it in every one. */
export function* execute(tool: Tool, words: Words): Blocking<number> {
  if (tool.options.all) return yield* executeInAll(tool, words.rest());
  if (words.empty) throw new Quit('No netns name specified\n', 1);
  const name = words.take();
  if (words.empty) throw new Quit('No command specified\n', 1);
  const net = tool.enter(name);
  yield* tool.flush();
  return yield* becomeIn(tool.process, name, net, words.rest());
}

function* executeInAll(tool: Tool, command: string[]): Blocking<number> {
  if (command.length === 0) throw new Quit('No command specified\n', 1);
  for (const name of namesInDirectory(tool)) {
    const net = tool.enter(name);
    tool.print(`\nnetns: ${name}\n`);
    yield* tool.flush();
    const child = tool.process.fork((forked) => becomeIn(forked, name, net, command));
    if (typeof child === 'string') throw new Quit(`fork: ${strerror(child)}\n`, 1);
    const status = yield* tool.process.wait({ pid: child.pid });
    if (typeof status === 'object' && exitCode(status) !== 0 && !tool.options.force) return exitCode(status);
  }
  return 0;
}

/** Moves a process into a namespace, with the files of /etc/netns/NAME over those of /etc, and runs a command there. */
function* becomeIn(process: Process, name: string, net: NetNamespace, command: string[]): Blocking<number> {
  process.namespaces = { ...process.namespaces, net, mnt: process.own(process.namespaces.mnt.copy()) };
  bindEtc(process, name);
  const failed = yield* execSearching(process, command);
  if (typeof failed === 'number') return failed;
  yield* process.write(2, `exec of "${command[0]}" failed: ${strerror(failed)}\n`);
  return 1;
}

function bindEtc(process: Process, name: string): void {
  const { mnt } = process.namespaces;
  const own = mnt.resolve(process, `/etc/netns/${name}`);
  if (typeof own === 'string' || !(own.inode instanceof Directory)) return;
  for (const entry of own.inode.names(process)) {
    const inode = own.inode.lookup(entry, process);
    if (inode) mnt.mount(process, `/etc/${entry}`, inode, 'none', `/etc/netns/${name}/${entry}`);
  }
}

/** execvp(3): the first program of that name along PATH. */
function* execSearching(process: Process, command: string[]): Blocking<number | Errno> {
  const [name = ''] = command;
  if (name.includes('/')) return yield* process.exec(name, command);
  let failed: Errno = 'ENOENT';
  for (const directory of (process.env.get('PATH') ?? '/bin:/usr/bin').split(':')) {
    const path = `${directory || '.'}/${name}`;
    const found = process.executable(path, command);
    if (typeof found !== 'string') return yield* process.exec(path, command);
    if (found === 'EACCES') failed = found;
  }
  return failed;
}
