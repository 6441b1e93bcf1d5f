import { sendProbe } from './emit.ts';
import { breakConnection } from './end.ts';
import { inFlight, retransmitLost, sendNew } from './output.ts';
import { add, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { armProbe, armRetransmit } from './timers.ts';

/** TCP_ORPHAN_RETRIES: how often for a connection that no process has any more. */
const ORPHAN_RETRIES = 8;

/** No acknowledgement in time (tcp_retransmit_timer): everything is taken for lost, the first goes out again, the timeout doubles. */
export function retransmitTimeout(socket: TcpSocket): void {
  const { sending, congestion } = socket;
  if (sending.sent.length === 0) return;
  const retries = socket.orphan ? ORPHAN_RETRIES : socket.net.ipv4.settings.tcp_retries2;
  socket.net.counters.countTcp('TCPTimeouts');
  if (socket.retransmits >= retries) return breakConnection(socket, socket.softError ?? 'ETIMEDOUT');
  congestion.enterLoss(socket.sendNext);
  socket.duplicates = 0;
  for (const sent of sending.sent) if (!sent.sacked) sent.lost = true;
  socket.retransmits++;
  retransmitLost(socket);
  socket.backoff++;
  socket.doublings++;
  armRetransmit(socket);
}

/** The peer's window is still closed: ask whether it has opened (tcp_probe_timer, tcp_write_wakeup). */
export function probe(socket: TcpSocket): void {
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
  socket.net.counters.countTcp('TCPWinProbe');
  const room = distance(socket.sendNext, add(socket.unacknowledged, socket.sendWindow));
  if (room > 0 && unsent > 0) {
    sendNew(socket, Math.min(room, unsent, socket.mss), false, true);
    if (inFlight(socket) > 0) armRetransmit(socket);
    return;
  }
  socket.backoff++;
  sendProbe(socket);
  armProbe(socket, socket.backoff);
}
