import { Directory, NamespaceFile } from '../../host/inode.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { NETNS_DIRECTORY, type Tool } from './tool.ts';

/** The namespaces that have a name in /run/netns, by name. */
export function namedNamespaces(tool: Tool): Map<string, NetNamespace> {
  const named = new Map<string, NetNamespace>();
  for (const name of namesInDirectory(tool)) {
    const net = tool.namespaceAt(`${NETNS_DIRECTORY}/${name}`);
    if (typeof net !== 'string') named.set(name, net);
  }
  return named;
}

/** Every entry of /run/netns, whether a namespace or not, the newest first, as a tmpfs is read. */
export function namesInDirectory(tool: Tool): string[] {
  const target = tool.process.namespaces.mnt.resolve(tool.process, NETNS_DIRECTORY);
  return typeof target !== 'string' && target.inode instanceof Directory ? target.inode.names(tool.process) : [];
}

/** The name of the namespace that this one numbers `id`, if it has one (`get_name_from_nsid`). */
export function namespaceNameOfId(tool: Tool, id: number): string | undefined {
  for (const [name, net] of namedNamespaces(tool)) if (tool.netlink.nsid(net) === id) return name;
  return undefined;
}

/** The name of a namespace in /run/netns, if it has one. */
export function namespaceName(tool: Tool, net: NetNamespace): string | undefined {
  for (const [name, candidate] of namedNamespaces(tool)) if (candidate === net) return name;
  return undefined;
}

/** The namespace a file of /run/netns or /proc keeps. */
export function namespaceIn(file: unknown): NetNamespace | undefined {
  return file instanceof NamespaceFile && file.type === 'net' ? (file.namespace as NetNamespace) : undefined;
}
