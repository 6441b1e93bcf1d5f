import { type IP, type IPv4, type IPv6, multicastMacOfIPv4, multicastMacOfIPv6 } from '../../base/address.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../wire/ethernet.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import { emitIgmp, type Igmp, IGMP_TYPE, igmpLength } from '../../wire/igmp.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';

export interface QuerySpec<A extends IP> {
  source: A;
  /** 0 asks for all. */
  group: A;
  /** Of IGMP 2 or 3, of MLD 1 or 2. */
  version: number;
  /** Milliseconds within which the answers are to come. */
  delay: number;
  /** Seconds between general queries, as versions 3 and 2 tell. */
  interval: number;
}

const ALL_HOSTS: IPv4 = 0xe0000001;
const ALL_NODES: IPv6 = (0xff02n << 112n) | 1n;
/** Queries of the newer versions end with: robustness 2, the interval, no sources. */
const tail = (interval: number): Uint8Array => Uint8Array.of(2, coded(interval), 0, 0);

/** Above 127 a floating-point code. */
function coded(value: number): number {
  if (value < 128) return value;
  let exponent = 0;
  while (value >> (exponent + 3) > 0x1f && exponent < 7) exponent++;
  return 0x80 | (exponent << 4) | ((value >> (exponent + 3)) & 0xf);
}

/** An IGMP query as a whole frame, which `skb.data` stands at (br_ip4_multicast_alloc_query). */
export function query4(bridge: Bridge, spec: QuerySpec<IPv4>): Skb {
  const { group, source } = spec;
  const destination = group || ALL_HOSTS;
  const message: Igmp = {
    kind: 'group',
    type: IGMP_TYPE.Query,
    maxResponse: spec.version === 3 ? coded(spec.delay / 100) : Math.min(255, spec.delay / 100),
    group,
    rest: spec.version === 3 ? tail(spec.interval) : new Uint8Array(0),
  };
  const header: ip.Ipv4Header = {
    tos: 0xc0,
    totalLength: 24 + igmpLength(message),
    identification: 0,
    flags: ip.IPV4_FLAG.DF,
    fragmentOffset: 0,
    ttl: 1,
    protocol: ip.PROTOCOL.IGMP,
    source,
    destination,
    options: Uint8Array.of(0x94, 4, 0, 0),
  };
  const skb = frame(bridge, multicastMacOfIPv4(destination), ETHERTYPE.IPv4, header.totalLength);
  ip.emitIpv4(skb.bytes, skb.network, header);
  skb.transport = skb.network + 24;
  emitIgmp(skb.bytes, skb.transport, message);
  return skb;
}

/** An MLD query (br_ip6_multicast_alloc_query). */
export function query6(bridge: Bridge, spec: QuerySpec<IPv6>): Skb {
  const { group, source } = spec;
  const destination = group || ALL_NODES;
  const rest = spec.version === 2 ? tail(spec.interval) : new Uint8Array(0);
  const message: icmp6.Icmpv6 = { kind: 'mld-query', maxResponse: spec.delay, group, rest };
  const length = icmp6.icmpv6Length(message);
  const skb = frame(bridge, multicastMacOfIPv6(destination), ETHERTYPE.IPv6, ip6.IPV6_HEADER + 8 + length);
  ip6.emitIpv6(skb.bytes, skb.network, {
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: 8 + length,
    nextHeader: ip6.PROTOCOL.HopByHop,
    hopLimit: 1,
    source,
    destination,
  });
  const options = skb.network + ip6.IPV6_HEADER;
  skb.bytes.set([ip6.PROTOCOL.ICMPv6, 0, 5, 2, 0, 0, 1, 0], options);
  skb.transport = options + 8;
  icmp6.emitIcmpv6(skb.bytes, skb.transport, message);
  const pseudo = pseudoHeaderIPv6(source, destination, ip6.PROTOCOL.ICMPv6, length);
  icmp6.fillChecksum(skb.bytes, skb.transport, skb.end, pseudo);
  return skb;
}

function frame(bridge: Bridge, destination: number, etherType: number, length: number): Skb {
  const skb = Skb.allocate(ETHERNET_HEADER + length, bridge.net.kernel.ids.nextPacket());
  emitEthernet(skb.bytes, skb.data, { destination, source: bridge.address, etherType });
  skb.mac = skb.data;
  skb.network = skb.data + ETHERNET_HEADER;
  skb.protocol = etherType;
  return skb;
}
