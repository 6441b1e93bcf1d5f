import { PROTOCOL } from '../../../wire/protocol.ts';
import type { NetNamespace } from '../../netns.ts';
import { isMulticast, routeTo } from '../inet.ts';
import type { SocketOptions } from '../socket.ts';
import { has, type Segment, TCP_FLAG } from './segment.ts';
import { transmitSegment } from './transmit.ts';

/** Refuses a segment that no connection takes (RFC 9293 §3.10.7.1, tcp_v4_send_reset). A RST is never answered. */
export function resetFor(net: NetNamespace, segment: Segment): void {
  if (has(segment, 'RST') || isMulticast(segment.destination) || segment.skb.packetType !== 'host') return;
  const linkLocal = typeof segment.source === 'bigint' && segment.source >> 118n === 0x3fan;
  const query = {
    destination: segment.source,
    source: segment.destination,
    protocol: PROTOCOL.TCP,
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
    ...(linkLocal ? { oif: segment.device.ifindex } : {}),
  };
  const mark = net.ipv4.settings.fwmark_reflect ? segment.skb.mark : 0;
  const way = routeTo(net, query, { boundDevice: 0, multicastInterface: 0, mark, tos: segment.tos } as SocketOptions);
  if (typeof way === 'string') return;
  const acknowledges = has(segment, 'ACK');
  transmitSegment(
    net,
    way,
    {
      sourcePort: segment.destinationPort,
      destinationPort: segment.sourcePort,
      window: 0,
      sequence: acknowledges ? segment.acknowledgement : 0,
      acknowledgement: acknowledges ? 0 : segment.end,
      flags: TCP_FLAG.RST | (acknowledges ? 0 : TCP_FLAG.ACK),
    },
    { identification: 0, ttl: undefined, tos: segment.tos },
    { mark, socket: undefined },
  );
}
