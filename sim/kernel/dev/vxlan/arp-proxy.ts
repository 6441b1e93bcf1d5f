import { ARP_LENGTH, ARP_OPERATION, emitArp, parseArp } from '../../../wire/arp.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../../wire/ethernet.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import { drop } from '../../drop.ts';
import { Skb } from '../../skb.ts';
import { receive } from '../queue.ts';
import type { Vxlan } from './vxlan.ts';

/**
 * `proxy`: the device answers ARP requests from its own neighbour table instead of sending them to everybody (arp_reduce). What it
 * can't answer goes no further.
 */
export function answerArp(device: Vxlan, skb: Skb): void {
  const { net } = device;
  const arp = parseArp(skb.bytes, skb.network, skb.end);
  if (isWireError(arp) || arp.operation !== ARP_OPERATION.Request) return drop(net, skb, 'ARP_IGNORE');
  const known = net.ipv4.neighbours.find(device, arp.targetAddress);
  if (!known?.connected || known.mac === undefined) return drop(net, skb, 'ARP_IGNORE');
  const answer = Skb.allocate(ETHERNET_HEADER + ARP_LENGTH, net.kernel.ids.nextPacket());
  emitEthernet(answer.bytes, answer.data, { destination: arp.senderMac, source: known.mac, etherType: ETHERTYPE.ARP });
  emitArp(answer.bytes, answer.data + ETHERNET_HEADER, {
    operation: ARP_OPERATION.Reply,
    senderMac: known.mac,
    senderAddress: arp.targetAddress,
    targetMac: arp.senderMac,
    targetAddress: arp.senderAddress,
  });
  net.kernel.events.after(0, 'frame', () => receive(device, answer));
}
