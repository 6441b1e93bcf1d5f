import type { Host } from '../host.ts';
import { MagicLink, NamespaceFile, type NamespaceType } from '../inode.ts';
import type { Process } from '../process.ts';

/** What the simulated kernel calls itself: the one that the recorded transcripts come from, as Debian would build it. */
export const KERNEL = {
  type: 'Linux',
  release: '6.18.0-1-amd64',
  version: '#1 SMP PREEMPT_DYNAMIC Debian 6.18-1 (2026-01-01)',
  machine: 'x86_64',
} as const;

/** How many processors each machine of the book has. */
export const PROCESSORS = 2;

/** Namespaces count from here (include/linux/proc_ns.h, PROC_DYNAMIC_FIRST). */
const FIRST_NAMESPACE = 0xf000_0000;

/** The number of a namespace as `net:[4026531840]` shows it; the same object always has the same. */
export function namespaceNumber(host: Host, namespace: object): number {
  return FIRST_NAMESPACE + host.inodeNumber(namespace);
}

/** The kinds of namespace, by name; processes have some of their own, the machine one of each other kind. */
export const NAMESPACES: readonly NamespaceType[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

/** The namespace of a kind that a process is in. */
export function namespaceOf({ host, namespaces }: Process, type: NamespaceType): object {
  if (type === 'time') return host.shared.time;
  if (type === 'user' || type === 'ipc' || type === 'cgroup') return namespaces[type] ?? host.shared[type];
  return namespaces[type];
}

/** `/proc/PID/ns/TYPE`: reads as the namespace's number, opens as the namespace. */
export function namespaceLink(process: Process, type: NamespaceType): MagicLink {
  const namespace = namespaceOf(process, type);
  return new MagicLink(`${type}:[${namespaceNumber(process.host, namespace)}]`, new NamespaceFile(type, namespace));
}
