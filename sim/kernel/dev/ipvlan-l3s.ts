import * as ip from '../../wire/ipv4.ts';
import { drop } from '../drop.ts';
import { deliverLocally } from '../ipv4/input.ts';
import { routeIncoming } from '../ipv4/route.ts';
import { deliver6 } from '../ipv6/input.ts';
import { type HookFunction, PRIORITY } from '../netfilter/hooks.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';

/**
 * ipvlan's mode l3s (drivers/net/ipvlan/ipvlan_l3s.c): what comes in for a member passes PREROUTING and INPUT of the lower device's
 * namespace, and not those of the member's own, before a socket there gets it.
 */
export class SymmetricInput {
  readonly #lower: NetDevice;
  readonly #find: (skb: Skb) => NetDevice | undefined;
  #net: NetNamespace | undefined;

  /** @param find the member that a frame is for */
  constructor(lower: NetDevice, find: (skb: Skb) => NetDevice | undefined) {
    this.#lower = lower;
    this.#find = find;
  }

  /** Stands behind everybody else in PREROUTING while it is on. */
  set(on: boolean): void {
    if (on === (this.#net !== undefined)) return;
    const net = this.#net ?? this.#lower.net;
    for (const family of [4, 6] as const) {
      if (on) net.netfilter.hooks.register(family, 'PREROUTING', PRIORITY.confirm, this.#take);
      else net.netfilter.hooks.unregister(this.#take, family);
    }
    this.#net = on ? net : undefined;
  }

  /** ipvlan_l3_rcv, which finds the way, and ipvlan_nf_input, which changes the device. */
  readonly #take: HookFunction = (skb, { input, family, net }) => {
    const member = input === this.#lower ? this.#find(skb) : undefined;
    if (!member) return 'accept';
    member.stats.rxPackets++;
    member.stats.rxBytes += skb.end - skb.mac;
    if (family === 6) {
      deliver6(this.#lower, skb, member);
      return 'stolen';
    }
    const { bytes, network } = skb;
    const tos = ip.tos(bytes, network) & 0x1c;
    const way = routeIncoming(
      member.net.ipv4,
      member,
      ip.source(bytes, network),
      ip.destination(bytes, network),
      skb.mark,
      tos,
      skb.packet,
      skb,
    );
    if ('error' in way || !way.local) drop(net, skb, 'error' in way ? way.drop : 'IP_INNOROUTES');
    else {
      skb.route = way;
      deliverLocally(this.#lower, skb, member);
    }
    return 'stolen';
  };
}
