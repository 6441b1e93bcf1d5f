import { drop } from '../../drop.ts';
import type { Micros } from '../../../base/time.ts';
import { rearmProbe, rearmRetransmit } from './timers.ts';
import { challenge } from './acknowledge.ts';
import { retransmitLost } from './output.ts';
import { has, type Segment } from './segment.ts';
import type { Sent } from './send-queue.ts';
import { add, after, before, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { synchroniseMss } from './window.ts';

/** Duplicate acknowledgements after which a segment counts as lost (RFC 5681 §3.2). */
const DUPLICATES = 3;

/** What a segment acknowledges (tcp_ack). Returns false when it acknowledges what was never sent. */
export function receiveAcknowledgement(socket: TcpSocket, segment: Segment): boolean {
  const { acknowledgement } = segment;
  if (after(acknowledgement, socket.sendNext)) {
    drop(socket.net, segment.skb, 'TCP_ACK_UNSENT_DATA');
    challenge(socket);
    return false;
  }
  // Not older than the largest window, nor than what has ever been acknowledged (RFC 5961 §5.2).
  const eldest = Math.min(socket.maxSendWindow, socket.info.bytesAcked);
  if (before(acknowledgement, add(socket.unacknowledged, -eldest))) {
    drop(socket.net, segment.skb, 'TCP_TOO_OLD_ACK');
    challenge(socket);
    return false;
  }
  if (before(acknowledgement, socket.unacknowledged)) return true;
  const advanced = after(acknowledgement, socket.unacknowledged);
  countKind(socket, segment, advanced);
  const windowChanged = updateWindow(socket, segment);
  if (segment.options.sack && socket.sack) markSacked(socket, segment.options.sack);
  if (advanced) acknowledged(socket, segment);
  else if (socket.sending.sent.length > 0 && segment.data.length === 0 && !windowChanged && !has(segment, 'FIN')) duplicate(socket);
  socket.probes = 0;
  if (!windowHolds(socket)) rearmProbe(socket);
  else if (windowChanged || advanced) stopProbing(socket);
  return true;
}

/** Whether header prediction would have taken it: nothing but what comes next, with the window as it was (tcp_rcv_established). */
function countKind(socket: TcpSocket, segment: Segment, advanced: boolean): void {
  const { counters } = socket.net;
  const expected =
    socket.state === 'ESTAB' &&
    segment.sequence === socket.receiveNext &&
    segment.window << socket.sendScale === socket.sendWindow &&
    !has(segment, 'FIN') &&
    socket.receiving.heldBack === 0;
  if (segment.data.length > 0) {
    // The first data never are: no memory has been set aside for them.
    if (expected && socket.delay.timeout > 0) counters.countTcp('TCPHPHits');
  } else if (!has(segment, 'FIN') && !has(segment, 'SYN')) counters.countTcp(expected && advanced ? 'TCPHPAcks' : 'TCPPureAcks');
}

/** tcp_ack_update_window. Returns whether the window is another. */
function updateWindow(socket: TcpSocket, segment: Segment): boolean {
  const window = segment.window << (has(segment, 'SYN') ? 0 : socket.sendScale);
  const newer =
    after(segment.acknowledgement, socket.unacknowledged) ||
    after(segment.sequence, socket.windowUpdate) ||
    (segment.sequence === socket.windowUpdate && (window > socket.sendWindow || window === 0));
  if (!newer) return false;
  socket.windowUpdate = segment.sequence;
  if (window === socket.sendWindow) return false;
  socket.sendWindow = window;
  if (window > socket.maxSendWindow) {
    socket.maxSendWindow = window;
    synchroniseMss(socket, socket.pathMtu);
  }
  return true;
}

/** Whether the next segment fits into the peer's window, if there is one. */
function windowHolds(socket: TcpSocket): boolean {
  const next = Math.min(socket.mss, distance(socket.sendNext, socket.sending.end));
  return !after(add(socket.sendNext, next), add(socket.unacknowledged, socket.sendWindow));
}

/** The peer has opened its window. */
function stopProbing(socket: TcpSocket): void {
  if (!socket.probeTimer) return;
  socket.net.kernel.events.cancel(socket.probeTimer);
  socket.probeTimer = undefined;
  socket.backoff = 0;
}

function acknowledged(socket: TcpSocket, segment: Segment): void {
  const { sending, congestion } = socket;
  const done = sending.acknowledge(segment.acknowledgement);
  socket.info.bytesAcked += distance(socket.unacknowledged, segment.acknowledgement);
  socket.info.delivered += done.length;
  socket.unacknowledged = segment.acknowledgement;
  sending.release(segment.acknowledgement);
  for (let i = 0; i < done.length; i++) socket.net.counters.countTcp('TCPDelivered');
  measure(socket, segment, done);
  socket.retransmits = 0;
  socket.duplicates = 0;
  if (congestion.state !== 'open') {
    if (!before(segment.acknowledgement, congestion.until)) congestion.recovered();
    // A partial acknowledgement shows the next hole (RFC 6582).
    else if (congestion.state === 'recovery') markLost(socket);
  }
  congestion.acknowledged(done.length);
  congestion.limited = false;
  rearmRetransmit(socket);
  if (socket.writable) socket.onWritable();
}

/** A round trip is measured on segments that were sent once, or by the echoed timestamp (tcp_ack_update_rtt). */
function measure(socket: TcpSocket, segment: Segment, done: readonly Sent[]): void {
  const last = done[done.length - 1];
  if (last && !last.retransmitted && !done.some((sent) => sent.retransmitted)) return measured(socket, socket.now - last.time);
  const echo = segment.options.timestamps?.echo;
  if (socket.timestamps && echo) measured(socket, Math.max(0, (socket.clock - echo) | 0) * 1000);
}

/** Only a measurement ends the doubling of timeouts (RFC 6298 §5). */
function measured(socket: TcpSocket, sample: Micros): void {
  socket.roundTrip.measure(sample);
  socket.backoff = 0;
  socket.doublings = 0;
}

function markSacked(socket: TcpSocket, blocks: readonly [number, number][]): void {
  for (const sent of socket.sending.sent) {
    if (sent.sacked || !blocks.some(([left, right]) => !before(sent.sequence, left) && !after(sent.end, right))) continue;
    sent.sacked = true;
    sent.lost = false;
  }
}

/** The same acknowledgement again: something behind it has arrived (tcp_fastretrans_alert). */
function duplicate(socket: TcpSocket): void {
  const { sending, congestion } = socket;
  socket.duplicates++;
  const sacked = sending.sent.filter((sent) => sent.sacked).length;
  if (socket.sack && sacked === 0) return;
  const enough = socket.sack ? sacked >= DUPLICATES : socket.duplicates >= DUPLICATES;
  if (!enough || congestion.state === 'loss') return;
  if (congestion.state === 'open') {
    socket.net.counters.countTcp(socket.sack ? 'TCPSackRecovery' : 'TCPRenoRecovery');
    socket.net.counters.countTcp('TCPFastRetrans');
    congestion.enterRecovery(socket.sendNext);
    markLost(socket);
    retransmitFirst(socket);
    return;
  }
  markLost(socket);
  retransmitLost(socket);
}

/** Fast retransmit: the first hole goes out whatever the window says. */
function retransmitFirst(socket: TcpSocket): void {
  const { congestion } = socket;
  const window = congestion.window;
  congestion.window = Math.max(window, socket.sending.sent.length + 1);
  const others = socket.sending.sent.filter((sent) => sent.lost).slice(1);
  for (const sent of others) sent.lost = false;
  retransmitLost(socket);
  for (const sent of others) sent.lost = true;
  congestion.window = window;
}

/** Holes with at least three segments beyond them that arrived; without SACK, the first segment. */
function markLost(socket: TcpSocket): void {
  const { sent } = socket.sending;
  if (!socket.sack) {
    if (sent[0]) sent[0].lost = true;
    return;
  }
  let beyond = sent.filter((each) => each.sacked).length;
  for (const each of sent) {
    if (each.sacked) beyond--;
    else if (beyond >= DUPLICATES && !each.retransmitted) each.lost = true;
  }
}
