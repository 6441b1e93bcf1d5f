import { drop } from '../../drop.ts';
import { acknowledgeQuickly, dataReceived } from './delay.ts';
import { has, type Segment } from './segment.ts';
import { add, after, before, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { openWindow } from './window.ts';

/** The next segment says that this stretch has come twice (tcp_dsack_set). */
export function tellTwice(socket: TcpSocket, left: number, right: number): void {
  if (socket.sack && socket.net.ipv4.settings.tcp_dsack !== 0) socket.receivedTwice = [left, right];
}

/** The text of a segment: what is new and fits goes into the queue, a FIN in its turn ends the stream (tcp_data_queue). */
export function receiveData(socket: TcpSocket, segment: Segment): void {
  const { receiving, delay, net } = socket;
  const { data } = segment;
  const fin = has(segment, 'FIN');
  if (data.length === 0 && !fin) return;
  if (!after(segment.end, socket.receiveNext)) {
    // All of it is known: the acknowledgement was lost.
    acknowledgeQuickly(socket);
    tellTwice(socket, segment.sequence, segment.end);
    delay.scheduled = true;
    delay.now = true;
    return drop(net, segment.skb, 'TCP_OLD_DATA');
  }
  const room = openWindow(socket);
  const limit = add(socket.receiveNext, room);
  if (!before(segment.sequence, limit) && !(fin && data.length === 0 && segment.sequence === socket.receiveNext)) {
    acknowledgeQuickly(socket);
    delay.scheduled = true;
    delay.now = true;
    return drop(net, segment.skb, room === 0 ? 'TCP_ZEROWINDOW' : 'TCP_OVERWINDOW');
  }
  if (fin) socket.finAt = add(segment.sequence, data.length);
  const over = Math.max(0, distance(limit, add(segment.sequence, data.length)));
  const kept = over > 0 ? data.subarray(0, data.length - over) : data;
  if (after(segment.sequence, socket.receiveNext)) {
    net.counters.countTcp('TCPOFOQueue');
    const known = kept.length > 0 ? receiving.hold(segment.sequence, kept) : undefined;
    if (known) tellTwice(socket, ...known);
    delay.scheduled = true;
    return;
  }
  if (before(segment.sequence, socket.receiveNext)) tellTwice(socket, segment.sequence, socket.receiveNext);
  const fresh = kept.subarray(distance(segment.sequence, socket.receiveNext));
  receiving.push(fresh);
  socket.info.bytesReceived += fresh.length;
  if (fresh.length > 0) dataReceived(socket, fresh.length, has(segment, 'PSH'));
  const held = receiving.heldBack;
  socket.receiveNext = receiving.join(add(socket.receiveNext, fresh.length));
  // A gap has been closed (RFC 5681 §4.2).
  if (held > 0 && receiving.heldBack === 0) delay.now = true;
  if (fresh.length > 0) socket.onReadable();
}
