import type { IPv6 } from '../../base/address.ts';
import type { NetDevice } from '../dev/device.ts';
import { emitIcmpv6, type Icmpv6, icmpv6Length } from '../../wire/icmpv6.ts';
import { MULTICAST_RECORD } from '../../wire/mld.ts';
import { Skb } from '../skb.ts';
import { sendIcmpv6 } from './send.ts';
import type { Ipv6Stack } from './stack.ts';

/** ff02::16: all routers that speak MLDv2. */
const MLD2_ROUTERS: IPv6 = (0xff02n << 112n) | 0x16n;

/**
 * Tells the link which groups this host listens to (RFC 3810, mld_sendpack): one report, where Linux repeats it once a second later
 * for links that lose packets. Carried with the router-alert option.
 */
export function reportMembership(stack: Ipv6Stack, device: NetDevice, groups: readonly IPv6[]): void {
  const message: Icmpv6 = {
    kind: 'mld2-report',
    records: groups.map((group) => ({
      type: MULTICAST_RECORD.ToExclude,
      group,
      sources: [],
      auxiliary: new Uint8Array(0),
      addressLength: 16 as const,
    })),
  };
  const skb = Skb.allocate(icmpv6Length(message), stack.net.kernel.ids.nextPacket());
  emitIcmpv6(skb.bytes, skb.data, message);
  sendIcmpv6(stack, skb, { device, source: device.ipv6.linkLocal ?? 0n, destination: MLD2_ROUTERS, hopLimit: 1, routerAlert: true });
}
