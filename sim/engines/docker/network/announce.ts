import { MAC_BROADCAST, MAC_ZERO } from '../../../base/address.ts';
import { MILLISECOND } from '../../../base/time.ts';
import type { NetDevice } from '../../../kernel/dev/device.ts';
import { advertise } from '../../../kernel/ipv6/ndisc.ts';
import { PacketSocket } from '../../../kernel/socket/packet.ts';
import { ARP_LENGTH, ARP_OPERATION, emitArp } from '../../../wire/arp.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../../wire/ethernet.ts';
import type { Engine } from '../engine.ts';
import type { Endpoint } from './network.ts';
import type { Sandbox } from './sandbox.ts';

/** How often, and how far apart, unless the network's options say otherwise (osl/interface_linux.go). */
const MESSAGES = 3;
const INTERVAL_MS = 1_000;

/**
 * Tells the neighbours whose addresses these are now: a container that starts again has another MAC, and nobody should send to the old
 * one. Announcements by ARP (RFC 5227 §3) and unsolicited neighbour advertisements.
 */
export function announce(engine: Engine, endpoint: Endpoint, sandbox: Sandbox): void {
  const { options } = endpoint.network;
  const count = Math.min(3, Number(options['com.docker.network.advertise_addr_nmsgs'] ?? MESSAGES) || 0);
  const interval = (Number(options['com.docker.network.advertise_addr_ms'] ?? INTERVAL_MS) || INTERVAL_MS) * MILLISECOND;
  const name = endpoint.device ?? '';
  const send = (): void => {
    const device = sandbox.net.deviceByName(name);
    if (!device?.up || endpoint.device !== name) return;
    if (endpoint.address) announceIPv4(device, endpoint.address.address);
    if (endpoint.address6) advertise(device, endpoint.address6.address, undefined);
  };
  if (count > 0) send();
  for (let i = 1; i < count; i++) engine.host.events.after(i * interval, 'announcement', send, true);
}

function announceIPv4(device: NetDevice, address: number): void {
  const frame = new Uint8Array(ETHERNET_HEADER + ARP_LENGTH);
  emitEthernet(frame, 0, { destination: MAC_BROADCAST, source: device.address, etherType: ETHERTYPE.ARP });
  emitArp(frame, ETHERNET_HEADER, {
    operation: ARP_OPERATION.Request,
    senderMac: device.address,
    senderAddress: address,
    targetMac: MAC_ZERO,
    targetAddress: address,
  });
  const socket = new PacketSocket(device.net);
  socket.send(device, frame);
  socket.close();
}
