import type { Micros } from '../../../base/time.ts';
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

/** How long an acknowledgement may take: doubled with each retransmission until a round trip has been measured again (icsk_rto). */
export function retransmitDelay(socket: TcpSocket): Micros {
  return Math.min(RTO_MAX, socket.roundTrip.timeout * 2 ** socket.doublings);
}

/** Starts the retransmission timer unless it runs. */
export function armRetransmit(socket: TcpSocket): void {
  if (socket.retransmitTimer) return;
  socket.retransmitTimer = socket.net.kernel.events.after(retransmitDelay(socket), 'tcp retransmit', () => {
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

/** The peer's window is closed and nothing is on its way that could tell when it opens: ask (tcp_check_probe_timer). */
export function armProbe(socket: TcpSocket, backoff = 0): void {
  if (socket.probeTimer || socket.retransmitTimer) return;
  const delay = Math.min(RTO_MAX, Math.max(RTO_MIN, retransmitDelay(socket)) * 2 ** backoff);
  // It may go on for ever: a world at rest is not kept awake by it.
  const run = (): void => {
    socket.probeTimer = undefined;
    socket.protocol.probe(socket);
  };
  socket.probeTimer = socket.net.kernel.events.after(delay, 'tcp window probe', run, true);
}

/** The window is still closed, says the answer to a probe: the next one waits from here on (tcp_ack_probe). */
export function rearmProbe(socket: TcpSocket): void {
  if (!socket.probeTimer) return;
  socket.net.kernel.events.cancel(socket.probeTimer);
  socket.probeTimer = undefined;
  armProbe(socket, socket.backoff);
}
