import type { Errno } from '../base/errno.ts';
import { concat, decode, encode } from '../base/bytes.ts';
import { OpenFile, type Poll } from './file.ts';
import { ComputedFile, Device, Directory, Executable, Fifo, type Inode, NamespaceFile, RegularFile } from './inode.ts';
import { makePipe } from './pipe.ts';
import type { Process } from './process.ts';

/** The largest file; one page must not eat the reader's memory. Writing past it gives ENOSPC. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** How `open` is asked to open (open(2)). */
export interface OpenFlags {
  read?: boolean;
  write?: boolean;
  append?: boolean;
  create?: boolean;
  truncate?: boolean;
  /** With `create`: the file must not exist. */
  exclusive?: boolean;
}

/** Opens a path for a process. The result has no references yet; `Process.install` takes the first. */
export function openPath(process: Process, path: string, flags: OpenFlags): OpenFile | Errno {
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string') return target;
  let inode = target.inode;
  if (!inode) {
    if (!flags.create) return 'ENOENT';
    if (path.endsWith('/')) return 'EISDIR';
    const made = new RegularFile(undefined, 0o666 & ~process.umask);
    made.modified = process.host.now;
    const failed = target.parent.add(target.name, made);
    if (failed) return failed;
    inode = made;
  } else if (flags.create && flags.exclusive) return 'EEXIST';
  return openInode(process, inode, target.path, flags);
}

function openInode(process: Process, inode: Inode, path: string, flags: OpenFlags): OpenFile | Errno {
  if (inode instanceof Directory) return flags.write ? 'EISDIR' : new OpenDirectory(inode, path);
  if (inode instanceof Device) return inode.open(process);
  if (inode instanceof RegularFile) {
    if (flags.truncate && flags.write) {
      inode.bytes = new Uint8Array(0);
      inode.modified = process.host.now;
    }
    return new OpenRegularFile(process, inode, path, flags);
  }
  if (inode instanceof ComputedFile) return openComputed(process, inode, path, flags);
  if (inode instanceof Fifo) return openFifo(process, inode, flags);
  if (inode instanceof NamespaceFile) return flags.write ? 'EACCES' : new OpenNamespace(inode, path);
  if (inode instanceof Executable) {
    if (flags.write) return 'EACCES';
    // No machine code is simulated; what a reader of the file finds is an ELF header and the program's name.
    const image = new RegularFile(concat([Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), encode(`netdive:${inode.program}\n`)]));
    return new OpenRegularFile(process, image, path, flags);
  }
  return 'ENXIO';
}

class OpenRegularFile extends OpenFile {
  readonly description: string;
  readonly #process: Process;
  readonly #inode: RegularFile;
  readonly #flags: OpenFlags;
  #offset = 0;

  constructor(process: Process, inode: RegularFile, path: string, flags: OpenFlags) {
    super();
    this.#process = process;
    this.#inode = inode;
    this.description = path;
    this.#flags = flags;
  }

  read(max: number): Uint8Array | Errno {
    if (!this.#flags.read) return 'EBADF';
    const bytes = this.#inode.bytes.slice(this.#offset, this.#offset + max);
    this.#offset += bytes.length;
    return bytes;
  }

  write(bytes: Uint8Array): number | Errno {
    if (!this.#flags.write) return 'EBADF';
    const inode = this.#inode;
    const at = this.#flags.append ? inode.bytes.length : this.#offset;
    const end = at + bytes.length;
    if (end > MAX_FILE_BYTES) return 'ENOSPC';
    if (end > inode.bytes.length) {
      const grown = growable(inode.bytes, end);
      inode.bytes = grown;
    }
    inode.bytes.set(bytes, at);
    inode.modified = this.#process.host.now;
    this.#offset = end;
    return bytes.length;
  }

  override seek(offset: number): Errno | undefined {
    this.#offset = offset;
    return undefined;
  }

  poll(): Poll {
    return { in: true, out: true, hup: false };
  }

  protected close(): void {}
}

/** A view of `length` bytes that starts with `bytes`, over a buffer with room to grow so that appending stays cheap. */
function growable(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteOffset === 0 && bytes.buffer.byteLength >= length) return new Uint8Array(bytes.buffer, 0, length);
  const buffer = new Uint8Array(Math.max(length, Math.min(bytes.length * 2, MAX_FILE_BYTES)));
  buffer.set(bytes);
  return buffer.subarray(0, length);
}

class OpenDirectory extends OpenFile {
  readonly inode: Directory;
  readonly description: string;

  constructor(inode: Directory, path: string) {
    super();
    this.inode = inode;
    this.description = path;
  }

  read(): Errno {
    return 'EISDIR';
  }

  write(): Errno {
    return 'EBADF';
  }

  poll(): Poll {
    return { in: true, out: false, hup: false };
  }

  protected close(): void {}
}

/** An open namespace file: keeps the namespace reachable for `setns`, as the descriptor does in Linux. */
export class OpenNamespace extends OpenFile {
  readonly inode: NamespaceFile;
  readonly description: string;

  constructor(inode: NamespaceFile, path: string) {
    super();
    this.inode = inode;
    this.description = path;
  }

  read(): Errno {
    return 'EINVAL';
  }

  write(): Errno {
    return 'EBADF';
  }

  poll(): Poll {
    return { in: false, out: false, hup: false };
  }

  protected close(): void {}
}

function openComputed(process: Process, inode: ComputedFile, path: string, flags: OpenFlags): OpenFile | Errno {
  if (flags.write && inode.refusal) return inode.refusal;
  if (flags.write && !inode.store) return 'EACCES';
  const text = flags.read ? inode.contents(process) : '';
  if (text.startsWith('E') && isErrno(text)) return text;
  return new OpenComputedFile(process, inode, path, encode(text));
}

/** Errors come back as names, and no computed file's text is a bare error name. */
function isErrno(text: string): text is Errno {
  return /^E[A-Z0-9]+$/.test(text);
}

class OpenComputedFile extends OpenFile {
  readonly description: string;
  readonly #process: Process;
  readonly #inode: ComputedFile;
  #rest: Uint8Array;

  constructor(process: Process, inode: ComputedFile, path: string, bytes: Uint8Array) {
    super();
    this.#process = process;
    this.#inode = inode;
    this.description = path;
    this.#rest = bytes;
  }

  read(max: number): Uint8Array | Errno {
    const part = this.#rest.slice(0, max);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  write(bytes: Uint8Array): number | Errno {
    return this.#inode.store?.(this.#process, decode(bytes)) ?? bytes.length;
  }

  override seek(): Errno | undefined {
    return undefined;
  }

  poll(): Poll {
    return { in: true, out: true, hup: false };
  }

  protected close(): void {}
}

function openFifo(process: Process, inode: Fifo, flags: OpenFlags): OpenFile {
  // A real open blocks until the other end is there; here the pipe exists as soon as one end is opened, which only a
  // non-blocking open could tell apart, except that a reader sees the end of file when the last writer has gone.
  if (!inode.ends || (inode.ends.reader.references === 0 && inode.ends.writer.references === 0))
    inode.ends = makePipe(process.host.nextPipeNumber());
  return flags.write ? inode.ends.writer : inode.ends.reader;
}
