import type { Host } from '../../../host/host.ts';
import { ComputedDirectory, ComputedFile, Directory, type Inode, RegularFile, Symlink } from '../../../host/inode.ts';
import { decode } from '../../../base/bytes.ts';
import type { Errno } from '../../../base/errno.ts';
import { invalid, type Refusal } from '../refusal.ts';
import { checkVolumeName } from './volume-store.ts';

/** A bind mount, a volume or a file system in memory. */
export interface Mount {
  type: 'bind' | 'volume' | 'tmpfs';
  /** Named volumes only. */
  name?: string;
  source: string;
  destination: string;
  mode: string;
  writable: boolean;
}

const MODES = new Set([
  'ro',
  'rw',
  'z',
  'Z',
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
  'nocopy',
  'cached',
  'delegated',
  'consistent',
]);

/** Parses `-v` in the form SOURCE:DESTINATION[:MODE] (or DESTINATION alone, an anonymous volume). */
export function parseBind(spec: string, anonymousName: string): Mount | Refusal {
  const parts = spec.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) return invalid(`invalid volume specification: '${spec}'`);
  const [first = '', second, mode = ''] = parts;
  // A name alone is a place in the container for an anonymous volume, from the root whether it says so or not.
  const destination = second ?? `/${first.replace(/^\/+/, '')}`;
  if (parts.length === 3) for (const word of mode.split(',')) if (!MODES.has(word)) return invalid(`invalid mode: ${mode}`);
  const isPath = parts.length > 1 && first.startsWith('/');
  const type = isPath ? 'bind' : 'volume';
  if (!destination.startsWith('/')) {
    return invalid(
      `invalid volume specification: '${spec}': invalid mount config for type "${type}": invalid mount path: '${destination}' mount path must be absolute`,
    );
  }
  if (destination.replace(/\/+$/, '') === '') {
    return invalid(
      `invalid volume specification: '${spec}': invalid mount config for type "${type}": invalid specification: destination can't be '/'`,
    );
  }
  const writable = !mode.split(',').includes('ro');
  if (isPath) return { type, source: first, destination, mode, writable };
  const name = parts.length > 1 ? first : anonymousName;
  const wrong = checkVolumeName(name);
  if (wrong) return wrong;
  return { type, name, source: `/var/lib/docker/volumes/${name}/_data`, destination, mode: mode === '' ? 'z' : mode, writable };
}

/** The directory at a path of the host, made where it is missing as dockerd does for the source of a bind. */
export function sourceOf(host: Host, path: string): Inode | Refusal {
  const found = host.init.namespaces.mnt.resolve(host.init, path);
  if (typeof found !== 'string' && found.inode) return found.inode;
  let directory: Directory = host.init.namespaces.mnt.root;
  let walked = '';
  for (const part of path.split('/').filter((name) => name !== '')) {
    walked += `/${part}`;
    const step = host.init.namespaces.mnt.resolve(host.init, walked);
    let next = typeof step === 'string' ? undefined : step.inode;
    if (!next) {
      next = new Directory();
      const failed = directory.add(part, next);
      if (failed) return invalid(`invalid mount config for type "bind": bind source path does not exist: ${path}`);
    }
    if (!(next instanceof Directory)) return invalid(`invalid mount config for type "bind": bind source path does not exist: ${path}`);
    directory = next;
  }
  return directory;
}

/** The entry at a path below a container's root, made where it is missing: a directory or an empty file, like what goes there. */
export function mountPoint(root: Directory, path: string, like: Inode): void {
  const names = path.split('/').filter((name) => name !== '');
  let directory = root;
  names.forEach((name, i) => {
    const found = directory.child(name);
    if (found instanceof Directory) {
      directory = found;
      return;
    }
    if (found instanceof Symlink || found) return;
    const made = i < names.length - 1 || like instanceof Directory ? new Directory() : new RegularFile();
    directory.add(name, made);
    if (made instanceof Directory) directory = made;
  });
}

/** The same files, but every write and change is refused: a read-only mount. */
export function readOnly(inode: Inode): Inode {
  if (inode instanceof Directory) return new ReadOnlyDirectory(inode);
  if (inode instanceof RegularFile) return readOnlyFile(() => decode(inode.bytes));
  return inode instanceof ComputedFile ? readOnlyFile(inode.contents) : inode;
}

function readOnlyFile(contents: ComputedFile['contents']): ComputedFile {
  const file = new ComputedFile(contents, () => 'EROFS');
  file.refusal = 'EROFS';
  return file;
}

class ReadOnlyDirectory extends ComputedDirectory {
  /** The views that exist already, so that an entry stays the same one. */
  static readonly views = new WeakMap<Inode, Inode>();

  constructor(source: Directory) {
    super(
      (viewer) => source.names(viewer),
      (viewer, name) => {
        const found = source.lookup(name, viewer);
        if (!found) return undefined;
        let view = ReadOnlyDirectory.views.get(found);
        if (!view) {
          view = readOnly(found);
          ReadOnlyDirectory.views.set(found, view);
        }
        return view;
      },
    );
    this.mode = source.mode;
  }

  override add(): Errno {
    return 'EROFS';
  }

  override remove(): Errno {
    return 'EROFS';
  }
}
