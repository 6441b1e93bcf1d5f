import { formatIP, type IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import * as udp from '../../../wire/udp.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import { Skb } from '../../skb.ts';
import { arrivalOf, pseudoHeader, routeTo, sendPacket, type Way } from '../../socket/inet.ts';
import { UdpSocket } from '../../socket/udp.ts';
import { guarded, traceTunnel } from '../tunnel.ts';
import type { Peer } from './peer.ts';
import type { Wireguard } from './wireguard.ts';

/** How often another port is tried when the one that was drawn is free for IPv4 only. */
const RETRIES = 100;

/**
 * The device's UDP sockets, one for each family on the same port, in the namespace where it was made: wherever the device goes, its
 * sealed packets travel there (drivers/net/wireguard/socket.c).
 */
export class WireguardSocket {
  readonly #device: Wireguard;
  readonly #net: NetNamespace;
  #open: Partial<Record<4 | 6, UdpSocket>> = {};

  constructor(device: Wireguard, net: NetNamespace) {
    this.#device = device;
    this.#net = net;
  }

  /** Opens the port, 0 for any that is free; what was open is closed (wg_socket_init). @returns the port, or EADDRINUSE */
  open(port: number): number | Errno {
    for (let tries = 0; ; tries++) {
      const four = this.#bind(4, port);
      if (typeof four === 'string') return four;
      const six = this.#bind(6, four.localPort);
      if (typeof six !== 'string') {
        this.close();
        this.#open = { 4: four, 6: six };
        return four.localPort;
      }
      four.close();
      if (port !== 0 || tries >= RETRIES) return six;
    }
  }

  #bind(family: 4 | 6, port: number): UdpSocket | Errno {
    const socket = new UdpSocket(this.#net, family);
    socket.options.v6Only = family === 6;
    socket.options.mark = this.#device.fwmark;
    socket.encapsulated = (skb, source) => this.#receive(family, skb, source);
    const failed = socket.bind(family === 6 ? 0n : 0, port);
    if (!failed) return socket;
    socket.close();
    return failed;
  }

  close(): void {
    this.#open[4]?.close();
    this.#open[6]?.close();
    this.#open = {};
  }

  /** The mark decides over routes, and firewalls see it. */
  set mark(value: number) {
    for (const socket of [this.#open[4], this.#open[6]]) if (socket) socket.options.mark = value;
  }

  #receive(family: 4 | 6, skb: Skb, source: IP): void {
    const from = { address: source, port: udp.sourcePort(skb.bytes, skb.transport) };
    const { destination, tos } = arrivalOf(family, skb);
    this.#device.receive(skb, skb.transport + udp.UDP_HEADER, { from, to: destination, tos });
  }

  /** A handshake message. */
  sendBytes(peer: Peer, message: Uint8Array, tos: number): void {
    const skb = Skb.allocate(message.length, this.#net.kernel.ids.nextPacket());
    skb.bytes.set(message, skb.data);
    this.send(peer, skb, tos, message.length);
  }

  /**
   * Sends a message to where the peer is (wg_socket_send_skb_to_peer); `skb.data` stands at the message.
   * @param counted how many bytes the device counts as sent: tunnels don't count their own header (iptunnel_xmit)
   */
  send(peer: Peer, skb: Skb, tos: number, counted: number): void {
    const device = this.#device;
    const net = this.#net;
    const { endpoint } = peer;
    const socket = endpoint && this.#open[typeof endpoint.address === 'bigint' ? 6 : 4];
    if (!endpoint || !socket) return drop(net, skb, 'WIREGUARD_NO_ENDPOINT');
    const way = this.#route(peer, socket, endpoint.address, endpoint.port);
    if (typeof way === 'string') return drop(net, skb, 'IP_OUTNOROUTES');
    // The way to the peer leads into the tunnel itself.
    if (way.found.device === device) return drop(net, skb, 'RECURSION_LIMIT');
    const size = skb.length;
    const length = size + udp.UDP_HEADER;
    const at = skb.push(udp.UDP_HEADER);
    udp.emitUdp(skb.bytes, at, { sourcePort: socket.localPort, destinationPort: endpoint.port, length });
    udp.fillChecksum(skb.bytes, at, skb.end, pseudoHeader(way.source, way.destination, PROTOCOL.UDP, length));
    skb.mark = device.fwmark;
    peer.txBytes += size;
    device.stats.txPackets++;
    device.stats.txBytes += counted;
    traceTunnel(device, skb, `wireguard: into ${formatIP(way.source)} > ${formatIP(way.destination)} port ${endpoint.port}`);
    guarded(net, device, skb, () => {
      sendPacket(net, skb, way, { protocol: PROTOCOL.UDP, df: false, ttl: undefined, tos });
    });
  }

  #route(peer: Peer, socket: UdpSocket, destination: IP, destinationPort: number): Way | Errno {
    if (peer.source !== undefined && !this.#isOwn(peer.source)) peer.forgetSource();
    const ends = { destination, protocol: PROTOCOL.UDP, sourcePort: socket.localPort, destinationPort };
    return routeTo(this.#net, { ...ends, source: peer.source }, socket.options);
  }

  #isOwn(address: IP): boolean {
    return typeof address === 'bigint' ? this.#net.ipv6.isLocal(address) : this.#net.ipv4.isLocal(address);
  }
}
