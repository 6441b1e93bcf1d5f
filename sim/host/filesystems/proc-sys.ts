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
    (viewer) => childNames(viewer, path),
    (viewer, name) => entry(viewer, `${path}/${name}`),
  );
}

function childNames(viewer: Process, path: string): string[] {
  const { sysctl } = viewer.namespaces.net;
  const below = sysctl.names().filter((name) => name.startsWith(`${path}/`));
  return [...new Set(below.map((name) => name.slice(path.length + 1).split('/')[0] as string))];
}

function entry(viewer: Process, path: string): Inode | undefined {
  const { sysctl } = viewer.namespaces.net;
  if (sysctl.get(path) === undefined) return childNames(viewer, path).length > 0 ? parameters(path) : undefined;
  const read = (reader: Process): string => `${reader.namespaces.net.sysctl.get(path) ?? ''}\n`;
  if (!sysctl.writable(path)) return new ComputedFile(read);
  return new ComputedFile(read, (writer, text) => writer.namespaces.net.sysctl.set(path, text));
}
