import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import type { UnixSocket } from '../kernel/socket/unix.ts';
import type { OpenFile } from './file.ts';
import type { Process } from './process.ts';

/** What a file system holds. `mode` is the permission bits only; `kind` says the type. */
export abstract class Inode {
  abstract readonly kind: 'directory' | 'file' | 'symlink' | 'device' | 'fifo' | 'socket';
  mode: number;
  modified: Micros = 0;

  constructor(mode: number) {
    this.mode = mode;
  }

  /** Size in bytes as `ls -l` shows it. */
  get size(): number {
    return 0;
  }
}

/** A directory whose entries can be listed, found, made and removed. `/proc` has its own kinds. */
export class Directory extends Inode {
  readonly kind = 'directory';
  protected readonly children = new Map<string, Inode>();

  constructor(mode = 0o755) {
    super(mode);
  }

  /** @param viewer the process that looks; only file systems such as /proc answer differently to different viewers */
  lookup(name: string, _viewer: Process): Inode | undefined {
    return this.children.get(name);
  }

  names(_viewer: Process): string[] {
    return [...this.children.keys()].sort();
  }

  /** An empty one of the same file system. */
  subdirectory(mode: number): Directory {
    return new Directory(mode);
  }

  /** An entry that is really kept here, whoever looks. */
  child(name: string): Inode | undefined {
    return this.children.get(name);
  }

  add(name: string, inode: Inode): Errno | undefined {
    this.children.set(name, inode);
    return undefined;
  }

  remove(name: string): Errno | undefined {
    return this.children.delete(name) ? undefined : 'ENOENT';
  }

  override get size(): number {
    return 4096;
  }
}

/** An ordinary file. */
export class RegularFile extends Inode {
  readonly kind = 'file';
  bytes: Uint8Array;

  constructor(bytes: Uint8Array = new Uint8Array(0), mode = 0o644) {
    super(mode);
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes.length;
  }
}

/** A program file: what `execve` runs is the command registered under `program`. */
export class Executable extends Inode {
  readonly kind = 'file';
  readonly program: string;

  constructor(program: string) {
    super(0o755);
    this.program = program;
  }

  override get size(): number {
    return 65_536 + this.program.length * 4_096;
  }
}

export class Symlink extends Inode {
  readonly kind = 'symlink';
  readonly target: string;

  constructor(target: string) {
    super(0o777);
    this.target = target;
  }

  override get size(): number {
    return this.target.length;
  }
}

/** A link of /proc that leads to an object rather than along a path: an open pipe, a namespace, another root (proc(5)). */
export class MagicLink extends Symlink {
  readonly inode: Inode;

  constructor(target: string, inode: Inode) {
    super(target);
    this.inode = inode;
  }
}

/** A directory of tmpfs, which lists its latest entry first (`offset_iterate_dir`). */
export class TmpfsDirectory extends Directory {
  override names(_viewer: Process): string[] {
    return [...this.children.keys()].reverse();
  }

  override subdirectory(mode: number): Directory {
    return new TmpfsDirectory(mode);
  }
}

/** A file whose bytes are computed when it is opened and that may take writes: /proc/sys, /sys, /etc files of a container. */
export class ComputedFile extends Inode {
  readonly kind = 'file';
  readonly contents: (viewer: Process) => string | Errno;
  readonly store: ((viewer: Process, text: string) => Errno | undefined) | undefined;
  /** What opening it for writing says, where that is refused already: EROFS on a read-only mount. */
  refusal: Errno | undefined;

  constructor(contents: (viewer: Process) => string | Errno, store?: (viewer: Process, text: string) => Errno | undefined) {
    super(store ? 0o644 : 0o444);
    this.contents = contents;
    this.store = store;
  }
}

/** A directory whose entries are computed when they are looked up: /proc, /proc/sys/net/ipv4/conf. */
export class ComputedDirectory extends Directory {
  readonly #list: (viewer: Process) => Iterable<string>;
  readonly #find: (viewer: Process, name: string) => Inode | undefined;

  constructor(list: (viewer: Process) => Iterable<string>, find: (viewer: Process, name: string) => Inode | undefined) {
    super(0o555);
    this.#list = list;
    this.#find = find;
  }

  override lookup(name: string, viewer: Process): Inode | undefined {
    return this.children.get(name) ?? this.#find(viewer, name);
  }

  override names(viewer: Process): string[] {
    return [...new Set([...this.#list(viewer), ...this.children.keys()])].sort();
  }

  override get size(): number {
    return 0;
  }

  override add(): Errno {
    return 'EPERM';
  }

  override remove(): Errno {
    return 'EPERM';
  }

  /** Adds a fixed entry beside the computed ones. */
  with(name: string, inode: Inode): this {
    this.children.set(name, inode);
    return this;
  }
}

/** A character device: opening it makes an open file of its own. */
export class Device extends Inode {
  readonly kind = 'device';
  readonly open: (viewer: Process) => OpenFile | Errno;

  constructor(open: (viewer: Process) => OpenFile | Errno, mode = 0o666) {
    super(mode);
    this.open = open;
  }
}

/** A named pipe (mkfifo). */
export class Fifo extends Inode {
  readonly kind = 'fifo';
  ends: { reader: OpenFile; writer: OpenFile } | undefined;

  constructor() {
    super(0o644);
  }
}

/**
 * A UNIX-domain socket's place in the file system, as `/var/run/docker.sock`. Clients that know the server by its path may ask its
 * `service` without bytes; others connect to `socket`. The place stays when the socket is closed.
 */
export class SocketFile extends Inode {
  readonly kind = 'socket';
  readonly socket: UnixSocket;
  readonly service: unknown;

  constructor(socket: UnixSocket, mode: number, service?: unknown) {
    super(mode);
    this.socket = socket;
    this.service = service;
  }
}

/** The kinds of namespace (namespaces(7)). */
export type NamespaceType = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts';

/** A namespace as a file: `/proc/PID/ns/net`, and what `ip netns add` binds to `/run/netns/NAME`. */
export class NamespaceFile extends Inode {
  readonly kind = 'file';
  readonly type: NamespaceType;
  readonly namespace: object;

  constructor(type: NamespaceType, namespace: object) {
    super(0o444);
    this.type = type;
    this.namespace = namespace;
  }
}
