import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';

/** Through the host's own receive queue, in microseconds: a softirq. */
const LATENCY = 3;

/** Whether the sender of a packet to a group wants to hear it itself, as sockets do unless they say otherwise (sk_mc_loop). */
export function hearsItself(skb: Skb): boolean {
  const socket = skb.socket as { options?: { multicastLoop?: boolean } } | undefined;
  return socket?.options?.multicastLoop !== false;
}

/**
 * A host that sends to a group it is in itself, or to everybody, gets a copy, which comes in by the device that the packet leaves by
 * (dev_loopback_xmit). Captures don't show it.
 *
 * @param skb the copy, with its way set
 */
export function hearOwn(
  device: NetDevice,
  skb: Skb,
  packetType: 'multicast' | 'broadcast',
  receive: (device: NetDevice, skb: Skb) => void,
): void {
  skb.socket = undefined;
  skb.packetType = packetType;
  device.net.kernel.events.after(LATENCY, 'own copy', () => {
    if (!device.unregistered) receive(device, skb);
  });
}
