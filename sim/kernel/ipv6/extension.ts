import { isMulticastIPv6 } from '../../base/address.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import type { Icmpv6Error } from './error.ts';

/** Options that this host knows wherever it looks: padding, router alert, jumbo payload, home address (RFC 8200 §4.2). */
const KNOWN = new Set([0, 1, 5, 0xc2, 0xc9]);
/** Of ICMPv6's parameter problem. */
const BAD_FIELD = 0;
const UNKNOWN_HEADER = 1;
const UNKNOWN_OPTION = 2;

type Problem = Pick<Icmpv6Error & { kind: 'parameter-problem' }, 'code' | 'pointer'>;

/** Looks through the hop-by-hop options of a packet, which routers do, too (ipv6_parse_hopopts). Returns whether it goes on. */
export function passesHopByHop(device: NetDevice, skb: Skb): boolean {
  const { bytes, network } = skb;
  if (ip6.nextHeader(bytes, network) !== ip6.PROTOCOL.HopByHop) return true;
  return passesOptions(device, skb, network + ip6.IPV6_HEADER);
}

/**
 * Looks through the extension headers of a packet for this host, up to the fragment header (ip6_protocol_deliver_rcu, ipv6_destopt_rcv,
 * ipv6_rthdr_rcv): options that are not known say what becomes of the packet, routing headers must have reached their end. Headers that
 * are cut off are left to those who parse on. Returns whether the packet goes on.
 */
export function passesExtensions(device: NetDevice, skb: Skb): boolean {
  const { bytes, network, end } = skb;
  let protocol = ip6.nextHeader(bytes, network);
  let named = network + 6;
  let at = network + ip6.IPV6_HEADER;
  while (ip6.isExtensionHeader(protocol) && protocol !== ip6.PROTOCOL.Fragment && end - at >= 8) {
    if (protocol === ip6.PROTOCOL.HopByHop && named !== network + 6)
      return refuse(device, skb, { code: UNKNOWN_HEADER, pointer: named - network });
    if (protocol === ip6.PROTOCOL.DestinationOptions && !passesOptions(device, skb, at)) return false;
    if (protocol === ip6.PROTOCOL.Routing && (bytes[at + 3] as number) > 0)
      return refuse(device, skb, { code: BAD_FIELD, pointer: at + 2 - network });
    named = at;
    at += ip6.extensionLength(bytes, at, protocol);
    protocol = bytes[named] as number;
  }
  return true;
}

/** The two highest bits of an unknown option's type say what to do: skip it, drop silently, drop and say so, or so unless it was multicast. */
function passesOptions(device: NetDevice, skb: Skb, at: number): boolean {
  const { bytes, network } = skb;
  const end = Math.min(skb.end, at + ip6.extensionLength(bytes, at, ip6.PROTOCOL.DestinationOptions));
  for (let option = at + 2; option < end; option += bytes[option] === 0 ? 1 : 2 + (bytes[option + 1] ?? 0)) {
    const type = bytes[option] as number;
    if (type !== 0 && option + 2 + (bytes[option + 1] ?? 0) > end) return refuse(device, skb, undefined);
    if (KNOWN.has(type) || type >>> 6 === 0) continue;
    const silent = type >>> 6 === 1 || (type >>> 6 === 3 && isMulticastIPv6(ip6.destination(bytes, network)));
    return refuse(device, skb, silent ? undefined : { code: UNKNOWN_OPTION, pointer: option - network });
  }
  return true;
}

function refuse(device: NetDevice, skb: Skb, problem: Problem | undefined): false {
  const { net } = device;
  net.counters.ip6.InHdrErrors++;
  drop(net, skb, 'IP_INHDR');
  if (problem) net.ipv6.reportError(skb, { kind: 'parameter-problem', ...problem });
  return false;
}
