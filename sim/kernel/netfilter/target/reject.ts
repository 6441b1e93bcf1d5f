import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../../../wire/checksum.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import * as tcp from '../../../wire/tcp.ts';
import { localOut, pushHeader } from '../../ipv4/output.ts';
import { routeOutput } from '../../ipv4/route.ts';
import { localOut6 } from '../../ipv6/output.ts';
import { routeOutput6 } from '../../ipv6/route.ts';
import { pushHeader6 } from '../../ipv6/send.ts';
import { Skb } from '../../skb.ts';
import { attach } from '../conntrack/attach.ts';
import type { Family, HookState } from '../hooks.ts';
import { hasTransport } from '../locate.ts';
import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

/** A way to refuse: the name, what else it is called, and the ICMP code; `reset` answers with a TCP segment. */
interface Refusal {
  name: string;
  alias?: string;
  code: number | 'reset';
}

const IPV4: readonly Refusal[] = [
  { name: 'icmp-net-unreachable', alias: 'net-unreach', code: 0 },
  { name: 'icmp-host-unreachable', alias: 'host-unreach', code: 1 },
  { name: 'icmp-proto-unreachable', alias: 'proto-unreach', code: 2 },
  { name: 'icmp-port-unreachable', alias: 'port-unreach', code: 3 },
  { name: 'icmp-net-prohibited', alias: 'net-prohib', code: 9 },
  { name: 'icmp-host-prohibited', alias: 'host-prohib', code: 10 },
  { name: 'tcp-reset', alias: 'tcp-rst', code: 'reset' },
  { name: 'icmp-admin-prohibited', alias: 'admin-prohib', code: 13 },
];

const IPV6: readonly Refusal[] = [
  { name: 'icmp6-no-route', alias: 'no-route', code: 0 },
  { name: 'icmp6-adm-prohibited', alias: 'adm-prohibited', code: 1 },
  { name: 'icmp6-addr-unreachable', alias: 'addr-unreach', code: 3 },
  { name: 'icmp6-port-unreachable', alias: 'port-unreach', code: 4 },
  { name: 'tcp-reset', code: 'reset' },
  { name: 'icmp6-policy-fail', alias: 'policy-fail', code: 5 },
  { name: 'icmp6-reject-route', alias: 'reject-route', code: 6 },
];

/** REJECT: drops, and says so (net/ipv4/netfilter/ipt_REJECT.c, ip6t_REJECT.c). */
function rejectTarget(family: Family, refusals: readonly Refusal[], usual: string): TargetExtension<Refusal> {
  return {
    name: 'REJECT',
    family,
    options: [{ name: 'reject-with' }],
    parse(given) {
      const text = given.value('reject-with') ?? usual;
      const found = refusals.find(({ name, alias }) => name.startsWith(text) || alias?.startsWith(text));
      return found ?? problem(`unknown reject type "${text}"`);
    },
    check(refusal, place) {
      if (place.table !== 'filter') return 'EINVAL';
      return refusal.code === 'reset' && (place.protocol !== 6 || place.protocolInverted) ? 'EINVAL' : undefined;
    },
    save: ({ name }) => ` --reject-with ${name}`,
    list: ({ name }) => ` reject-with ${name}`,
    evaluate({ code }, skb, state) {
      if (code === 'reset') {
        if (family === 4) resetIpv4(skb, state);
        else resetIpv6(skb, state);
      } else if (family === 4) refuseIpv4(skb, state, code);
      else state.net.ipv6.reportError(skb, { kind: 'unreachable', code });
      return 'drop';
    },
  };
}

export const reject = rejectTarget(4, IPV4, 'icmp-port-unreachable');
export const reject6 = rejectTarget(6, IPV6, 'icmp6-port-unreachable');

/** Never about later fragments, nor about packets whose checksum shows that they say nothing true (nf_send_unreach). */
function refuseIpv4(skb: Skb, state: HookState, code: number): void {
  if (ip.fragmentOffset(skb.bytes, skb.network) !== 0) return;
  state.net.ipv4.reportError(skb, { kind: 'unreachable', code, mtu: 0 });
}

/** The answer to a segment: none to a RST; otherwise it claims to be what the sender would get from a closed port. */
function resetSegment(skb: Skb, state: HookState): Skb | undefined {
  if (!hasTransport(skb, state, tcp.TCP_HEADER) || state.protocol !== ip.PROTOCOL.TCP) return undefined;
  const { bytes } = skb;
  const at = state.transport;
  const flags = tcp.flags(bytes, at);
  if (flags & tcp.TCP_FLAG.RST) return undefined;
  const acknowledges = (flags & tcp.TCP_FLAG.ACK) !== 0;
  const length = skb.end - at - tcp.headerLength(bytes, at) + (flags & tcp.TCP_FLAG.SYN ? 1 : 0) + (flags & tcp.TCP_FLAG.FIN ? 1 : 0);
  const answer = Skb.allocate(tcp.TCP_HEADER, state.net.kernel.ids.nextPacket());
  tcp.emitTcp(answer.bytes, answer.data, {
    sourcePort: tcp.destinationPort(bytes, at),
    destinationPort: tcp.sourcePort(bytes, at),
    sequence: acknowledges ? tcp.acknowledgement(bytes, at) : 0,
    acknowledgement: acknowledges ? 0 : (tcp.sequence(bytes, at) + length) >>> 0,
    flags: tcp.TCP_FLAG.RST | (acknowledges ? 0 : tcp.TCP_FLAG.ACK),
    window: 0,
    urgentPointer: 0,
    options: [],
  });
  return answer;
}

/** nf_send_reset. */
function resetIpv4(skb: Skb, state: HookState): void {
  const { net } = state;
  const source = ip.destination(skb.bytes, skb.network);
  const destination = ip.source(skb.bytes, skb.network);
  if (skb.packetType === 'broadcast' || skb.packetType === 'multicast') return;
  const answer = resetSegment(skb, state);
  if (!answer) return;
  tcp.fillChecksum(answer.bytes, answer.data, answer.end, pseudoHeaderIPv4(source, destination, ip.PROTOCOL.TCP, tcp.TCP_HEADER));
  const own = net.ipv4.isLocal(source) ? source : 0;
  const way = routeOutput(net.ipv4, { destination, source: own, iif: 0, oif: 0, mark: 0, tos: 0 });
  if (typeof way === 'string') return;
  const header = { protocol: ip.PROTOCOL.TCP, tos: 0, ttl: net.ipv4.settings.ip_default_ttl, df: true, identification: 0 };
  pushHeader(net, answer, source, destination, header);
  attach(answer, skb);
  localOut(net, answer, way);
}

/** nf_send_reset6. */
function resetIpv6(skb: Skb, state: HookState): void {
  const { net } = state;
  const source = ip6.destination(skb.bytes, skb.network);
  const destination = ip6.source(skb.bytes, skb.network);
  const answer = resetSegment(skb, state);
  if (!answer) return;
  tcp.fillChecksum(answer.bytes, answer.data, answer.end, pseudoHeaderIPv6(source, destination, ip.PROTOCOL.TCP, tcp.TCP_HEADER));
  const way = routeOutput6(net.ipv6, { destination, source: 0n, iif: 0, oif: 0, mark: 0 });
  if (typeof way === 'string') return;
  pushHeader6(answer, source, destination, { nextHeader: ip.PROTOCOL.TCP, hopLimit: way.device.ipv6.conf.hop_limit });
  attach(answer, skb);
  localOut6(net, answer, way, false);
}
