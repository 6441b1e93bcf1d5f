import { RTO_MAX, RTO_MIN } from './rtt.ts';
import type { TcpSocket } from './socket.ts';

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
    socket.protocol.retransmitTimeout(socket);
  });
}

/** Something new was acknowledged: the timer starts over, or stops (tcp_rearm_rto). */
export function rearmRetransmit(socket: TcpSocket): void {
  socket.net.kernel.events.cancel(socket.retransmitTimer);
  socket.retransmitTimer = undefined;
  if (socket.sending.sent.length > 0) armRetransmit(socket);
}

/** The peer's window is closed and nothing is on its way that could tell when it opens: ask again and again (tcp_probe_timer). */
export function armProbe(socket: TcpSocket): void {
  if (socket.probeTimer || socket.retransmitTimer) return;
  const delay = Math.min(RTO_MAX, Math.max(RTO_MIN, socket.roundTrip.timeout) * 2 ** socket.backoff);
  // It may go on for ever: a world at rest is not kept awake by it.
  const run = (): void => {
    socket.probeTimer = undefined;
    socket.protocol.probe(socket);
  };
  socket.probeTimer = socket.net.kernel.events.after(delay, 'tcp window probe', run, true);
}
