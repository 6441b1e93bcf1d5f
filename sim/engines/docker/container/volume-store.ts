import type { Micros } from '../../../base/time.ts';
import type { Engine } from '../engine.ts';
import { hostDirectory } from '../host-files.ts';
import { conflict, invalid, notFound, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';

const DIRECTORY = '/var/lib/docker/volumes';

/** A named place for data below /var/lib/docker/volumes. */
export interface Volume {
  name: string;
  created: Micros;
  labels: Record<string, string> | null;
  options: Record<string, string> | null;
  /** Made for a container that named none. */
  anonymous: boolean;
}

/** The volumes of a daemon; all are of the driver `local`. */
export class Volumes {
  readonly #engine: Engine;
  readonly #volumes = new Map<string, Volume>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  list(): Volume[] {
    return [...this.#volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Volume | Refusal {
    return this.#volumes.get(name) ?? notFound(`get ${name}: no such volume`);
  }

  /** Makes it, unless it exists. */
  create(name: string, settings: Partial<Pick<Volume, 'labels' | 'options' | 'anonymous'>> = {}): Volume | Refusal {
    const wrong = checkVolumeName(name);
    if (wrong) return wrong;
    const known = this.#volumes.get(name);
    if (known) return known;
    const { labels = null, options = null, anonymous = false } = settings;
    const made: Volume = { name, created: this.#engine.host.now, labels, options, anonymous };
    this.#volumes.set(name, made);
    hostDirectory(this.#engine.host, `${DIRECTORY}/${name}/_data`);
    this.#event('create', name);
    return made;
  }

  users(name: string): Container[] {
    return this.#engine.containers
      .list()
      .filter((container) => container.mounts.some((mount) => mount.type === 'volume' && mount.name === name));
  }

  remove(name: string): Refusal | undefined {
    const found = this.find(name);
    if (found instanceof Refusal) return found;
    const users = this.users(name);
    if (users.length > 0) return conflict(`remove ${name}: volume is in use - [${users.map((container) => container.id).join(', ')}]`);
    this.#volumes.delete(name);
    hostDirectory(this.#engine.host, DIRECTORY).remove(name);
    this.#event('destroy', name);
    return undefined;
  }

  /** Those that a removed container named no name for (`--rm`, `docker rm -v`). */
  removeAnonymous(container: Container): void {
    for (const mount of container.mounts) {
      const volume = mount.name === undefined ? undefined : this.#volumes.get(mount.name);
      if (volume?.anonymous && this.users(volume.name).every((user) => user === container)) this.remove(volume.name);
    }
  }

  #event(action: string, name: string): void {
    this.#engine.events.log(this.#engine.host.now, 'volume', action, name, { driver: 'local' });
  }
}

/** The rule for names of the driver `local`. */
export function checkVolumeName(name: string): Refusal | undefined {
  if (name.length === 1) return invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return undefined;
  return invalid(
    `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}
