import { drop } from '../../drop.ts';
import { acknowledgeIfDue, challenge } from './acknowledge.ts';
import { receiveAcknowledgement } from './ack.ts';
import { receiveData, tellTwice } from './data.ts';
import { acknowledgeQuickly } from './delay.ts';
import { breakConnection, endConnection } from './end.ts';
import { receiveListening } from './listen.ts';
import { sendAck } from './emit.ts';
import { pushPending } from './output.ts';
import { resetFor } from './reset.ts';
import { has, type Segment } from './segment.ts';
import { add, after, before } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { finishHandshake, receiveInSynSent } from './syn-sent.ts';
import { enterTimeWait } from './time-wait.ts';
import { openWindow } from './window.ts';

/** A segment has come in for a socket (tcp_v4_do_rcv, tcp_rcv_state_process; RFC 9293 §3.10.7). */
export function receiveSegment(socket: TcpSocket, segment: Segment): void {
  socket.info.segmentsIn++;
  if (segment.data.length > 0) {
    socket.info.dataSegmentsIn++;
    socket.info.lastDataReceived = socket.now;
  }
  if (has(segment, 'ACK')) socket.info.lastAcknowledged = socket.now;
  switch (socket.state) {
    case 'UNCONN':
      drop(socket.net, segment.skb, 'TCP_CLOSE');
      return resetFor(socket.net, segment);
    case 'LISTEN':
      return receiveListening(socket, segment);
    case 'SYN-SENT':
      return receiveInSynSent(socket, segment);
    default:
      return receiveSynchronised(socket, segment);
  }
}

function receiveSynchronised(socket: TcpSocket, segment: Segment): void {
  if (!acceptable(socket, segment)) return;
  if (!has(segment, 'ACK')) return drop(socket.net, segment.skb, 'TCP_FLAGS');
  socket.lastReceived = socket.now;
  socket.keepAliveProbes = 0;
  if (socket.state === 'SYN-RECV' && !finishSimultaneous(socket, segment)) return;
  if (!receiveAcknowledgement(socket, segment)) return;
  const { timestamps } = segment.options;
  if (socket.timestamps && timestamps && !after(segment.sequence, socket.acknowledged)) socket.recentTimestamp = timestamps.value;
  if (!afterOurFin(socket, segment)) return;
  receiveData(socket, segment);
  if (socket.finAt === socket.receiveNext && !socket.finReceived) receiveFin(socket);
  pushPending(socket);
  acknowledgeIfDue(socket);
}

/** Sequence numbers, RST and SYN (tcp_validate_incoming). Returns whether to go on. */
function acceptable(socket: TcpSocket, segment: Segment): boolean {
  const { net } = socket;
  const stamp = segment.options.timestamps;
  if (socket.timestamps && stamp && before(stamp.value, socket.recentTimestamp) && !has(segment, 'RST')) {
    drop(net, segment.skb, 'TCP_RFC7323_PAWS');
    sayWhere(socket, segment);
    return false;
  }
  const old = before(segment.end, socket.acknowledged);
  if (old || after(segment.sequence, add(socket.receiveNext, openWindow(socket)))) {
    drop(net, segment.skb, old ? 'TCP_OLD_SEQUENCE' : 'TCP_INVALID_SEQUENCE');
    if (has(segment, 'SYN') && !has(segment, 'RST')) challenge(socket);
    else if (!has(segment, 'RST')) sayWhere(socket, segment);
    return false;
  }
  if (has(segment, 'RST')) {
    drop(net, segment.skb, 'TCP_RESET');
    if (segment.sequence === socket.receiveNext) reset(socket);
    else challenge(socket);
    return false;
  }
  if (has(segment, 'SYN') && socket.state !== 'SYN-RECV') {
    drop(net, segment.skb, 'TCP_INVALID_SYN');
    challenge(socket);
    return false;
  }
  return true;
}

/** A segment from elsewhere gets an acknowledgement, those without payload at most twice a second (tcp_send_dupack, tcp_oow_rate_limited). */
function sayWhere(socket: TcpSocket, segment: Segment): void {
  if (segment.end === segment.sequence) return challenge(socket);
  if (before(segment.sequence, socket.receiveNext)) {
    acknowledgeQuickly(socket);
    tellTwice(socket, segment.sequence, after(segment.end, socket.receiveNext) ? socket.receiveNext : segment.end);
  }
  sendAck(socket);
}

/** The peer has broken off (tcp_reset). */
function reset(socket: TcpSocket): void {
  const { state } = socket;
  breakConnection(socket, state === 'SYN-RECV' ? 'ECONNREFUSED' : state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET');
}

/** The answer to the SYN-ACK of a simultaneous open. */
function finishSimultaneous(socket: TcpSocket, segment: Segment): boolean {
  if (segment.acknowledgement !== socket.sendNext) {
    drop(socket.net, segment.skb, 'TCP_INVALID_ACK_SEQUENCE');
    resetFor(socket.net, segment);
    return false;
  }
  socket.net.kernel.events.cancel(socket.retransmitTimer);
  socket.retransmitTimer = undefined;
  socket.sending.acknowledge(segment.acknowledgement);
  socket.unacknowledged = segment.acknowledgement;
  finishHandshake(socket);
  socket.sendWindow = segment.window << (has(segment, 'SYN') ? 0 : socket.sendScale);
  if (socket.sendShut) {
    socket.state = 'FIN-WAIT-1';
    socket.finQueued = true;
  }
  socket.wake();
  return true;
}

/** What follows when the peer has acknowledged our FIN. Returns whether the segment's text still counts. */
function afterOurFin(socket: TcpSocket, segment: Segment): boolean {
  const finDone = socket.finQueued && socket.unacknowledged === add(socket.sending.end, 1);
  if (finDone && socket.state === 'LAST-ACK') {
    socket.net.sockets.tcp.metrics.update(socket);
    endConnection(socket);
    return false;
  }
  if (finDone && socket.state === 'CLOSING') {
    enterTimeWait(socket);
    return false;
  }
  const text = segment.data.length > 0 && after(add(segment.sequence, segment.data.length), socket.receiveNext);
  if (finDone && socket.state === 'FIN-WAIT-1') {
    socket.state = 'FIN-WAIT-2';
    socket.wake();
    if (socket.orphan && !text && !has(segment, 'FIN')) {
      enterTimeWait(socket, 'FIN-WAIT-2');
      return false;
    }
  }
  const ours = socket.state === 'FIN-WAIT-1' || socket.state === 'FIN-WAIT-2';
  if (ours && socket.receiveShut && text) {
    // Nobody will read it, and the sender must know (RFC 1122 §4.2.2.13).
    drop(socket.net, segment.skb, 'TCP_ABORT_ON_DATA');
    resetFor(socket.net, segment);
    breakConnection(socket, 'ECONNRESET');
    return false;
  }
  return true;
}

/** The peer has no more to send (tcp_fin). */
function receiveFin(socket: TcpSocket): void {
  socket.finReceived = true;
  socket.receiveNext = add(socket.receiveNext, 1);
  socket.receiveShut = true;
  socket.delay.scheduled = true;
  switch (socket.state) {
    case 'ESTAB':
      socket.state = 'CLOSE-WAIT';
      // The application is likely to close as well, and its FIN can carry the acknowledgement.
      socket.delay.interactive = true;
      break;
    case 'FIN-WAIT-1':
      sendAck(socket);
      socket.state = 'CLOSING';
      break;
    case 'FIN-WAIT-2':
      sendAck(socket);
      enterTimeWait(socket);
      return;
    default:
  }
  socket.wake();
}
