import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { isMulticast, lacksDevice, routeTo, type Way } from '../inet.ts';
import { breakConnection } from './end.ts';
import { initialSequence, initialWindow, offer, timestampOffset, windowScale } from './options.ts';
import { emit } from './emit.ts';
import { TCP_FLAG } from './segment.ts';
import { add } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { RTO_INITIAL, RTO_MAX } from './rtt.ts';
import { synchroniseMss } from './window.ts';

/**
 * Sends the first SYN (tcp_v4_connect, tcp_connect).
 * @returns EINPROGRESS, or why it can't be sent
 */
export function connect(socket: TcpSocket, peer: IP, port: number): Errno {
  const { net, options } = socket;
  const query = { destination: peer, source: socket.local, protocol: PROTOCOL.TCP, sourcePort: socket.localPort, destinationPort: port };
  if (socket.local !== undefined && typeof socket.local !== typeof peer) return 'ENETUNREACH';
  if (lacksDevice(peer, options)) return 'EINVAL';
  const way = routeTo(net, query, options);
  if (typeof way === 'string') return way;
  if (way.broadcast || isMulticast(peer)) return 'ENETUNREACH';
  socket.local ??= way.source;
  socket.remote = way.destination;
  socket.remotePort = port;
  const failed = takePort(socket);
  if (failed) {
    if (!socket.bound) socket.local = undefined;
    socket.remote = undefined;
    return failed;
  }
  begin(socket, way);
  return 'EINPROGRESS';
}

/** A port for the connection: the bound one, or an even one from a place that the peer decides (__inet_hash_connect). */
function takePort(socket: TcpSocket): Errno | undefined {
  const { net, local, remote, remotePort } = socket;
  const { tcp } = net.sockets;
  if (socket.localPort !== 0) return tcp.addConnection(socket) ? undefined : 'EADDRNOTAVAIL';
  const [low = 32_768, high = 60_999] = net.ipv4.portRange;
  const count = high - low + 1;
  if (count <= 0) return 'EADDRNOTAVAIL';
  const start = net.kernel.random(`tcp/port/${net.uid}/${local}/${remote}/${remotePort}`).below(count) + 2 * tcp.connects++;
  for (const odd of [0, 1]) {
    for (let i = 0; i < count; i += 2) {
      const port = low + (((start & ~1) + i + odd) % count);
      if (net.ipv4.reservedPorts.has(port)) continue;
      // A port that somebody has bound is left alone; connections to different peers may share one.
      if (tcp.ports.holders(port).size > 0 && [...tcp.ports.holders(port)].some((holder) => holder.bound !== false)) continue;
      socket.localPort = port;
      if (!tcp.addConnection(socket)) continue;
      tcp.ports.hold(socket, port);
      return undefined;
    }
  }
  socket.localPort = 0;
  return 'EADDRNOTAVAIL';
}

/** tcp_connect_init. */
function begin(socket: TcpSocket, way: Way): void {
  const { net } = socket;
  const local = socket.local as IP;
  const remote = socket.remote as IP;
  socket.state = 'SYN-SENT';
  socket.announcedMss = way.advmss;
  socket.timestampOffset = timestampOffset(net, local, remote);
  socket.identification = net.kernel
    .random(`tcp/id/${net.uid}/${socket.localPort}/${socket.remotePort}/${net.kernel.events.now}`)
    .below(65_536);
  socket.flowLabel = net.kernel.random(`flowlabel/${local}/${socket.localPort}/${remote}/${socket.remotePort}`).below(0x100000);
  const start = initialSequence(net, local, socket.localPort, remote, socket.remotePort);
  socket.unacknowledged = start;
  socket.sendNext = add(start, 1);
  socket.sending.start = add(start, 1);
  socket.receiveWindow = initialWindow(net, way.advmss);
  socket.receiveScale = windowScale(net);
  socket.windowLimit = socket.receiveWindow;
  synchroniseMss(socket, way.mtu);
  socket.sending.sent.push({
    sequence: start,
    end: add(start, 1),
    flags: TCP_FLAG.SYN,
    time: socket.now,
    retransmitted: false,
    sacked: false,
    lost: false,
  });
  socket.net.counters.tcp.ActiveOpens++;
  sendSyn(socket);
  armSyn(socket, RTO_INITIAL);
}

function sendSyn(socket: TcpSocket, again = false): void {
  const options = offer(socket.net, socket.announcedMss, socket.clock);
  emit(socket, socket.unacknowledged, 0, TCP_FLAG.SYN, options, socket.receiveWindow, again);
}

/**
 * No answer: the SYN goes out again after 1 s, net.ipv4.tcp_syn_linear_timeouts times at that pace, then after twice the time
 * each, at most net.ipv4.tcp_syn_retries times and for no longer than so many would take without the even start (tcp_retransmit_timer,
 * tcp_write_timeout).
 */
function armSyn(socket: TcpSocket, delay: number): void {
  const { settings } = socket.net.ipv4;
  const run = (): void => {
    socket.retransmitTimer = undefined;
    const { counters } = socket.net;
    const { tcp_syn_retries: retries, tcp_syn_linear_timeouts: linear } = settings;
    counters.countTcp('TCPTimeouts');
    if (socket.retransmits >= retries + linear || waitedLongEnough(socket, retries))
      return breakConnection(socket, socket.softError ?? 'ETIMEDOUT');
    socket.retransmits++;
    socket.totalRetransmitted++;
    const first = socket.sending.sent[0];
    if (first) first.retransmitted = true;
    counters.tcp.RetransSegs++;
    counters.countTcp('TCPSynRetrans');
    sendSyn(socket, true);
    armSyn(socket, socket.retransmits <= settings.tcp_syn_linear_timeouts ? RTO_INITIAL : Math.min(RTO_MAX, delay * 2));
  };
  socket.retransmitTimer = socket.net.kernel.events.after(delay, 'tcp syn', run);
}

/** Whether as much time is over since the first SYN as `retries` of them take that each wait twice as long (tcp_model_timeout). */
function waitedLongEnough({ sending, now }: TcpSocket, retries: number): boolean {
  const first = sending.sent[0];
  const doubled = Math.min(retries, Math.floor(Math.log2(RTO_MAX / RTO_INITIAL)));
  return first !== undefined && now - first.time >= (2 ** (doubled + 1) - 1) * RTO_INITIAL + (retries - doubled) * RTO_MAX;
}
