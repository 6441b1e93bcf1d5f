import { Directory, type Inode } from '../../../host/inode.ts';
import type { Process } from '../../../host/process.ts';
import type { Engine } from '../engine.ts';
import { same } from '../images/layer.ts';
import type { Container } from './container.ts';

/** An element of GET /containers/{id}/changes. */
export interface Change {
  Path: string;
  /** 0 changed, 1 added, 2 deleted. */
  Kind: 0 | 1 | 2;
}

/** What the Engine makes itself before a container's own layer (daemon/initlayer). */
const INIT_LAYER = new Set(['/.dockerenv', '/dev', '/proc', '/sys', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/mtab']);

/** How a container's files differ from its image's. A file that was written the same again counts as unchanged. */
export function changesOf(engine: Engine, container: Container): Change[] {
  const changes: Change[] = [];
  compare(engine.daemon, '', engine.images.instantiate(container.image), container.root, changes);
  return changes.sort((a, b) => (a.Path < b.Path ? -1 : 1));
}

/** @returns whether anything below differs */
function compare(viewer: Process, path: string, before: Directory, after: Directory, changes: Change[]): boolean {
  let changed = false;
  const names = new Set([...before.names(viewer), ...after.names(viewer)]);
  for (const name of names) {
    const full = `${path}/${name}`;
    if (INIT_LAYER.has(full)) continue;
    const [old, now] = [before.child(name), after.child(name)];
    if (!now) changes.push({ Path: full, Kind: 2 });
    else if (!old) added(viewer, full, now, changes);
    else if (old instanceof Directory && now instanceof Directory) {
      if (!compare(viewer, full, old, now, changes)) continue;
      changes.push({ Path: full, Kind: 0 });
      if (old.names(viewer).join() === now.names(viewer).join()) continue;
    } else if (same(old, now)) continue;
    else changes.push({ Path: full, Kind: 0 });
    changed = true;
  }
  return changed;
}

function added(viewer: Process, path: string, inode: Inode, changes: Change[]): void {
  changes.push({ Path: path, Kind: 1 });
  if (!(inode instanceof Directory)) return;
  for (const name of inode.names(viewer)) {
    const child = inode.child(name);
    if (child) added(viewer, `${path}/${name}`, child, changes);
  }
}
