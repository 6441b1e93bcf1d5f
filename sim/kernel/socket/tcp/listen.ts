import { drop } from '../../drop.ts';
import { isMulticast } from '../inet.ts';
import { has, type Segment } from './segment.ts';
import { Request } from './request.ts';
import { resetFor } from './reset.ts';
import type { TcpSocket } from './socket.ts';

/** A segment for a listening socket (tcp_rcv_state_process, tcp_conn_request). @param sequence to start from, when TIME-WAIT chose it */
export function receiveListening(listener: TcpSocket, segment: Segment, sequence?: number): void {
  const { net } = listener;
  if (has(segment, 'RST')) return drop(net, segment.skb, 'TCP_RESET');
  if (has(segment, 'ACK')) {
    drop(net, segment.skb, 'TCP_FLAGS');
    return resetFor(net, segment);
  }
  if (!has(segment, 'SYN') || has(segment, 'FIN')) return drop(net, segment.skb, 'TCP_FLAGS');
  if (segment.skb.packetType !== 'host' || isMulticast(segment.destination)) return drop(net, segment.skb, 'TCP_FLAGS');
  // With no room for a finished connection there is no point in beginning one; the peer will try again.
  if (listener.accepted.length > listener.backlog) {
    net.counters.countTcp('ListenOverflows');
    net.counters.countTcp('ListenDrops');
    return drop(net, segment.skb, 'TCP_LISTEN_OVERFLOW');
  }
  Request.begin(listener, segment, sequence);
}

/** What was under way is given up: half-open connections are forgotten, finished ones reset (inet_csk_listen_stop). */
export function stopListening(listener: TcpSocket): void {
  const { tcp } = listener.net.sockets;
  for (const request of [...listener.requests]) request.end();
  for (const child of listener.accepted.splice(0)) {
    child.linger = 0;
    child.close();
  }
  listener.state = 'UNCONN';
  if (!listener.bound) tcp.ports.release(listener, listener.localPort);
  listener.wake();
}
