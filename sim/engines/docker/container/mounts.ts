import type { Engine } from '../engine.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import type { HostConfig, MountRequest } from './settings.ts';
import { type Mount, parseBind } from './volumes.ts';
import { checkVolumeName } from './volume-store.ts';

/**
 * Everything that is to be mounted into a container: `-v`, `--mount` and `--tmpfs`; volumes are made where they are missing.
 *
 * @param volumes where the image wants volumes: anonymous ones, unless something else is mounted there
 */
export function containerMounts(engine: Engine, id: string, hostConfig: HostConfig, volumes: readonly string[]): Mount[] | Refusal {
  const mounts: Mount[] = [];
  for (const bind of hostConfig.Binds ?? []) {
    const mount = parseBind(bind, engine.random(`volume/${id}/${bind}`).hex(64));
    if (mount instanceof Refusal) return mount;
    mounts.push(mount);
  }
  for (const request of hostConfig.Mounts ?? []) {
    const mount = parseMount(engine, id, request);
    if (mount instanceof Refusal) return mount;
    mounts.push(mount);
  }
  for (const destination of Object.keys(hostConfig.Tmpfs ?? {})) {
    if (!destination.startsWith('/')) return invalid(`invalid mount path: '${destination}' mount path must be absolute`);
    mounts.push({ type: 'tmpfs', source: '', destination, mode: '', writable: true });
  }
  const taken = new Set<string>();
  for (const { destination } of mounts) {
    if (taken.has(destination)) return invalid(`Duplicate mount point: ${destination}`);
    taken.add(destination);
  }
  for (const destination of volumes.filter((path) => !taken.has(path))) {
    const name = engine.random(`volume/${id}/${destination}`).hex(64);
    mounts.push({ type: 'volume', name, source: `/var/lib/docker/volumes/${name}/_data`, destination, mode: '', writable: true });
  }
  for (const mount of mounts) {
    if (mount.type !== 'volume' || mount.name === undefined) continue;
    const volume = engine.volumes.create(mount.name, { anonymous: /^[0-9a-f]{64}$/.test(mount.name) });
    if (volume instanceof Refusal) return volume;
  }
  return mounts;
}

function parseMount(engine: Engine, id: string, request: MountRequest): Mount | Refusal {
  const { Type: type, Source: source = '', Target: destination = '', ReadOnly: readOnly = false } = request;
  const bad = (why: string): Refusal => invalid(`invalid mount config for type "${type}": ${why}`);
  if (!['bind', 'volume', 'tmpfs'].includes(type)) {
    return ['npipe', 'cluster', 'image'].includes(type) ? notModelled(`a mount of type ${type}`) : bad('mount type unknown');
  }
  if (destination === '') return bad('field Target must not be empty');
  if (!destination.startsWith('/')) return bad(`invalid mount path: '${destination}' mount path must be absolute`);
  if (destination === '/') return bad("invalid specification: destination can't be '/'");
  const writable = !readOnly;
  if (type === 'tmpfs')
    return source === '' ? { type, source: '', destination, mode: '', writable } : bad('field Source must not be specified');
  if (type === 'volume') {
    const name = source === '' ? engine.random(`volume/${id}/${destination}`).hex(64) : source;
    const wrong = checkVolumeName(name);
    return wrong ?? { type, name, source: `/var/lib/docker/volumes/${name}/_data`, destination, mode: 'z', writable };
  }
  if (source === '') return bad('field Source must not be empty');
  if (!source.startsWith('/')) return bad(`invalid mount path: '${source}' mount path must be absolute`);
  const { init } = engine.host;
  const found = init.namespaces.mnt.resolve(init, source);
  if (typeof found === 'string' || !found.inode) return bad(`bind source path does not exist: ${source}`);
  return { type: 'bind', source, destination, mode: '', writable };
}
