import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import type { TcpOptions } from '../../../wire/tcp.ts';
import { routeTo, type Way } from '../inet.ts';
import { acknowledgementSent, dataSent } from './delay.ts';
import { add, after, distance } from './sequence.ts';
import { TCP_FLAG } from './segment.ts';
import type { TcpSocket } from './socket.ts';
import { transmitSegment } from './transmit.ts';
import { selectWindow } from './window.ts';

/** The route that a connection's packets take now. */
export function routeOf(socket: TcpSocket): Way | Errno {
  const { net, remote, local, localPort, remotePort, options } = socket;
  return routeTo(
    net,
    { destination: remote as IP, source: local, protocol: PROTOCOL.TCP, sourcePort: localPort, destinationPort: remotePort },
    options,
  );
}

/** Sends one segment of a connection: its header, options and as much of the queue as `length` says (tcp_transmit_skb). */
export function emit(
  socket: TcpSocket,
  sequence: number,
  length: number,
  flags: number,
  options = established(socket),
  window = selectWindow(socket),
  again = false,
): Errno | undefined {
  const way = routeOf(socket);
  if (typeof way === 'string') {
    socket.softError = way;
    return way;
  }
  const acknowledges = (flags & TCP_FLAG.ACK) !== 0;
  const { net, sending } = socket;
  if (acknowledges) acknowledgementSent(socket);
  const { info } = socket;
  info.segmentsOut++;
  if (length > 0) {
    dataSent(socket);
    info.dataSegmentsOut++;
    info.bytesSent += length;
    if (again) info.bytesRetransmitted += length;
    info.lastSent = socket.now;
  }
  const identification = typeof way.destination === 'number' ? { identification: socket.identification++ & 0xffff } : {};
  const header = { ttl: socket.options.ttl, tos: socket.options.tos, flowLabel: socket.flowLabel, ...identification };
  return transmitSegment(
    net,
    way,
    {
      sourcePort: socket.localPort,
      destinationPort: socket.remotePort,
      sequence,
      acknowledgement: acknowledges ? socket.receiveNext : 0,
      flags,
      window,
      options,
      length,
      fill: (target, at) => sending.copy(sequence, length, target, at),
    },
    header,
    { mark: socket.options.mark, socket, again },
  );
}

/** Options of a segment after the handshake (tcp_established_options). */
export function established(socket: TcpSocket): TcpOptions {
  const options: TcpOptions = {};
  if (socket.timestamps) options.timestamps = { value: socket.clock, echo: socket.recentTimestamp };
  if (!socket.sack || (socket.receiving.heldBack === 0 && !socket.receivedTwice)) return options;
  const most = socket.timestamps ? 3 : 4;
  const twice = socket.receivedTwice ? [socket.receivedTwice] : [];
  socket.receivedTwice = undefined;
  options.sack = [...twice, ...socket.receiving.blocks(most - twice.length)];
  return options;
}

/** An empty segment that says what has arrived (tcp_send_ack). */
export function sendAck(socket: TcpSocket): void {
  if (socket.state === 'UNCONN') return;
  emit(socket, acceptableSequence(socket), 0, TCP_FLAG.ACK);
}

/** The next sequence number, unless the peer's window has shrunk below it (tcp_acceptable_seq). */
function acceptableSequence(socket: TcpSocket): number {
  const limit = add(socket.unacknowledged, socket.sendWindow);
  return after(socket.sendNext, limit) && distance(limit, socket.sendNext) >= 1 << socket.sendScale ? limit : socket.sendNext;
}

/** Breaks the connection off (tcp_send_active_reset). */
export function sendReset(socket: TcpSocket): void {
  emit(socket, acceptableSequence(socket), 0, TCP_FLAG.RST | TCP_FLAG.ACK);
}

/** An empty segment with a sequence number of the past, which has to be answered (tcp_xmit_probe_skb). */
export function sendProbe(socket: TcpSocket): void {
  emit(socket, add(socket.unacknowledged, -1), 0, TCP_FLAG.ACK);
}
