import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { NamespaceFile } from '../../host/inode.ts';
import type { LinkInfo, NetlinkError } from '../../host/netlink/messages.ts';
import { openRtNetlink, rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { notModelled } from '../command.ts';
import { readNames } from './name-files.ts';
import type { NameFile } from './names.ts';
import { Report } from './report.ts';
import type { Family } from './values.ts';
import { EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

/** What the options before the object set. */
export interface Options {
  family: Family | 'link';
  details: boolean;
  /** `bridge -compressvlans`. */
  compress: boolean;
  /** How often `-s` was given. */
  stats: number;
  oneline: boolean;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  numeric: boolean;
  resolve: boolean;
  human: boolean;
  iec: boolean;
  all: boolean;
  force: boolean;
  timestamp: boolean;
  timestampShort: boolean;
  color: boolean;
  /** Rounds of `flush`; 0 is no limit. */
  loops: number;
}

export const DEFAULTS: Readonly<Options> = {
  family: 0,
  details: false,
  compress: false,
  stats: 0,
  oneline: false,
  brief: false,
  json: false,
  pretty: false,
  numeric: false,
  resolve: false,
  human: false,
  iec: false,
  all: false,
  force: false,
  timestamp: false,
  timestampShort: false,
  color: false,
  loops: 10,
};

/** Where `ip netns` keeps its files. */
export const NETNS_DIRECTORY = '/run/netns';

/** One run of `ip` or `bridge`: the process, its options, its netlink socket, and what it has to say so far. */
export class Tool {
  readonly process: Process;
  readonly name: string;
  readonly options: Options;
  /** The namespace that requests go to; `-n` changes it. */
  net: NetNamespace;
  /** Names of interfaces as last told, for who follows what happens to them (lib/ll_map.c). */
  readonly remembered = new Map<number, string>();
  #said: { fd: 1 | 2; text: string }[] = [];
  #socket: RtNetlink | undefined;
  readonly #names = new Map<NameFile, Readonly<Record<string, number>>>();

  constructor(process: Process, name: string, options: Options) {
    this.process = process;
    this.name = name;
    this.options = options;
    this.net = process.namespaces.net;
  }

  get netlink(): RtNetlink {
    if (this.#socket?.net !== this.net) {
      this.#socket = this.net === this.process.namespaces.net ? rtNetlinkOf(this.process) : openRtNetlink(this.net);
    }
    return this.#socket;
  }

  readonly print = (text: string): void => this.#say(1, text);

  warn(text: string): void {
    this.#say(2, text);
  }

  #say(fd: 1 | 2, text: string): void {
    const last = this.#said.at(-1);
    if (last?.fd === fd) last.text += text;
    else this.#said.push({ fd, text });
  }

  /** Writes what has been said, in order. */
  *flush(): Blocking<void> {
    const said = this.#said;
    this.#said = [];
    for (const { fd, text } of said) yield* this.process.write(fd, text);
  }

  report(): Report {
    return new Report(this.options.json, this.options.pretty, this.print, this.options.color);
  }

  /** A line's end inside a record: `-o` makes it a backslash. */
  get newline(): string {
    return this.options.oneline ? '\\' : '\n';
  }

  /** 4, 6, or 0 for any. */
  get family(): Family {
    return this.options.family === 'link' ? 0 : this.options.family;
  }

  /** The exit status for a request's outcome: prints a refusal as libnetlink does. */
  outcome(refused: NetlinkError | undefined, status = 2): number {
    if (!refused) return 0;
    this.warn(refusal(refused));
    return status;
  }

  /** The interface of this name, or the end of the command with the words of `nodev`. */
  device(name: string, status = 1): LinkInfo {
    const link = this.netlink.link(name);
    if (!link) throw new Quit(`Cannot find device "${name}"\n`, status);
    return link;
  }

  /** The interface's name by its index; `if7` for one that is gone or elsewhere. */
  deviceName(ifindex: number): string {
    return this.remembered.get(ifindex) ?? this.netlink.link(ifindex)?.name ?? `if${ifindex}`;
  }

  /** The network namespace that a name of `ip netns`, a process number or a path stands for. */
  namespaceOf(text: string): NetNamespace | Errno {
    const named = this.namespaceAt(text.includes('/') ? text : `${NETNS_DIRECTORY}/${text}`);
    if (typeof named !== 'string' || !/^[0-9]+$/.test(text)) return named;
    const process = this.process.namespaces.pid.processes.get(Number(text));
    return process ? process.namespaces.net : 'ENOENT';
  }

  namespaceAt(path: string): NetNamespace | Errno {
    const target = this.process.namespaces.mnt.resolve(this.process, path);
    if (typeof target === 'string') return target;
    if (!target.inode) return 'ENOENT';
    return target.inode instanceof NamespaceFile && target.inode.type === 'net' ? (target.inode.namespace as NetNamespace) : 'EINVAL';
  }

  /** The argument of `netns`. */
  namespaceArgument(text: string): NetNamespace {
    const net = this.namespaceOf(text);
    if (typeof net === 'string') throw invalid('Invalid "netns" value\n', text);
    return net;
  }

  /** Names that files under /etc/iproute2 add (lib/rt_names.c). */
  names(file: NameFile): Readonly<Record<string, number>> {
    let names = this.#names.get(file);
    if (!names) {
      names = readNames(this.process, file);
      this.#names.set(file, names);
    }
    return names;
  }

  /** Goes into a namespace of `ip netns`, for `-n` and `exec`. */
  enter(name: string): NetNamespace {
    const path = name.includes('/') ? name : `${NETNS_DIRECTORY}/${name}`;
    const net = this.namespaceAt(path);
    if (net === 'EINVAL') throw new Quit(`setting the network namespace "${name}" failed: ${strerror(net)}\n`, EXIT_MINUS_ONE);
    if (typeof net !== 'string' && !this.process.capable('SYS_ADMIN', net)) {
      throw new Quit(`setting the network namespace "${name}" failed: ${strerror('EPERM')}\n`, EXIT_MINUS_ONE);
    }
    if (typeof net === 'string') throw new Quit(`Cannot open network namespace "${name}": ${strerror(net)}\n`, EXIT_MINUS_ONE);
    return net;
  }

  /** Ends the command, where an expression is wanted. */
  refuse(quit: Quit): never {
    throw quit;
  }

  /** The real tool can do this, ours cannot. */
  unmodelled(what: string): Quit {
    return new Quit(notModelled(this.name, what), 1);
  }
}

/** A refused request in libnetlink's words: the kernel's own message where it sends one, else the error number's. */
export function refusal(refused: NetlinkError): string {
  if (refused.message === undefined) return `RTNETLINK answers: ${strerror(refused.errno)}\n`;
  return `Error: ${refused.message}${refused.message.endsWith('.') ? '' : '.'}\n`;
}

/** What an object's command returns: its exit status, at once or after blocking. */
export type Outcome = number | Blocking<number>;

/** The command of an object that a word abbreviates, in the order that iproute2 tries them. */
export interface Subcommand {
  /** Names that may be abbreviated. */
  names: readonly string[];
  /** Names that may not. */
  exact?: readonly string[];
  run: (tool: Tool, words: Words) => Outcome;
}
