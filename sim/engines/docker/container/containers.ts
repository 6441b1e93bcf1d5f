import { ComputedFile } from '../../../host/inode.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { hostDirectory } from '../host-files.ts';
import { conflict, invalid, notFound, type Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { COST, killAndWait, waitWhile } from './lifecycle.ts';

const DIRECTORY = '/var/lib/docker/containers';

/** The containers of a daemon, and their files below /var/lib/docker. */
export class Containers {
  readonly #engine: Engine;
  readonly #containers: Container[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Newest first, as every list shows them. */
  list(): Container[] {
    return [...this.#containers].sort((a, b) => b.sequence - a.sequence);
  }

  /** Finds by id, name, or a beginning of an id that only one has. */
  find(text: string): Container | Refusal {
    const name = text.replace(/^\//, '');
    const exact =
      this.#containers.find((container) => container.id === text) ?? this.#containers.find((container) => container.name === name);
    if (exact) return exact;
    const beginning = text === '' ? [] : this.#containers.filter((container) => container.id.startsWith(text));
    if (beginning.length > 1) return invalid(`Multiple IDs found with provided prefix: ${text}`);
    return beginning[0] ?? notFound(`No such container: ${text}`);
  }

  named(name: string): Container | undefined {
    return this.#containers.find((container) => container.name === name);
  }

  add(container: Container): void {
    this.#containers.push(container);
    container.emit = (action, attributes = {}) => {
      const { config, name, id } = container;
      this.#engine.events.log(this.#engine.host.now, 'container', action, id, {
        ...config.Labels,
        image: config.Image,
        name,
        ...attributes,
      });
    };
    container.emit('create');
    const directory = hostDirectory(this.#engine.host, `${DIRECTORY}/${container.id}`);
    directory.add('hostname', container.files.hostname);
    directory.add('hosts', container.files.hosts);
    directory.add('resolv.conf', container.files.resolvConf);
    directory.add(`${container.id}-json.log`, new ComputedFile(() => container.log.text()));
  }

  /** Forgets a container that doesn't run. */
  discard(container: Container): void {
    container.removed = true;
    const at = this.#containers.indexOf(container);
    if (at >= 0) this.#containers.splice(at, 1);
    hostDirectory(this.#engine.host, DIRECTORY).remove(container.id);
    for (const [id, exec] of this.#engine.execs) if (exec.container === container) this.#engine.execs.delete(id);
    container.changed.wake();
    container.emit('destroy');
  }

  /** `docker rm`. */
  *remove(container: Container, force: boolean): Blocking<Refusal | undefined> {
    if (container.status === 'removing') return conflict(`removal of container ${container.id} is already in progress`);
    if (container.running || container.status === 'restarting') {
      const state =
        container.status === 'paused'
          ? 'paused and must be unpaused first'
          : `${container.status}: stop the container before removing or force remove`;
      if (!force) return conflict(`cannot remove container "${container.name}": container is ${state}`);
      yield* killAndWait(this.#engine, container);
      // With --rm its own clean-up removes it.
      if (container.hostConfig.AutoRemove) yield* waitWhile(this.#engine, container, () => !container.removed);
    }
    if (container.removed) return undefined;
    container.status = 'removing';
    yield { on: [], until: this.#engine.host.now + COST.cleanUp };
    this.discard(container);
    return undefined;
  }

  /** Gives a container another name. */
  rename(container: Container, wanted: string): Refusal | undefined {
    const name = wanted.replace(/^\//, '');
    if (name === '') return invalid('Neither old nor new names may be empty');
    if (name === container.name) return invalid('Renaming a container with the same name as its current name');
    const refusal = checkName(name, true);
    if (refusal) return invalid(`Error when allocating new name: ${refusal.message}`);
    const other = this.named(name);
    if (other) return conflict(`Error when allocating new name: ${nameConflict(name, other.id).message}`);
    const oldName = `/${container.name}`;
    container.name = name;
    container.emit('rename', { oldName });
    if (container.sandbox?.net.label?.kind === 'container') container.sandbox.net.label.name = name;
    return undefined;
  }
}

/** At least two of the allowed characters, the first a letter or digit. */
export function checkName(name: string, slash = false): Refusal | undefined {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return undefined;
  return invalid(`Invalid container name (${slash ? '/' : ''}${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

export function nameConflict(name: string, id: string): Refusal {
  return conflict(
    `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}
