import { encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { type BriefOutcome, runBriefly } from '../cli/brief-run.ts';
import type { Command } from '../cli/command.ts';
import { installCommands, makeDirectories, place } from '../cli/install.ts';
import { commands } from '../cli/registry.ts';
import '../complete.ts';
import { devfs } from '../host/filesystems/devfs.ts';
import { procfs } from '../host/filesystems/procfs.ts';
import { Host } from '../host/host.ts';
import { Directory, RegularFile } from '../host/inode.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import { debianFiles } from '../world/debian-files.ts';

/** A fresh machine costs well under a millisecond this way: hardly any trace, and only the commands that are asked for. */
const TRACE_EVENTS = 64;
const TRACE_BYTES = 1 << 17;

export interface FuzzMachine {
  host: Host;
  /** Runs a command line's words; kills what doesn't end within `events` events. Throws when a program throws. */
  run(words: readonly string[], stdin?: string, events?: number): BriefOutcome;
}

/** A machine with these programs, Debian's files in /etc, /proc, /dev and loopback. */
export function fuzzMachine(names: readonly string[]): FuzzMachine {
  const chosen = commands.filter(({ name }) => names.includes(name));
  for (const name of names) if (!chosen.some((command) => command.name === name)) throw new Error(`no command is named ${name}`);
  const root = new Directory();
  installCommands(root, chosen);
  for (const path of ['/dev', '/proc', '/root', '/run', '/tmp', '/var/log']) makeDirectories(root, path);
  for (const [path, text] of Object.entries(debianFiles('host1'))) place(root, path, new RegularFile(encode(text)));
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events, TRACE_EVENTS, TRACE_BYTES), 'fuzz', new WorldIds());
  const env = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOME', '/root'],
  ]);
  const host = new Host({ name: 'host1', kernel, programs: new Map(chosen.map((command) => [command.name, command.run])), root, env });
  const { mnt } = host.init.namespaces;
  mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  mnt.mount(host.init, '/dev', devfs(host), 'devtmpfs', 'udev');
  openRtNetlink(kernel.init).setLink(1, { up: true });
  const paths = pathsOf(chosen);
  return {
    host,
    run: ([program = '', ...args], stdin = '', most = 2_000) => runBriefly(host, paths.get(program) ?? program, args, stdin, most),
  };
}

/** Each path of the commands by its last part: a command may have several names. */
function pathsOf(chosen: readonly Command[]): Map<string, string> {
  return new Map(chosen.flatMap(({ paths }) => paths.map((path) => [path.slice(path.lastIndexOf('/') + 1), path] as const)));
}
