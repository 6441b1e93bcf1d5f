import type { IP } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { PROTOCOL } from '../../wire/protocol.ts';
import * as udp from '../../wire/udp.ts';
import type { NetNamespace } from '../netns.ts';
import { Skb } from '../skb.ts';
import { isMulticast, lacksDevice, isUnspecified, mayBind, pseudoHeader, routeTo, sendPacket, unmapped, type Way } from './inet.ts';
import { receives } from './ports.ts';
import { type Datagram, DatagramSocket, heeded } from './socket.ts';

/** The largest payload: 65,535 less the headers, those of IPv4 being counted for both families' sake below. */
const MAX_PACKET = 0xffff;

/** A UDP socket of either family (udp(7)); one of IPv6 also speaks IPv4 unless `options.v6Only`. */
export class UdpSocket extends DatagramSocket {
  override readonly family: 4 | 6;
  localPort = 0;
  remotePort = 0;
  /** Takes what arrives instead of the queue: the socket is a tunnel's (`udp_sk(sk)->encap_rcv`). `skb.transport` stands at the UDP header. */
  encapsulated: ((skb: Skb, source: IP) => void) | undefined;
  /** Datagrams that found the receive buffer full. */
  drops = 0;
  /** The next identification of a connected socket's packets (inet_id). */
  #identification = 0;

  constructor(net: NetNamespace, family: 4 | 6) {
    super(net);
    this.family = family;
    if (family === 6) this.options.v6Only = net.ipv6.settings.bindv6only !== 0;
    net.sockets.udp.sockets.add(this);
  }

  /**
   * @param address the wildcard of either family stands for any
   * @param privileged CAP_NET_BIND_SERVICE
   * @returns EINVAL when bound already, EADDRNOTAVAIL, EADDRINUSE, EACCES, EAFNOSUPPORT
   */
  bind(address: IP, port: number, privileged = true): Errno | undefined {
    if (this.localPort !== 0) return 'EINVAL';
    const wanted = this.#accept(address);
    if (typeof wanted === 'string') return wanted;
    const any = isUnspecified(wanted);
    if (!any && !mayBind(this.net, wanted)) return 'EADDRNOTAVAIL';
    this.local = any ? undefined : wanted;
    const taken = this.net.sockets.udp.ports.bind(this, port, privileged);
    if (typeof taken === 'string') {
      this.local = undefined;
      return taken;
    }
    this.localPort = taken;
    return undefined;
  }

  /** The address as this socket may use it. */
  #accept(address: IP): IP | Errno {
    const plain = unmapped(address);
    if (this.family === 4) return typeof plain === 'number' && typeof address === 'number' ? plain : 'EAFNOSUPPORT';
    if (typeof plain === 'number' && this.options.v6Only) return typeof address === 'number' ? 'EAFNOSUPPORT' : 'ENETUNREACH';
    return plain;
  }

  /** Fixes the peer and, if none is bound, the address to send from (ip4_datagram_connect). Port 0 is allowed. */
  connect(address: IP, port: number): Errno | undefined {
    const peer = this.#accept(address);
    if (typeof peer === 'string') return peer;
    if (lacksDevice(peer, this.options)) return 'EINVAL';
    if (this.localPort === 0) {
      const failed = this.bind(this.family === 6 ? 0n : 0, 0);
      if (failed) return failed;
    }
    const way = this.#route(peer, port);
    if (typeof way === 'string') return way;
    if (way.broadcast && !this.options.broadcast) return 'EACCES';
    this.local ??= way.source;
    this.remote = way.destination;
    this.remotePort = port;
    this.#identification = this.net.kernel.random(`udp/id/${this.net.uid}/${this.localPort}/${port}`).below(65_536);
    return undefined;
  }

  #route(to: IP, port: number, from: IP | undefined = this.local): Way | Errno {
    const bound = from !== undefined && typeof from === typeof to && !isMulticast(from) ? from : undefined;
    if (this.local !== undefined && typeof this.local !== typeof to) return 'ENETUNREACH';
    return routeTo(
      this.net,
      { destination: to, source: bound, protocol: PROTOCOL.UDP, sourcePort: this.localPort, destinationPort: port },
      this.options,
    );
  }

  /**
   * Sends one datagram (udp_sendmsg).
   * @returns EDESTADDRREQ, EMSGSIZE, EACCES for broadcasts without the option, errors of the route, EPERM of the firewall, or an error
   *   that an earlier datagram met
   * @param from the address to send from on a socket that isn't bound to one (IP_PKTINFO)
   */
  send(data: Uint8Array, to?: IP, port?: number, from?: IP): Errno | undefined {
    if (to === undefined && this.remote === undefined) return 'EDESTADDRREQ';
    const peer = to === undefined ? (this.remote as IP) : this.#accept(to);
    if (typeof peer === 'string') return peer;
    const destinationPort = port ?? this.remotePort;
    if (destinationPort === 0) return 'EINVAL';
    const network = typeof peer === 'bigint' ? 40 : 20;
    // IPv6 finds out against the route's MTU, and says so in the error queue.
    if (network === 20 && data.length + udp.UDP_HEADER + network > MAX_PACKET) return 'EMSGSIZE';
    if (this.localPort === 0) {
      const failed = this.bind(this.family === 6 ? 0n : 0, 0);
      if (failed) return failed;
    }
    const pending = this.takeError();
    if (pending) return pending;
    const way = this.#route(peer, destinationPort, this.local ?? from);
    if (typeof way === 'string') return way;
    if (way.broadcast && !this.options.broadcast) return 'EACCES';
    return this.#transmit(data, way, destinationPort, network);
  }

  #transmit(data: Uint8Array, way: Way, port: number, network: number): Errno | undefined {
    const { pathMtuDiscovery, tos } = this.options;
    const whole = pathMtuDiscovery === 'do' || pathMtuDiscovery === 'probe';
    const length = data.length + udp.UDP_HEADER;
    const limit = pathMtuDiscovery === 'probe' ? way.found.device.mtu : way.mtu;
    if ((whole && length + network > limit) || length > MAX_PACKET) return this.#tooLong(way, port, data);
    const skb = Skb.allocate(length, this.net.kernel.ids.nextPacket());
    const { bytes, data: at } = skb;
    udp.emitUdp(bytes, at, { sourcePort: this.localPort, destinationPort: port, length });
    bytes.set(data, at + udp.UDP_HEADER);
    udp.fillChecksum(bytes, at, skb.end, pseudoHeader(way.source, way.destination, PROTOCOL.UDP, length));
    skb.mark = this.options.mark;
    skb.socket = this;
    const multicast = isMulticast(way.destination);
    const found = way.found as { mtuLocked?: boolean };
    const df = network === 40 ? whole : whole || (pathMtuDiscovery === 'want' && length + network <= way.mtu && !found.mtuLocked);
    const ttl = multicast ? this.options.multicastTtl : this.options.ttl;
    // A probe goes out whole whatever is known of the path.
    const sent = pathMtuDiscovery === 'probe' ? { ...way, found: { ...way.found, mtu: limit } } : way;
    this.net.counters[network === 40 ? 'udp6' : 'udp'].OutDatagrams++;
    const errno = sendPacket(this.net, skb, sent, {
      protocol: PROTOCOL.UDP,
      df,
      ttl,
      tos,
      ...this.#identify(whole),
      flowLabel: this.#flowLabel(way, port),
    });
    return heeded(errno, this.options);
  }

  /** Connected sockets count for themselves; others take the destination's next, or 0 for what is never fragmented (ip_select_ident). */
  #identify(whole: boolean): { identification?: number } {
    if (this.remote !== undefined) {
      this.#identification = (this.#identification + 1) & 0xffff;
      return { identification: this.#identification };
    }
    return whole ? { identification: 0 } : {};
  }

  /** The same for a flow's life (ip6_make_flowlabel with auto_flowlabels). */
  #flowLabel(way: Way, port: number): number {
    if (typeof way.destination !== 'bigint') return 0;
    return this.net.kernel.random(`flowlabel/${way.source}/${this.localPort}/${way.destination}/${port}`).below(0x100000);
  }

  /** A datagram counts as received when somebody takes it (udp_recvmsg). */
  override receive(): Datagram | Errno {
    const datagram = super.receive();
    if (typeof datagram !== 'string') this.net.counters[typeof datagram.source === 'bigint' ? 'udp6' : 'udp'].InDatagrams++;
    return datagram;
  }

  #tooLong(way: Way, port: number, data: Uint8Array): Errno {
    const { destination } = way;
    const mtu = this.options.pathMtuDiscovery === 'probe' ? way.found.device.mtu : way.mtu;
    // Over IPv4 a socket that isn't connected doesn't say to which port.
    return this.tooLong(mtu, destination, data, typeof destination === 'bigint' ? port : this.remotePort);
  }

  /**
   * How well a datagram fits (compute_score): -1 for not at all, and a point for everything that the socket has fixed.
   * @param ifindex the device that it came in by
   */
  score(source: IP, sourcePort: number, destination: IP, ifindex: number): number {
    const family = typeof destination === 'bigint' ? 6 : 4;
    if (!receives(this, family)) return -1;
    let score = this.family === 4 ? 2 : 1;
    if (this.local !== undefined) {
      if (this.local !== destination) return -1;
      score += 4;
    }
    if (this.remote !== undefined) {
      if (this.remote !== source) return -1;
      score += 4;
    }
    if (this.remotePort !== 0) {
      if (this.remotePort !== sourcePort) return -1;
      score += 4;
    }
    if (this.options.boundDevice !== 0) {
      if (this.options.boundDevice !== ifindex) return -1;
      score += 4;
    }
    return score;
  }

  /** SHUT_WR and SHUT_RD mean little to UDP; reading then reports the end. */
  override close(): void {
    if (this.closed) return;
    this.closed = true;
    this.net.sockets.udp.remove(this);
  }
}
