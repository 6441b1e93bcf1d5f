import { breakConnection, endConnection } from './end.ts';
import { stopListening } from './listen.ts';
import { sendReset } from './emit.ts';
import { pushPending } from './output.ts';
import type { TcpSocket } from './socket.ts';
import { enterTimeWait } from './time-wait.ts';

/** No more will be sent: the FIN goes out behind what is queued (tcp_shutdown, tcp_close_state). */
export function shutdownSending(socket: TcpSocket): void {
  if (socket.sendShut) return;
  socket.sendShut = true;
  if (socket.state === 'SYN-SENT') return endConnection(socket);
  if (socket.state === 'ESTAB' || socket.state === 'SYN-RECV') socket.state = 'FIN-WAIT-1';
  else if (socket.state === 'CLOSE-WAIT') socket.state = 'LAST-ACK';
  else return;
  socket.finQueued = true;
  pushPending(socket);
}

/** The last descriptor is gone (tcp_close). */
export function closeConnection(socket: TcpSocket): void {
  const { tcp } = socket.net.sockets;
  if (socket.state === 'LISTEN') {
    stopListening(socket);
    return tcp.forget(socket);
  }
  if (socket.state === 'UNCONN') return tcp.forget(socket);
  socket.receiveShut = true;
  const unread = socket.receiving.length > 0;
  socket.receiving.clear();
  if (socket.state === 'SYN-SENT') return endConnection(socket);
  // Data that nobody read must not look delivered (RFC 2525 §2.17), and SO_LINGER with 0 asks for it.
  if (unread || socket.linger === 0) {
    socket.net.counters.countTcp(unread ? 'TCPAbortOnClose' : 'TCPAbortOnData');
    sendReset(socket);
    return endConnection(socket);
  }
  shutdownSending(socket);
  // Linux keeps only a small entry for a connection that just waits for the other side's FIN.
  if (socket.state === 'FIN-WAIT-2') enterTimeWait(socket, 'FIN-WAIT-2');
}

/** An administrator ends it (tcp_abort): the peer gets a RST, the application ECONNABORTED. @returns false when it is over already */
export function abortConnection(socket: TcpSocket): boolean {
  if (socket.state === 'UNCONN') return false;
  if (socket.state === 'LISTEN') {
    stopListening(socket);
    socket.wake();
    return true;
  }
  if (socket.state !== 'SYN-SENT') sendReset(socket);
  breakConnection(socket, 'ECONNABORTED');
  return true;
}
