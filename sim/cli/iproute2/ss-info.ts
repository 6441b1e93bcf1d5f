import { MILLISECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { SocketEntry } from '../../host/socket-list.ts';
import { abortConnection } from '../../kernel/socket/tcp/close.ts';
import { TcpSocket } from '../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../kernel/socket/udp.ts';

/** sk_sndbuf of a socket that has no connection yet (net.ipv4.tcp_wmem). */
const NEW_SEND_BUFFER = 16_384;

/** `ss --tos`: type of service or traffic class, and the priority. */
export function tosText({ socket, family }: SocketEntry): string {
  if (!socket) return '';
  const { tos, priority } = socket.options;
  const alternate = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);
  return ` tos:${family === 6 ? '0 tclass:' : ''}${alternate(tos)} class_id:${alternate(priority)}`;
}

/** `ss --inet-sockopt`: what is switched on (struct inet_diag_sockopt); that all groups are heard is a default of IPv4 alone. */
export function socketOptionsText({ socket, family, protocol }: SocketEntry): string {
  // Raw sockets are described without (raw_diag).
  if (!socket || protocol === 'raw') return '';
  const { receiveErrors, headerIncluded, multicastLoop } = socket.options;
  const set: [string, boolean][] = [
    ['recverr', receiveErrors],
    ['is_icsk', socket instanceof TcpSocket],
    ['hdrincl', headerIncluded],
    ['mc_loop', multicastLoop],
    ['mc_all', family === 4],
  ];
  return ` inet-sockopt: (${set.map(([name, on]) => (on ? ` ${name}` : '')).join('')})`;
}

/** A tick of the kernel's clock at 250 Hz. */
const TICK = 4 * MILLISECOND;

/** `ss -m`: what is queued and what may be (print_skmeminfo); the payload counts alone, not what the kernel keeps around it. */
export function memoryText({ socket, received, sent, state }: SocketEntry): string {
  if (!socket) return '';
  const tcp = socket instanceof TcpSocket;
  const listening = state === 'LISTEN';
  const limits = tcp
    ? [2 * socket.receiveSpace, listening ? NEW_SEND_BUFFER : socket.sendBuffer]
    : [socket.options.receiveBuffer, socket.options.receiveBuffer];
  const drops = socket instanceof UdpSocket ? socket.drops : 0;
  return ` skmem:(r${listening ? 0 : received},rb${limits[0]},t0,tb${limits[1]},f0,w${listening ? 0 : sent},o0,bl0,d${drops})`;
}

/** Six significant digits at most, as printf's %g. */
function general(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** `ss -i`: the state of a connection (tcp_show_info). The congestion control is what it is, Reno. */
export function tcpText({ socket, state }: SocketEntry, extended: boolean): string {
  if (!(socket instanceof TcpSocket)) return '';
  const { congestion, roundTrip, info, delay, mss, sending, now } = socket;
  if (state === 'LISTEN') return ` reno cwnd:${congestion.window}`;
  const since = (time: number) => Math.floor((now - time) / MILLISECOND);
  const words: string[] = [];
  const add = (name: string, value: number, always = false) => {
    if (always || value > 0) words.push(`${name}:${value}`);
  };
  if (extended && socket.timestamps) words.push('ts');
  if (extended && socket.sack) words.push('sack');
  words.push('reno');
  if (socket.sendScale || socket.receiveScale) words.push(`wscale:${socket.sendScale},${socket.receiveScale}`);
  // The kernel keeps it in ticks.
  words.push(`rto:${Math.ceil(roundTrip.timeout / TICK) * (TICK / MILLISECOND) * 2 ** socket.doublings}`);
  add('backoff', socket.backoff);
  if (roundTrip.smoothed > 0) {
    const [smoothed, variation] = [roundTrip.smoothed, roundTrip.variation].map((time) => general(Math.floor(time) / MILLISECOND));
    words.push(`rtt:${smoothed}/${variation}`);
  }
  add('ato', Math.floor(delay.timeout / MILLISECOND));
  add('mss', mss);
  add('pmtu', socket.pathMtu);
  add('rcvmss', delay.segment);
  add('advmss', socket.announcedMss - (socket.timestamps ? 12 : 0));
  add('cwnd', congestion.window);
  if (Number.isFinite(congestion.threshold)) add('ssthresh', congestion.threshold);
  add('bytes_sent', info.bytesSent);
  add('bytes_retrans', info.bytesRetransmitted);
  add('bytes_acked', info.bytesAcked);
  add('bytes_received', info.bytesReceived);
  add('segs_out', info.segmentsOut);
  add('segs_in', info.segmentsIn);
  add('data_segs_out', info.dataSegmentsOut);
  add('data_segs_in', info.dataSegmentsIn);
  if (roundTrip.smoothed > 0) words.push(`send ${Math.floor((congestion.window * mss * 8 * 1_000_000) / roundTrip.smoothed)}bps`);
  add('lastsnd', since(info.lastSent));
  add('lastrcv', since(info.lastDataReceived));
  add('lastack', since(info.lastAcknowledged));
  add('delivered', info.delivered);
  add('unacked', sending.sent.length);
  if (socket.totalRetransmitted > 0)
    words.push(`retrans:${sending.sent.filter((sent) => sent.retransmitted && !sent.sacked).length}/${socket.totalRetransmitted}`);
  // What has gone out again counts as lost until it is acknowledged.
  add('lost', sending.sent.filter((sent) => sent.lost || (sent.retransmitted && !sent.sacked)).length);
  add('sacked', sending.sent.filter((sent) => sent.sacked).length);
  add('rcv_ssthresh', socket.windowLimit);
  add('notsent', Math.max(0, sending.length - sending.sent.reduce((sum, sent) => sum + ((sent.end - sent.sequence) >>> 0), 0)));
  if (Number.isFinite(roundTrip.shortest)) words.push(`minrtt:${general(roundTrip.shortest / MILLISECOND)}`);
  add('snd_wnd', socket.sendWindow);
  add('rcv_wnd', socket.receiveWindow);
  return ` ${words.join(' ')}`;
}

/** `ss -K`: breaks a connection off, or takes a socket's port away (tcp_abort, udp_abort). Returns whether it could. */
export function kill(process: Process, { socket }: SocketEntry): boolean {
  if (!process.capable('NET_ADMIN')) return false;
  if (socket instanceof TcpSocket) return abortConnection(socket);
  return false;
}
