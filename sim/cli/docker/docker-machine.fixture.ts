import { encode } from '../../base/bytes.ts';
import { EventQueue } from '../../base/events.ts';
import { Trace } from '../../base/trace.ts';
import type { Engine } from '../../engines/docker/engine.ts';
import { imageDefinitions } from '../../engines/docker/images/registry.ts';
import { startDocker } from '../../engines/docker/start.ts';
import { devfs } from '../../host/filesystems/devfs.ts';
import { procfs } from '../../host/filesystems/procfs.ts';
import { sysfs } from '../../host/filesystems/sysfs.ts';
import { Host } from '../../host/host.ts';
import { Directory, Executable, RegularFile, Symlink } from '../../host/inode.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Program } from '../../host/process.ts';
import { Nic } from '../../kernel/dev/nic.ts';
import { Kernel, WorldIds } from '../../kernel/kernel.ts';
import { type Outcome, run } from '../harness.ts';
import { makeDirectories, place } from '../install.ts';
import { dockerCommand } from './docker.ts';
import { testApplets } from './applets.fixture.ts';

/** A machine for tests of docker: one card, an Engine, and images whose busybox knows a few applets. */
export interface DockerMachine {
  host: Host;
  engine: Engine;
  /** Runs `docker` with these words; returns stdout and stderr as they came. */
  docker(...words: string[]): Outcome;
}

export function dockerMachine(resolvConf = 'nameserver 192.168.50.1\n'): DockerMachine {
  const root = new Directory();
  for (const path of ['/dev', '/etc', '/proc', '/root', '/run', '/sys', '/tmp', '/usr/bin', '/var/lib']) makeDirectories(root, path);
  place(root, '/usr/bin/docker', new Executable('docker'));
  place(root, '/var/run', new Symlink('/run'));
  place(root, '/etc/resolv.conf', new RegularFile(encode(resolvConf)));
  place(root, '/etc/hosts', new RegularFile(encode('127.0.0.1\tlocalhost\n')));
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const programs = new Map<string, Program>([
    ['docker', dockerCommand.run],
    ['busybox', (process) => (testApplets[process.name] ?? (testApplets.unknown as Program))(process)],
  ]);
  const env = new Map([
    ['PATH', '/usr/bin:/bin'],
    ['HOME', '/root'],
  ]);
  const host = new Host({ name: 'host1', kernel, programs, root, env });
  const { mnt } = host.init.namespaces;
  mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  mnt.mount(host.init, '/sys', sysfs(), 'sysfs', 'sysfs');
  mnt.mount(host.init, '/dev', devfs(host), 'devtmpfs', 'udev');
  connectCard(kernel);
  const engine = startDocker(host, { images: imageDefinitions, busyboxApplets: Object.keys(testApplets) });
  return { host, engine, docker: (...words) => run(host, '/usr/bin/docker', words) };
}

/** eth0 with ifindex 2, up, without a cable. */
function connectCard(kernel: Kernel): void {
  kernel.init.register(new Nic(kernel.init, 'eth0', 2, 0x5254_0000_320b));
  const netlink = openRtNetlink(kernel.init);
  netlink.setLink(1, { up: true });
  netlink.newAddress({ ifindex: 2, prefix: { address: 0xc0a8320b, length: 24 } }, 'add');
  netlink.setLink(2, { up: true });
}

/** The kernel's state that containers must leave as they found it. */
export function footprint(host: Host): unknown {
  const netlink = openRtNetlink(host.kernel.init);
  return {
    links: netlink.links().map((link) => link.name),
    addresses: netlink.addresses().length,
    routes: netlink.routes(4).length,
    neighbours: netlink.neighbours().length,
    fdb: netlink.fdb().length,
    namespaces: host.kernel.namespaces.size,
    processes: running(host),
  };
}

/** The command names of the processes that live. */
export function running(host: Host): (string | undefined)[] {
  return host
    .processes()
    .filter((process) => process.state !== 'zombie')
    .map((process) => process.argv[0]);
}
