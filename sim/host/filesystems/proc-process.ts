import { SECOND } from '../../base/time.ts';
import { Device, Directory, type Inode, MagicLink, Symlink } from '../inode.ts';
import type { PidNamespace } from '../namespaces.ts';
import type { Process } from '../process.ts';
import { SIGNAL, type Signal } from '../signal.ts';
import { mapText, WHOLE_MAP } from '../user-namespace.ts';
import { directory, text, value } from './computed.ts';
import { NAMESPACES, namespaceLink } from './identity.ts';

/** State letters of proc_pid_stat(5). */
const STATES = { running: ['R', 'running'], sleeping: ['S', 'sleeping'], stopped: ['T', 'stopped'], zombie: ['Z', 'zombie'] } as const;

/** Clock ticks a second in which /proc counts (sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/**
 * /proc/PID.
 * @param pids the PID namespace in whose numbers it speaks
 * @param net what `net` holds; it shows the network namespace of whoever looks
 */
export function processDirectory(process: Process, pids: PidNamespace, net: Inode): Directory {
  const main = (viewer: Process): Record<string, Inode> => ({
    cmdline: text(() => (process.status ? '' : process.commandLine.map((arg) => `${arg}\0`).join(''))),
    comm: value(
      () => process.name,
      (_, name) => {
        process.name = name.slice(0, 15);
        return undefined;
      },
    ),
    environ: text(() => [...process.env].map(([name, what]) => `${name}=${what}\0`).join('')),
    status: text(() => statusText(process, pids)),
    stat: text(() => statText(process, pids)),
    cgroup: text(() => '0::/\n'),
    mounts: text(() => mountsTable(process)),
    uid_map: text(() => (process.namespaces.user ? mapText(process.namespaces.user.user) : WHOLE_MAP)),
    gid_map: text(() => (process.namespaces.user ? mapText(process.namespaces.user.group) : WHOLE_MAP)),
    setgroups: text(() => `${process.namespaces.user?.setgroups ?? 'allow'}\n`),
    cwd: new Symlink(process.cwd),
    exe: new Symlink(process.exe),
    root: new MagicLink('/', process.namespaces.mnt.root),
    fd: descriptors(process),
    ns: directory(() => Object.fromEntries(NAMESPACES.map((type) => [type, namespaceLink(process, type)]))),
    net: process === viewer ? net : networkOf(process, net),
  });
  const task = directory((viewer) => ({ [String(pidIn(process, pids))]: directory(() => main(viewer)) }));
  return directory((viewer) => ({ ...main(viewer), task }));
}

/** /proc/PID/net shows that process's network, whoever looks. */
function networkOf(process: Process, net: Inode): Inode {
  if (!(net instanceof Directory)) return net;
  return directory(() => Object.fromEntries(net.names(process).map((name) => [name, viewedBy(process, net.lookup(name, process))])));
}

function viewedBy(process: Process, inode: Inode | undefined): Inode {
  return text(() => (inode && 'contents' in inode ? (inode.contents as (viewer: Process) => string)(process) : 'ENOENT'));
}

function pidIn(process: Process, pids: PidNamespace): number {
  return pids.processes.get(process.pid) === process ? process.pid : process.nspid;
}

/** Another process's PID in a namespace, 0 when it isn't visible there. */
function visiblePid(process: Process | undefined, pids: PidNamespace): number {
  if (!process) return 0;
  const pid = pidIn(process, pids);
  return pids.processes.get(pid) === process ? pid : 0;
}

/** A process group's or session's number, which is its leader's PID. */
function groupIn(process: Process, number: number, pids: PidNamespace): number {
  if (pids.processes.get(process.pid) === process) return number;
  return visiblePid(process.host.pids.processes.get(number), pids);
}

/** Descriptors whose files have a path lead there; others open the very file (a pipe's end, a socket, a deleted one). */
function descriptors(process: Process): Directory {
  return directory(() => {
    const entries = [...process.fds].map(([fd, file]): [string, Inode] => {
      const { description } = file;
      const link =
        description.startsWith('/') && !description.endsWith(' (deleted)')
          ? new Symlink(description)
          : new MagicLink(description, new Device(() => file));
      return [String(fd), link];
    });
    return Object.fromEntries(entries);
  });
}

/** /proc/PID/mounts, in the format of fstab(5). */
export function mountsTable(process: Process): string {
  const rows = [...process.namespaces.mnt.mounts.values()].map(
    ({ source, path, type, options }) => `${source} ${path} ${type} ${options} 0 0\n`,
  );
  return `/dev/vda1 / ext4 rw,relatime 0 0\n${rows.join('')}`;
}

function statusText(process: Process, pids: PidNamespace): string {
  const [letter, word] = STATES[process.state];
  const pid = pidIn(process, pids);
  const nspids = process.nspid === process.pid ? [pid] : pid === process.pid ? [process.pid, process.nspid] : [process.nspid];
  const rows: [string, string | number][] = [
    ['Name', process.name],
    ['Umask', process.umask.toString(8).padStart(4, '0')],
    ['State', `${letter} (${word})`],
    ['Tgid', pid],
    ['Ngid', 0],
    ['Pid', pid],
    ['PPid', visiblePid(process.parent, pids)],
    ['TracerPid', 0],
    [
      'Uid',
      Array(4)
        .fill(process.namespaces.user?.uid ?? 0)
        .join('\t'),
    ],
    [
      'Gid',
      Array(4)
        .fill(process.namespaces.user?.gid ?? 0)
        .join('\t'),
    ],
    ['FDSize', Math.max(64, process.fds.size)],
    ['Groups', '0 '],
    ['NStgid', nspids.join('\t')],
    ['NSpid', nspids.join('\t')],
    ['Threads', 1],
    ['SigBlk', signalMask(process.blocked)],
    ['SigIgn', signalMask([...process.dispositions].filter(([, what]) => what === 'ignore').map(([name]) => name))],
    ['SigCgt', signalMask([...process.dispositions].filter(([, what]) => typeof what === 'function').map(([name]) => name))],
  ];
  return rows.map(([name, what]) => `${name}:\t${what}\n`).join('');
}

/** Sixteen hexadecimal digits, bit n-1 for signal n. */
function signalMask(signals: Iterable<Signal>): string {
  let mask = 0n;
  for (const signal of signals) mask |= 1n << BigInt(SIGNAL[signal] - 1);
  return mask.toString(16).padStart(16, '0');
}

/** proc_pid_stat(5), the fields up to the start time; the terminal's device number is 136 (pts) and its own. */
function statText(process: Process, pids: PidNamespace): string {
  const terminal = process.tty ? 136 * 256 + process.tty.number : 0;
  const foreground = process.tty ? groupIn(process, process.tty.foreground, pids) : -1;
  const fields = [
    pidIn(process, pids),
    `(${process.name})`,
    STATES[process.state][0],
    visiblePid(process.parent, pids),
    groupIn(process, process.pgid, pids),
    groupIn(process, process.sid, pids),
    terminal,
    foreground,
    // flags, page faults, times, priority 20, nice 0, one thread
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 1, 0],
    Math.floor((process.started * TICKS) / SECOND),
  ];
  return `${fields.join(' ')}\n`;
}
