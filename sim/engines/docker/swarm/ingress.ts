import { formatIPv4, type IPv4 } from '../../../base/address.ts';
import { ensureAppended, hasRule, iptables } from '../../../host/iptables/iptables.ts';
import { OpenDatagramSocket, OpenStreamSocket } from '../../../host/inet-socket.ts';
import type { NetNamespace } from '../../../kernel/netns.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../../kernel/socket/udp.ts';
import type { Engine } from '../engine.ts';
import { GATEWAY_BRIDGE } from '../network/gateway-bridge.ts';
import { type Sandbox, writeSysctl } from '../network/sandbox.ts';
import type { PortConfig } from './objects.ts';

const CHAIN = 'DOCKER-INGRESS';
const LOCAL = '-m addrtype --dst-type LOCAL -j DOCKER-INGRESS';

/** The routing mesh's part in the host (`programIngress`): published ports lead to the ingress sandbox, on every node. */
export class Ingress {
  readonly #engine: Engine;
  /** By protocol and port the descriptor of a socket that takes the port, so that nobody else listens there. */
  readonly #listeners = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  open(sandbox: Sandbox, ports: readonly PortConfig[]): void {
    const gateway = sandbox.endpoints.find(({ network }) => network.name === GATEWAY_BRIDGE)?.address?.address;
    const net = this.#engine.host.kernel.init;
    if (gateway === undefined || ports.length === 0) return;
    if (this.#engine.firewall) this.#start(net);
    for (const port of ports) {
      if (this.#engine.firewall) for (const rule of portRules(port, gateway)) iptables(net, rule.replace('@', '-I'));
      this.#listen(port);
    }
  }

  close(sandbox: Sandbox, ports: readonly PortConfig[]): void {
    const gateway = sandbox.endpoints.find(({ network }) => network.name === GATEWAY_BRIDGE)?.address?.address ?? 0;
    for (const port of ports) {
      for (const rule of portRules(port, gateway)) iptables(this.#engine.host.kernel.init, rule.replace('@', '-D'));
      const key = `${port.Protocol}/${port.PublishedPort}`;
      const fd = this.#listeners.get(key);
      if (fd !== undefined) this.#engine.daemon.close(fd);
      this.#listeners.delete(key);
    }
  }

  /** The chains and the ways to them, once. */
  #start(net: NetNamespace): void {
    iptables(net, `-t nat -N ${CHAIN}`);
    iptables(net, `-N ${CHAIN}`);
    ensureAppended(net, 'nat', `${CHAIN} -j RETURN`);
    ensureAppended(net, 'filter', `${CHAIN} -j RETURN`);
    for (const chain of ['OUTPUT', 'PREROUTING'])
      if (!hasRule(net, 'nat', `${chain} ${LOCAL}`)) iptables(net, `-t nat -I ${chain} ${LOCAL}`);
    if (!hasRule(net, 'filter', `DOCKER-FORWARD -j ${CHAIN}`)) iptables(net, `-I DOCKER-FORWARD -j ${CHAIN}`);
    writeSysctl(this.#engine.daemon, net, `net/ipv4/conf/${GATEWAY_BRIDGE}/route_localnet`, '1');
    const local = `POSTROUTING -m addrtype --src-type LOCAL -o ${GATEWAY_BRIDGE} -j MASQUERADE`;
    if (!hasRule(net, 'nat', local)) iptables(net, `-t nat -I ${local}`);
  }

  #listen({ Protocol, PublishedPort = 0 }: PortConfig): void {
    if (Protocol !== 'tcp' && Protocol !== 'udp') return;
    const { daemon, host } = this.#engine;
    const net = host.kernel.init;
    const socket =
      Protocol === 'tcp' ? new OpenStreamSocket(daemon, new TcpSocket(net, 6)) : new OpenDatagramSocket(daemon, new UdpSocket(net, 6));
    const fd = daemon.install(socket);
    const failed = socket.bind(0n, PublishedPort) ?? (socket instanceof OpenStreamSocket ? socket.listen(4_096) : undefined);
    if (failed) daemon.close(fd);
    else this.#listeners.set(`${Protocol}/${PublishedPort}`, fd);
  }
}

function portRules({ Protocol, PublishedPort }: PortConfig, gateway: IPv4): string[] {
  return [
    `-t nat @ ${CHAIN} -p ${Protocol} --dport ${PublishedPort} -j DNAT --to-destination ${formatIPv4(gateway)}:${PublishedPort}`,
    `@ ${CHAIN} -p ${Protocol} --sport ${PublishedPort} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
    `@ ${CHAIN} -p ${Protocol} --dport ${PublishedPort} -j ACCEPT`,
  ];
}

/** In a task's namespace: the published port leads to the container's, and over the ingress network nothing else (addRedirectRules). */
export function redirectPorts(net: NetNamespace, address: IPv4, ports: readonly PortConfig[]): void {
  const at = formatIPv4(address);
  for (const { Protocol, PublishedPort, TargetPort } of ports) {
    iptables(net, `-t nat -A PREROUTING -d ${at} -p ${Protocol} --dport ${PublishedPort} -j REDIRECT --to-port ${TargetPort}`);
    iptables(net, `-I INPUT -d ${at} -p ${Protocol} --dport ${TargetPort} -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT`);
    iptables(net, `-I OUTPUT -s ${at} -p ${Protocol} --sport ${TargetPort} -m conntrack --ctstate ESTABLISHED -j ACCEPT`);
  }
  for (const protocol of ['sctp', 'udp', 'tcp']) {
    iptables(net, `-A INPUT -d ${at} -p ${protocol} -j DROP`);
    iptables(net, `-A OUTPUT -s ${at} -p ${protocol} -j DROP`);
  }
}
