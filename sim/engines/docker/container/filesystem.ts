import { devfs } from '../../../host/filesystems/devfs.ts';
import type { OpenFile } from '../../../host/file.ts';
import { Device, Directory, RegularFile, Symlink, TmpfsDirectory } from '../../../host/inode.ts';
import { MountNamespace } from '../../../host/mount.ts';
import type { Tty } from '../../../host/tty.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { mountPoint, readOnly, sourceOf } from './volumes.ts';

/** A container's pseudo-terminals: a devpts instance of its own, numbered from 0. */
export type Terminals = Map<number, Tty>;

/**
 * The mount namespace that a container starts in: its root, the kernel's file systems, the three files that the Engine keeps,
 * and its volumes. /proc/sys is read-only unless the container is privileged.
 */
export function mountNamespace(engine: Engine, container: Container, terminals: Terminals): MountNamespace | Refusal {
  const { host, daemon } = engine;
  const { root, files } = container;
  if (!root.child('.dockerenv')) root.add('.dockerenv', new RegularFile(undefined, 0o755));
  // Mount points are made below, so the root is looked at read-only from the start.
  const mnt = new MountNamespace(container.hostConfig.ReadonlyRootfs ? (readOnly(root) as Directory) : root);
  const mount = (path: string, inode: Parameters<MountNamespace['mount']>[2], type: string, source: string, options?: string): void => {
    mountPoint(root, path, inode);
    mnt.mount(daemon, path, inode, type, source, options);
  };
  for (const [path, type] of [
    ['/proc', 'proc'],
    ['/sys', 'sysfs'],
  ] as const) {
    const found = host.init.namespaces.mnt.resolve(host.init, path);
    mount(path, typeof found !== 'string' && found.inode ? found.inode : new Directory(), type, type);
  }
  mount('/dev', deviceDirectory(engine, terminals), 'tmpfs', 'tmpfs');
  const etc = root.child('etc');
  if (etc instanceof Directory && !etc.child('mtab')) etc.add('mtab', new Symlink('/proc/mounts'));
  mount('/etc/resolv.conf', files.resolvConf, 'ext4', '/dev/vda1');
  mount('/etc/hostname', files.hostname, 'ext4', '/dev/vda1');
  mount('/etc/hosts', files.hosts, 'ext4', '/dev/vda1');
  for (const volume of container.mounts) {
    if (volume.type === 'tmpfs') {
      const memory = new TmpfsDirectory(0o1777);
      mount(volume.destination, volume.writable ? memory : readOnly(memory), 'tmpfs', 'tmpfs', 'rw,nosuid,nodev,noexec,relatime');
      continue;
    }
    const source = sourceOf(host, volume.source);
    if (source instanceof Refusal) return source;
    mount(volume.destination, volume.writable ? source : readOnly(source), 'ext4', '/dev/vda1');
  }
  if (!container.hostConfig.Privileged) {
    const sys = mnt.resolve(daemon, '/proc/sys');
    if (typeof sys !== 'string' && sys.inode) mnt.mount(daemon, '/proc/sys', readOnly(sys.inode), 'proc', 'proc');
  }
  return mnt;
}

/** /dev as in every container, with terminals of its own. */
function deviceDirectory(engine: Engine, terminals: Terminals): Directory {
  const dev = devfs(engine.host);
  dev.add('pts', new TerminalDirectory(terminals));
  dev.add('mqueue', new Directory(0o1777));
  return dev;
}

class TerminalDirectory extends Directory {
  readonly #terminals: Terminals;

  constructor(terminals: Terminals) {
    super(0o755);
    this.#terminals = terminals;
  }

  override names(): string[] {
    return [...this.#terminals.keys()].map(String).sort();
  }

  override child(name: string): Device | undefined {
    const tty = this.#terminals.get(Number(name));
    return tty && new Device((): OpenFile => tty.slave, 0o620);
  }

  override lookup(name: string): Device | undefined {
    return this.child(name);
  }
}

/** Makes the working directory where it is missing, as runc does. */
export function makeWorkingDirectory(root: Directory, path: string): void {
  if (path !== '/' && path !== '') mountPoint(root, path, new Directory());
}
