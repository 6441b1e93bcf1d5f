import { formatIPv4, formatPrefix, type IPv4 } from '../../../base/address.ts';
import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import { attach, detach } from '../network/endpoint.ts';
import { AddressPool } from '../network/ipam.ts';
import type { Endpoint, Network } from '../network/network.ts';
import { addPeer, overlayMac, overlayMtu, overlayOf, removePeer } from '../network/overlay.ts';
import { Resolver } from '../network/resolver.ts';
import { Sandbox } from '../network/sandbox.ts';
import { chooseWayOut } from '../network/way-out.ts';
import { DEFAULT_ENDPOINT } from '../container/settings.ts';
import { Refusal } from '../refusal.ts';
import { ServiceBalancers } from './balancers.ts';
import type { EndpointFact, Fact, Gossip } from './gossip.ts';
import type { SwarmNetwork, SwarmTask } from './objects.ts';
import { occupant } from './occupant.ts';
import { NameTable } from './name-table.ts';

/** An overlay network that this host takes part in. */
interface Joined {
  network: Network;
  swarm: SwarmNetwork;
  balancer: { container: Container; sandbox: Sandbox; address: IPv4 };
}

/** The swarm's networks that have endpoints on this host, each with its load balancer, kept up with what gossip tells. */
export class Overlays {
  readonly #engine: Engine;
  readonly #gossip: () => Gossip | undefined;
  readonly #empty: (network: string, container: string) => void;
  readonly #joined = new Map<string, Joined>();
  readonly #balancers: ServiceBalancers;
  /** Tasks of services by the id of their container, for what gossip has to tell about them. */
  readonly tasks = new Map<string, SwarmTask>();

  /** @param left called when a container has left a network */
  constructor(engine: Engine, gossip: () => Gossip | undefined, left: (network: string, container: string) => void) {
    this.#engine = engine;
    this.#gossip = gossip;
    this.#empty = left;
    this.#balancers = new ServiceBalancers(engine);
  }

  find(id: string): Network | undefined {
    return this.#joined.get(id)?.network;
  }

  /** Takes part in a network, if that isn't done yet. */
  ensure(swarm: SwarmNetwork, balancer: IPv4): Network | Refusal {
    const known = this.#joined.get(swarm.id);
    if (known) return known.network;
    const made = this.#make(swarm);
    if (made instanceof Refusal) return made;
    const failed = this.#startBalancer(made, swarm, balancer);
    if (failed) {
      this.#remove(made);
      return failed;
    }
    this.#gossip()?.publish(`network/${swarm.id}/${this.#gossip()?.self.name}`, swarm.id);
    for (const fact of this.#gossip()?.current() ?? []) if (fact.network === swarm.id) this.learn(fact);
    return made;
  }

  /** A container's address for its next start. */
  reserve(network: Network, container: string, address: IPv4): void {
    overlayOf(network).reserved.set(container, address);
  }

  /** Gives up what a container reserved and doesn't use. */
  release(container: string): void {
    for (const { network } of [...this.#joined.values()]) {
      if (!overlayOf(network).reserved.delete(container) || network.endpoints.has(container)) continue;
      this.#empty(network.id, container);
      this.#leaveIfEmpty(network);
    }
  }

  #make(swarm: SwarmNetwork): Network | Refusal {
    const { allocated } = swarm;
    if (!allocated) return new Refusal(500, `network ${swarm.name} has no subnet`);
    const subnet = { address: allocated.subnet, length: allocated.length };
    const network: Network = {
      id: swarm.id,
      name: swarm.name,
      created: this.#engine.host.now,
      driver: 'overlay',
      predefined: false,
      internal: swarm.internal,
      attachable: swarm.attachable,
      ingress: swarm.ingress,
      configOnly: false,
      configFrom: '',
      enableIPv4: true,
      enableIPv6: false,
      options: optionsOf(swarm),
      labels: swarm.labels ?? {},
      ipam: { pool: new AddressPool(subnet), gateway: allocated.gateway, configured: true },
      ipam6: undefined,
      ipamConfig: [{ Subnet: formatPrefix(subnet), Gateway: formatIPv4(allocated.gateway) }],
      ipamOptions: null,
      endpoints: new Map(),
      peers: () => this.#peers(swarm.id),
    };
    const names = new NameTable(swarm.id, () => this.#gossip()?.current() ?? []);
    network.overlay = {
      vni: allocated.vni,
      mtu: overlayMtu(swarm.options),
      reserved: new Map(),
      ports: 0,
      told: (endpoint, event) => this.#told(swarm.id, endpoint, event),
      resolve: (name, family) => (family === 4 ? names.addresses(name) : []),
      nameOf: (address) => names.nameOf(address),
    };
    const failed = this.#engine.networks.addBuilt(network);
    return failed ?? network;
  }

  /** The namespace in which IPVS spreads a service's connections: the ingress network's leads out, too. */
  #startBalancer(network: Network, swarm: SwarmNetwork, address: IPv4): Refusal | undefined {
    const engine = this.#engine;
    const id = swarm.ingress ? 'ingress-sbox' : `lb-${swarm.name}`;
    const file = swarm.ingress ? 'ingress_sbox' : `lb_${swarm.id.slice(0, 9)}`;
    const container = occupant(engine, id);
    const sandbox = new Sandbox(engine.host, engine.random(`sandbox/${file}`).hex(64), engine.openRtNetlink, file, file);
    container.sandbox = sandbox;
    this.#joined.set(swarm.id, { network, swarm, balancer: { container, sandbox, address } });
    overlayOf(network).reserved.set(id, address);
    const endpoint = attach(engine, container, network, { ...DEFAULT_ENDPOINT });
    if (endpoint instanceof Refusal) return endpoint;
    endpoint.unlisted = `${swarm.name}-endpoint`;
    const failed = swarm.ingress ? chooseWayOut(engine, container) : undefined;
    sandbox.resolver = new Resolver(engine, sandbox);
    return failed;
  }

  /** An endpoint came or went: the others hear of it. */
  #told(id: string, endpoint: Endpoint, event: 'join' | 'leave'): void {
    const gossip = this.#gossip();
    const key = `endpoint/${id}/${endpoint.id}`;
    if (event === 'join') {
      if (endpoint.address && gossip) gossip.publish(key, id, this.#describe(id, endpoint));
      return;
    }
    gossip?.withdraw(key);
    if (endpoint.container === this.#joined.get(id)?.balancer.container) return;
    this.#empty(id, endpoint.container.id);
    // The endpoint is still in the network's list until the driver is done.
    this.#engine.host.events.after(1, 'overlay', () => this.#leaveIfEmpty(endpoint.network));
  }

  #describe(id: string, endpoint: Endpoint): EndpointFact {
    const { container } = endpoint;
    const address = endpoint.address?.address ?? 0;
    const task = this.tasks.get(container.id);
    const aliases = container.networks.get(endpoint.network.name)?.Aliases ?? [];
    const own = container === this.#joined.get(id)?.balancer.container || !this.#joined.has(id);
    const vip = task?.vips.find(({ network }) => network === id)?.address ?? 0;
    const ingress = task?.ports.filter(({ PublishMode }) => PublishMode === 'ingress') ?? [];
    const serviceAliases = task?.attachments.find(({ network }) => network === id)?.aliases ?? [];
    return {
      address,
      mac: endpoint.mac ?? overlayMac(address),
      host: this.#gossip()?.self.address ?? 0,
      names: own && container.sequence < 0 ? [] : [container.name, container.shortId, ...(task ? [] : aliases)],
      ...(task
        ? {
            service: {
              id: task.service,
              name: task.serviceName,
              vip,
              ports: endpoint.network.ingress ? ingress : [],
              aliases: serviceAliases,
            },
          }
        : {}),
    };
  }

  /** Something was told about a network; it matters if this host is on it. */
  learn(fact: Fact): void {
    const joined = this.#joined.get(fact.network);
    const { endpoint } = fact;
    if (!joined || !endpoint) return;
    if (fact.node !== this.#gossip()?.self.name) {
      const program = fact.gone ? removePeer : addPeer;
      program(joined.network, endpoint.address, endpoint.mac, endpoint.host);
    }
    if (endpoint.service && endpoint.service.vip !== 0) {
      const { sandbox, address } = joined.balancer;
      const place = {
        network: fact.network,
        ingress: joined.swarm.ingress,
        sandbox,
        address,
        length: joined.swarm.allocated?.length ?? 24,
      };
      if (fact.gone) this.#balancers.remove(place, endpoint.service, endpoint.address);
      else this.#balancers.add(place, endpoint.service, endpoint.address);
    }
  }

  #peers(id: string): { Name: string; IP: string }[] {
    const facts = (this.#gossip()?.current() ?? []).filter((fact) => fact.network === id && !fact.endpoint);
    return facts.flatMap(({ node }) => {
      const self = this.#gossip()?.self;
      const address = node === self?.name ? self.address : this.#gossip()?.members.get(node)?.address;
      return address === undefined ? [] : [{ Name: node, IP: formatIPv4(address) }];
    });
  }

  /** Without containers of its own a host leaves a network; the ingress network it stays on. */
  #leaveIfEmpty(network: Network): void {
    const joined = this.#joined.get(network.id);
    if (!joined || joined.network !== network || network.ingress) return;
    if (network.endpoints.size > 1 || overlayOf(network).reserved.size > 1) return;
    this.leave(network.id);
  }

  leave(id: string): void {
    const joined = this.#joined.get(id);
    if (!joined) return;
    const { network, balancer } = joined;
    this.#balancers.forget(id);
    for (const endpoint of [...balancer.sandbox.endpoints].reverse()) detach(this.#engine, balancer.sandbox, endpoint);
    balancer.sandbox.release();
    this.#joined.delete(id);
    this.#gossip()?.withdraw(`network/${id}/${this.#gossip()?.self.name}`);
    this.#remove(network);
  }

  leaveAll(): void {
    for (const id of [...this.#joined.keys()]) this.leave(id);
  }

  #remove(network: Network): void {
    this.#engine.networks.remove(network);
    this.#joined.delete(network.id);
  }
}

/** Its options with the identifier that it got, as `inspect` shows them. */
export function optionsOf(network: SwarmNetwork): Record<string, string> {
  const vni: Record<string, string> = network.allocated
    ? { 'com.docker.network.driver.overlay.vxlanid_list': String(network.allocated.vni) }
    : {};
  return { ...network.options, ...vni };
}
