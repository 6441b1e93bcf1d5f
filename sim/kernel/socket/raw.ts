import { type IP, type IPv4, isMulticastIPv4 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { buildOptions } from '../ipv4/options.ts';
import { localOut, pushHeader } from '../ipv4/output.ts';
import { type Ipv4Destination, routeOutput } from '../ipv4/route.ts';
import type { NetNamespace } from '../netns.ts';
import { countType } from '../snmp.ts';
import { Skb } from '../skb.ts';
import { DatagramSocket, errorOf, heeded } from './socket.ts';
import type { IcmpErrorInfo } from './sockets.ts';

/** IPPROTO_RAW: sends anything, receives nothing. */
const IPPROTO_RAW = 255;

/** A raw IPv4 socket (raw(7)): sends a protocol's packets, and receives a copy of every one that comes in. */
export class RawSocket extends DatagramSocket {
  override readonly family = 4;
  readonly protocol: number;
  declare local: IPv4 | undefined;
  declare remote: IPv4 | undefined;
  /** ICMP types that are not delivered, as bits (ICMP_FILTER). */
  icmpFilter = 0;

  constructor(net: NetNamespace, protocol: number) {
    super(net);
    this.protocol = protocol;
    if (protocol === IPPROTO_RAW) this.options.headerIncluded = true;
    net.sockets.raw.add(this);
  }

  /** @returns EADDRNOTAVAIL if no interface has the address */
  bind(address: IP, _identifier = 0): Errno | undefined {
    if (typeof address !== 'number') return 'EAFNOSUPPORT';
    if (address !== 0 && !this.net.ipv4.isLocal(address) && !this.net.ipv4.settings.ip_nonlocal_bind) return 'EADDRNOTAVAIL';
    this.local = address === 0 ? undefined : address;
    return undefined;
  }

  /** Fixes the peer; the route must exist. Without a bound source the route's becomes it (ip4_datagram_connect). */
  connect(address: IP): Errno | undefined {
    if (typeof address !== 'number') return 'EAFNOSUPPORT';
    const way = this.#route(address);
    if (way === 'ENETUNREACH') this.net.counters.ip.OutNoRoutes++;
    if (typeof way === 'string') return way;
    if (way.type === 'broadcast' && !this.options.broadcast) return 'EACCES';
    this.local ??= way.source;
    this.remote = address;
    return undefined;
  }

  /** The source that packets to an address would have. */
  sourceFor(address: IPv4): IPv4 | Errno {
    const way = this.#route(address);
    return typeof way === 'string' ? way : way.source;
  }

  #route(address: IPv4): Ipv4Destination | Errno {
    const { options } = this;
    const oif = options.boundDevice || (isMulticastIPv4(address) ? options.multicastInterface : 0);
    const way = routeOutput(this.net.ipv4, {
      destination: options.ipOptions?.firstHop ?? address,
      source: this.local ?? 0,
      iif: 0,
      oif,
      mark: options.mark,
      tos: options.tos & 0xfc,
    });
    return options.dontRoute && typeof way === 'object' && way.gateway !== undefined ? 'ENETUNREACH' : way;
  }

  /**
   * Sends a payload (or, with `headerIncluded`, a whole packet).
   * @returns EACCES for broadcasts without the option, EMSGSIZE for what may not be fragmented, errors of the route, EPERM of the firewall
   */
  send(data: Uint8Array, to: IP | undefined, confirm = false): Errno | undefined {
    const address = to ?? this.remote;
    if (address === undefined) return 'EDESTADDRREQ';
    if (typeof address !== 'number') return 'EAFNOSUPPORT';
    if (data.length > 0xffff) return 'EMSGSIZE';
    const way = this.#route(address);
    if (typeof way === 'string') return way;
    if (way.type === 'broadcast' && !this.options.broadcast) return 'EACCES';
    if (confirm && !way.local) this.net.ipv4.neighbours.find(way.device, way.gateway ?? address)?.confirm();
    return this.options.headerIncluded ? this.#sendWhole(data, way) : this.#sendPayload(data, address, way);
  }

  #sendWhole(packet: Uint8Array, way: Ipv4Destination): Errno | undefined {
    if (packet.length < ip.IPV4_HEADER || ip.headerLength(packet, 0) > packet.length) return 'EINVAL';
    if (packet.length > way.mtu) return this.tooLong(way.mtu, ip.destination(packet, 0), packet);
    const skb = this.#skb(packet);
    skb.network = skb.data;
    skb.transport = skb.data + ip.headerLength(packet, 0);
    ip.setTotalLength(skb.bytes, skb.data, packet.length);
    if (ip.source(packet, 0) === 0) ip.setSource(skb.bytes, skb.data, way.source);
    if (ip.identification(packet, 0) === 0)
      ip.setIdentification(skb.bytes, skb.data, this.net.ipv4.nextIdentification(ip.destination(packet, 0)));
    ip.fillChecksum(skb.bytes, skb.data);
    if (ip.protocol(packet, 0) === ip.PROTOCOL.ICMP && skb.transport < skb.end) {
      this.net.counters.icmp.OutMsgs++;
      countType(this.net.counters.icmpOut, skb.bytes[skb.transport] as number);
    }
    return heeded(localOut(this.net, skb, way), this.options);
  }

  #sendPayload(data: Uint8Array, address: IPv4, way: Ipv4Destination): Errno | undefined {
    const { pathMtuDiscovery, tos } = this.options;
    const { ipOptions } = this.options;
    const length = data.length + ip.IPV4_HEADER + (ipOptions?.bytes.length ?? 0);
    const always = pathMtuDiscovery === 'do' || pathMtuDiscovery === 'probe';
    const limit = pathMtuDiscovery === 'probe' ? way.device.mtu : way.mtu;
    if (length > 0xffff || (always && length > limit)) return this.tooLong(way.mtu, address, data);
    const skb = this.#skb(data);
    const multicast = isMulticastIPv4(address);
    const df = always || (pathMtuDiscovery === 'want' && length <= way.mtu && !way.mtuLocked);
    const source = this.local && !isMulticastIPv4(this.local) ? this.local : way.source;
    pushHeader(this.net, skb, source, ipOptions?.firstHop ?? address, {
      protocol: this.protocol,
      tos,
      ttl: multicast
        ? this.options.multicastTtl
        : (this.options.ttl ?? way.route?.metrics.hoplimit ?? this.net.ipv4.settings.ip_default_ttl),
      df,
      // With DF always on nothing can be fragmented, and Linux leaves the identification at 0 (ip_select_ident_segs).
      ...(always ? { identification: 0 } : {}),
      ...(ipOptions ? { options: buildOptions(this.net.ipv4, ipOptions, source, address) } : {}),
    });
    return heeded(localOut(this.net, skb, pathMtuDiscovery === 'probe' ? { ...way, mtu: way.device.mtu } : way), this.options);
  }

  #skb(data: Uint8Array): Skb {
    const skb = Skb.allocate(data.length, this.net.kernel.ids.nextPacket());
    skb.bytes.set(data, skb.data);
    skb.mark = this.options.mark;
    skb.socket = this;
    skb.packetType = 'outgoing';
    return skb;
  }

  /** Whether a packet that came in is this socket's (raw_v4_match). */
  matches(protocol: number, source: IPv4, destination: IPv4, device: NetDevice): boolean {
    return (
      this.protocol === protocol &&
      this.protocol !== IPPROTO_RAW &&
      (this.remote === undefined || this.remote === source) &&
      (this.local === undefined || this.local === destination) &&
      (this.options.boundDevice === 0 || this.options.boundDevice === device.ifindex)
    );
  }

  /** A copy of an incoming packet, IP header and all. */
  deliver(device: NetDevice, skb: Skb): void {
    const { bytes, network } = skb;
    if (this.protocol === ip.PROTOCOL.ICMP && ((this.icmpFilter >>> icmp.type(bytes, skb.transport)) & 1) !== 0) return;
    this.enqueue({
      data: bytes.slice(network, skb.end),
      source: ip.source(bytes, network),
      sourcePort: 0,
      destination: ip.destination(bytes, network),
      ifindex: device.ifindex,
      ttl: ip.ttl(bytes, network),
      tos: ip.tos(bytes, network),
      time: this.net.kernel.events.now,
    });
  }

  /** An ICMP error about something it sent (raw_err). */
  failed(skb: Skb, error: IcmpErrorInfo): void {
    if (!this.options.receiveErrors && this.remote === undefined) return;
    const { bytes } = skb;
    const { errno, hard } = errorOf(error.type, error.code);
    if (this.options.receiveErrors) {
      const payload = error.quoted + ip.headerLength(bytes, error.quoted);
      this.enqueueError({
        errno,
        origin: 'icmp',
        type: error.type,
        code: error.code,
        info: error.info,
        offender: ip.source(bytes, skb.network),
        ttl: ip.ttl(bytes, skb.network),
        destination: ip.destination(bytes, error.quoted),
        destinationPort: 0,
        data: bytes.slice(payload, skb.end),
      });
    }
    if (this.options.receiveErrors || hard) {
      this.pendingError = errno;
      this.onReadable();
    }
  }

  override close(): void {
    this.closed = true;
    this.net.sockets.raw.delete(this);
  }
}
