import { Directory, Executable, type Inode, Symlink } from '../host/inode.ts';
import type { Command } from './command.ts';

/** Makes the directories of an absolute path below `root` (existing ones stay) and returns the last. */
export function makeDirectories(root: Directory, path: string): Directory {
  let directory = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const found = directory.child(name);
    if (found instanceof Directory) directory = found;
    else {
      const made = directory.subdirectory(0o755);
      directory.add(name, made);
      directory = made;
    }
  }
  return directory;
}

/** Puts an inode at an absolute path below `root`, making the directories on the way. */
export function place(root: Directory, path: string, inode: Inode): void {
  const slash = path.lastIndexOf('/');
  makeDirectories(root, path.slice(0, slash)).add(path.slice(slash + 1), inode);
}

/** Installs commands at their paths, in a root whose /bin, /sbin and /lib are links into /usr as Debian's are. */
export function installCommands(root: Directory, commands: readonly Command[]): void {
  for (const name of ['bin', 'sbin', 'lib']) {
    makeDirectories(root, `/usr/${name}`);
    root.add(name, new Symlink(`usr/${name}`));
  }
  for (const command of commands) for (const path of command.paths) place(root, path, new Executable(command.name));
}
