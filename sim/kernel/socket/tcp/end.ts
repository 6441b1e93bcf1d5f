import type { Errno } from '../../../base/errno.ts';
import type { TcpSocket } from './socket.ts';
import { stopTimers } from './timers.ts';

/** The connection is over; its port is free unless bind(2) gave it (tcp_done). */
export function endConnection(socket: TcpSocket): void {
  const { tcp } = socket.net.sockets;
  const { counters } = socket.net;
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECV') counters.tcp.AttemptFails++;
  else if (socket.state === 'ESTAB' || socket.state === 'CLOSE-WAIT') counters.tcp.EstabResets++;
  stopTimers(socket);
  tcp.removeConnection(socket);
  socket.state = 'UNCONN';
  socket.done = true;
  socket.receiveShut = true;
  socket.sendShut = true;
  socket.finQueued = false;
  socket.sending.clear();
  if (socket.orphan) tcp.forget(socket);
  else if (!socket.bound) tcp.ports.release(socket, socket.localPort);
  socket.wake();
}

/** The connection breaks with an error for the application (tcp_done_with_error). */
export function breakConnection(socket: TcpSocket, error: Errno): void {
  socket.pendingError = error;
  endConnection(socket);
}
