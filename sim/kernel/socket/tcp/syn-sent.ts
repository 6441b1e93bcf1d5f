import { MILLISECOND } from '../../../base/time.ts';
import { drop } from '../../drop.ts';
import { acknowledgeQuickly } from './delay.ts';
import { breakConnection } from './end.ts';
import { receiveData } from './data.ts';
import { answer, DEFAULT_MSS } from './options.ts';
import { emit, sendAck } from './emit.ts';
import { pushPending } from './output.ts';
import { resetFor } from './reset.ts';
import { has, type Segment, TCP_FLAG } from './segment.ts';
import { add, before } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { keepAliveChanged } from './keepalive.ts';
import { initialiseWindow, synchroniseMss } from './window.ts';

/** A segment while the own SYN is out (tcp_rcv_synsent_state_process). */
export function receiveInSynSent(socket: TcpSocket, segment: Segment): void {
  const { net } = socket;
  if (has(segment, 'ACK')) {
    if (segment.acknowledgement !== socket.sendNext) {
      drop(net, segment.skb, 'TCP_INVALID_ACK_SEQUENCE');
      return resetFor(net, segment);
    }
    const echoed = segment.options.timestamps?.echo;
    const mine = socket.clock;
    if (echoed !== undefined && echoed !== 0 && before(mine, echoed)) {
      drop(net, segment.skb, 'TCP_INVALID_ACK_SEQUENCE');
      return resetFor(net, segment);
    }
    if (has(segment, 'RST')) {
      drop(net, segment.skb, 'TCP_RESET');
      return breakConnection(socket, 'ECONNREFUSED');
    }
    if (!has(segment, 'SYN')) return drop(net, segment.skb, 'TCP_FLAGS');
    return established(socket, segment);
  }
  if (has(segment, 'RST')) return drop(net, segment.skb, 'TCP_RESET');
  if (has(segment, 'SYN')) return simultaneous(socket, segment);
  drop(net, segment.skb, 'TCP_FLAGS');
}

/** What the peer's SYN says about it. */
export function learnPeer(socket: TcpSocket, segment: Segment): void {
  const { options } = segment;
  const { settings } = socket.net.ipv4;
  socket.peerMss = options.mss ?? DEFAULT_MSS;
  socket.sack = options.sackPermitted === true && settings.tcp_sack !== 0;
  socket.timestamps = options.timestamps !== undefined && settings.tcp_timestamps !== 0;
  if (options.timestamps) socket.recentTimestamp = options.timestamps.value;
  if (options.windowScale !== undefined && settings.tcp_window_scaling) socket.sendScale = options.windowScale;
  else {
    socket.sendScale = 0;
    socket.receiveScale = 0;
  }
  socket.receiveNext = add(segment.sequence, 1);
  socket.acknowledged = socket.receiveNext;
  // The window of a SYN is never scaled.
  socket.sendWindow = segment.window;
  socket.maxSendWindow = segment.window;
  socket.windowUpdate = segment.sequence;
  synchroniseMss(socket, socket.pathMtu);
}

/** The handshake is over on this side (tcp_finish_connect). */
export function finishHandshake(socket: TcpSocket): void {
  socket.state = 'ESTAB';
  socket.done = true;
  socket.retransmits = 0;
  socket.backoff = 0;
  socket.doublings = 0;
  socket.roundTrip.begin();
  if (socket.totalRetransmitted > 1) socket.congestion.window = 1;
  socket.lastReceived = socket.now;
  Object.assign(socket.info, { lastSent: socket.now, lastDataReceived: socket.now, lastAcknowledged: socket.now });
  socket.lastPushed = socket.sendNext;
  socket.lastSmall = socket.sendNext;
  initialiseWindow(socket);
  socket.delay.segment = Math.max(88, Math.min(socket.announcedMss, socket.mss, socket.receiveWindow / 2, DEFAULT_MSS));
  keepAliveChanged(socket);
}

function established(socket: TcpSocket, segment: Segment): void {
  socket.net.counters.countTcp('TCPDelivered');
  socket.info.bytesAcked++;
  const { kernel } = socket.net;
  kernel.events.cancel(socket.retransmitTimer);
  socket.retransmitTimer = undefined;
  const [syn] = socket.sending.acknowledge(segment.acknowledgement);
  socket.unacknowledged = segment.acknowledgement;
  learnPeer(socket, segment);
  const echo = segment.options.timestamps?.echo;
  if (syn && !syn.retransmitted) socket.roundTrip.measure(kernel.events.now - syn.time);
  else if (socket.timestamps && echo) socket.roundTrip.measure(Math.max(0, (socket.clock - echo) | 0) * MILLISECOND);
  finishHandshake(socket);
  acknowledgeQuickly(socket);
  socket.wake();
  if (segment.data.length > 0 || has(segment, 'FIN')) receiveData(socket, { ...segment, sequence: add(segment.sequence, 1) });
  sendAck(socket);
  pushPending(socket);
}

/** Both sides have sent a SYN: each acknowledges the other's (RFC 9293 §3.5, figure 8). */
function simultaneous(socket: TcpSocket, segment: Segment): void {
  learnPeer(socket, segment);
  socket.state = 'SYN-RECV';
  const options = answer(socket.net, segment.options, socket.announcedMss, socket.clock);
  emit(socket, socket.unacknowledged, 0, TCP_FLAG.SYN | TCP_FLAG.ACK, options, Math.min(65_535, socket.receiveWindow));
}
