import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import type { Host } from '../host.ts';
import { ComputedDirectory, type Inode, Symlink } from '../inode.ts';
import type { PidNamespace } from '../namespaces.ts';
import type { Process } from '../process.ts';
import { text } from './computed.ts';
import { KERNEL, PROCESSORS } from './identity.ts';
import { procNet } from './proc-net.ts';
import { processDirectory } from './proc-process.ts';
import { procSys } from './proc-sys.ts';

/** What every machine of the book has: 4 GiB of memory. */
const MEMORY_KB = 4_194_304;
/** Rough sizes: a kernel with its services, and a process. */
const SYSTEM_KB = 262_144;
const PROCESS_KB = 2_048;

/**
 * The proc file system (proc(5)): the processes that the viewer's PID namespace has, and the machine's and the viewer's network's
 * facts. A real mount keeps the PID namespace of whoever mounted it; here hosts and containers can share one.
 */
export function procfs(host: Host): ComputedDirectory {
  const fixed: Record<string, Inode> = {
    ...machineFiles(host),
    mounts: new Symlink('self/mounts'),
    net: new Symlink('self/net'),
    sys: procSys(),
  };
  const net = procNet();
  return new ComputedDirectory(
    (viewer) => [...Object.keys(fixed), 'self', 'thread-self', ...[...viewer.namespaces.pid.processes.keys()].map(String)],
    (viewer, name) => {
      const pids = viewer.namespaces.pid;
      if (name === 'self' || name === 'thread-self') return selfLink(pids, viewer, name);
      if (Object.hasOwn(fixed, name)) return fixed[name];
      const process = /^[1-9]\d*$/.test(name) ? pids.processes.get(Number(name)) : undefined;
      return process && processDirectory(process, pids, net);
    },
  );
}

/** The PID by which a namespace knows a process; `undefined` when it can't see it. */
function pidIn(pids: PidNamespace, process: Process): number | undefined {
  if (pids.processes.get(process.nspid) === process) return process.nspid;
  return pids.processes.get(process.pid) === process ? process.pid : undefined;
}

function selfLink(pids: PidNamespace, viewer: Process, name: string): Symlink | undefined {
  const pid = pidIn(pids, viewer);
  if (pid === undefined) return undefined;
  return new Symlink(name === 'self' ? String(pid) : `${pid}/task/${pid}`);
}

function machineFiles(host: Host): Record<string, Inode> {
  const uptime = () => host.now / SECOND;
  const running = () => host.processes().filter((process) => process.state === 'running').length;
  return {
    uptime: text(() => `${uptime().toFixed(2)} ${(uptime() * PROCESSORS).toFixed(2)}\n`),
    loadavg: text(() => `0.00 0.00 0.00 ${Math.max(running(), 1)}/${host.processes().length} ${lastPid(host)}\n`),
    version: text(() => `${KERNEL.type} version ${KERNEL.release} (debian-kernel@lists.debian.org) (gcc-15) ${KERNEL.version}\n`),
    cmdline: text(() => `BOOT_IMAGE=/boot/vmlinuz-${KERNEL.release} root=/dev/vda1 ro quiet\n`),
    meminfo: text(() => memory(host)),
    cpuinfo: text(() => Array.from({ length: PROCESSORS }, (_, number) => processor(number)).join('')),
    stat: text(
      () =>
        `cpu  0 0 0 ${Math.floor(uptime() * 100 * PROCESSORS)} 0 0 0 0 0 0\nbtime ${EPOCH_SECONDS}\nprocesses ${lastPid(host)}\nprocs_running ${Math.max(running(), 1)}\nprocs_blocked 0\n`,
    ),
    filesystems: text(() =>
      ['sysfs', 'tmpfs', 'proc', 'cgroup2', 'devtmpfs', 'devpts', 'overlay'].map((name) => `nodev\t${name}\n`).join(''),
    ),
  };
}

function lastPid(host: Host): number {
  return host.processes().at(-1)?.pid ?? 1;
}

function memory(host: Host): string {
  const used = SYSTEM_KB + PROCESS_KB * host.processes().length;
  const rows: [string, number][] = [
    ['MemTotal', MEMORY_KB],
    ['MemFree', MEMORY_KB - used],
    ['MemAvailable', MEMORY_KB - used],
    ['Buffers', 0],
    ['Cached', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
  ];
  return rows.map(([name, kilobytes]) => `${`${name}:`.padEnd(16)}${String(kilobytes).padStart(8)} kB\n`).join('');
}

function processor(number: number): string {
  const rows = { processor: number, vendor_id: 'GenuineIntel', 'model name': 'Virtual CPU', 'cpu cores': PROCESSORS };
  const lines = Object.entries(rows).map(([name, what]) => `${name}${name.length < 8 ? '\t\t' : '\t'}: ${what}\n`);
  return `${lines.join('')}\n`;
}
