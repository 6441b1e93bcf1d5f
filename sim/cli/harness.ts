import { decode, encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { procfs } from '../host/filesystems/procfs.ts';
import { Host } from '../host/host.ts';
import { Directory, RegularFile } from '../host/inode.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { makePipe } from '../host/pipe.ts';
import { exitCode } from '../host/process.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { Command } from './command.ts';
import { installCommands, makeDirectories, place } from './install.ts';

/** What a command did: its output, its exit status as `$?` shows it, and the virtual microseconds it took. */
export interface Outcome {
  stdout: string;
  stderr: string;
  status: number;
  took: number;
}

/** A machine for tests of single commands: the given commands installed, some files, no network beyond what tests add. */
export function testMachine(commands: readonly Command[], files: Record<string, string> = {}): Host {
  const root = new Directory();
  installCommands(root, commands);
  for (const path of ['/tmp', '/root', '/etc', '/dev', '/run', '/var']) makeDirectories(root, path);
  for (const [path, text] of Object.entries(files)) place(root, path, new RegularFile(encode(text)));
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const env = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOME', '/root'],
    ['LC_ALL', 'C'],
    ['TERM', 'dumb'],
  ]);
  return new Host({ name: 'host1', kernel, programs: new Map(commands.map((c) => [c.name, c.run])), root, env });
}

/** A machine with /proc and loopback up; what is typed runs in a new shell each time, so `commands` must have one. */
export function typist(commands: readonly Command[], files: Record<string, string> = {}): (command: string) => Outcome {
  const host = testMachine(commands, files);
  makeDirectories(host.init.namespaces.mnt.root, '/proc');
  host.init.namespaces.mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  openRtNetlink(host.kernel.init).setLink(1, { up: true });
  return (command) => run(host, '/usr/bin/bash', ['-c', command]);
}

/** Runs one program file to its end and collects what it printed; fails the test after a minute of virtual time. */
export function run(
  host: Host,
  path: string,
  args: readonly string[] = [],
  options: { stdin?: string | Uint8Array; cwd?: string } = {},
): Outcome {
  const began = host.now;
  const stdin = makePipe(host.nextPipeNumber());
  const [out, err] = [makePipe(host.nextPipeNumber()), makePipe(host.nextPipeNumber())];
  const fds = new Map([
    [0, stdin.reader],
    [1, out.writer],
    [2, err.writer],
  ]);
  for (const end of [stdin.writer, out.reader, err.reader]) end.hold();
  const child = host.init.spawn(path, {
    argv: [path.slice(path.lastIndexOf('/') + 1), ...args],
    fds,
    cwd: options.cwd ?? '/root',
    session: { tty: undefined },
  });
  if (typeof child === 'string') throw new Error(`${path}: ${child}`);
  let rest = typeof options.stdin === 'string' ? encode(options.stdin) : (options.stdin ?? new Uint8Array(0));
  let fed = false;
  const collected = { stdout: '', stderr: '' };
  let status: number | undefined;
  child.onExit.push((ended) => {
    status = exitCode(ended);
  });
  const deadline = host.now + 60 * SECOND;
  for (;;) {
    while (rest.length > 0) {
      const count = stdin.writer.write(rest);
      if (typeof count !== 'number') break;
      rest = rest.subarray(count);
    }
    if (rest.length === 0 && !fed) {
      fed = true;
      stdin.writer.release();
    }
    collected.stdout += drain(out.reader);
    collected.stderr += drain(err.reader);
    if (status !== undefined) break;
    if (!host.events.step() || host.now > deadline) throw new Error(`${path} ${args.join(' ')} never ended`);
  }
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  return { ...collected, status, took: host.now - began };
}

function drain(file: { read(max: number): Uint8Array | string }): string {
  const chunks: string[] = [];
  for (;;) {
    const bytes = file.read(65_536);
    if (typeof bytes === 'string' || bytes.length === 0) return chunks.join('');
    chunks.push(decode(bytes));
  }
}
