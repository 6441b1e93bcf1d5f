import { formatIPv4, type IPv4 } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { be16 } from '../../../wire/endian.ts';
import { fillChecksum as fillIcmpChecksum, ICMP_HEADER } from '../../../wire/icmp.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as tcp from '../../../wire/tcp.ts';
import { finishOutput, localOut } from '../../ipv4/output.ts';
import { type Ipv4Destination, routeOutput } from '../../ipv4/route.ts';
import type { Skb } from '../../skb.ts';
import { STATUS, Tracked, UNTRACKED } from '../conntrack/connection.ts';
import { isIcmpError, quotedTuple } from '../conntrack/tuple.ts';
import type { HookFunction, HookState, Verdict } from '../hooks.ts';
import { hasTransport, locate } from '../locate.ts';
import type { Manipulation } from '../nat/range.ts';
import { rewrite, rewriteAddress } from '../nat/rewrite.ts';
import { BalancedConnection, type Event, isBalanced } from './connection.ts';
import type { Ipvs } from './ipvs.ts';
import { schedule } from './schedulers.ts';
import type { Destination, Service } from './service.ts';

const { SYN, ACK, FIN, RST } = tcp.TCP_FLAG;
const PORT_UNREACHABLE = 3;

/** What packets meet at the hooks of IPVS (net/netfilter/ipvs/ip_vs_core.c, ip_vs_xmit.c). IPv4 only. */
export class Balancer {
  readonly #ipvs: Ipvs;

  constructor(ipvs: Ipvs) {
    this.#ipvs = ipvs;
  }

  /** Requests to virtual services (ip_vs_in_hook). */
  readonly incoming: HookFunction = (skb, state) => {
    if (skb.balanced || (state.hook !== 'OUTPUT' && skb.packetType !== 'host')) return 'accept';
    locate(skb, state);
    if (!isBalanced(state.protocol) || !hasTransport(skb, state, state.protocol === ip.PROTOCOL.TCP ? tcp.TCP_HEADER : 8)) return 'accept';
    const connection = this.#follow(skb, state) ?? this.#begin(skb, state);
    if (!(connection instanceof BalancedConnection)) return connection;
    return this.#toServer(connection, skb, state);
  };

  /** Answers of real servers (ip_vs_out_hook). */
  readonly outgoing: HookFunction = (skb, state) => {
    if (skb.balanced) return 'accept';
    locate(skb, state);
    const { bytes, network } = skb;
    if (state.protocol === ip.PROTOCOL.ICMP) return this.#error(skb, state);
    if (!isBalanced(state.protocol) || !hasTransport(skb, state, state.protocol === ip.PROTOCOL.TCP ? tcp.TCP_HEADER : 8)) return 'accept';
    const [sport, dport] = [be16(bytes, state.transport), be16(bytes, state.transport + 2)];
    const found = this.#ipvs.connections.findOutgoing(
      state.protocol,
      ip.source(bytes, network),
      sport,
      ip.destination(bytes, network),
      dport,
    );
    if (found?.destination.forwarding !== 'masq') return 'accept';
    this.#count(found, false, skb);
    found.follow(eventOf(skb, state), false, this.#ipvs.timeouts, this.#now);
    this.#rewrite(skb, state, 'source', found.virtual, found.virtualPort);
    this.#mark(skb);
    return 'accept';
  };

  get #now(): number {
    return this.#ipvs.net.kernel.events.now;
  }

  /** The connection that a request belongs to; one whose client starts anew, or whose server is gone, may be over. */
  #follow(skb: Skb, state: HookState): BalancedConnection | Verdict | undefined {
    const { bytes, network } = skb;
    const { connections, settings } = this.#ipvs;
    const [sport, dport] = [be16(bytes, state.transport), be16(bytes, state.transport + 2)];
    const found = connections.findIncoming(state.protocol, ip.source(bytes, network), sport, ip.destination(bytes, network), dport);
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
    const { bytes, network } = skb;
    const { connections, settings } = this.#ipvs;
    if (state.protocol === ip.PROTOCOL.TCP) {
      const flags = tcp.flags(bytes, state.transport);
      if (flags & RST || (!(flags & SYN) && !settings.sloppy_tcp) || (flags & SYN && flags & ACK)) return 'accept';
    }
    const [client, virtual] = [ip.source(bytes, network), ip.destination(bytes, network)];
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
  #choose(service: Service, protocol: number, client: IPv4, virtual: IPv4, virtualPort: number): Destination | undefined {
    const { persistence, netmask } = service.settings;
    const asking = { client, virtual };
    if (persistence === undefined) return schedule(service, asking);
    const { connections, settings } = this.#ipvs;
    const masked = (client & netmask) >>> 0;
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
    state.net.ipv4.reportError(skb, { kind: 'unreachable', code: PORT_UNREACHABLE, mtu: 0 });
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
    const way = routeOutput(net.ipv4, {
      destination: destination.address,
      source: 0,
      iif: 0,
      oif: 0,
      mark: skb.mark,
      tos: ip.tos(skb.bytes, skb.network) & 0xfc,
    });
    if (typeof way === 'string') {
      state.reason = 'IP_OUTNOROUTES';
      if (state.hook !== 'OUTPUT') net.ipv4.reportError(skb, { kind: 'unreachable', code: 1, mtu: 0 });
      return 'drop';
    }
    const masq = destination.forwarding === 'masq';
    if (way.local && !masq) return 'accept';
    if (masq) {
      this.#expectAnswer(connection, skb);
      this.#rewrite(skb, state, 'destination', destination.address, connection.destinationPort);
    }
    this.#mark(skb);
    if (way.local) return 'accept';
    // What this host sends itself is routed anew on its way out, since its destination has changed.
    if (state.hook === 'OUTPUT' && masq) return 'accept';
    return this.#send(skb, state, masq ? way : { ...way, gateway: way.gateway ?? destination.address }, masq);
  }

  #send(skb: Skb, state: HookState, way: Ipv4Destination, masq: boolean): Verdict {
    const { net } = state;
    if (state.hook !== 'OUTPUT') {
      if (ip.ttl(skb.bytes, skb.network) <= 1) {
        net.ipv4.reportError(skb, { kind: 'time-exceeded', code: 0 });
        state.reason = 'TTL_EXCEEDED';
        return 'drop';
      }
      ip.decreaseTtl(skb.bytes, skb.network);
    }
    if (skb.end - skb.network > way.mtu && ip.dontFragment(skb.bytes, skb.network)) {
      net.ipv4.reportError(skb, { kind: 'unreachable', code: 4, mtu: way.mtu });
      state.reason = 'PKT_TOO_BIG';
      return 'drop';
    }
    skb.data = skb.network;
    skb.packetType = 'outgoing';
    if (masq) localOut(net, skb, way);
    // Direct routing: the frame goes to the server, the packet stays as it is.
    else if (net.netfilter.pass(4, 'OUTPUT', skb, undefined, way.device)) finishOutput(net, skb, way);
    return 'stolen';
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

  #rewrite(skb: Skb, state: HookState, manipulation: Manipulation, address: IPv4, port: number): void {
    const { bytes, network, end } = skb;
    rewrite({ bytes, network, end, transport: state.transport, family: 4, protocol: state.protocol }, manipulation, address, port);
    this.#ipvs.net.netfilter.traceRewrite(skb, state, `ipvs: ${manipulation} -> ${formatIPv4(address)}:${port}`);
  }

  /** Seen once is enough; without net.ipv4.vs.conntrack nothing behind it is tracked either (ip_vs_notrack). */
  #mark(skb: Skb): void {
    skb.balanced = true;
    if (!this.#ipvs.settings.conntrack && skb.conntrack !== undefined) skb.conntrack = UNTRACKED;
  }

  /** An error about a request that a server got: to the client it is one about the virtual service (ip_vs_out_icmp). */
  #error(skb: Skb, state: HookState): Verdict {
    const { bytes } = skb;
    if (!hasTransport(skb, state, ICMP_HEADER) || !isIcmpError(4, bytes[state.transport] as number)) return 'accept';
    const quoted = quotedTuple(bytes, state.transport, skb.end, 4);
    if (!quoted || !isBalanced(quoted.tuple.protocol)) return 'accept';
    const { tuple } = quoted;
    const found = this.#ipvs.connections.findOutgoing(
      tuple.protocol,
      tuple.destination as IPv4,
      tuple.destinationPort,
      tuple.source as IPv4,
      tuple.sourcePort,
    );
    if (found?.destination.forwarding !== 'masq') return 'accept';
    this.#count(found, false, skb);
    const inner = {
      bytes,
      network: quoted.network,
      transport: quoted.transport,
      end: skb.end,
      family: 4,
      protocol: tuple.protocol,
    } as const;
    rewrite(inner, 'destination', found.virtual, found.virtualPort);
    const outer = { bytes, network: skb.network, transport: state.transport, end: skb.end, family: 4, protocol: state.protocol } as const;
    if (ip.source(bytes, skb.network) === found.destination.address) rewriteAddress(outer, 'source', found.virtual);
    fillIcmpChecksum(bytes, state.transport, skb.end);
    this.#mark(skb);
    return 'accept';
  }
}

function eventOf(skb: Skb, state: HookState): Event | undefined {
  if (state.protocol !== ip.PROTOCOL.TCP) return undefined;
  const flags = tcp.flags(skb.bytes, state.transport);
  if (flags & RST) return 'rst';
  if (flags & SYN) return 'syn';
  return flags & FIN ? 'fin' : 'ack';
}
