import type { Errno } from '../../../base/errno.ts';
import * as icmp6 from '../../../wire/icmpv6.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import * as tcp from '../../../wire/tcp.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { error6 } from '../raw6.ts';
import { errorOf } from '../socket.ts';
import type { IcmpErrorInfo } from '../sockets.ts';
import { breakConnection } from './end.ts';
import { routeOf } from './emit.ts';
import { pushPending } from './output.ts';
import { after, before, distance } from './sequence.ts';
import { TcpSocket } from './socket.ts';
import { synchroniseMss } from './window.ts';

/** An ICMP error about a segment that was sent (tcp_v4_err, tcp_v6_err). */
export function receiveError(net: NetNamespace, family: 4 | 6, skb: Skb, error: IcmpErrorInfo): void {
  const { bytes, end } = skb;
  const quoted = quotedHeader(family, skb, error);
  if (!quoted || end - quoted.at < 8) return;
  const { at, source, destination } = quoted;
  const socket = net.sockets.tcp.find(source, tcp.sourcePort(bytes, at), destination, tcp.destinationPort(bytes, at));
  if (!(socket instanceof TcpSocket) || socket.state === 'UNCONN') return;
  const sequence = tcp.sequence(bytes, at);
  if (before(sequence, socket.unacknowledged) || after(sequence, socket.sendNext)) return;
  const tooBig = family === 4 ? error.type === 3 && error.code === 4 : error.type === icmp6.ICMPV6_TYPE.PacketTooBig;
  if (tooBig) return reducePathMtu(socket);
  const { errno } = family === 4 ? errorOf(error.type, error.code) : error6(error.type, error.code);
  report(socket, errno);
}

function quotedHeader(family: 4 | 6, skb: Skb, error: IcmpErrorInfo) {
  const { bytes } = skb;
  const { quoted } = error;
  if (family === 4)
    return { at: quoted + ip.headerLength(bytes, quoted), source: ip.source(bytes, quoted), destination: ip.destination(bytes, quoted) };
  const upper = ip6.upperLayer(bytes, quoted, skb.end);
  return isWireError(upper)
    ? undefined
    : { at: upper.offset, source: ip6.source(bytes, quoted), destination: ip6.destination(bytes, quoted) };
}

/** A connection that doesn't exist yet fails at once; one that does lives on, unless it breaks for its own reasons (RFC 1122 §4.2.3.9). */
function report(socket: TcpSocket, errno: Errno): void {
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECV') return breakConnection(socket, errno);
  socket.softError = errno;
  if (!socket.options.receiveErrors) return;
  socket.pendingError = errno;
  socket.wake();
}

/** Segments on their way are too large for the path: smaller ones go out at once (tcp_v4_mtu_reduced, tcp_simple_retransmit). */
function reducePathMtu(socket: TcpSocket): void {
  const way = routeOf(socket);
  if (typeof way === 'string' || way.mtu >= socket.pathMtu) return;
  synchroniseMss(socket, way.mtu);
  for (const sent of socket.sending.sent) if (!sent.sacked && distance(sent.sequence, sent.end) > socket.mss) sent.lost = true;
  pushPending(socket);
}
