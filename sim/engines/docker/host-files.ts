import type { Host } from '../../host/host.ts';
import { Directory } from '../../host/inode.ts';

/** A directory of the host's file system by its absolute path, made where it is missing. Links on the way are followed. */
export function hostDirectory(host: Host, path: string): Directory {
  const { mnt } = host.init.namespaces;
  let walked = '';
  let directory: Directory = mnt.root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    walked += `/${name}`;
    const found = mnt.resolve(host.init, walked);
    if (typeof found !== 'string' && found.inode instanceof Directory) {
      directory = found.inode;
      continue;
    }
    const made = new Directory();
    // A dangling link (/var/run where /run is missing) is filled in where it points to.
    const parent = typeof found === 'string' ? directory : found.parent;
    parent.add(typeof found === 'string' ? name : found.name, made);
    directory = made;
  }
  return directory;
}
