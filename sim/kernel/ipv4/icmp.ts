import { MILLISECOND } from '../../base/time.ts';
import { be32, setBe32 } from '../../wire/endian.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import { Skb } from '../skb.ts';
import { countType } from '../snmp.ts';
import { buildOptions, echoOptions, type Ipv4Options } from './options.ts';
import { localOut, pushHeader } from './output.ts';
import { routeOutput } from './route.ts';
import type { Ipv4Stack } from './stack.ts';

/** An ICMP message for this host; `skb.transport` stands at it (icmp_rcv). */
export function icmpReceive(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, transport, end } = skb;
  const { counters } = net;
  counters.icmp.InMsgs++;
  if (end - transport < icmp.ICMP_HEADER) {
    counters.icmp.InErrors++;
    return drop(net, skb, 'HDR_TRUNC');
  }
  if (!icmp.checksumValid(bytes, transport, end)) {
    counters.icmp.InCsumErrors++;
    counters.icmp.InErrors++;
    return drop(net, skb, 'ICMP_CSUM');
  }
  const type = icmp.type(bytes, transport);
  countType(counters.icmpIn, type);
  switch (type) {
    case icmp.ICMP_TYPE.Echo:
      return echo(device, skb);
    case icmp.ICMP_TYPE.EchoReply:
      net.sockets.deliverPing(4, device, skb);
      return;
    case icmp.ICMP_TYPE.Timestamp:
      return timestamp(device, skb);
    case icmp.ICMP_TYPE.Unreachable:
    case icmp.ICMP_TYPE.TimeExceeded:
    case icmp.ICMP_TYPE.ParameterProblem:
    case icmp.ICMP_TYPE.SourceQuench:
      return error(device, skb);
    case icmp.ICMP_TYPE.Redirect:
      return redirect(device, skb);
    default:
      return undefined;
  }
}

/** Swaps the question into an answer (icmp_echo). */
function echo(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const stack = net.ipv4;
  if (stack.settings.icmp_echo_ignore_all) return drop(net, skb, 'ARP_IGNORE');
  if (skb.packetType !== 'host' && stack.settings.icmp_echo_ignore_broadcasts) {
    net.counters.icmp.InErrors++;
    return drop(net, skb, 'INVALID_PROTO');
  }
  reply(stack, skb, (answer) => icmp.setType(answer.bytes, answer.data, icmp.ICMP_TYPE.EchoReply));
}

/** RFC 792's timestamp: milliseconds since midnight UTC, of arrival and of sending. */
function timestamp(device: NetDevice, skb: Skb): void {
  if (skb.end - skb.transport < 20) return drop(device.net, skb, 'HDR_TRUNC');
  const { kernel } = device.net;
  const now = Math.floor(kernel.events.now / MILLISECOND) % 86_400_000;
  reply(device.net.ipv4, skb, (answer) => {
    icmp.setType(answer.bytes, answer.data, icmp.ICMP_TYPE.TimestampReply);
    setBe32(answer.bytes, answer.data + 8, be32(skb.bytes, skb.transport + 8));
    setBe32(answer.bytes, answer.data + 12, now);
    setBe32(answer.bytes, answer.data + 16, now);
  });
}

/** Sends the message back with some of it changed; the question's address answers, unless it was a broadcast (icmp_reply). */
function reply(stack: Ipv4Stack, skb: Skb, change: (answer: Skb) => void): void {
  const { net } = stack;
  const { bytes, network } = skb;
  const destination = ip.destination(bytes, network);
  const source = stack.isLocal(destination) ? destination : 0;
  const tos = ip.tos(bytes, network);
  const echoed = skb.options ? echoOptions(stack, skb, skb.options as Ipv4Options) : undefined;
  const to = echoed?.firstHop ?? ip.source(bytes, network);
  const way = routeOutput(stack, { destination: to, source, iif: 0, oif: 0, mark: 0, tos: tos & 0xfc });
  if (typeof way === 'string') return drop(net, skb, 'IP_OUTNOROUTES');
  const length = skb.end - skb.transport;
  const answer = Skb.allocate(length, net.kernel.ids.nextPacket());
  answer.bytes.set(bytes.subarray(skb.transport, skb.end), answer.data);
  change(answer);
  icmp.fillChecksum(answer.bytes, answer.data, answer.end);
  const from = source || way.source;
  pushHeader(net, answer, from, to, {
    protocol: ip.PROTOCOL.ICMP,
    tos,
    ttl: stack.settings.ip_default_ttl,
    df: false,
    ...(echoed ? { options: buildOptions(stack, echoed, from, ip.source(bytes, network)) } : {}),
  });
  localOut(net, answer, way);
}

/** An error about a packet this host sent: learn from it, then tell the socket (icmp_unreach, icmp_socket_deliver). */
function error(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, transport } = skb;
  const quoted = transport + icmp.ICMP_HEADER;
  if (skb.end - quoted < ip.IPV4_HEADER) return drop(net, skb, 'HDR_TRUNC');
  const type = icmp.type(bytes, transport);
  const code = icmp.code(bytes, transport);
  let info = 0;
  if (type === icmp.ICMP_TYPE.Unreachable && code === icmp.ICMP_UNREACHABLE.FragmentationNeeded) {
    info = icmp.mtu(bytes, transport);
    learnMtu(net.ipv4, ip.destination(bytes, quoted), info);
  }
  net.sockets.deliverError(4, device, skb, { type, code, info, quoted });
}

/** A router can carry only so much towards `destination` (ip_rt_update_pmtu). */
function learnMtu(stack: Ipv4Stack, destination: number, said: number): void {
  if (stack.settings.ip_no_pmtu_disc || said === 0) return;
  const locked = said < stack.settings.min_pmtu;
  const mtu = Math.max(said, stack.settings.min_pmtu);
  const known = stack.exceptionFor(destination);
  if (known?.mtu !== undefined && known.mtu <= mtu) return;
  stack.exceptions.set(destination, {
    ...known,
    mtu,
    mtuLocked: locked,
    expires: stack.net.kernel.events.now + stack.settings.mtu_expires,
  });
}

/** A router on the link knows a better one (__ip_do_redirect); only the router that is in use is believed. */
function redirect(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const stack = net.ipv4;
  const { bytes, transport } = skb;
  const quoted = transport + icmp.ICMP_HEADER;
  if (skb.end - quoted < ip.IPV4_HEADER) return drop(net, skb, 'HDR_TRUNC');
  const accepts = stack.forwards(device)
    ? stack.all.accept_redirects && device.ipv4.conf.accept_redirects
    : stack.all.accept_redirects || device.ipv4.conf.accept_redirects;
  const gateway = icmp.gateway(bytes, transport);
  const destination = ip.destination(bytes, quoted);
  if (!accepts) return;
  const current = routeOutput(stack, { destination, source: 0, iif: 0, oif: device.ifindex, mark: 0, tos: 0 });
  if (typeof current === 'string' || current.gateway !== ip.source(bytes, skb.network) || gateway === current.gateway) return;
  const next = routeOutput(stack, { destination: gateway, source: 0, iif: 0, oif: device.ifindex, mark: 0, tos: 0 });
  if (typeof next === 'string' || next.gateway !== undefined || next.type !== 'unicast') return;
  // Only a router whose MAC is known is worth turning to; another is asked for it, so that the next redirect counts.
  const neighbour = stack.neighbours.lookup(device, gateway);
  if (!neighbour.valid) return neighbour.ask();
  stack.exceptions.set(destination, { ...stack.exceptionFor(destination), gateway, expires: net.kernel.events.now + 300 * 1_000_000 });
}
