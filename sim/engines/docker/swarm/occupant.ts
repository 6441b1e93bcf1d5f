import { Directory, RegularFile } from '../../../host/inode.ts';
import { Container } from '../container/container.ts';
import { Log } from '../container/log.ts';
import { DEFAULT_CONFIG, DEFAULT_HOST_CONFIG } from '../container/settings.ts';
import type { Engine } from '../engine.ts';

/**
 * Who stands in a sandbox of the daemon's own, such as a load balancer's: to networks and drivers it is like a container, but no
 * process runs in it and no list shows it.
 */
export function occupant(engine: Engine, id: string): Container {
  return new Container({
    id,
    name: id,
    created: engine.host.now,
    sequence: -1,
    image: {
      definition: { repository: '', tag: '', size: 0, config: {}, instantiate: () => new Directory() },
      id: '',
      layers: [],
      history: [],
      author: '',
      comment: '',
      tags: [],
      created: 0,
    },
    config: { ...DEFAULT_CONFIG },
    hostConfig: { ...DEFAULT_HOST_CONFIG },
    root: new Directory(),
    files: { hostname: new RegularFile(), hosts: new RegularFile(), resolvConf: new RegularFile() },
    log: new Log(),
  });
}
