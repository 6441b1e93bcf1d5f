import type { Errno } from '../../base/errno.ts';
import type { OpenFile } from '../file.ts';
import type { Host } from '../host.ts';
import { ComputedDirectory, Device, Directory, Symlink } from '../inode.ts';
import { FullDevice, NullDevice, RandomDevice, ZeroDevice } from './devices.ts';
import { PtyMaster } from './pty.ts';
import { TunFile } from './tun.ts';

/** The devices that every machine and every container has (devices.txt: memory devices, terminals). */
export function devfs(host: Host): Directory {
  const random = host.random('dev/random');
  const dev = new Directory();
  const device = (name: string, open: () => OpenFile) => dev.add(name, new Device(open));
  device('null', () => new NullDevice('/dev/null'));
  device('zero', () => new ZeroDevice('/dev/zero'));
  device('full', () => new FullDevice('/dev/full'));
  device('random', () => new RandomDevice('/dev/random', random));
  device('urandom', () => new RandomDevice('/dev/urandom', random));
  dev.add('tty', new Device((viewer) => viewer.tty?.slave ?? 'ENXIO'));
  dev.add('ptmx', new Device(() => new PtyMaster(host.newTerminal())));
  const net = new Directory();
  net.add('tun', new Device((viewer) => (viewer.capable('NET_ADMIN') ? new TunFile(viewer.namespaces.net) : 'EPERM')));
  dev.add('net', net);
  dev.add('pts', devpts(host));
  dev.add('shm', new Directory(0o1777));
  dev.add('fd', new Symlink('/proc/self/fd'));
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries()) dev.add(name, new Symlink(`/proc/self/fd/${fd}`));
  return dev;
}

/** /dev/pts: an entry for each pseudo-terminal in use (pts(4)). */
function devpts(host: Host): Directory {
  return new ComputedDirectory(
    () => [...host.terminals.keys()].map(String),
    (_viewer, name) => {
      const tty = /^(0|[1-9]\d*)$/.test(name) ? host.terminals.get(Number(name)) : undefined;
      return tty && new Device((): OpenFile | Errno => (tty.hungUp ? 'EIO' : tty.slave), 0o620);
    },
  );
}
