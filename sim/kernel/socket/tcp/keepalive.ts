import { SECOND } from '../../../base/time.ts';
import { breakConnection } from './end.ts';
import { sendProbe, sendReset } from './emit.ts';
import type { TcpSocket } from './socket.ts';
import { synchronised } from './states.ts';

/** Starts or stops the watch over a silent connection (tcp_set_keepalive). */
export function keepAliveChanged(socket: TcpSocket): void {
  const { events } = socket.net.kernel;
  events.cancel(socket.keepAliveTimer);
  socket.keepAliveTimer = undefined;
  if (socket.options.keepAlive && synchronised(socket.state)) arm(socket, socket.net.ipv4.settings.tcp_keepalive_time * SECOND);
}

function arm(socket: TcpSocket, delay: number): void {
  const run = (): void => {
    socket.keepAliveTimer = undefined;
    watch(socket);
  };
  socket.keepAliveTimer = socket.net.kernel.events.after(delay, 'tcp keepalive', run, true);
}

/** tcp_keepalive_timer. */
function watch(socket: TcpSocket): void {
  if (!synchronised(socket.state)) return;
  const { tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes } = socket.net.ipv4.settings;
  const limit = tcp_keepalive_time * SECOND;
  const silent = socket.now - socket.lastReceived;
  // Data on its way is watched over by the retransmission timer.
  if (socket.sending.sent.length > 0) return arm(socket, limit);
  if (silent < limit) {
    socket.keepAliveProbes = 0;
    return arm(socket, limit - silent);
  }
  if (socket.keepAliveProbes >= tcp_keepalive_probes) {
    sendReset(socket);
    return breakConnection(socket, 'ETIMEDOUT');
  }
  socket.keepAliveProbes++;
  sendProbe(socket);
  arm(socket, tcp_keepalive_intvl * SECOND);
}
