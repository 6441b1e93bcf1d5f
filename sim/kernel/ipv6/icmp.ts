import { isMulticastIPv6 } from '../../base/address.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import { Skb } from '../skb.ts';
import { receiveAdvertisement, receiveRouterSolicitation, receiveSolicitation } from './ndisc.ts';
import { receiveQuery } from './mld.ts';
import { localOut6 } from './output.ts';
import { routeOutput6 } from './route.ts';
import { countType } from '../snmp.ts';
import { flowLabelOf, pushHeader6 } from './send.ts';

/** An ICMPv6 message for this host; `skb.transport` stands at it (icmpv6_rcv). */
export function icmpv6Receive(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, network, transport, end } = skb;
  const { counters } = net;
  counters.icmp6.InMsgs++;
  if (end - transport < icmp6.ICMPV6_HEADER) return drop(net, skb, 'HDR_TRUNC');
  const pseudo = pseudoHeaderIPv6(ip6.source(bytes, network), ip6.destination(bytes, network), ip6.PROTOCOL.ICMPv6, end - transport);
  if (!icmp6.checksumValid(bytes, transport, end, pseudo)) {
    counters.icmp6.InCsumErrors++;
    counters.icmp6.InErrors++;
    return drop(net, skb, 'ICMP_CSUM');
  }
  const type = icmp6.type(bytes, transport);
  countType(counters.icmp6In, type);
  switch (type) {
    case icmp6.ICMPV6_TYPE.Echo:
      return echo(device, skb);
    case icmp6.ICMPV6_TYPE.NeighbourSolicitation:
      return receiveSolicitation(device, skb);
    case icmp6.ICMPV6_TYPE.NeighbourAdvertisement:
      return receiveAdvertisement(device, skb);
    case icmp6.ICMPV6_TYPE.RouterSolicitation:
      return receiveRouterSolicitation(device, skb);
    case icmp6.ICMPV6_TYPE.MldQuery:
      return receiveQuery(device, skb);
    default:
      if (icmp6.isError(type)) error(device, skb);
  }
}

function echo(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, network, transport, end } = skb;
  if (net.ipv6.settings.icmp_echo_ignore_all) return drop(net, skb, 'ARP_IGNORE');
  const asked = ip6.destination(bytes, network);
  const to = ip6.source(bytes, network);
  const way = routeOutput6(net.ipv6, {
    destination: to,
    source: isMulticastIPv6(asked) ? 0n : asked,
    iif: 0,
    oif: isLinkLocalTraffic(to) ? device.ifindex : 0,
    mark: 0,
  });
  if (typeof way === 'string') return drop(net, skb, 'IP_OUTNOROUTES');
  const answer = Skb.allocate(end - transport, net.kernel.ids.nextPacket());
  answer.bytes.set(bytes.subarray(transport, end), answer.data);
  icmp6.setType(answer.bytes, answer.data, icmp6.ICMPV6_TYPE.EchoReply);
  icmp6.fillChecksum(answer.bytes, answer.data, answer.end, pseudoHeaderIPv6(way.source, to, ip6.PROTOCOL.ICMPv6, end - transport));
  pushHeader6(answer, way.source, to, {
    nextHeader: ip6.PROTOCOL.ICMPv6,
    hopLimit: way.device.ipv6.conf.hop_limit,
    trafficClass: ip6.trafficClass(bytes, network),
    flowLabel: flowLabelOf(net, way.source, to, ip6.PROTOCOL.ICMPv6),
  });
  localOut6(net, answer, way, true);
}

function isLinkLocalTraffic(address: bigint): boolean {
  return address >> 118n === 0x3fan;
}

/** An error about a packet this host sent: learn the path MTU, tell the socket (icmpv6_notify). */
function error(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, transport, end } = skb;
  const quoted = transport + icmp6.ICMPV6_HEADER;
  if (end - quoted < ip6.IPV6_HEADER) return drop(net, skb, 'HDR_TRUNC');
  const type = icmp6.type(bytes, transport);
  let info = 0;
  if (type === icmp6.ICMPV6_TYPE.PacketTooBig) {
    info = icmp6.mtu(bytes, transport);
    const destination = ip6.destination(bytes, quoted);
    const known = net.ipv6.exceptionFor(destination);
    const mtu = Math.max(info, ip6.IPV6_MIN_MTU);
    if (!known || known.mtu > mtu)
      net.ipv6.exceptions.set(destination, { mtu, expires: net.kernel.events.now + net.ipv6.settings.mtu_expires });
  }
  const upper = ip6.upperLayer(bytes, quoted, end);
  if (isWireError(upper)) return;
  net.sockets.deliverError6(device, skb, { type, code: icmp6.code(bytes, transport), info, quoted }, upper);
}
