import { formatIP, formatPrefix, type IPv4, type Prefix } from '../../../base/address.ts';
import type { Engine } from '../engine.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import { driverOf } from './drivers.ts';
import { AddressPool, AddressSpace } from './ipam.ts';
import type { Network } from './network.ts';
import { PortAllocator } from './port-allocator.ts';

/** The default bridge's subnet; the gateway is docker0's address. */
const DEFAULT_SUBNET: Prefix<IPv4> = { address: 0xac110000, length: 16 };

const DEFAULT_BRIDGE_OPTIONS: Readonly<Record<string, string>> = {
  'com.docker.network.bridge.default_bridge': 'true',
  'com.docker.network.bridge.enable_icc': 'true',
  'com.docker.network.bridge.enable_ip_masquerade': 'true',
  'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
  'com.docker.network.bridge.name': 'docker0',
  'com.docker.network.driver.mtu': '1500',
};

/** The networks of a daemon. */
export class Networks {
  readonly addresses: AddressSpace;
  readonly ports = new PortAllocator();
  readonly #engine: Engine;
  readonly #networks: Network[] = [];
  #made = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    const prefix = BigInt(`0xfd${engine.random('unique-local').hex(10)}`) << 80n;
    this.addresses = new AddressSpace({ address: prefix, length: 48 });
  }

  /** Makes `none`, `host` and `bridge` with its docker0. */
  start(): void {
    this.add(this.#predefined('none', 'null'));
    this.add(this.#predefined('host', 'host'));
    const bridge = this.#predefined('bridge', 'bridge');
    const pool = this.addresses.requestSubnet(DEFAULT_SUBNET);
    if (!(pool instanceof AddressPool)) return;
    bridge.options = { ...DEFAULT_BRIDGE_OPTIONS };
    const gateway = pool.take() as IPv4;
    bridge.ipam = { pool, gateway, configured: false };
    bridge.ipamConfig = [{ Subnet: formatPrefix(DEFAULT_SUBNET), Gateway: formatIP(gateway) }];
    const driver = driverOf(bridge);
    driver.check?.(this.#engine, bridge);
    driver.create?.(this.#engine, bridge);
    this.add(bridge);
  }

  #predefined(name: string, driver: string): Network {
    return {
      id: this.newId(name),
      name,
      created: this.#engine.host.now,
      driver,
      predefined: true,
      internal: false,
      attachable: false,
      configOnly: false,
      configFrom: '',
      enableIPv4: true,
      enableIPv6: false,
      options: {},
      labels: {},
      ipam: undefined,
      ipam6: undefined,
      ipamConfig: null,
      ipamOptions: null,
      endpoints: new Map(),
    };
  }

  newId(name: string): string {
    return this.#engine.random(`network/${name}/${this.#made++}`).hex(64);
  }

  add(network: Network): void {
    this.#networks.push(network);
  }

  /** The default bridge network. */
  get bridge(): Network | undefined {
    return this.#networks.find((network) => network.name === 'bridge');
  }

  list(): readonly Network[] {
    return this.#networks;
  }

  predefinedName(name: string): boolean {
    return ['bridge', 'host', 'none', 'default'].includes(name);
  }

  /** Finds by name, id, or a beginning of an id that only one has. */
  find(text: string): Network | Refusal {
    const exact = this.#networks.find((network) => network.name === text) ?? this.#networks.find((network) => network.id === text);
    if (exact) return exact;
    const beginning = text === '' ? [] : this.#networks.filter((network) => network.id.startsWith(text));
    if (beginning.length > 1) return invalid(`network ${text} is ambiguous (${beginning.length} matches found on ID prefix)`);
    return beginning[0] ?? notFound(`network ${text} not found`);
  }

  remove(network: Network): Refusal | undefined {
    if (network.predefined) return new Refusal(403, `${network.name} is a pre-defined network and cannot be removed`);
    if (network.endpoints.size > 0) {
      const active = [...network.endpoints.values()].map(
        (endpoint) => `name:"${endpoint.container.name}" id:"${endpoint.id.slice(0, 12)}"`,
      );
      return new Refusal(403, `error while removing network: network ${network.name} has active endpoints (${active.join(', ')})`);
    }
    const user = this.#networks.find((other) => other.configFrom === network.name);
    if (network.configOnly && user) {
      return new Refusal(403, `configuration network "${network.name}" is in use`);
    }
    if (!network.configOnly) driverOf(network).remove?.(this.#engine, network);
    this.releaseAddresses(network);
    this.#networks.splice(this.#networks.indexOf(network), 1);
    return undefined;
  }

  /** Takes in a network of the swarm, whose addresses are none of this daemon's business. */
  addBuilt(network: Network): Refusal | undefined {
    const refused = driverOf(network).create?.(this.#engine, network);
    if (!refused) this.add(network);
    return refused;
  }

  releaseAddresses({ ipam, ipam6, overlay }: Network): void {
    if (overlay) return;
    if (ipam) this.addresses.release(ipam.pool);
    if (ipam6) this.addresses.release(ipam6.pool);
  }
}
