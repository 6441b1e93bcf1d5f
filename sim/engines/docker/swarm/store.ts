import type { Micros } from '../../../base/time.ts';
import type { Random } from '../../../base/random.ts';
import { AddressBook } from './address-book.ts';
import { newDigest, newId } from './identity.ts';
import type { Cluster, ManualAttachment, ObjectMeta, Service, SwarmNetwork, SwarmNode, SwarmTask } from './objects.ts';
import { Fault } from './objects.ts';

/** What a swarm's leader keeps. Every change calls `changed` once the call that made it is over. */
export class Store {
  readonly nodes = new Map<string, SwarmNode>();
  readonly networks = new Map<string, SwarmNetwork>();
  readonly services = new Map<string, Service>();
  readonly tasks = new Map<string, SwarmTask>();
  readonly attachments = new Map<string, ManualAttachment>();
  readonly addresses = new AddressBook();
  readonly cluster: Cluster;
  readonly #now: () => Micros;
  readonly #random: (name: string) => Random;
  #version = 0;
  #made = 0;

  constructor(now: () => Micros, random: (name: string) => Random) {
    this.#now = now;
    this.#random = random;
    this.cluster = {
      ...this.meta('cluster'),
      digest: newDigest(random('swarm/certificate')),
      workerSecret: newId(random('swarm/worker-secret')),
      managerSecret: newId(random('swarm/manager-secret')),
      taskHistoryLimit: 5,
    };
  }

  get now(): Micros {
    return this.#now();
  }

  /** What every object begins with. */
  meta(kind: string): ObjectMeta {
    const id = newId(this.#random(`swarm/${kind}/${this.#made++}`));
    return { id, created: this.now, updated: this.now, version: ++this.#version };
  }

  touch(object: ObjectMeta): void {
    object.version = ++this.#version;
    object.updated = this.now;
  }

  /** By id, name, or a beginning of an id that only one has. */
  node(text: string): SwarmNode | Fault {
    const nodes = [...this.nodes.values()];
    const found = this.nodes.get(text) ?? nodes.find((node) => node.hostname === text);
    return found ?? byBeginning('node', text, nodes);
  }

  network(text: string): SwarmNetwork | Fault {
    const networks = [...this.networks.values()];
    const found = networks.find((network) => network.name === text) ?? this.networks.get(text);
    return found ?? byBeginning('network', text, networks);
  }

  service(text: string): Service | Fault {
    const services = [...this.services.values()];
    const found = this.services.get(text) ?? services.find((service) => service.spec.Name === text);
    return found ?? byBeginning('service', text, services);
  }

  task(text: string): SwarmTask | Fault {
    const tasks = [...this.tasks.values()];
    return this.tasks.get(text) ?? tasks.find((task) => task.name === text) ?? byBeginning('task', text, tasks);
  }

  tasksOf(service: string): SwarmTask[] {
    return [...this.tasks.values()].filter((task) => task.service === service);
  }

  get ingress(): SwarmNetwork | undefined {
    return [...this.networks.values()].find((network) => network.ingress);
  }
}

function byBeginning<T extends ObjectMeta>(kind: string, text: string, objects: readonly T[]): T | Fault {
  const found = text === '' ? [] : objects.filter((object) => object.id.startsWith(text));
  if (found.length > 1) return new Fault('', `${kind} ${text} is ambiguous (${found.length} matches found)`);
  return found[0] ?? new Fault('', `${kind} ${text} not found`);
}
