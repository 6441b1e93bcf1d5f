import { TIMESTAMP_LENGTH } from './options.ts';
import { add, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';

/** How much of the announced window the peer may still use (tcp_receive_window). */
export function openWindow(socket: TcpSocket): number {
  return Math.max(0, distance(socket.receiveNext, add(socket.acknowledged, socket.receiveWindow)));
}

/** The window that the free space allows (__tcp_select_window). */
export function freeWindow(socket: TcpSocket): number {
  const { receiving, delay, receiveScale, receiveSpace } = socket;
  let free = receiveSpace - receiving.length - receiving.heldBack;
  const mss = Math.min(delay.segment, receiveSpace);
  if (free < receiveSpace >> 1) {
    delay.quick = 0;
    free = Math.max(0, free >> receiveScale) << receiveScale;
    if (free < receiveSpace >> 4 || free < mss) return 0;
  }
  free = Math.min(free, socket.windowLimit);
  if (receiveScale > 0) return roundUp(free, receiveScale);
  const window = socket.receiveWindow;
  return window <= free - mss || window > free ? Math.floor(free / mss) * mss : window;
}

function roundUp(value: number, scale: number): number {
  const unit = 1 << scale;
  return Math.ceil(value / unit) * unit;
}

/** Chooses the window of the next segment, never taking back what was announced (tcp_select_window). Returns it as sent. */
export function selectWindow(socket: TcpSocket): number {
  const current = openWindow(socket);
  let window = freeWindow(socket);
  if (window < current) window = socket.receiveScale > 0 ? roundUp(current, socket.receiveScale) : current;
  socket.receiveWindow = window;
  socket.acknowledged = socket.receiveNext;
  if (socket.receiveScale === 0) return Math.min(window, 65_535);
  return Math.min(65_535, window >> socket.receiveScale);
}

/** The connection is there: room for one more segment is kept back (tcp_init_buffer_space). */
export function initialiseWindow(socket: TcpSocket): void {
  const clamp = Math.max(2 * socket.announcedMss, socket.receiveSpace - socket.announcedMss);
  socket.windowLimit = Math.min(socket.receiveWindow, Math.min(clamp, socket.receiveSpace));
}

/** Takes over what the path and the peer allow (tcp_sync_mss, tcp_bound_to_half_wnd). */
export function synchroniseMss(socket: TcpSocket, pathMtu: number): void {
  const headers = typeof socket.remote === 'bigint' ? 60 : 40;
  socket.pathMtu = pathMtu;
  const options = socket.timestamps ? TIMESTAMP_LENGTH : 0;
  let mss = Math.max(48, Math.min(socket.peerMss, pathMtu - headers)) - options;
  const largest = socket.maxSendWindow;
  const half = largest > 536 ? largest >>> 1 : largest;
  if (half > 0 && mss > half) mss = Math.max(half, 68 - 20 - options);
  socket.mss = mss;
}
