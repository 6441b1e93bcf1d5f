import { SECOND } from '../../../base/time.ts';
import { DELAY } from './delay.ts';
import { sendAck } from './emit.ts';
import { distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { freeWindow, openWindow } from './window.ts';

/** Owes one? Then now, or with the next data, or after the delay (tcp_ack_snd_check). */
export function acknowledgeIfDue(socket: TcpSocket): void {
  const { delay, receiving } = socket;
  if (!delay.scheduled || socket.state === 'UNCONN') return;
  const twoSegments = distance(socket.acknowledged, socket.receiveNext) > delay.segment && freeWindow(socket) >= openWindow(socket);
  if (twoSegments || (delay.quick > 0 && !delay.interactive) || delay.now || receiving.heldBack > 0) return sendAck(socket);
  socket.delayTimer ??= socket.net.kernel.events.after(DELAY, 'tcp delayed ack', () => {
    socket.delayTimer = undefined;
    if (!delay.scheduled) return;
    // The other side didn't take its turn (tcp_delack_timer_handler).
    delay.interactive = false;
    delay.timeout = DELAY;
    sendAck(socket);
  });
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
