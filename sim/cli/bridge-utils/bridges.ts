import { type Errno, strerror } from '../../base/errno.ts';
import type { LinkInfo } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';

/** The bridges of a process's namespace, and what a command has to say about them. */
export class Bridges {
  readonly netlink: RtNetlink;
  readonly said: { fd: 1 | 2; text: string }[] = [];

  constructor(process: Process) {
    this.netlink = rtNetlinkOf(process);
  }

  print(text: string): void {
    this.said.push({ fd: 1, text });
  }

  /** Says why it fails; returns the exit status of all failures. */
  fail(text: string): number {
    this.said.push({ fd: 2, text: `${text}\n` });
    return 1;
  }

  failWith(what: string, errno: Errno): number {
    return this.fail(`${what} failed: ${strerror(errno)}`);
  }

  /** Says of a name that it isn't a bridge's. */
  noBridge(name: string): number {
    return this.fail(this.netlink.link(name) ? `device ${name} is not a bridge!` : `bridge ${name} does not exist!`);
  }

  bridge(name: string): LinkInfo | undefined {
    const link = this.netlink.link(name);
    return link?.kind === 'bridge' ? link : undefined;
  }

  /** All bridges, in the order of their names as a directory lists them. */
  all(): LinkInfo[] {
    return this.netlink
      .links()
      .filter((link) => link.kind === 'bridge')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A bridge's ports, by name. */
  ports(bridge: LinkInfo): LinkInfo[] {
    return this.netlink
      .links()
      .filter((link) => link.master === bridge.ifindex)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
