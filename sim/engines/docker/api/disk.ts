import type { Directory } from '../../../host/inode.ts';
import type { Blocking } from '../../../host/wait.ts';
import { pack } from '../archive/copy.ts';
import { sizesOf } from '../container/describe.ts';
import type { Engine } from '../engine.ts';
import { hostDirectory } from '../host-files.ts';
import type { Answer, Call, Route } from './route.ts';

/** Routes that count bytes. */
export const diskRoutes: readonly Route[] = [{ method: 'GET', path: '/system/df', handle: diskUsage }];

function* diskUsage({ engine }: Call): Blocking<Answer> {
  const images = engine.images.images.filter((image) => image.tags.length > 0 || engine.images.childrenOf(image).length === 0);
  const containers = engine.containers.list();
  const json = {
    LayersSize: layersSize(engine),
    Images: images.map((image) => ({
      Id: `sha256:${image.id}`,
      RepoTags: image.tags,
      Size: image.definition.size,
      SharedSize: 0,
      Containers: containers.filter((container) => container.image === image).length,
    })),
    Containers: containers.map((container) => ({ Id: container.id, State: container.status, ...sizesOf(engine, container) })),
    Volumes: engine.volumes.list().map(({ name }) => ({
      Name: name,
      UsageData: {
        RefCount: engine.volumes.users(name).length,
        Size: sizeBelow(engine, hostDirectory(engine.host, `/var/lib/docker/volumes/${name}/_data`)),
      },
    })),
    BuildCache: null,
  };
  return { status: 200, json };
}

/** What images take on disk: what several share is counted once. */
function layersSize(engine: Engine): number {
  const own = engine.images.images.map(({ parent, definition }) => definition.size - (parent?.definition.size ?? 0));
  return own.reduce((sum, size) => sum + size, 0);
}

function sizeBelow(engine: Engine, directory: Directory): number {
  return pack(engine.daemon, '', directory).reduce((sum, entry) => sum + entry.bytes.length, 0);
}
