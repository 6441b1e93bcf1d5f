import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { layOutOptions, type TcpOptions } from '../../../wire/tcp.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { NetNamespace } from '../../netns.ts';
import { Skb } from '../../skb.ts';
import { type Header, pseudoHeader, sendPacket, type Way } from '../inet.ts';

/** What a segment is made of. */
export interface Outgoing {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  /** As on the wire. */
  window: number;
  options?: TcpOptions;
  length?: number;
  /** Writes `length` bytes of payload. */
  fill?: (target: Uint8Array, at: number) => void;
}

/** Builds a segment and sends it. @returns EPERM if the firewall refused it */
export function transmitSegment(
  net: NetNamespace,
  way: Way,
  segment: Outgoing,
  header: Omit<Header, 'protocol' | 'df'>,
  meta: { mark: number; socket: unknown /** It has been sent before. */; again?: boolean },
): Errno | undefined {
  const counts = net.counters.tcp;
  if (!meta.again) counts.OutSegs++;
  if ((segment.flags & tcp.TCP_FLAG.RST) !== 0) counts.OutRsts++;
  const options = segment.options ? layOutOptions(segment.options) : [];
  const { sourcePort, destinationPort, sequence, acknowledgement, flags, window } = segment;
  const head = { sourcePort, destinationPort, sequence, acknowledgement, flags, window, urgentPointer: 0, options };
  const headerLength = tcp.tcpLength(head);
  const length = headerLength + (segment.length ?? 0);
  const skb = Skb.allocate(length, net.kernel.ids.nextPacket());
  tcp.emitTcp(skb.bytes, skb.data, head);
  segment.fill?.(skb.bytes, skb.data + headerLength);
  tcp.fillChecksum(skb.bytes, skb.data, skb.end, pseudoHeader(way.source, way.destination, PROTOCOL.TCP, length));
  skb.mark = meta.mark;
  skb.socket = meta.socket;
  return sendPacket(net, skb, way, { ...header, protocol: PROTOCOL.TCP, df: true });
}

/** A connection's name in the table. */
export function tupleKey(local: IP, localPort: number, remote: IP, remotePort: number): string {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}
