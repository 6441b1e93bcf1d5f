import { encode } from '../base/bytes.ts';
import { installCommands, makeDirectories, place } from '../cli/install.ts';
import { commands, programs } from '../cli/registry.ts';
import { devfs } from '../host/filesystems/devfs.ts';
import { procfs } from '../host/filesystems/procfs.ts';
import { sysfs } from '../host/filesystems/sysfs.ts';
import { Host } from '../host/host.ts';
import { Directory, RegularFile, Symlink, TmpfsDirectory } from '../host/inode.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { debianFiles } from './debian-files.ts';

const DIRECTORIES = [
  ...['/boot', '/dev', '/etc', '/home', '/media', '/mnt', '/opt', '/proc', '/root', '/run', '/run/lock', '/srv', '/sys', '/tmp'],
  ...[
    '/usr/bin',
    '/usr/lib',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/usr/sbin',
    '/usr/share',
    '/var/cache',
    '/var/lib',
    '/var/log',
    '/var/tmp',
  ],
];

/** The environment of a service on Debian; login shells and the console add to it. */
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['HOME', '/root'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['LC_ALL', 'C.UTF-8'],
];

/** A Debian machine, started: every command of the registry installed, its file systems mounted, loopback up or not as the kernel has it. */
export function debianHost(kernel: Kernel): Host {
  const root = new Directory();
  installCommands(root, commands);
  for (const path of DIRECTORIES) makeDirectories(root, path);
  for (const path of ['/tmp', '/var/tmp']) makeDirectories(root, path).mode = 0o1777;
  makeDirectories(root, '/root').mode = 0o700;
  for (const [path, text] of Object.entries(debianFiles(kernel.name))) place(root, path, new RegularFile(encode(text)));
  place(root, '/var/run', new Symlink('/run'));
  place(root, '/var/lock', new Symlink('/run/lock'));
  place(root, '/etc/mtab', new Symlink('/proc/mounts'));
  const host = new Host({ name: kernel.name, kernel, programs, root, env: new Map(ENVIRONMENT) });
  const { mnt } = host.init.namespaces;
  mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  mnt.mount(host.init, '/sys', sysfs(), 'sysfs', 'sysfs');
  mnt.mount(host.init, '/dev', devfs(host), 'devtmpfs', 'udev');
  const run = new TmpfsDirectory();
  makeDirectories(run, '/lock');
  mnt.mount(host.init, '/run', run, 'tmpfs', 'tmpfs');
  mnt.mount(host.init, '/tmp', new TmpfsDirectory(0o1777), 'tmpfs', 'tmpfs');
  return host;
}
