import type { IP } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Random } from '../../base/random.ts';
import type { NetNamespace } from '../netns.ts';
import type { SocketOptions } from './socket.ts';

/** What holds a port. */
export interface PortHolder {
  readonly family: 4 | 6;
  /** The bound address; `undefined` is the wildcard. A mapped address is an IPv4 address here. */
  local: IP | undefined;
  readonly options: SocketOptions;
  /** TCP: listening sockets don't share their port by SO_REUSEADDR. */
  readonly listening?: boolean;
}

/**
 * Who has which local port of one protocol in one namespace (inet_bind_hashbucket, udp_table): the rules of bind(2) for both
 * families.
 */
export class PortTable<H extends PortHolder> {
  readonly #net: NetNamespace;
  readonly #ports = new Map<number, Set<H>>();
  readonly #name: string;
  #random: Random | undefined;

  constructor(net: NetNamespace, name: string) {
    this.#net = net;
    this.#name = name;
  }

  /** Everybody on a port, in the order of binding. */
  holders(port: number): ReadonlySet<H> {
    return this.#ports.get(port) ?? NOBODY;
  }

  hold(holder: H, port: number): void {
    const holders = this.#ports.get(port);
    if (holders) holders.add(holder);
    else this.#ports.set(port, new Set([holder]));
  }

  release(holder: H, port: number): void {
    const holders = this.#ports.get(port);
    if (!holders?.delete(holder)) return;
    if (holders.size === 0) this.#ports.delete(port);
  }

  /**
   * Takes a port for a socket whose `local` is set already; 0 lets the kernel choose one of net.ipv4.ip_local_port_range.
   * @param privileged CAP_NET_BIND_SERVICE
   * @returns the port; EADDRINUSE, or EACCES below net.ipv4.ip_unprivileged_port_start
   */
  bind(holder: H, port: number, privileged: boolean): number | Errno {
    if (port === 0) return this.#choose(holder);
    if (port < this.#net.ipv4.settings.ip_unprivileged_port_start && !privileged) return 'EACCES';
    if (this.conflicts(holder, port)) return 'EADDRINUSE';
    this.hold(holder, port);
    return port;
  }

  /** From a random place in the range upwards (inet_csk_find_open_port, udp_lib_get_port). */
  #choose(holder: H): number | Errno {
    const [low = 32_768, high = 60_999] = this.#net.ipv4.portRange;
    const count = high - low + 1;
    if (count <= 0) return 'EADDRINUSE';
    this.#random ??= this.#net.kernel.random(`ports/${this.#name}/${this.#net.uid}`);
    const start = this.#random.below(count);
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (this.#net.ipv4.reservedPorts.has(port)) continue;
      if (this.holders(port).size > 0 && this.conflicts(holder, port)) continue;
      this.hold(holder, port);
      return port;
    }
    return 'EADDRINUSE';
  }

  /** Whether somebody else's hold on the port excludes this one (inet_bind_conflict, udp_lib_lport_inuse). */
  conflicts(holder: H, port: number): boolean {
    for (const other of this.holders(port)) if (other !== holder && excludes(holder, other)) return true;
    return false;
  }
}

const NOBODY: ReadonlySet<never> = new Set();

/** @param a the newcomer: only the other one's listening counts, so a server starts again while old connections end */
function excludes(a: PortHolder, b: PortHolder): boolean {
  const [one, two] = [a.options, b.options];
  if (one.boundDevice !== 0 && two.boundDevice !== 0 && one.boundDevice !== two.boundDevice) return false;
  if (one.reusePort && two.reusePort) return false;
  if (one.reuseAddress && two.reuseAddress && !b.listening) return false;
  return overlap(a, b);
}

/** Whether the two receive packets for a common address (inet_rcv_saddr_equal with match_wildcard). */
function overlap(a: PortHolder, b: PortHolder): boolean {
  if (a.local !== undefined && b.local !== undefined) return a.local === b.local;
  return (receives(a, 4) && receives(b, 4)) || (receives(a, 6) && receives(b, 6));
}

/** Whether a socket takes packets of a family: the wildcard of IPv6 takes IPv4's as well, unless IPV6_V6ONLY is set. */
export function receives(holder: PortHolder, family: 4 | 6): boolean {
  if (holder.local !== undefined) return (typeof holder.local === 'bigint') === (family === 6);
  if (family === 6) return holder.family === 6;
  return holder.family === 4 || !holder.options.v6Only;
}
