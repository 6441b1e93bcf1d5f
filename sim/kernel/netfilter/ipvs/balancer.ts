import { formatIP, type IP } from '../../../base/address.ts';
import type { Random } from '../../../base/random.ts';
import { SECOND } from '../../../base/time.ts';
import { be16 } from '../../../wire/endian.ts';
import { pseudoHeaderIPv6 } from '../../../wire/checksum.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as icmp6 from '../../../wire/icmpv6.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { Skb } from '../../skb.ts';
import { STATUS, Tracked, UNTRACKED } from '../conntrack/connection.ts';
import { isIcmp, isIcmpError, quotedTuple } from '../conntrack/tuple.ts';
import type { HookFunction, HookState, Verdict } from '../hooks.ts';
import { hasTransport, locate } from '../locate.ts';
import type { Manipulation } from '../nat/range.ts';
import { rewrite, rewriteAddress } from '../nat/rewrite.ts';
import { BalancedConnection, type Event, isBalanced } from './connection.ts';
import type { Ipvs } from './ipvs.ts';
import { schedule } from './schedulers.ts';
import { type Destination, maskClient, type Service } from './service.ts';
import { transmit, wayTo } from './transmit.ts';

const { SYN, ACK, FIN, RST } = tcp.TCP_FLAG;
const PORT_UNREACHABLE = { 4: 3, 6: 4 } as const;

const sourceOf = ({ bytes, network }: Skb, { family }: HookState): IP => (family === 4 ? ip : ip6).source(bytes, network);
const destinationOf = ({ bytes, network }: Skb, { family }: HookState): IP => (family === 4 ? ip : ip6).destination(bytes, network);

/** What packets meet at the hooks of IPVS (net/netfilter/ipvs/ip_vs_core.c, ip_vs_xmit.c). */
export class Balancer {
  readonly #ipvs: Ipvs;
  #draws: Random | undefined;

  constructor(ipvs: Ipvs) {
    this.#ipvs = ipvs;
  }

  /** Requests to virtual services (ip_vs_in_hook). */
  readonly incoming: HookFunction = (skb, state) => {
    if (skb.balanced || (state.hook !== 'OUTPUT' && skb.packetType !== 'host')) return 'accept';
    locate(skb, state);
    if (isIcmp(state.family, state.protocol)) return this.#errorIn(skb, state);
    if (!isBalanced(state.protocol) || !hasTransport(skb, state, state.protocol === ip.PROTOCOL.TCP ? tcp.TCP_HEADER : 8)) return 'accept';
    const connection = this.#follow(skb, state) ?? this.#begin(skb, state);
    if (!(connection instanceof BalancedConnection)) return connection;
    return this.#toServer(connection, skb, state);
  };

  /** Answers of real servers (ip_vs_out_hook). */
  readonly outgoing: HookFunction = (skb, state) => {
    if (skb.balanced) return 'accept';
    locate(skb, state);
    const { bytes } = skb;
    if (isIcmp(state.family, state.protocol)) return this.#error(skb, state);
    if (!isBalanced(state.protocol) || !hasTransport(skb, state, state.protocol === ip.PROTOCOL.TCP ? tcp.TCP_HEADER : 8)) return 'accept';
    const [sport, dport] = [be16(bytes, state.transport), be16(bytes, state.transport + 2)];
    const found = this.#ipvs.connections.findOutgoing(state.protocol, sourceOf(skb, state), sport, destinationOf(skb, state), dport);
    if (found?.destination.forwarding !== 'masq') return 'accept';
    this.#count(found, false, skb);
    found.follow(eventOf(skb, state), false, this.#ipvs.timeouts, this.#now);
    this.#rewrite(skb, state, 'source', found.virtual, found.virtualPort);
    this.#mark(skb);
    return 'accept';
  };

  readonly #random = (below: number): number => {
    this.#draws ??= this.#ipvs.net.kernel.random(`ipvs/${this.#ipvs.net.uid}`);
    return this.#draws.below(below);
  };

  get #now(): number {
    return this.#ipvs.net.kernel.events.now;
  }

  /** The connection that a request belongs to; one whose client starts anew, or whose server is gone, may be over. */
  #follow(skb: Skb, state: HookState): BalancedConnection | Verdict | undefined {
    const { bytes } = skb;
    const { connections, settings } = this.#ipvs;
    const [sport, dport] = [be16(bytes, state.transport), be16(bytes, state.transport + 2)];
    const found = connections.findIncoming(state.protocol, sourceOf(skb, state), sport, destinationOf(skb, state), dport);
    if (!found) return undefined;
    const starts = state.protocol === ip.PROTOCOL.TCP && (tcp.flags(bytes, state.transport) & (SYN | ACK | RST | FIN)) === SYN;
    const over = found.state === 'TW' || found.state === 'CL' || found.state === 'FW';
    if (starts && over && settings.conn_reuse_mode !== 0) {
      connections.remove(found);
      return undefined;
    }
    if (found.destination.available) return found;
    if (!settings.expire_nodest_conn) return 'drop';
    connections.remove(found);
    return undefined;
  }

  /** A new connection, if the packet can start one and a service wants it (tcp_conn_schedule, ip_vs_schedule). */
  #begin(skb: Skb, state: HookState): BalancedConnection | Verdict {
    const { bytes } = skb;
    const { connections, settings } = this.#ipvs;
    if (state.protocol === ip.PROTOCOL.TCP) {
      const flags = tcp.flags(bytes, state.transport);
      if (flags & RST || (!(flags & SYN) && !settings.sloppy_tcp) || (flags & SYN && flags & ACK)) return 'accept';
    }
    const [client, virtual] = [sourceOf(skb, state), destinationOf(skb, state)];
    const [clientPort, virtualPort] = [be16(bytes, state.transport), be16(bytes, state.transport + 2)];
    const service = this.#ipvs.lookup(skb.mark, state.protocol, virtual, virtualPort);
    if (!service) return 'accept';
    const destination = this.#choose(service, state.protocol, client, virtual, virtualPort);
    if (!destination) return this.#leave(skb, state);
    const port = destination.port || virtualPort;
    const ends = { protocol: state.protocol, client, clientPort, virtual, virtualPort };
    const connection = new BalancedConnection(ends, destination, port, false);
    connection.expires = this.#now + this.#ipvs.timeouts.NONE * SECOND;
    if (service.settings.onePacket && state.protocol === ip.PROTOCOL.UDP) connection.ended();
    else connections.add(connection);
    for (const { counts } of [service.statistics, destination.statistics, this.#ipvs.statistics]) counts.connections++;
    return connection;
  }

  /** The scheduler's choice, or the server that a persistent service's client has (ip_vs_sched_persist). */
  #choose(service: Service, protocol: number, client: IP, virtual: IP, virtualPort: number): Destination | undefined {
    const { persistence, netmask } = service.settings;
    const asking = { client, virtual, now: this.#now, random: this.#random };
    if (persistence === undefined) return schedule(service, asking);
    const { connections, settings } = this.#ipvs;
    const masked = maskClient(client, netmask);
    const byMark = 'mark' in service.key;
    const [address, port] = byMark ? [service.key.mark, 0] : [virtual, (service.key as { port: number }).port === 0 ? 0 : virtualPort];
    let template = connections.findIncoming(byMark ? 0 : protocol, masked, 0, address, port);
    const { destination } = template ?? {};
    if (template && destination && (!destination.available || (destination.weight === 0 && settings.expire_quiescent_template))) {
      connections.remove(template);
      template = undefined;
    }
    if (!template) {
      const chosen = schedule(service, asking);
      if (!chosen) return undefined;
      const ends = { protocol: byMark ? 0 : protocol, client: masked, clientPort: 0, virtual: address, virtualPort: port };
      template = new BalancedConnection(ends, chosen, port === 0 ? 0 : chosen.port, true);
      connections.add(template);
    }
    template.expires = this.#now + persistence * SECOND;
    return template.destination;
  }

  /** A service without a server that could take the packet says so (ip_vs_leave). */
  #leave(skb: Skb, state: HookState): Verdict {
    if (state.family === 4) state.net.ipv4.reportError(skb, { kind: 'unreachable', code: PORT_UNREACHABLE[4], mtu: 0 });
    else state.net.ipv6.reportError(skb, { kind: 'unreachable', code: PORT_UNREACHABLE[6] });
    return 'drop';
  }

  #count({ destination, virtual, virtualPort, protocol }: BalancedConnection, incoming: boolean, skb: Skb): void {
    const length = skb.end - skb.network;
    destination.statistics.packet(incoming, length);
    this.#ipvs.lookup(skb.mark, protocol, virtual, virtualPort)?.statistics.packet(incoming, length);
    this.#ipvs.statistics.packet(incoming, length);
  }

  #toServer(connection: BalancedConnection, skb: Skb, state: HookState): Verdict {
    const { net } = state;
    const { destination } = connection;
    this.#count(connection, true, skb);
    connection.follow(eventOf(skb, state), true, this.#ipvs.timeouts, this.#now);
    const way = wayTo(net, skb, state, destination.address);
    if (!way) return 'drop';
    const masq = destination.forwarding === 'masq';
    if (way.out.local && !masq) return 'accept';
    if (masq) {
      this.#expectAnswer(connection, skb);
      this.#rewrite(skb, state, 'destination', destination.address, connection.destinationPort);
    }
    this.#mark(skb);
    if (way.out.local) return 'accept';
    // What this host sends itself is routed anew on its way out, since its destination has changed.
    if (state.hook === 'OUTPUT' && masq) return 'accept';
    return transmit(net, skb, state, way, destination.forwarding);
  }

  /** Tracked connections learn who will answer (ip_vs_update_conntrack). */
  #expectAnswer(connection: BalancedConnection, skb: Skb): void {
    if (!this.#ipvs.settings.conntrack) return;
    const tracked = skb.conntrack;
    if (!(tracked instanceof Tracked) || !tracked.connection || tracked.connection.has(STATUS.CONFIRMED) || tracked.reply) return;
    const { replyDirection } = tracked.connection;
    replyDirection.source = connection.destination.address;
    replyDirection.sourcePort = connection.destinationPort;
  }

  #rewrite(skb: Skb, state: HookState, manipulation: Manipulation, address: IP, port: number): void {
    const { bytes, network, end } = skb;
    rewrite(
      { bytes, network, end, transport: state.transport, family: state.family, protocol: state.protocol },
      manipulation,
      address,
      port,
    );
    this.#ipvs.net.netfilter.traceRewrite(
      skb,
      state,
      `ipvs: ${manipulation} -> ${typeof address === 'number' ? formatIP(address) : `[${formatIP(address)}]`}:${port}`,
    );
  }

  /** Seen once is enough; without net.ipv4.vs.conntrack nothing behind it is tracked either (ip_vs_notrack). */
  #mark(skb: Skb): void {
    skb.balanced = true;
    if (!this.#ipvs.settings.conntrack && skb.conntrack !== undefined) skb.conntrack = UNTRACKED;
  }

  /** What an ICMP error quotes, where it is of a protocol that is balanced. */
  #quoted(skb: Skb, state: HookState): ReturnType<typeof quotedTuple> {
    const { bytes } = skb;
    if (!hasTransport(skb, state, icmp.ICMP_HEADER) || !isIcmpError(state.family, bytes[state.transport] as number)) return undefined;
    const quoted = quotedTuple(bytes, state.transport, skb.end, state.family);
    return quoted && isBalanced(quoted.tuple.protocol) ? quoted : undefined;
  }

  /** An error about a request that a server got: to the client it is one about the virtual service (ip_vs_out_icmp). */
  #error(skb: Skb, state: HookState): Verdict {
    const quoted = this.#quoted(skb, state);
    if (!quoted) return 'accept';
    const { protocol, destination, destinationPort, source, sourcePort } = quoted.tuple;
    const found = this.#ipvs.connections.findOutgoing(protocol, destination, destinationPort, source, sourcePort);
    if (found?.destination.forwarding !== 'masq') return 'accept';
    this.#count(found, false, skb);
    const { family } = state;
    const inner = { bytes: skb.bytes, network: quoted.network, transport: quoted.transport, end: skb.end, family, protocol };
    rewrite(inner, 'destination', found.virtual, found.virtualPort);
    if (sourceOf(skb, state) === found.destination.address) this.#rewriteOuter(skb, state, 'source', found.virtual);
    fillChecksum(skb, state);
    this.#mark(skb);
    return 'accept';
  }

  /** An error about an answer of the virtual service goes to the server whose answer it was (ip_vs_in_icmp). */
  #errorIn(skb: Skb, state: HookState): Verdict {
    const quoted = this.#quoted(skb, state);
    if (!quoted) return 'accept';
    const { protocol, destination, destinationPort, source, sourcePort } = quoted.tuple;
    const found = this.#ipvs.connections.findIncoming(protocol, destination, destinationPort, source, sourcePort);
    if (!found) return 'accept';
    const { net, family } = state;
    this.#count(found, true, skb);
    const way = wayTo(net, skb, state, found.destination.address);
    if (!way) return 'drop';
    const masq = found.destination.forwarding === 'masq';
    if (way.out.local && !masq) return 'accept';
    if (masq) {
      const inner = { bytes: skb.bytes, network: quoted.network, transport: quoted.transport, end: skb.end, family, protocol };
      rewrite(inner, 'source', found.destination.address, found.destinationPort);
      this.#rewriteOuter(skb, state, 'destination', found.destination.address);
      fillChecksum(skb, state);
    }
    this.#mark(skb);
    return way.out.local ? 'accept' : transmit(net, skb, state, way, found.destination.forwarding);
  }

  #rewriteOuter(skb: Skb, state: HookState, manipulation: Manipulation, address: IP): void {
    const { bytes, network, end } = skb;
    const { transport, family, protocol } = state;
    rewriteAddress({ bytes, network, transport, end, family, protocol }, manipulation, address);
    this.#ipvs.net.netfilter.traceRewrite(skb, state, `ipvs: ${manipulation} -> ${formatIP(address)}`);
  }
}

/** Of an ICMP message, anew. */
function fillChecksum(skb: Skb, state: HookState): void {
  const { bytes, end } = skb;
  const { transport } = state;
  if (state.family === 4) return icmp.fillChecksum(bytes, transport, end);
  const ends = [sourceOf(skb, state), destinationOf(skb, state)] as [bigint, bigint];
  icmp6.fillChecksum(bytes, transport, end, pseudoHeaderIPv6(...ends, ip6.PROTOCOL.ICMPv6, end - transport));
}

function eventOf(skb: Skb, state: HookState): Event | undefined {
  if (state.protocol !== ip.PROTOCOL.TCP) return undefined;
  const flags = tcp.flags(skb.bytes, state.transport);
  if (flags & RST) return 'rst';
  if (flags & SYN) return 'syn';
  return flags & FIN ? 'fin' : 'ack';
}
