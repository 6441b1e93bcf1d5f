import type { Errno } from '../../base/errno.ts';
import { type Inode, ComputedDirectory, ComputedFile } from '../inode.ts';
import type { Process } from '../process.ts';
import { directory, value } from './computed.ts';
import { KERNEL } from './identity.ts';

/** /proc/sys: what `sysctl` reads and writes (proc_sys(5)). Below `net` it is the viewer's network namespace that answers. */
export function procSys(): ComputedDirectory {
  const kernel = directory((viewer) => ({
    ostype: value(() => KERNEL.type),
    osrelease: value(() => KERNEL.release),
    version: value(() => KERNEL.version),
    hostname: value(
      () => viewer.namespaces.uts.hostname,
      (writer, name) => {
        if (name.length > 64) return 'EINVAL';
        writer.namespaces.uts.hostname = name;
        return undefined;
      },
    ),
    pid_max: value(() => 4_194_304),
  }));
  return directory(() => ({ kernel, net: parameters('net') }));
}

/** The parameters and directories below a path such as `net/ipv4`. */
function parameters(path: string): ComputedDirectory {
  return new ComputedDirectory(
    (viewer) => viewer.namespaces.net.sysctl.below(path),
    (viewer, name) => entry(viewer, `${path}/${name}`),
  );
}

/** Parameters that ask for the capability besides the file's owner (devinet_sysctl_forward). */
const FORWARDING = /^net\/ipv4\/(ip_forward|conf\/[^/]+\/forwarding)$/;

/** Whoever reads or writes has opened the file in the namespace that he is in: there it is looked up again. */
function entry(viewer: Process, path: string): Inode | undefined {
  const { sysctl } = viewer.namespaces.net;
  const found = sysctl.at(path);
  if (!found) return sysctl.below(path).length > 0 ? parameters(path) : undefined;
  const read = (reader: Process): string | Errno => {
    const now = reader.namespaces.net.sysctl.at(path);
    if (now?.mode !== undefined && (now.mode & 0o444) === 0) return 'EACCES';
    return now?.unreadable?.() ?? `${now?.get() ?? ''}\n`;
  };
  const write = (writer: Process, text: string): Errno | undefined =>
    FORWARDING.test(path) && !writer.capable('NET_ADMIN') ? 'EPERM' : writer.namespaces.net.sysctl.set(path, text);
  const file = new ComputedFile(read, found.set && write);
  if (found.mode !== undefined) file.mode = found.mode;
  return file;
}
