import { MILLISECOND } from '../../../base/time.ts';
import type { TcpSocket } from './socket.ts';

/** TCP_ATO_MIN, TCP_DELACK_MIN: how long an acknowledgement waits for company. */
export const DELAY = 40 * MILLISECOND;
/** TCP_DELACK_MAX. */
export const DELAY_MAX = 200 * MILLISECOND;
/** A tick of the kernel's clock at 250 Hz: timers run out with one. */
export const TICK = 4 * MILLISECOND;
/** TCP_MAX_QUICKACKS: segments at the start that are acknowledged one by one. */
const MAX_QUICK = 16;

/** Acknowledges the next segments at once (tcp_enter_quickack_mode). */
export function acknowledgeQuickly(socket: TcpSocket, most = MAX_QUICK): void {
  const { delay } = socket;
  const wanted = Math.max(2, Math.floor(socket.receiveWindow / (2 * delay.segment)));
  delay.quick = Math.max(delay.quick, Math.min(wanted, most));
}

/** Data have come in order (tcp_event_data_recv): learn the peer's segment size and its rhythm. */
export function dataReceived(socket: TcpSocket, length: number, pushed: boolean): void {
  const { delay, now } = socket;
  delay.scheduled = true;
  if (pushed) delay.pushed = true;
  if (length >= delay.segment) delay.segment = Math.min(length, socket.announcedMss);
  if (delay.timeout === 0) {
    acknowledgeQuickly(socket);
    delay.timeout = DELAY;
  } else {
    const pause = now - delay.lastData;
    if (pause <= DELAY / 2) delay.timeout = delay.timeout / 2 + DELAY / 2;
    else if (pause < delay.timeout) delay.timeout = Math.min(delay.timeout / 2 + pause, socket.roundTrip.timeout);
    else if (pause > socket.roundTrip.timeout) acknowledgeQuickly(socket);
  }
  delay.lastData = now;
}

/** Payload leaves soon after payload came: the two sides take turns, so acknowledgements can ride along (tcp_event_data_sent). */
export function dataSent(socket: TcpSocket): void {
  if (socket.delay.timeout > 0 && socket.now - socket.delay.lastData < socket.delay.timeout) socket.delay.interactive = true;
}

/** Every segment carries the acknowledgement; nothing is owed after it (tcp_event_ack_sent). */
export function acknowledgementSent(socket: TcpSocket): void {
  const { delay } = socket;
  if (delay.quick > 0) delay.quick--;
  delay.scheduled = false;
  delay.now = false;
  delay.pushed = false;
  socket.net.kernel.events.cancel(socket.delayTimer);
  socket.delayTimer = undefined;
}
