import { encode } from '../../../base/bytes.ts';
import { Directory, type Inode, RegularFile, Symlink } from '../../../host/inode.ts';

/** What a root file system is written as: names to text (a file), nested names (a directory), or an inode. */
export interface Tree {
  [name: string]: string | Tree | Inode;
}

/** Makes fresh directories and files of a description. */
export function tree(description: Tree): Directory {
  const directory = new Directory();
  for (const [name, entry] of Object.entries(description)) directory.add(name, inodeOf(entry));
  return directory;
}

function inodeOf(entry: string | Tree | Inode): Inode {
  if (typeof entry === 'string') return new RegularFile(encode(entry));
  return isInode(entry) ? entry : tree(entry);
}

function isInode(entry: Tree | Inode): entry is Inode {
  return 'kind' in entry && 'mode' in entry && typeof entry.mode === 'number';
}

/** A symbolic link, for use in a `Tree`. */
export function link(target: string): Symlink {
  return new Symlink(target);
}
