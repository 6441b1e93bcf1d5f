import { encode } from '../../../base/bytes.ts';
import type { Host } from '../../../host/host.ts';
import { NamespaceFile } from '../../../host/inode.ts';
import type { RtNetlink } from '../../../host/netlink/rtnetlink.ts';
import type { Process } from '../../../host/process.ts';
import type { NetNamespace } from '../../../kernel/netns.ts';
import { hostDirectory } from '../host-files.ts';
import type { Endpoint } from './network.ts';
import type { Resolver } from './resolver.ts';

/** Where the daemon keeps the namespaces it made, out of sight of `ip netns`. */
export const NETNS_DIRECTORY = '/var/run/docker/netns';

/** A container's network namespace and what stands in it. The host's own namespace is the sandbox of `--network host`. */
export class Sandbox {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly key: string;
  readonly net: NetNamespace;
  readonly netlink: RtNetlink;
  /** In the order in which they were connected. */
  readonly endpoints: Endpoint[] = [];
  /** The embedded DNS server, from the first user-defined network on. */
  resolver: Resolver | undefined;
  /** One of the endpoints leads out. */
  hasWayOut = false;
  readonly #host: Host;
  readonly #own: boolean;
  readonly #file: string;

  constructor(host: Host, id: string, openRtNetlink: (net: NetNamespace) => RtNetlink, label: string | 'host', file?: string) {
    this.id = id;
    this.#host = host;
    this.#own = label !== 'host';
    this.#file = file ?? id.slice(0, 12);
    this.net = this.#own ? host.kernel.newNamespace() : host.kernel.init;
    this.netlink = openRtNetlink(this.net);
    this.key = `${NETNS_DIRECTORY}/${this.#own ? this.#file : 'default'}`;
    if (!this.#own) return;
    host.pinNamespace(this.net);
    this.net.label = { kind: 'container', name: label };
    hostDirectory(host, NETNS_DIRECTORY).add(this.#file, new NamespaceFile('net', this.net));
    this.netlink.setLink(1, { up: true });
  }

  /**
   * The container that it was made for has ended: its name goes, and the namespace too, unless others that joined it
   * (`--network container:NAME`) still run in it.
   */
  release(): void {
    this.resolver?.stop();
    this.resolver = undefined;
    if (!this.#own) return;
    hostDirectory(this.#host, NETNS_DIRECTORY).remove(this.#file);
    this.#host.unpinNamespace(this.net);
  }

  /** What its place on docker_gwbridge is called after. */
  get gatewayName(): string {
    return this.#file.replace('_', '-');
  }

  /** The lowest `ethN` that is free. */
  freeDeviceName(prefix = 'eth'): string {
    let number = 0;
    while (this.netlink.link(`${prefix}${number}`)) number++;
    return `${prefix}${number}`;
  }
}

/**
 * Writes a kernel parameter as the daemon does: a thread goes into the namespace and writes the file.
 *
 * @param name the path below /proc/sys
 * @returns whether the parameter exists and took the value
 */
export function writeSysctl(daemon: Process, net: NetNamespace, name: string, value: string): boolean {
  const before = daemon.namespaces.net;
  daemon.namespaces.net = net;
  try {
    const fd = daemon.open(`/proc/sys/${name}`, { write: true });
    if (typeof fd === 'string') return false;
    const written = daemon.fds.get(fd)?.write(encode(value));
    daemon.close(fd);
    return typeof written === 'number';
  } finally {
    daemon.namespaces.net = before;
  }
}
