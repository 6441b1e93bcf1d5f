import { type IP, type IPv6, isLinkLocalIPv6, isMulticastIPv6 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { NetDevice } from '../dev/device.ts';
import { localOut6 } from '../ipv6/output.ts';
import { type Ipv6Destination, routeOutput6 } from '../ipv6/route.ts';
import { flowLabelOf, pushHeader6 } from '../ipv6/send.ts';
import type { NetNamespace } from '../netns.ts';
import { Skb } from '../skb.ts';
import { lacksDevice } from './inet.ts';
import { DatagramSocket, heeded } from './socket.ts';
import type { IcmpErrorInfo } from './sockets.ts';

/** A raw IPv6 socket (ipv6(7)): payload in, payload out, the checksum of ICMPv6 filled in by the kernel. */
export class RawSocket6 extends DatagramSocket {
  override readonly family = 6;
  readonly protocol: number;
  declare local: IPv6 | undefined;
  declare remote: IPv6 | undefined;
  /** ICMPv6 types that are not delivered (ICMP6_FILTER). */
  readonly icmpFilter = new Set<number>();

  constructor(net: NetNamespace, protocol: number) {
    super(net);
    this.protocol = protocol;
    net.sockets.raw6.add(this);
  }

  bind(address: IP, _identifier = 0): Errno | undefined {
    if (typeof address !== 'bigint') return 'EAFNOSUPPORT';
    if (address !== 0n && !this.net.ipv6.isLocal(address)) return 'EADDRNOTAVAIL';
    this.local = address === 0n ? undefined : address;
    return undefined;
  }

  connect(address: IP): Errno | undefined {
    if (typeof address !== 'bigint') return 'EAFNOSUPPORT';
    if (lacksDevice(address, this.options)) return 'EINVAL';
    const way = this.#route(address);
    if (typeof way === 'string') return way;
    this.local ??= way.source;
    this.remote = address;
    return undefined;
  }

  /** Link-local destinations need a device: the bound one (the zone of `fe80::1%eth0`). */
  #route(address: IPv6): Ipv6Destination | Errno {
    const { options } = this;
    const scoped = isLinkLocalIPv6(address) || isMulticastIPv6(address);
    const oif = options.boundDevice || (scoped ? options.multicastInterface : 0);
    return routeOutput6(this.net.ipv6, { destination: address, source: this.local ?? 0n, iif: 0, oif, mark: options.mark });
  }

  /** @returns EMSGSIZE for what may not be fragmented, errors of the route, EPERM of the firewall */
  send(data: Uint8Array, to: IP | undefined, confirm = false): Errno | undefined {
    const address = to ?? this.remote;
    if (address === undefined) return 'EDESTADDRREQ';
    if (typeof address !== 'bigint') return 'EAFNOSUPPORT';
    const way = this.#route(address);
    if (typeof way === 'string') return way;
    if (confirm && !way.local) this.net.ipv6.neighbours.find(way.device, way.gateway ?? address)?.confirm();
    const { pathMtuDiscovery } = this.options;
    const whole = pathMtuDiscovery === 'do' || pathMtuDiscovery === 'probe';
    if (data.length > 0xffff || (whole && data.length + ip6.IPV6_HEADER > way.mtu)) return this.tooLong(way.mtu, address, data);
    const skb = Skb.allocate(data.length, this.net.kernel.ids.nextPacket());
    skb.bytes.set(data, skb.data);
    skb.mark = this.options.mark;
    skb.socket = this;
    skb.packetType = 'outgoing';
    if (this.protocol === ip6.PROTOCOL.ICMPv6) {
      icmp6.fillChecksum(skb.bytes, skb.data, skb.end, pseudoHeaderIPv6(way.source, address, ip6.PROTOCOL.ICMPv6, data.length));
    }
    const hopLimit = isMulticastIPv6(address)
      ? this.options.multicastTtl
      : (this.options.ttl ?? way.route?.metrics.hoplimit ?? way.device.ipv6.conf.hop_limit);
    const flowLabel = flowLabelOf(this.net, way.source, address, this.protocol);
    pushHeader6(skb, way.source, address, { nextHeader: this.protocol, hopLimit, trafficClass: this.options.tos, flowLabel });
    return heeded(localOut6(this.net, skb, way, !whole), this.options);
  }

  matches(protocol: number, source: IPv6, destination: IPv6, device: NetDevice): boolean {
    return (
      this.protocol === protocol &&
      (this.remote === undefined || this.remote === source || isMulticastIPv6(this.remote)) &&
      (this.local === undefined || this.local === destination) &&
      (this.options.boundDevice === 0 || this.options.boundDevice === device.ifindex)
    );
  }

  /** A copy of what follows the IPv6 header. */
  deliver(device: NetDevice, skb: Skb): void {
    const { bytes, network } = skb;
    if (this.protocol === ip6.PROTOCOL.ICMPv6 && this.icmpFilter.has(icmp6.type(bytes, skb.transport))) return;
    this.enqueue({
      data: bytes.slice(skb.transport, skb.end),
      source: ip6.source(bytes, network),
      sourcePort: 0,
      destination: ip6.destination(bytes, network),
      ifindex: device.ifindex,
      ttl: ip6.hopLimit(bytes, network),
      tos: ip6.trafficClass(bytes, network),
      time: this.net.kernel.events.now,
    });
  }

  /** An ICMPv6 error about something it sent (rawv6_err). */
  failed(device: NetDevice, skb: Skb, error: IcmpErrorInfo, payload: number): void {
    if (!this.options.receiveErrors && this.remote === undefined) return;
    const { errno, hard } = error6(error.type, error.code);
    if (this.options.receiveErrors) {
      this.enqueueError({
        errno,
        origin: 'icmp6',
        type: error.type,
        code: error.code,
        info: error.info,
        offender: ip6.source(skb.bytes, skb.network),
        ttl: ip6.hopLimit(skb.bytes, skb.network),
        ifindex: device.ifindex,
        destination: ip6.destination(skb.bytes, error.quoted),
        destinationPort: 0,
        data: skb.bytes.slice(payload, skb.end),
      });
    }
    if (!this.options.receiveErrors && !hard) return;
    this.pendingError = errno;
    this.onReadable();
  }

  override close(): void {
    this.closed = true;
    this.net.sockets.raw6.delete(this);
  }
}

/** What an ICMPv6 error means to a socket (icmpv6_err_convert). */
export function error6(type: number, code: number): { errno: Errno; hard: boolean } {
  if (type === icmp6.ICMPV6_TYPE.Unreachable) {
    const known: { errno: Errno; hard: boolean }[] = [
      { errno: 'ENETUNREACH', hard: false },
      { errno: 'EACCES', hard: true },
      { errno: 'EHOSTUNREACH', hard: false },
      { errno: 'EHOSTUNREACH', hard: false },
      { errno: 'ECONNREFUSED', hard: true },
      { errno: 'EACCES', hard: true },
      { errno: 'EACCES', hard: true },
    ];
    return known[code] ?? { errno: 'EPROTO', hard: true };
  }
  if (type === icmp6.ICMPV6_TYPE.PacketTooBig) return { errno: 'EMSGSIZE', hard: false };
  if (type === icmp6.ICMPV6_TYPE.ParameterProblem) return { errno: 'EPROTO', hard: true };
  return { errno: 'EHOSTUNREACH', hard: false };
}
