import { beforeEach, describe, expect, test } from 'vitest';
import { decode } from '../../base/bytes.ts';
import { EventQueue } from '../../base/events.ts';
import { Trace } from '../../base/trace.ts';
import { Kernel, WorldIds } from '../../kernel/kernel.ts';
import { Host } from '../host.ts';
import { Directory, MagicLink, Symlink } from '../inode.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { Process } from '../process.ts';
import { devfs } from './devfs.ts';
import { procfs } from './procfs.ts';
import { sysfs } from './sysfs.ts';

let host: Host;
let reader: Process;

beforeEach(() => {
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const root = new Directory();
  for (const name of ['proc', 'sys', 'dev', 'tmp']) root.add(name, new Directory());
  host = new Host({ name: 'host1', kernel, programs: new Map(), root, env: new Map([['HOME', '/root']]) });
  const { mnt } = host.init.namespaces;
  mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  mnt.mount(host.init, '/sys', sysfs(), 'sysfs', 'sysfs');
  mnt.mount(host.init, '/dev', devfs(host), 'devtmpfs', 'udev');
  reader = start(['reader', 'one two']);
});

/** A process that sleeps for ever. */
function start(argv: string[], parent = host.init): Process {
  const process = host.start(
    parent,
    function* (self) {
      for (;;) yield* self.pause();
    },
    { argv },
  );
  if (typeof process === 'string') throw new Error(process);
  host.events.runUntil(host.now + 10);
  return process;
}

/** Reads a file to its end, or says why not, or `EAGAIN` when it would block. */
function read(path: string, process = reader, max = 65_536): string {
  const fd = process.open(path);
  if (typeof fd === 'string') return fd;
  let text = '';
  for (;;) {
    const bytes = process.fds.get(fd)?.read(max) ?? 'EBADF';
    if (typeof bytes === 'string') text += bytes;
    if (typeof bytes === 'string' || bytes.length === 0) break;
    text += decode(bytes);
  }
  process.close(fd);
  return text;
}

function write(path: string, text: string, process = reader): number | string {
  const fd = process.open(path, { write: true });
  if (typeof fd === 'string') return fd;
  const result = process.fds.get(fd)?.write(new TextEncoder().encode(text)) ?? 'EBADF';
  process.close(fd);
  return result;
}

function list(path: string, process = reader): string[] | string {
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string') return target;
  return target.inode instanceof Directory ? target.inode.names(process) : 'ENOTDIR';
}

function link(path: string, process = reader): string | undefined {
  const target = process.namespaces.mnt.resolve(process, path, false);
  return typeof target !== 'string' && target.inode instanceof Symlink ? target.inode.target : undefined;
}

describe('/proc', () => {
  test('tells about processes', () => {
    expect(read(`/proc/${reader.pid}/cmdline`)).toBe('reader\0one two\0');
    expect(read('/proc/self/comm')).toBe('reader\n');
    expect(read('/proc/self/environ')).toBe('HOME=/root\0');
    expect(read('/proc/self/status')).toMatch(new RegExp(`^Name:\treader\nUmask:\t0022\nState:\tS \\(sleeping\\)\nTgid:\t${reader.pid}\n`));
    expect(read(`/proc/${reader.pid}/stat`)).toMatch(new RegExp(`^${reader.pid} \\(reader\\) S 1 `));
    expect(link('/proc/self')).toBe(String(reader.pid));
    expect(list('/proc')).toContain('1');
    expect(read('/proc/4711/comm')).toBe('ENOENT');
  });

  test('shows a name that was written to comm', () => {
    expect(write('/proc/self/comm', 'a name longer than fifteen')).toBe(26);
    expect(reader.name).toBe('a name longer t');
  });

  test('leads through descriptors to the very pipe', () => {
    const pipe = reader.pipe();
    reader.fds.get(pipe.write)?.write(new TextEncoder().encode('through'));
    expect(link(`/proc/self/fd/${pipe.read}`)).toMatch(/^pipe:\[\d+\]$/);
    const again = reader.open(`/dev/fd/${pipe.read}`);
    if (typeof again === 'string') throw new Error(again);
    expect(reader.fds.get(again)).toBe(reader.fds.get(pipe.read));
  });

  test('gives a namespace the same number for all that are in it', () => {
    const other = start(['other']);
    expect(link('/proc/self/ns/net')).toMatch(/^net:\[40265\d+\]$/);
    expect(link(`/proc/${other.pid}/ns/net`)).toBe(link('/proc/self/ns/net'));
    other.namespaces.net = host.kernel.newNamespace();
    expect(link(`/proc/${other.pid}/ns/net`)).not.toBe(link('/proc/self/ns/net'));
    const target = reader.namespaces.mnt.resolve(reader, '/proc/self/ns/net', false);
    expect(typeof target !== 'string' && target.inode).toBeInstanceOf(MagicLink);
  });

  test('lists what is mounted', () => {
    expect(read('/proc/mounts')).toBe(
      '/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw,relatime 0 0\nsysfs /sys sysfs rw,relatime 0 0\nudev /dev devtmpfs rw,relatime 0 0\n',
    );
  });

  test('counts time from the machine’s start', () => {
    host.events.runUntil(2_500_000);
    expect(read('/proc/uptime')).toBe('2.50 5.00\n');
  });
});

describe('/proc/sys', () => {
  test('reads and sets the parameters of the network namespace one is in', () => {
    expect(read('/proc/sys/net/ipv4/ip_forward')).toBe('0\n');
    expect(write('/proc/sys/net/ipv4/ip_forward', '1\n')).toBe(2);
    expect(read('/proc/sys/net/ipv4/ip_forward')).toBe('1\n');
    const inside = start(['inside']);
    inside.namespaces.net = host.kernel.newNamespace();
    expect(write('/proc/sys/net/ipv4/ip_forward', '0', inside)).toBe(1);
    expect(read('/proc/sys/net/ipv4/ip_forward')).toBe('1\n');
    expect(list('/proc/sys/net/ipv4/conf')).toEqual(['all', 'default', 'lo']);
    expect(read('/proc/sys/net/ipv4/no_such_thing')).toBe('ENOENT');
    expect(write('/proc/sys/net/ipv4/ip_forward', 'perhaps')).toBe('EINVAL');
  });

  test('knows the host’s name, and sets it', () => {
    expect(write('/proc/sys/kernel/hostname', 'renamed')).toBe(7);
    expect(reader.namespaces.uts.hostname).toBe('renamed');
  });
});

describe('/proc/net and /sys/class/net', () => {
  beforeEach(() => {
    const netlink = openRtNetlink(host.kernel.init);
    netlink.setLink(1, { up: true });
    netlink.newLink({ kind: 'bridge', name: 'br0' });
    netlink.newLink({ kind: 'veth', name: 'v0', address: 0x0ac000000001, peer: { name: 'v1' } });
    const index = (name: string): number => netlink.link(name)?.ifindex ?? 0;
    netlink.setLink(index('v0'), { master: index('br0') });
    for (const name of ['br0', 'v0', 'v1']) netlink.setLink(index(name), { up: true });
    netlink.newAddress({ ifindex: index('br0'), prefix: { address: 0x0a000001, length: 24 } }, 'add');
    netlink.newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: 0x0a0000fe }] }, 'add');
    host.events.runUntil(host.now + 3_000_000);
  });

  test('a route table in the kernel’s own format', () => {
    expect(
      read('/proc/net/route')
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'br0\t00000000\tFE00000A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'br0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      '',
    ]);
    expect(read('/proc/net/dev').split('\n')[2]).toMatch(/^ {4}lo: +\d+ +\d+ {4}0 {4}0 {4}0 {5}0 {10}0 {9}0/);
  });

  test('a device’s attributes', () => {
    expect(list('/sys/class/net')).toEqual(['br0', 'lo', 'v0', 'v1']);
    expect(read('/sys/class/net/v0/address')).toBe('0a:c0:00:00:00:01\n');
    expect(read('/sys/class/net/v0/operstate')).toBe('up\n');
    expect(read('/sys/class/net/v0/flags')).toBe('0x1303\n');
    expect(read('/sys/class/net/lo/type')).toBe('772\n');
    expect(read('/sys/class/net/v0/iflink')).toBe(read('/sys/class/net/v1/ifindex'));
    expect(link('/sys/class/net/v0/master')).toBe('../br0');
    expect(list('/sys/class/net/br0/brif')).toEqual(['v0']);
    expect(read('/sys/class/net/br0/brif/v0/port_no')).toBe('0x1\n');
    expect(Number(read('/sys/class/net/v0/statistics/tx_packets'))).toBeGreaterThan(0);
  });

  test('a bridge’s settings, read and changed as brctl does', () => {
    expect(read('/sys/class/net/br0/bridge/ageing_time')).toBe('30000\n');
    expect(write('/sys/class/net/br0/bridge/ageing_time', '1000')).toBe(4);
    expect(read('/sys/class/net/br0/bridge/ageing_time')).toBe('1000\n');
    expect(read('/sys/class/net/br0/bridge/bridge_id')).toBe('8000.0ac000000001\n');
    expect(write('/sys/class/net/v0/brport/hairpin_mode', '1')).toBe(1);
    expect(read('/sys/class/net/v0/brport/hairpin_mode')).toBe('1\n');
    expect(write('/sys/class/net/v0/brport/port_no', '1')).toBe('EACCES');
  });

  test('an mtu set through its file, with the kernel’s limits', () => {
    expect(write('/sys/class/net/v0/mtu', '1400\n')).toBe(5);
    expect(read('/sys/class/net/v0/mtu')).toBe('1400\n');
    expect(write('/sys/class/net/v0/mtu', '1')).toBe('EINVAL');
    expect(write('/sys/class/net/v0/mtu', 'big')).toBe('EINVAL');
  });

  test('carrier can’t be asked of a device that is down', () => {
    openRtNetlink(host.kernel.init).setLink(1, { up: false });
    expect(read('/sys/class/net/lo/carrier')).toBe('EINVAL');
    expect(read('/sys/class/net/lo/operstate')).toBe('down\n');
  });

  test('another network namespace has other devices', () => {
    const inside = start(['inside']);
    inside.namespaces.net = host.kernel.newNamespace();
    expect(list('/sys/class/net', inside)).toEqual(['lo']);
    expect(read('/proc/net/route', inside).trimEnd().split('\n')).toHaveLength(1);
    expect(read(`/proc/${inside.pid}/net/route`).trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('/dev', () => {
  test('memory devices do what they are named for', () => {
    expect(read('/dev/null')).toBe('');
    expect(write('/dev/null', 'gone')).toBe(4);
    expect(write('/dev/full', 'no room')).toBe('ENOSPC');
    const zero = reader.open('/dev/zero');
    expect(typeof zero === 'number' && reader.fds.get(zero)?.read(3)).toEqual(new Uint8Array(3));
  });

  test('random bytes come from the seed', () => {
    const bytes = (from: Process): unknown => {
      const fd = from.open('/dev/urandom');
      return typeof fd === 'number' && from.fds.get(fd)?.read(8);
    };
    const first = bytes(reader);
    expect(first).not.toEqual(bytes(reader));
    expect(first).not.toEqual(new Uint8Array(8));
  });

  test('/dev/tty is the terminal one has, or an error', () => {
    expect(read('/dev/tty')).toBe('ENXIO');
    const tty = host.newTerminal();
    reader.tty = tty;
    expect(write('/dev/tty', 'hello')).toBe(5);
    expect(list('/dev/pts')).toEqual(['0']);
    tty.hangUp();
    expect(list('/dev/pts')).toEqual([]);
  });

  test('/dev/ptmx makes a terminal whose other side is in /dev/pts', () => {
    const master = reader.open('/dev/ptmx', { read: true, write: true });
    if (typeof master === 'string') throw new Error(master);
    expect(write('/dev/pts/0', 'hi\n')).toBe(3);
    expect(decode(reader.fds.get(master)?.read(100) as Uint8Array)).toBe('hi\r\n');
    reader.close(master);
    expect(list('/dev/pts')).toEqual([]);
  });
});
