import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';

/** An IPv6 packet has come in (ipv6_rcv). */
export function ipv6Receive(device: NetDevice, skb: Skb): void {
  drop(device.net, skb, 'IPV6DISABLED');
}
