import { emit, routeOf } from './emit.ts';
import { add, after, distance } from './sequence.ts';
import { TCP_FLAG } from './segment.ts';
import type { Sent } from './send-queue.ts';
import type { TcpSocket } from './socket.ts';
import { armProbe, armRetransmit } from './timers.ts';
import { synchroniseMss } from './window.ts';

/** How many segments are on their way (tcp_packets_in_flight). */
export function inFlight(socket: TcpSocket): number {
  let count = 0;
  for (const sent of socket.sending.sent) if (!sent.sacked && !sent.lost) count++;
  return count;
}

/** Sends what the windows and Nagle's algorithm allow (tcp_write_xmit); a FIN is sent behind the last byte. */
export function pushPending(socket: TcpSocket): void {
  const { sending, congestion } = socket;
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECV' || socket.state === 'UNCONN') return;
  refreshMss(socket);
  retransmitLost(socket);
  let flying = inFlight(socket);
  for (;;) {
    const unsent = distance(socket.sendNext, sending.end);
    const finDue = socket.finQueued && unsent >= 0;
    if (unsent <= 0 && !(finDue && unsent === 0)) break;
    if (flying >= congestion.window) {
      congestion.limited = true;
      break;
    }
    const length = Math.min(unsent, socket.mss);
    const fin = socket.finQueued && length === unsent;
    const end = add(socket.sendNext, length + (fin ? 1 : 0));
    if (
      after(end, add(socket.unacknowledged, socket.sendWindow)) &&
      !(fin && length === 0 && socket.sendWindow === 0 && sending.sent.length === 0)
    )
      break;
    if (!fin && length < socket.mss && heldByNagle(socket)) break;
    sendNew(socket, length, fin);
    flying++;
  }
  if (sending.sent.length > 0) armRetransmit(socket);
  else if (distance(socket.sendNext, sending.end) > 0 || (socket.finQueued && !after(socket.sendNext, sending.end))) armProbe(socket);
}

/** The path may have become narrower or wider since (tcp_current_mss). */
function refreshMss(socket: TcpSocket): void {
  const way = routeOf(socket);
  if (typeof way !== 'string' && way.mtu !== socket.pathMtu) synchroniseMss(socket, way.mtu);
}

/** A small segment waits while an earlier small one is unacknowledged (tcp_nagle_check with Minshall's modification). */
function heldByNagle(socket: TcpSocket): boolean {
  if (socket.options.noDelay || socket.finQueued || socket.sending.sent.length === 0) return false;
  return after(socket.lastSmall, socket.unacknowledged) && !after(socket.lastSmall, socket.sendNext);
}

/** Sends `length` unsent bytes, and the FIN if it follows them. */
export function sendNew(socket: TcpSocket, length: number, fin: boolean, forced = false): void {
  const { sending } = socket;
  const sequence = socket.sendNext;
  const end = add(sequence, length + (fin ? 1 : 0));
  const push =
    length > 0 &&
    (forced || sending.pushes(sequence, add(sequence, length)) || distance(socket.lastPushed, end) > socket.maxSendWindow >>> 1);
  if (push) socket.lastPushed = end;
  const flags = (fin ? TCP_FLAG.FIN : 0) | (forced ? TCP_FLAG.PSH : 0);
  sending.sent.push({ sequence, end, flags, time: socket.now, retransmitted: false, sacked: false, lost: false });
  socket.sendNext = end;
  socket.net.counters.countTcp('TCPOrigDataSent');
  if (length > 0 && length < socket.mss) socket.lastSmall = end;
  emit(socket, sequence, length, TCP_FLAG.ACK | flags | (push ? TCP_FLAG.PSH : 0));
}

/** Sends the segments again that are taken for lost, as far as the congestion window goes (tcp_xmit_retransmit_queue). */
export function retransmitLost(socket: TcpSocket): void {
  let flying = inFlight(socket);
  for (const sent of [...socket.sending.sent]) {
    if (!sent.lost || sent.sacked) continue;
    if (flying >= socket.congestion.window) return;
    retransmit(socket, sent);
    flying++;
  }
}

/** Sends a segment again, cut to today's size (__tcp_retransmit_skb). */
export function retransmit(socket: TcpSocket, sent: Sent): void {
  const { sending } = socket;
  const flag = (sent.flags & (TCP_FLAG.SYN | TCP_FLAG.FIN)) !== 0 ? 1 : 0;
  const length = distance(sent.sequence, sent.end) - flag;
  if (length > socket.mss) {
    const cut = add(sent.sequence, socket.mss);
    sending.sent.splice(sending.sent.indexOf(sent) + 1, 0, { ...sent, sequence: cut, lost: true });
    sent.end = cut;
    sent.flags &= ~TCP_FLAG.FIN;
    return retransmit(socket, sent);
  }
  sent.lost = false;
  sent.retransmitted = true;
  sent.time = socket.now;
  socket.totalRetransmitted++;
  const push = length > 0 && sending.pushes(sent.sequence, add(sent.sequence, length)) ? TCP_FLAG.PSH : sent.flags & TCP_FLAG.PSH;
  socket.net.counters.tcp.RetransSegs++;
  emit(socket, sent.sequence, length, TCP_FLAG.ACK | (sent.flags & TCP_FLAG.FIN) | push, undefined, undefined, true);
}
