import type { Errno } from '../../base/errno.ts';
import { type Inode, NamespaceFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { NetNamespace } from '../../kernel/netns.ts';

/** What is mounted, as /proc/mounts tells it. */
export interface MountSpec {
  type: string;
  source: string;
  options: string;
}

/** Mounts `inode` over the entry at `path`; a network namespace lives on as long as it is mounted somewhere. */
export function bindFile(process: Process, path: string, inode: Inode, spec: MountSpec): Errno | undefined {
  const refused = process.namespaces.mnt.mount(process, path, inode, spec.type, spec.source, spec.options);
  if (!refused && isNetwork(inode)) process.host.pinNamespace(inode.namespace as NetNamespace);
  return refused;
}

/** Takes the latest mount at an absolute path away. */
export function unbind(process: Process, path: string): Errno | undefined {
  const { mnt } = process.namespaces;
  const top = mnt.resolve(process, path);
  const refused = mnt.unmount(path);
  if (!refused && typeof top !== 'string' && isNetwork(top.inode)) process.host.unpinNamespace(top.inode.namespace as NetNamespace);
  return refused;
}

function isNetwork(inode: Inode | undefined): inode is NamespaceFile {
  return inode instanceof NamespaceFile && inode.type === 'net';
}

/** How a namespace's file is listed. */
export const NSFS: MountSpec = { type: 'nsfs', source: 'nsfs', options: 'rw' };
