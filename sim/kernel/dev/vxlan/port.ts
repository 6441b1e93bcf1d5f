import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { UDP_HEADER } from '../../../wire/udp.ts';
import { be32 } from '../../../wire/endian.ts';
import { VXLAN_HEADER, vni } from '../../../wire/vxlan.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { UdpSocket } from '../../socket/udp.ts';
import type { Vxlan } from './vxlan.ts';

/**
 * The kernel's UDP socket on a VXLAN port, shared by the devices that are up on it (`struct vxlan_sock`). It stands among the
 * namespace's sockets, so INPUT rules decide what reaches it and `ss` shows it.
 */
export class VxlanPort {
  readonly #socket: UdpSocket;
  readonly devices = new Map<number, Vxlan>();

  constructor(net: NetNamespace, family: 4 | 6) {
    this.#socket = new UdpSocket(net, family);
    this.#socket.options.v6Only = family === 6;
    this.#socket.encapsulated = (skb, source) => this.#receive(skb, source);
  }

  bind(port: number): Errno | undefined {
    const failed = this.#socket.bind(this.#socket.family === 6 ? 0n : 0, port);
    if (failed) this.#socket.close();
    return failed;
  }

  close(): void {
    this.#socket.close();
  }

  /** A datagram for the port (vxlan_rcv): the VNI says which device it is for. */
  #receive(skb: Skb, source: IP): void {
    const { net } = this.#socket;
    const at = skb.transport + UDP_HEADER;
    if (skb.end - at < VXLAN_HEADER) return drop(net, skb, 'PKT_TOO_SMALL');
    // The flag that says "the VNI is valid" must be set, everything reserved must be 0 (reserved_bits).
    if (be32(skb.bytes, at) !== 0x08000000 || skb.bytes[at + 7] !== 0) return drop(net, skb, 'VXLAN_INVALID_HDR');
    const device = this.devices.get(vni(skb.bytes, at));
    if (!device) return drop(net, skb, 'VXLAN_VNI_NOT_FOUND');
    skb.data = at + VXLAN_HEADER;
    device.unpack(skb, source);
  }
}

const ports = new WeakMap<NetNamespace, Map<string, VxlanPort>>();

/** Takes part in a port, opening it if nobody has (vxlan_sock_add). @returns EADDRINUSE when a program has it */
export function openPort(device: Vxlan): VxlanPort | Errno {
  const { underlay, settings, family } = device;
  let open = ports.get(underlay);
  if (!open) {
    open = new Map();
    ports.set(underlay, open);
  }
  const key = `${family}/${settings.port}`;
  let port = open.get(key);
  if (!port) {
    port = new VxlanPort(underlay, family);
    const failed = port.bind(settings.port);
    if (failed) return failed;
    open.set(key, port);
  }
  port.devices.set(settings.vni, device);
  return port;
}

/** Leaves a port; the last one closes it (vxlan_sock_release). */
export function leavePort(device: Vxlan): void {
  const { underlay, settings, family } = device;
  const key = `${family}/${settings.port}`;
  const port = ports.get(underlay)?.get(key);
  if (port?.devices.get(settings.vni) !== device) return;
  port.devices.delete(settings.vni);
  if (port.devices.size > 0) return;
  port.close();
  ports.get(underlay)?.delete(key);
}

/** The device that is up with this network on this port, for packets to the host itself (vxlan_find_vni). */
export function deviceOnPort(net: NetNamespace, family: 4 | 6, port: number, network: number): Vxlan | undefined {
  return ports.get(net)?.get(`${family}/${port}`)?.devices.get(network);
}
