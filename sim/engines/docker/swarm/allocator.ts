import type { IPv4, Prefix } from '../../../base/address.ts';
import { networkOf, parseIP, parsePrefix } from '../../../base/address.ts';
import { Fault, type PortConfig, type Service, type ServiceSpec, type SwarmNetwork, type SwarmTask } from './objects.ts';
import type { Store } from './store.ts';

/** Ports that the swarm chooses itself (swarmkit's allocator). */
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;

/** Gives networks their subnet and identifier, services their virtual addresses and ports, tasks and nodes their addresses. */
export class Allocator {
  readonly #store: Store;
  /** By node and network: the address of the node's load balancer there. */
  readonly #balancers = new Map<string, IPv4>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A network whose subnet somebody else has stays without. */
  network(network: SwarmNetwork): void {
    if (network.driver !== 'overlay') return;
    const { addresses } = this.#store;
    const [config] = network.ipamConfig;
    const asked = config?.Subnet ? (parsePrefix(config.Subnet) as Prefix<IPv4> | undefined) : undefined;
    const subnet = asked ? { address: networkOf(asked.address, asked.length), length: asked.length } : addresses.freeSubnet();
    if (!subnet || addresses.taken(subnet)) return;
    const pool = addresses.open(network.id, subnet);
    const wanted = config?.Gateway ? (parseIP(config.Gateway) as IPv4 | undefined) : undefined;
    if (wanted !== undefined) pool.takeThis(wanted);
    const gateway = wanted ?? pool.take() ?? 0;
    const given = Number(network.options['com.docker.network.driver.overlay.vxlanid_list']);
    const vni = Number.isInteger(given) && given > 0 ? given : addresses.nextVni();
    network.allocated = { subnet: subnet.address, length: subnet.length, gateway, vni };
  }

  releaseNetwork(network: SwarmNetwork): void {
    this.#store.addresses.close(network.id);
    for (const key of this.#balancers.keys()) if (key.endsWith(`/${network.id}`)) this.#balancers.delete(key);
  }

  /** The node's load balancer on a network; made when the node first needs it. */
  balancer(node: string, network: string): IPv4 | undefined {
    const key = `${node}/${network}`;
    const known = this.#balancers.get(key);
    if (known !== undefined) return known;
    const address = this.#store.addresses.pool(network)?.take();
    if (address !== undefined) this.#balancers.set(key, address);
    return address;
  }

  /** Gives back the load balancers of a node on networks that it doesn't need any more. */
  keepBalancers(node: string, needed: ReadonlySet<string>): void {
    for (const [key, address] of this.#balancers) {
      const [owner = '', network = ''] = key.split('/');
      if (owner !== node || needed.has(network)) continue;
      this.#store.addresses.pool(network)?.release(address);
      this.#balancers.delete(key);
    }
  }

  /** Ports and virtual addresses as the spec wants them; what is kept keeps its address. */
  service(service: Service): void {
    service.ports = (service.spec.EndpointSpec.Ports ?? []).map((port) => this.#port(service, port));
    const networks = this.networksOf(service.spec);
    const wanted = service.spec.EndpointSpec.Mode === 'dnsrr' ? [] : networks;
    for (const { network, address } of service.vips) {
      if (!wanted.includes(network)) this.#store.addresses.pool(network)?.release(address);
    }
    service.vips = wanted.flatMap((network) => {
      const known = service.vips.find((vip) => vip.network === network);
      const address = known?.address ?? this.#store.addresses.pool(network)?.take();
      return address === undefined ? [] : [{ network, address }];
    });
  }

  releaseService(service: Service): void {
    for (const { network, address } of service.vips) this.#store.addresses.pool(network)?.release(address);
    service.vips = [];
  }

  /** The ingress network where ports are published on it, then the service's own. */
  networksOf(spec: ServiceSpec): string[] {
    const { ingress } = this.#store;
    const published = (spec.EndpointSpec.Ports ?? []).some(({ PublishMode }) => PublishMode === 'ingress');
    return [...(published && ingress ? [ingress.id] : []), ...(spec.TaskTemplate.Networks ?? []).map(({ Target }) => Target)];
  }

  #port(service: Service, port: PortConfig): PortConfig {
    if (port.PublishedPort || port.PublishMode === 'host') return port;
    const known = service.ports.find((one) => one.TargetPort === port.TargetPort && one.Protocol === port.Protocol && one.PublishedPort);
    if (known) return { ...port, PublishedPort: known.PublishedPort as number };
    const taken = new Set([...this.#store.services.values()].flatMap(({ ports }) => ports.map((one) => one.PublishedPort)));
    let candidate = FIRST_PORT;
    while (taken.has(candidate) && candidate < LAST_PORT) candidate++;
    return { ...port, PublishedPort: candidate };
  }

  /** Why a service's ports can't be had. */
  checkPorts(spec: ServiceSpec, own?: Service): Fault | undefined {
    for (const { PublishedPort, Protocol, PublishMode } of spec.EndpointSpec.Ports ?? []) {
      if (!PublishedPort || PublishMode !== 'ingress') continue;
      for (const other of this.#store.services.values()) {
        const clash = other.ports.find(
          (port) => port.PublishedPort === PublishedPort && port.Protocol === Protocol && port.PublishMode === 'ingress',
        );
        if (other === own || !clash) continue;
        const by = `'${other.spec.Name}' (${other.id})`;
        return new Fault('InvalidArgument', `port '${PublishedPort}' is already in use by service ${by} as an ingress port`);
      }
    }
    return undefined;
  }

  /** A task's addresses; false while a network has none. */
  task(task: SwarmTask, networks: readonly string[]): boolean {
    const missing = networks.filter((network) => !task.attachments.some((one) => one.network === network));
    for (const network of missing) {
      const address = this.#store.addresses.pool(network)?.take();
      if (address === undefined) return false;
      const aliases = task.spec.Networks?.find(({ Target }) => Target === network)?.Aliases;
      task.attachments.push({ network, address, ...(aliases ? { aliases } : {}) });
    }
    return true;
  }

  releaseTask(task: SwarmTask): void {
    for (const { network, address } of task.attachments) this.#store.addresses.pool(network)?.release(address);
    task.attachments = [];
  }
}
