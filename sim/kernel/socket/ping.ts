import { type IP, type IPv4, isMulticastIPv4 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { RawSocket } from './raw.ts';
import { DatagramSocket, errorOf } from './socket.ts';
import type { IcmpErrorInfo } from './sockets.ts';

/**
 * An ICMP datagram socket (icmp(7), net/ipv4/ping.c): echo requests only; the kernel owns identifier and checksum and delivers
 * the answers that carry the identifier, without their IP header.
 */
export class PingSocket extends DatagramSocket {
  override readonly family = 4;
  declare local: IPv4 | undefined;
  declare remote: IPv4 | undefined;
  identifier = 0;
  readonly #raw: RawSocket;

  constructor(net: NetNamespace) {
    super(net);
    this.#raw = new RawSocket(net, ip.PROTOCOL.ICMP);
    // Only its sending half is used.
    net.sockets.raw.delete(this.#raw);
    net.sockets.ping.add(this);
  }

  /** @param identifier 0 lets the kernel choose */
  bind(address: IP, identifier = 0): Errno | undefined {
    const failed = this.#raw.bind(address);
    if (failed) return failed;
    this.local = this.#raw.local;
    return this.#identify(identifier);
  }

  connect(address: IP): Errno | undefined {
    Object.assign(this.#raw.options, this.options);
    const failed = this.#raw.connect(address);
    if (failed) return failed;
    this.local = this.#raw.local;
    this.remote = this.#raw.remote;
    return this.identifier === 0 ? this.#identify(0) : undefined;
  }

  #identify(wanted: number): Errno | undefined {
    const taken = new Set([...this.net.sockets.ping].filter((other) => other !== this).map((other) => other.identifier));
    if (wanted !== 0 && taken.has(wanted)) return 'EADDRINUSE';
    let identifier = wanted;
    while (identifier === 0 || (wanted === 0 && taken.has(identifier))) identifier = this.net.sockets.nextPingIdentifier++ & 0xffff || 1;
    this.identifier = identifier;
    return undefined;
  }

  /** @param message an echo request; type and code are checked, identifier and checksum filled in */
  send(message: Uint8Array, to: IP | undefined, confirm = false): Errno | undefined {
    if (message.length < icmp.ICMP_HEADER || icmp.type(message, 0) !== icmp.ICMP_TYPE.Echo || icmp.code(message, 0) !== 0) return 'EINVAL';
    const pending = this.takeError();
    if (pending) return pending;
    if (this.identifier === 0) this.#identify(0);
    const copy = message.slice();
    icmp.setIdentifier(copy, 0, this.identifier);
    icmp.fillChecksum(copy, 0, copy.length);
    Object.assign(this.#raw.options, this.options);
    const failed = this.#raw.send(copy, to ?? this.remote, confirm);
    for (let error = this.#raw.receiveError(); error; error = this.#raw.receiveError()) this.enqueueError({ ...error, data: message });
    return failed;
  }

  matches(source: IPv4, destination: IPv4, identifier: number, device: NetDevice): boolean {
    return (
      this.identifier === identifier &&
      (this.local === undefined || this.local === destination) &&
      (this.remote === undefined || this.remote === source) &&
      (this.options.boundDevice === 0 || this.options.boundDevice === device.ifindex)
    );
  }

  deliver(device: NetDevice, skb: Skb): void {
    const { bytes, network } = skb;
    this.enqueue({
      data: bytes.slice(skb.transport, skb.end),
      source: ip.source(bytes, network),
      sourcePort: 0,
      destination: ip.destination(bytes, network),
      ifindex: device.ifindex,
      ttl: ip.ttl(bytes, network),
      tos: ip.tos(bytes, network),
      time: this.net.kernel.events.now,
    });
  }

  /** ping_err. */
  failed(skb: Skb, error: IcmpErrorInfo): void {
    const { bytes } = skb;
    const destination = ip.destination(bytes, error.quoted);
    const { errno, hard } = errorOf(error.type, error.code);
    if (this.options.receiveErrors) {
      this.enqueueError({
        errno,
        origin: 'icmp',
        type: error.type,
        code: error.code,
        info: error.info,
        offender: ip.source(bytes, skb.network),
        ttl: ip.ttl(bytes, skb.network),
        destination,
        destinationPort: 0,
        data: bytes.slice(error.quoted + ip.headerLength(bytes, error.quoted), skb.end),
      });
    } else if (!hard || this.remote === undefined || isMulticastIPv4(destination)) return;
    this.pendingError = errno;
    this.onReadable();
  }

  override close(): void {
    this.closed = true;
    this.net.sockets.ping.delete(this);
  }
}
