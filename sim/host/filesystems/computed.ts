import type { Errno } from '../../base/errno.ts';
import { ComputedDirectory, ComputedFile, type Inode, Symlink } from '../inode.ts';
import type { Process } from '../process.ts';

/** The size of every attribute of sysfs: a page. */
const PAGE = 4096;

class Attribute extends ComputedFile {
  override get size(): number {
    return PAGE;
  }
}

/** A link of /sys, which has no size there. */
export class AttributeLink extends Symlink {
  override get size(): number {
    return 0;
  }
}

/** A directory of /sys. */
export function attributes(entries: Entries): ComputedDirectory {
  const made = directory(entries);
  made.mode = 0o755;
  return made;
}

/** An attribute of /sys: a file of one value. */
export function attribute(...how: Parameters<typeof value>): ComputedFile {
  const { contents, store } = value(...how);
  return new Attribute(contents, store);
}

/** What a directory of a computed file system holds, for the process that looks. */
export type Entries = (viewer: Process) => Record<string, Inode> | undefined;

/** A directory whose entries are worked out anew at each look; without entries it reads as empty. */
export function directory(entries: Entries): ComputedDirectory {
  return new ComputedDirectory(
    (viewer) => Object.keys(entries(viewer) ?? {}),
    (viewer, name) => {
      const found = entries(viewer) ?? {};
      return Object.hasOwn(found, name) ? found[name] : undefined;
    },
  );
}

/** A read-only file of computed text. */
export function text(contents: (viewer: Process) => string | Errno): ComputedFile {
  return new ComputedFile(contents);
}

/** A file of one value: reads with a newline, takes a write without the spaces around it. */
export function value(
  get: (viewer: Process) => string | number | undefined,
  set?: (viewer: Process, text: string) => Errno | undefined,
): ComputedFile {
  const store = set && ((viewer: Process, written: string) => set(viewer, written.trim()));
  return new ComputedFile((viewer) => {
    const current = get(viewer);
    return current === undefined ? 'EINVAL' : current === '' ? '' : `${current}\n`;
  }, store);
}
