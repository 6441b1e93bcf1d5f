import { concat, decode, encode } from '../../../base/bytes.ts';
import { EPOCH_SECONDS, type Micros, SECOND } from '../../../base/time.ts';
import { Directory, Executable, type Inode, RegularFile, Symlink } from '../../../host/inode.ts';

/** One entry of an archive. Directories' names end without a slash here. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'directory' | 'symlink';
  mode: number;
  modified: Micros;
  bytes: Uint8Array;
  /** Of a symbolic link. */
  target: string;
}

const BLOCK = 512;
const TYPES = { file: '0', symlink: '2', directory: '5' } as const;
/** The longest name and prefix of a ustar header; longer names are split at a slash. */
const NAME = 100;
const PREFIX = 155;

/** No machine code is simulated: a program file's bytes are an ELF header and the program's name. */
const PROGRAM = /^\x7fELF[^\n]*netdive:(\S+)\n$/s;

/** Writes a ustar archive (tar(5)). Names that fit no header are left out. */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const header = headerOf(entry);
    if (!header) continue;
    blocks.push(header, entry.bytes, new Uint8Array((BLOCK - (entry.bytes.length % BLOCK)) % BLOCK));
  }
  return concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

function headerOf(entry: TarEntry): Uint8Array | undefined {
  const path = entry.kind === 'directory' ? `${entry.name}/` : entry.name;
  const split = splitName(path);
  if (!split) return undefined;
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => header.set(encode(text), at);
  const octal = (at: number, value: number, width: number): void => put(at, `${value.toString(8).padStart(width - 1, '0')}\0`);
  put(0, split.name);
  octal(100, entry.mode, 8);
  octal(108, 0, 8);
  octal(116, 0, 8);
  octal(124, entry.bytes.length, 12);
  octal(136, EPOCH_SECONDS + Math.floor(entry.modified / SECOND), 12);
  put(148, '        ');
  put(156, TYPES[entry.kind]);
  put(157, entry.target.slice(0, NAME));
  put(257, 'ustar\x0000root');
  put(297, 'root');
  put(345, split.prefix);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

function splitName(path: string): { name: string; prefix: string } | undefined {
  if (encode(path).length <= NAME) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (encode(name).length <= NAME && encode(prefix).length <= PREFIX && name !== '') return { name, prefix };
  }
  return undefined;
}

/** Reads an archive; `undefined` when it is none. */
export function readTar(bytes: Uint8Array): TarEntry[] | undefined {
  const entries: TarEntry[] = [];
  let at = 0;
  let long = '';
  while (at + BLOCK <= bytes.length) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return entries;
    const text = (from: number, length: number): string => decode(header.subarray(from, from + length)).replace(/\0.*$/s, '');
    const number = (from: number, length: number): number => Number.parseInt(text(from, length).trim() || '0', 8);
    if (text(257, 5) !== 'ustar') return undefined;
    const size = number(124, 12);
    const body = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (!Number.isFinite(size) || body.length < size) return undefined;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = text(156, 1);
    if (type === 'L') {
      long = decode(body).replace(/\0.*$/s, '');
      continue;
    }
    const prefix = text(345, PREFIX);
    const name = (long || (prefix === '' ? text(0, NAME) : `${prefix}/${text(0, NAME)}`)).replace(/^\.\//, '').replace(/\/+$/, '');
    long = '';
    const kind = type === '5' ? 'directory' : type === '2' ? 'symlink' : 'file';
    if (type !== '5' && type !== '2' && type !== '0' && type !== '') continue;
    const modified = (number(136, 12) - EPOCH_SECONDS) * SECOND;
    entries.push({ name, kind, mode: number(100, 8) & 0o7777, modified, bytes: body.slice(), target: text(157, NAME) });
  }
  return bytes.length === 0 ? [] : undefined;
}

/** What an inode is in an archive, without what is in a directory; `undefined` for devices and their kin. */
export function entryOf(name: string, inode: Inode): TarEntry | undefined {
  const { mode, modified } = inode;
  const base = { name, mode, modified, bytes: new Uint8Array(0), target: '' };
  if (inode instanceof Directory) return { ...base, kind: 'directory' };
  if (inode instanceof Symlink) return { ...base, kind: 'symlink', target: inode.target };
  if (inode instanceof RegularFile) return { ...base, kind: 'file', bytes: inode.bytes };
  if (inode instanceof Executable) return { ...base, kind: 'file', bytes: programBytes(inode.program) };
  return undefined;
}

/** The bytes that stand for a program. */
function programBytes(program: string): Uint8Array {
  return concat([Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), encode(`netdive:${program}\n`)]);
}

/** The file system's entry for one of an archive; a program's bytes become a program again. */
export function inodeOf(entry: TarEntry): Inode {
  if (entry.kind === 'directory') return new Directory(entry.mode);
  if (entry.kind === 'symlink') return new Symlink(entry.target);
  const program = entry.bytes.length < 256 ? PROGRAM.exec(decode(entry.bytes)) : null;
  const made = program ? new Executable(program[1] as string) : new RegularFile(entry.bytes, entry.mode);
  made.modified = entry.modified;
  return made;
}
