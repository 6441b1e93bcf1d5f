import { type Micros, SECOND } from '../../../base/time.ts';
import { DELAY, DELAY_MAX, TICK } from './delay.ts';
import { sendAck } from './emit.ts';
import { distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { retransmitDelay } from './timers.ts';
import { freeWindow, openWindow } from './window.ts';

/** Owes one? Then now, or with the next data, or after the delay (tcp_ack_snd_check). */
export function acknowledgeIfDue(socket: TcpSocket): void {
  const { delay, receiving } = socket;
  if (!delay.scheduled || socket.state === 'UNCONN') return;
  const twoSegments = distance(socket.acknowledged, socket.receiveNext) > delay.segment && freeWindow(socket) >= openWindow(socket);
  if (twoSegments || (delay.quick > 0 && !delay.interactive) || delay.now || receiving.heldBack > 0) return sendAck(socket);
  socket.delayTimer ??= socket.net.kernel.events.after(pause(socket), 'tcp delayed ack', () => {
    socket.delayTimer = undefined;
    if (!delay.scheduled) return;
    // The other side didn't take its turn, or less often than was thought (tcp_delack_timer_handler).
    delay.timeout = delay.interactive ? DELAY : Math.min(2 * delay.timeout, retransmitDelay(socket));
    delay.interactive = false;
    sendAck(socket);
  });
}

/** How long to wait for company: as long as data have been apart, not longer than the round trip (tcp_send_delayed_ack). */
function pause({ delay, roundTrip }: TcpSocket): Micros {
  if (delay.timeout <= DELAY) return Math.max(TICK, delay.timeout);
  const most = delay.interactive || delay.pushed ? DELAY_MAX : SECOND / 2;
  return Math.min(delay.timeout, most, roundTrip.smoothed > 0 ? Math.max(DELAY, roundTrip.smoothed) : most, DELAY_MAX);
}

/** The application has read: it may be time to acknowledge, or to say that the window is open again (tcp_cleanup_rbuf). */
export function afterReading(socket: TcpSocket, copied: number): void {
  const { delay } = socket;
  if (socket.state === 'UNCONN') return;
  let due = false;
  if (delay.scheduled) {
    const emptied = copied > 0 && delay.pushed && !delay.interactive && socket.receiving.length === 0;
    due = distance(socket.acknowledged, socket.receiveNext) > delay.segment || emptied;
  }
  if (!due && copied > 0 && !socket.receiveShut) {
    const open = openWindow(socket);
    if (2 * open <= socket.windowLimit) {
      const free = freeWindow(socket);
      due = free > 0 && free >= 2 * open;
    }
  }
  if (due) sendAck(socket);
}

/** Says where we stand, so that a peer that means it can prove it (RFC 5961); at most twice a second. */
export function challenge(socket: TcpSocket): void {
  if (socket.now - socket.lastChallenge < SECOND / 2) return;
  socket.lastChallenge = socket.now;
  sendAck(socket);
}
