import { formatIPv4, type IP, parseIP } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { forwardQuery, serveDns } from '../../../host/dns/server.ts';
import { type Endpoint as SocketAddress, OpenDatagramSocket, OpenStreamSocket } from '../../../host/inet-socket.ts';
import { iptables } from '../../../host/iptables/iptables.ts';
import type { Blocking } from '../../../host/wait.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../../kernel/socket/udp.ts';
import { DNS_CLASS, DNS_RCODE, DNS_TYPE, type DnsData, type DnsMessage, dnsResponse, lowerName } from '../../../wire/dns.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { addressesOfName, nameOfAddress } from './names.ts';
import type { Sandbox } from './sandbox.ts';

/** Where containers of user-defined networks find the Engine's DNS server. */
const ADDRESS = 0x7f00_000b;
/** How long a name of the Engine may be kept. */
const TTL = 600;
/** What the resolver asks outside (libnetwork/resolver.go): at most so many servers, each for so long. */
const MAX_SERVERS = 3;
const TIMEOUT = 4 * SECOND;
const BACKLOG = 4_096;

/** Servers for what the Engine doesn't know; `host(…)` in resolv.conf means that they are asked from the host. */
export interface ExternalServers {
  servers: readonly string[];
  fromHost: boolean;
  /** `ndots` was set by somebody: names without a dot are not asked outside. */
  ndotsSet: boolean;
}

/**
 * The embedded DNS server of one container (daemon/libnetwork/resolver.go): dockerd's sockets inside the container's namespace, on
 * ports of 127.0.0.11 that the kernel chose, and rules there that lead port 53 to them.
 */
export class Resolver {
  external: ExternalServers = { servers: [], fromHost: true, ndotsSet: false };
  readonly #engine: Engine;
  readonly #sandbox: Sandbox;
  readonly #fds: number[] = [];
  readonly #cancel: () => void;

  constructor(engine: Engine, sandbox: Sandbox) {
    this.#engine = engine;
    this.#sandbox = sandbox;
    const { daemon } = engine;
    const udp = new OpenDatagramSocket(daemon, new UdpSocket(sandbox.net, 4));
    const tcp = new OpenStreamSocket(daemon, new TcpSocket(sandbox.net, 4));
    this.#fds.push(daemon.install(udp), daemon.install(tcp));
    udp.bind(ADDRESS, 0);
    tcp.bind(ADDRESS, 0);
    tcp.listen(BACKLOG);
    this.#redirect(tcp.name.port, udp.name.port);
    const listeners = { datagrams: [udp], streams: [tcp] };
    this.#cancel = go(
      engine.host.events,
      serveDns(daemon, listeners, ({ query, transport }) => this.#answer(query, transport)),
    );
  }

  /** The container ends; its namespace takes the rules along. */
  stop(): void {
    this.#cancel();
    for (const fd of this.#fds) this.#engine.daemon.close(fd);
  }

  /** Port 53 of 127.0.0.11, there and back (resolver_unix.go `setupNAT`). */
  #redirect(tcp: number, udp: number): void {
    const { net } = this.#sandbox;
    const address = formatIPv4(ADDRESS);
    for (const [chain, own] of [
      ['OUTPUT', 'DOCKER_OUTPUT'],
      ['POSTROUTING', 'DOCKER_POSTROUTING'],
    ]) {
      iptables(net, `-t nat -N ${own}`);
      iptables(net, `-t nat -A ${chain} -d ${address} -j ${own}`);
    }
    for (const [protocol, port] of [
      ['tcp', tcp],
      ['udp', udp],
    ]) {
      iptables(net, `-t nat -A DOCKER_OUTPUT -d ${address} -p ${protocol} --dport 53 -j DNAT --to-destination ${address}:${port}`);
      iptables(net, `-t nat -A DOCKER_POSTROUTING -s ${address} -p ${protocol} --sport ${port} -j SNAT --to-source :53`);
    }
  }

  *#answer(query: DnsMessage, transport: 'udp' | 'tcp'): Blocking<DnsMessage> {
    const question = query.questions[0];
    if (!question) return dnsResponse(query, DNS_RCODE.FormErr);
    const name = lowerName(question.name).replace(/\.$/, '');
    const own = this.#own(query, name, question.type);
    if (own) return own;
    const failed = (): DnsMessage => ({ ...dnsResponse(query, DNS_RCODE.ServFail), recursionAvailable: false });
    // Containers without a way out get no way out by DNS either.
    if (!this.#sandbox.hasWayOut) return failed();
    const { servers, fromHost, ndotsSet } = this.external;
    const single = !name.includes('.') && (question.type === DNS_TYPE.A || question.type === DNS_TYPE.AAAA);
    if (ndotsSet && single) return { ...dnsResponse(query), recursionAvailable: true };
    const addresses = servers.map(parseIP).filter((address): address is IP => address !== undefined);
    const targets: SocketAddress[] = addresses.slice(0, MAX_SERVERS).map((address) => ({ address, port: 53 }));
    const net = fromHost ? this.#engine.host.kernel.init : this.#sandbox.net;
    return (yield* forwardQuery(this.#engine.daemon, query, targets, { transport, timeout: TIMEOUT, net })) ?? failed();
  }

  /** What the Engine itself knows; `undefined` when somebody else has to be asked. */
  #own(query: DnsMessage, name: string, type: number): DnsMessage | undefined {
    if (type === DNS_TYPE.PTR) {
      const target = nameOfAddress(this.#sandbox, name);
      return target === undefined ? undefined : this.#reply(query, [{ kind: 'PTR', name: `${target}.` }]);
    }
    const find = (family: 4 | 6): IP[] => addressesOfName(this.#engine, this.#sandbox, name, family);
    if (type === DNS_TYPE.A || type === DNS_TYPE.AAAA) {
      const addresses = find(type === DNS_TYPE.A ? 4 : 6);
      // A name that only has IPv4 addresses is no secret to those who ask for the other kind.
      if (addresses.length === 0) return type === DNS_TYPE.AAAA && find(4).length > 0 ? this.#reply(query, []) : undefined;
      return this.#reply(query, this.#shuffled(addresses, name).map(addressData));
    }
    if (type === DNS_TYPE.MX && (find(4).length > 0 || find(6).length > 0)) return this.#reply(query, []);
    return undefined;
  }

  #reply(query: DnsMessage, data: readonly DnsData[]): DnsMessage {
    const reply = { ...dnsResponse(query), recursionAvailable: true };
    const name = query.questions[0]?.name ?? '.';
    reply.answers = data.map((each) => ({ name, class: DNS_CLASS.IN, ttl: TTL, data: each }));
    return reply;
  }

  /** Several addresses come in any order, so that clients which take the first spread over them. */
  #shuffled(addresses: readonly IP[], name: string): IP[] {
    if (addresses.length < 2) return [...addresses];
    const random = this.#engine.random(`dns/${this.#sandbox.id}/${name}/${this.#engine.serial(`dns/${this.#sandbox.id}/${name}`)}`);
    const rest = [...addresses];
    const order: IP[] = [];
    while (rest.length > 0) order.push(...rest.splice(random.below(rest.length), 1));
    return order;
  }
}

function addressData(address: IP): DnsData {
  return typeof address === 'bigint' ? { kind: 'AAAA', address } : { kind: 'A', address };
}
