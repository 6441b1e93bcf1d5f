import { type IPv4, isLoopbackIPv4, isMulticastIPv4 } from '../../base/address.ts';
import { ARP_LENGTH, ARP_OPERATION, emitArp, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet, etherType } from '../../wire/ethernet.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { transmit } from '../dev/queue.ts';
import { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

/**
 * ARP on a bridge with ports that suppress neighbour discovery, as overlays have them (net/bridge/br_arp_nd_proxy.c): who is behind such
 * a port is known to the bridge's own neighbour table, which answers in its stead.
 *
 * @param from the port it came in by; undefined for what the host itself sends
 * @returns true when ports that suppress need not hear the question
 */
export function suppressArp(bridge: Bridge, skb: Skb, from: BridgePort | undefined): boolean {
  const { bytes, mac, end } = skb;
  if (etherType(bytes, mac) !== ETHERTYPE.ARP || from?.neighSuppress) return false;
  const arp = end - mac >= ETHERNET_HEADER + ARP_LENGTH ? parseArp(bytes, mac + ETHERNET_HEADER, end) : undefined;
  if (arp === undefined || isWireError(arp)) return false;
  const { senderAddress: sender, targetAddress: target } = arp;
  if (sender === target || sender === 0) return true; // announcements and probes stay on this side
  if (arp.operation !== ARP_OPERATION.Request || isSpecial(sender) || isSpecial(target)) return false;
  const { ipv4 } = bridge.net;
  if (bridge.ipv4.addresses.some((own) => own.local === target)) return true;
  const known = ipv4.neighbours.find(bridge, target);
  if (!known?.valid || known.mac === undefined) return false;
  const entry = bridge.fdb.find(known.mac);
  if (entry?.port?.neighSuppress && from) answer(bridge, from, { mac: known.mac, target, asker: arp.senderMac, sender });
  return true;
}

function isSpecial(address: IPv4): boolean {
  return isLoopbackIPv4(address) || isMulticastIPv4(address);
}

/** br_arp_send: the reply goes out of the port that asked. */
function answer(
  bridge: Bridge,
  port: BridgePort,
  { mac, target, asker, sender }: { mac: number; target: IPv4; asker: number; sender: IPv4 },
): void {
  const skb = Skb.allocate(ETHERNET_HEADER + ARP_LENGTH, bridge.net.kernel.ids.nextPacket());
  emitEthernet(skb.bytes, skb.data, { destination: asker, source: mac, etherType: ETHERTYPE.ARP });
  emitArp(skb.bytes, skb.data + ETHERNET_HEADER, {
    operation: ARP_OPERATION.Reply,
    senderMac: mac,
    senderAddress: target,
    targetMac: asker,
    targetAddress: sender,
  });
  skb.mac = skb.data;
  skb.network = skb.data + ETHERNET_HEADER;
  skb.protocol = ETHERTYPE.ARP;
  transmit(port.device, skb);
}
