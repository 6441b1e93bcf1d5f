import type { IP } from '../base/address.ts';
import type { Micros } from '../base/time.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import type { TcpSocket } from '../kernel/socket/tcp/socket.ts';
import type { TcpState } from '../kernel/socket/tcp/states.ts';
import { TimeWait } from '../kernel/socket/tcp/time-wait.ts';
import type { Socket } from '../kernel/socket/socket.ts';
import type { UnixSocket } from '../kernel/socket/unix.ts';

/** What a connection waits for: a retransmission, a keepalive, the end of TIME-WAIT, a window probe. */
export interface SocketTimer {
  kind: 'on' | 'keepalive' | 'timewait' | 'persist';
  left: Micros;
  /** How often it has run out already. */
  count: number;
}

/** The kernel's names of states (include/net/tcp_states.h), by those that `ss` has for them; a socket that is not connected is closed. */
export const KERNEL_STATES: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  UNCONN: 'CLOSE',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

/** A socket of the Internet protocols as /proc/net/tcp and its kin list it. */
export interface SocketEntry {
  protocol: 'tcp' | 'udp' | 'raw';
  family: 4 | 6;
  state: TcpState;
  /** `undefined` is the wildcard. */
  local: IP | undefined;
  /** Of raw sockets, the protocol. */
  localPort: number;
  remote: IP | undefined;
  remotePort: number;
  received: number;
  sent: number;
  timer: SocketTimer | undefined;
  /** The kernel's socket; what waits for latecomers has none. */
  socket: Socket | undefined;
  v6Only: boolean;
  retransmits: number;
}

/** All sockets of a namespace: TCP, listeners before connections, then UDP, then raw ones. */
export function listSockets(net: NetNamespace): SocketEntry[] {
  const tcp = [...listTcp(net)];
  const rank = ({ state }: SocketEntry) => (state === 'LISTEN' ? 0 : state === 'TIME-WAIT' ? 2 : 1);
  tcp.sort((a, b) => rank(a) - rank(b));
  return [...tcp, ...listUdp(net), ...listRaw(net)];
}

function* listTcp(net: NetNamespace): Generator<SocketEntry> {
  const { tcp } = net.sockets;
  for (const socket of tcp.sockets) if (socket.state !== 'UNCONN') yield tcpEntry(socket);
  for (const other of tcp.others) {
    const common = { protocol: 'tcp' as const, received: 0, sent: 0, socket: undefined, v6Only: false, retransmits: 0 };
    const { local, localPort, remote, remotePort, state } = other;
    const family = other instanceof TimeWait ? other.family : other.listener.family;
    const left = other instanceof TimeWait ? other.expires - net.kernel.events.now : 0;
    const timer: SocketTimer = { kind: other instanceof TimeWait ? 'timewait' : 'on', left, count: 0 };
    yield { ...common, family, state, local, localPort, remote, remotePort, timer };
  }
}

function tcpEntry(socket: TcpSocket): SocketEntry {
  const { family, state, local, localPort, remote, remotePort, options } = socket;
  const listening = state === 'LISTEN';
  return {
    protocol: 'tcp',
    family,
    state,
    local,
    localPort,
    remote,
    remotePort,
    received: listening ? socket.accepted.length : socket.receiving.length,
    sent: listening ? socket.backlog : socket.sending.length + (socket.finQueued ? 1 : 0),
    timer: timerOf(socket),
    socket,
    v6Only: options.v6Only,
    retransmits: socket.retransmits,
  };
}

function timerOf(socket: TcpSocket): SocketTimer | undefined {
  const { now } = socket.net.kernel.events;
  if (socket.retransmitTimer) return { kind: 'on', left: socket.retransmitTimer.due - now, count: socket.retransmits };
  if (socket.probeTimer) return { kind: 'persist', left: socket.probeTimer.due - now, count: socket.probes };
  if (socket.keepAliveTimer) return { kind: 'keepalive', left: socket.keepAliveTimer.due - now, count: socket.keepAliveProbes };
  return undefined;
}

function* listUdp(net: NetNamespace): Generator<SocketEntry> {
  for (const socket of net.sockets.udp.sockets) {
    if (socket.localPort === 0) continue;
    const { family, local, localPort, remote, remotePort, options } = socket;
    const state = remote === undefined ? 'UNCONN' : 'ESTAB';
    const common = { timer: undefined, v6Only: options.v6Only, retransmits: 0, sent: 0 };
    yield { ...common, protocol: 'udp', family, state, local, localPort, remote, remotePort, received: socket.waiting, socket };
  }
}

function* listRaw(net: NetNamespace): Generator<SocketEntry> {
  for (const socket of [...net.sockets.raw, ...net.sockets.raw6]) {
    const { family, local, remote, protocol, waiting } = socket;
    const common = { timer: undefined, v6Only: false, retransmits: 0, sent: 0, remotePort: 0 };
    const state = remote === undefined ? 'UNCONN' : 'ESTAB';
    yield { ...common, protocol: 'raw', family, state, local, localPort: protocol, remote, received: waiting, socket };
  }
}

/** The Unix sockets of a namespace: those of paths first, then those without a name of their own, then abstract ones, each as made. */
export function listUnixSockets(net: NetNamespace): UnixSocket[] {
  const rank = ({ name, state, type }: UnixSocket) =>
    name === undefined || (state === 'ESTAB' && type !== 'dgram') ? 1 : name.startsWith('@') ? 2 : 0;
  return [...net.sockets.unix].sort((a, b) => rank(a) - rank(b));
}

/** The state of TCP sockets that have a port and neither listen nor are connected, by which ss -B asks for them alone. */
export const BOUND_INACTIVE = 'BOUND-INACTIVE';

export function listBoundInactive(net: NetNamespace): SocketEntry[] {
  const bound = [...net.sockets.tcp.sockets].filter(({ state, localPort }) => state === 'UNCONN' && localPort !== 0);
  return bound.map(tcpEntry);
}
