import type { Host } from '../host.ts';
import { MagicLink, NamespaceFile } from '../inode.ts';
import type { Process } from '../process.ts';

/** What the simulated kernel calls itself: the one that the recorded transcripts come from, as Debian would build it. */
export const KERNEL = {
  type: 'Linux',
  release: '6.18.0-1-amd64',
  version: '#1 SMP PREEMPT_DYNAMIC Debian 6.18-1 (2026-01-01)',
  machine: 'x86_64',
} as const;

/** Namespaces count from here (include/linux/proc_ns.h, PROC_DYNAMIC_FIRST). */
const FIRST_NAMESPACE = 0xf000_0000;

/** The number of a namespace as `net:[4026531840]` shows it; the same object always has the same. */
export function namespaceNumber(host: Host, namespace: object): number {
  return FIRST_NAMESPACE + host.inodeNumber(namespace);
}

/** The kinds of namespace that processes here have of their own (namespaces(7)). */
export const NAMESPACES = ['mnt', 'net', 'pid', 'uts'] as const;

/** `/proc/PID/ns/TYPE`: reads as the namespace's number, opens as the namespace. */
export function namespaceLink(process: Process, type: (typeof NAMESPACES)[number]): MagicLink {
  const namespace = process.namespaces[type];
  return new MagicLink(`${type}:[${namespaceNumber(process.host, namespace)}]`, new NamespaceFile(type, namespace));
}
