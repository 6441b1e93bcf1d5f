import { TCP_FLAG } from './segment.ts';
import { breakConnection } from './end.ts';
import { emit, inFlight, retransmitLost, sendNew } from './output.ts';
import { RTO_MAX, RTO_MIN } from './rtt.ts';
import { add, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';

/** TCP_ORPHAN_RETRIES: how often for a connection that no process has any more. */
const ORPHAN_RETRIES = 8;

export function stopTimers(socket: TcpSocket): void {
  const { events } = socket.net.kernel;
  for (const timer of [socket.retransmitTimer, socket.probeTimer, socket.delayTimer, socket.keepAliveTimer]) events.cancel(timer);
  socket.retransmitTimer = undefined;
  socket.probeTimer = undefined;
  socket.delayTimer = undefined;
  socket.keepAliveTimer = undefined;
}

/** Starts the retransmission timer unless it runs. */
export function armRetransmit(socket: TcpSocket): void {
  if (socket.retransmitTimer) return;
  const delay = Math.min(RTO_MAX, socket.roundTrip.timeout * 2 ** socket.backoff);
  socket.retransmitTimer = socket.net.kernel.events.after(delay, 'tcp retransmit', () => {
    socket.retransmitTimer = undefined;
    retransmitTimeout(socket);
  });
}

/** Something new was acknowledged: the timer starts over, or stops (tcp_rearm_rto). */
export function rearmRetransmit(socket: TcpSocket): void {
  socket.net.kernel.events.cancel(socket.retransmitTimer);
  socket.retransmitTimer = undefined;
  if (socket.sending.sent.length > 0) armRetransmit(socket);
}

/** No acknowledgement in time (tcp_retransmit_timer): everything is taken for lost, the first goes out again, the timeout doubles. */
function retransmitTimeout(socket: TcpSocket): void {
  const { sending, congestion } = socket;
  if (sending.sent.length === 0) return;
  const retries = socket.orphan ? ORPHAN_RETRIES : socket.net.ipv4.settings.tcp_retries2;
  if (socket.retransmits >= retries) return breakConnection(socket, socket.softError ?? 'ETIMEDOUT');
  congestion.enterLoss(socket.sendNext);
  socket.duplicates = 0;
  for (const sent of sending.sent) if (!sent.sacked) sent.lost = true;
  socket.retransmits++;
  retransmitLost(socket);
  socket.backoff++;
  armRetransmit(socket);
}

/** The peer's window is closed and nothing is on its way that could tell when it opens: ask again and again (tcp_probe_timer). */
export function armProbe(socket: TcpSocket): void {
  if (socket.probeTimer || socket.retransmitTimer) return;
  const delay = Math.min(RTO_MAX, Math.max(RTO_MIN, socket.roundTrip.timeout) * 2 ** socket.backoff);
  // It may go on for ever: a world at rest is not kept awake by it.
  const run = (): void => {
    socket.probeTimer = undefined;
    probe(socket);
  };
  socket.probeTimer = socket.net.kernel.events.after(delay, 'tcp window probe', run, true);
}

function probe(socket: TcpSocket): void {
  const { sending } = socket;
  const unsent = distance(socket.sendNext, sending.end);
  if (sending.sent.length > 0 || (unsent <= 0 && !socket.finQueued)) {
    socket.probes = 0;
    socket.backoff = 0;
    return;
  }
  const retries = socket.orphan ? ORPHAN_RETRIES : socket.net.ipv4.settings.tcp_retries2;
  if (socket.probes >= retries) return breakConnection(socket, socket.softError ?? 'ETIMEDOUT');
  socket.probes++;
  const room = distance(socket.sendNext, add(socket.unacknowledged, socket.sendWindow));
  if (room > 0 && unsent > 0) {
    sendNew(socket, Math.min(room, unsent, socket.mss), false);
    if (inFlight(socket) > 0) armRetransmit(socket);
    return;
  }
  socket.backoff++;
  sendProbe(socket);
  armProbe(socket);
}

/** An empty segment with a sequence number of the past, which has to be answered (tcp_xmit_probe_skb). */
export function sendProbe(socket: TcpSocket): void {
  emit(socket, add(socket.unacknowledged, -1), 0, TCP_FLAG.ACK);
}
