import * as ethernet from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { BridgeHookName } from '../bridge/netfilter.ts';
import type { NetDevice } from '../dev/device.ts';
import { transmit } from '../dev/queue.ts';
import { drop } from '../drop.ts';
import { fragment } from '../ipv4/fragment.ts';
import { routeInput, routeOutput } from '../ipv4/route.ts';
import type { Skb } from '../skb.ts';
import type { Family } from './hooks.ts';

/**
 * Lets bridged IP packets pass the hooks of IPv4 and IPv6 (net/bridge/br_netfilter_hooks.c), when net.bridge.bridge-nf-call-iptables
 * and -ip6tables say so: PREROUTING as if the bridge device had received them, FORWARD and POSTROUTING between its ports.
 *
 * @returns true when it took the frame and will call `next` itself, or has ended it
 */
export function bridgeNetfilter(
  hook: BridgeHookName,
  bridge: Bridge,
  skb: Skb,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
  next: () => void,
): boolean {
  const { netfilter } = bridge.net;
  if (!netfilter.active) return false;
  const family = familyOf(skb);
  if (family === undefined) return false;
  if (!netfilter.bridgeSettings[family === 4 ? 'bridge-nf-call-iptables' : 'bridge-nf-call-ip6tables']) return false;
  switch (hook) {
    case 'PREROUTING':
      prerouting(bridge, skb, input as NetDevice, family, next);
      return true;
    case 'FORWARD':
      return !forward(bridge, skb, output as NetDevice, family);
    case 'POSTROUTING':
      // What the host itself sent, or routed, passed POSTROUTING already.
      if (!skb.bridged?.output) return false;
      return !netfilter.hooks.run(family, 'POSTROUTING', skb, undefined, bridge) || cut(bridge, skb, output as NetDevice, family);
    default:
      return false;
  }
}

function familyOf(skb: Skb): Family | undefined {
  const type = ethernet.etherType(skb.bytes, skb.mac);
  return type === ethernet.ETHERTYPE.IPv4 ? 4 : type === ethernet.ETHERTYPE.IPv6 ? 6 : undefined;
}

/** Checks the header and takes off padding, as IP itself would (br_validate_ipv4, br_validate_ipv6). */
function validate(skb: Skb, family: Family): boolean {
  const { bytes, network } = skb;
  const have = skb.end - network;
  if (family === 6) {
    if (have < ip6.IPV6_HEADER || ip6.version(bytes, network) !== 6) return false;
    const length = ip6.IPV6_HEADER + ip6.payloadLength(bytes, network);
    if (have < length) return false;
    skb.end = network + length;
    return true;
  }
  if (have < ip.IPV4_HEADER) return false;
  const header = ip.headerLength(bytes, network);
  const length = ip.totalLength(bytes, network);
  if (ip.version(bytes, network) !== 4 || header < ip.IPV4_HEADER || length < header || have < length) return false;
  if (!ip.checksumValid(bytes, network)) return false;
  skb.end = network + length;
  skb.transport = network + header;
  return true;
}

function prerouting(bridge: Bridge, skb: Skb, port: NetDevice, family: Family, next: () => void): void {
  const { net } = bridge;
  skb.network = skb.mac + ethernet.ETHERNET_HEADER;
  if (!validate(skb, family)) return drop(net, skb, 'IP_INHDR');
  skb.bridged = { input: port, output: undefined };
  skb.dev = bridge;
  const destination = family === 4 ? ip.destination(skb.bytes, skb.network) : 0;
  const { packetType } = skb;
  // Hooks and what they send see a packet for this host, whoever the frame is for.
  if (packetType === 'otherhost') skb.packetType = 'host';
  if (!net.netfilter.hooks.run(family, 'PREROUTING', skb, bridge, undefined)) return;
  skb.packetType = packetType;
  skb.dev = port;
  if (family === 4 && ip.destination(skb.bytes, skb.network) !== destination) redirected(bridge, skb, next);
  else next();
}

/**
 * DNAT gave it another destination: either that is on the same bridge, and the frame goes to its MAC; or the host must route it
 * (br_nf_pre_routing_finish).
 */
function redirected(bridge: Bridge, skb: Skb, next: () => void): void {
  const { net } = bridge;
  const { bytes, network } = skb;
  const destination = ip.destination(bytes, network);
  const flow = {
    destination,
    source: ip.source(bytes, network),
    iif: bridge.ifindex,
    oif: 0,
    mark: skb.mark,
    tos: ip.tos(bytes, network) & 0xfc,
  };
  let way = routeInput(net.ipv4, flow, bridge, skb.packet);
  if ('error' in way) {
    // Without forwarding, a destination on the same bridge can be reached all the same.
    const direct = net.ipv4.forwards(bridge) ? 'EHOSTUNREACH' : routeOutput(net.ipv4, { ...flow, source: 0, iif: 0 });
    if (typeof direct === 'string' || direct.device !== bridge) return drop(net, skb, way.drop);
    way = direct;
  }
  if (!way.local && way.device === bridge) {
    // Goes back out of the bridge it came in by. The sender's MAC stays.
    skb.data = skb.network;
    net.ipv4.neighbours.lookup(bridge, way.gateway ?? destination).resolve(skb, (packet, mac) => {
      ethernet.setDestination(packet.bytes, packet.mac, mac);
      packet.data = packet.mac;
      next();
    });
    return;
  }
  ethernet.setDestination(bytes, skb.mac, bridge.address);
  skb.packetType = 'host';
  next();
}

/**
 * Sends a packet in pieces that is too long for its port, or was put together from shorter ones (br_nf_dev_queue_xmit,
 * br_nf_ip_fragment). Returns true when it did, or had to drop it.
 */
function cut(bridge: Bridge, skb: Skb, output: NetDevice, family: Family): boolean {
  const most = skb.fragmentMax > 0 ? Math.min(skb.fragmentMax, output.mtu) : output.mtu;
  if (family !== 4 || skb.end - skb.network <= most) return false;
  if (ip.dontFragment(skb.bytes, skb.network) || skb.fragmentMax > output.mtu) {
    drop(bridge.net, skb, 'PKT_TOO_BIG');
    return true;
  }
  const header = skb.bytes.slice(skb.mac, skb.mac + ethernet.ETHERNET_HEADER);
  for (const piece of fragment(skb, most)) {
    piece.mac = piece.push(header.length);
    piece.bytes.set(header, piece.mac);
    piece.bridged = skb.bridged;
    transmit(output, piece);
  }
  return true;
}

function forward(bridge: Bridge, skb: Skb, output: NetDevice, family: Family): boolean {
  if (!skb.bridged) return true;
  skb.bridged = { input: skb.bridged.input, output };
  const { packetType } = skb;
  if (packetType === 'otherhost') skb.packetType = 'host';
  const passed = bridge.net.netfilter.hooks.run(family, 'FORWARD', skb, bridge, bridge);
  skb.packetType = packetType;
  return passed;
}
