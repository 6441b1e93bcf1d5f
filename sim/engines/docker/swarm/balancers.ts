import { formatIPv4, ipv4Mask, type IPv4, networkOf } from '../../../base/address.ts';
import { iptables, ensureAppended } from '../../../host/iptables/iptables.ts';
import type { Engine } from '../engine.ts';
import type { Sandbox } from '../network/sandbox.ts';
import { writeSysctl } from '../network/sandbox.ts';
import type { EndpointFact } from './gossip.ts';
import { Ingress } from './ingress.ts';
import type { PortConfig } from './objects.ts';

/** Where a load balancer stands: the sandbox of one network on this host. */
export interface Place {
  network: string;
  ingress: boolean;
  sandbox: Sandbox;
  address: IPv4;
  length: number;
}

type ServiceFact = NonNullable<EndpointFact['service']>;

interface Balanced {
  mark: number;
  vip: IPv4;
  ports: PortConfig[];
  backends: Set<IPv4>;
  place: Place;
}

/** The first mark that a service gets. */
const FIRST_MARK = 256;

/**
 * Load balancing by IPVS (libnetwork/service_linux.go): each service has a mark on each network; what goes to its virtual address, or
 * comes in at a port that it publishes, is marked, and spread over its tasks in turn.
 */
export class ServiceBalancers {
  readonly #engine: Engine;
  readonly #ingress: Ingress;
  readonly #services = new Map<string, Balanced>();
  #nextMark = FIRST_MARK;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#ingress = new Ingress(engine);
  }

  add(place: Place, service: ServiceFact, backend: IPv4): void {
    const key = `${place.network}/${service.id}`;
    const balanced = this.#services.get(key) ?? this.#start(place, service, key);
    if (JSON.stringify(balanced.ports) !== JSON.stringify(service.ports)) this.#changePorts(balanced, service.ports);
    if (balanced.backends.has(backend)) return;
    balanced.backends.add(backend);
    const settings = { weight: 1, forwarding: 'masq' as const, upperThreshold: 0, lowerThreshold: 0 };
    place.sandbox.net.netfilter.ipvs.addDestination({ mark: balanced.mark }, backend, 0, settings);
  }

  remove(place: Place, service: ServiceFact, backend: IPv4): void {
    const key = `${place.network}/${service.id}`;
    const balanced = this.#services.get(key);
    if (!balanced?.backends.delete(backend)) return;
    place.sandbox.net.netfilter.ipvs.deleteDestination({ mark: balanced.mark }, backend, 0);
    if (balanced.backends.size > 0) return;
    this.#services.delete(key);
    this.#stop(balanced);
  }

  /** The host leaves a network. */
  forget(network: string): void {
    for (const [key, balanced] of this.#services) {
      if (balanced.place.network !== network) continue;
      this.#services.delete(key);
      this.#stop(balanced);
    }
  }

  #start(place: Place, service: ServiceFact, key: string): Balanced {
    const balanced: Balanced = { mark: this.#nextMark++, vip: service.vip, ports: service.ports, backends: new Set(), place };
    this.#services.set(key, balanced);
    const { netlink, net } = place.sandbox;
    // Loads the module, whose parameters are there from then on.
    const { ipvs } = net.netfilter;
    const link = netlink.link('eth0');
    if (link) netlink.newAddress({ ifindex: link.ifindex, prefix: { address: service.vip, length: 32 } }, 'add');
    if (place.ingress) this.#ingress.open(place.sandbox, service.ports);
    this.#mark(balanced, balanced.ports, '-A');
    this.#masquerade(place);
    iptables(net, `-t mangle -A INPUT -d ${formatIPv4(service.vip)}/32 -j MARK --set-mark ${balanced.mark}`);
    ipvs.addService({ mark: balanced.mark }, { scheduler: 'rr', persistence: undefined, netmask: ipv4Mask(32), onePacket: false });
    return balanced;
  }

  #stop({ mark, vip, ports, place }: Balanced): void {
    const { netlink, net } = place.sandbox;
    net.netfilter.ipvs.deleteService({ mark });
    iptables(net, `-t mangle -D INPUT -d ${formatIPv4(vip)}/32 -j MARK --set-mark ${mark}`);
    for (const { Protocol, PublishedPort } of ports) {
      iptables(net, `-t mangle -D PREROUTING -p ${Protocol} --dport ${PublishedPort} -j MARK --set-mark ${mark}`);
    }
    if (place.ingress) this.#ingress.close(place.sandbox, ports);
    const link = netlink.link('eth0');
    if (link) netlink.delAddress({ ifindex: link.ifindex, prefix: { address: vip, length: 32 } });
  }

  #changePorts(balanced: Balanced, ports: PortConfig[]): void {
    const has = (list: readonly PortConfig[], port: PortConfig): boolean =>
      list.some((other) => other.PublishedPort === port.PublishedPort && other.Protocol === port.Protocol);
    const [gone, fresh] = [balanced.ports.filter((port) => !has(ports, port)), ports.filter((port) => !has(balanced.ports, port))];
    if (balanced.place.ingress) {
      this.#ingress.close(balanced.place.sandbox, gone);
      this.#ingress.open(balanced.place.sandbox, fresh);
    }
    this.#mark(balanced, gone, '-D');
    this.#mark(balanced, fresh, '-A');
    balanced.ports = ports;
  }

  #mark({ mark, place }: Balanced, ports: readonly PortConfig[], action: '-A' | '-D'): void {
    for (const { Protocol, PublishedPort } of ports) {
      iptables(place.sandbox.net, `-t mangle ${action} PREROUTING -p ${Protocol} --dport ${PublishedPort} -j MARK --set-mark ${mark}`);
    }
  }

  /** Tasks answer to the load balancer, which takes its own address for that. */
  #masquerade({ sandbox, address, length }: Place): void {
    const subnet = `${formatIPv4(networkOf(address, length))}/${length}`;
    ensureAppended(sandbox.net, 'nat', `POSTROUTING -m ipvs --ipvs -d ${subnet} -j SNAT --to-source ${formatIPv4(address)}`);
    writeSysctl(this.#engine.daemon, sandbox.net, 'net/ipv4/vs/conntrack', '1');
  }
}
