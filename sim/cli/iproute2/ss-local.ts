import type { SocketOwner } from '../../host/inet-socket.ts';
import { listUnixSockets } from '../../host/socket-list.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { PacketSocket } from '../../kernel/socket/packet.ts';
import type { UnixSocket } from '../../kernel/socket/unix.ts';
import type { Subject } from './ss-filter.ts';
import type { Row } from './ss-table.ts';
import type { Table } from './ss-tables.ts';

/** A socket that stays on this machine, or sees frames: what a filter looks at, and how it is shown. */
export interface LocalSocket {
  table: Table;
  state: string;
  subject: Subject;
  socket: UnixSocket | PacketSocket;
}

const UNIX_TABLES = { stream: 'u_str', dgram: 'u_dgr', seqpacket: 'u_seq' } as const;

/** Packet sockets, then Unix ones. */
export function localSockets(net: NetNamespace): LocalSocket[] {
  const nowhere = { local: undefined, localPort: 0, remote: undefined, remotePort: 0, mark: 0 };
  const packet = [...net.sockets.packet].map((socket): LocalSocket => {
    const device = socket.device?.ifindex ?? 0;
    return { table: 'p_raw', state: 'UNCONN', subject: { ...nowhere, family: 'packet', device, autobound: device === 0 }, socket };
  });
  const unix = listUnixSockets(net).map((socket): LocalSocket => {
    const { type, state, name } = socket;
    return {
      table: UNIX_TABLES[type],
      state,
      subject: { ...nowhere, family: 'unix', device: 0, name, autobound: name === undefined },
      socket,
    };
  });
  return [...packet, ...unix];
}

/** What -e, -m and -O ask for beside the row. */
export interface LocalDetails {
  extended: boolean;
  memory: boolean;
  oneline: boolean;
}

/** packet_show_sock, unix_show_sock. */
export function localRow(
  { table, state, socket }: LocalSocket,
  owners: ReadonlyMap<unknown, readonly SocketOwner[]>,
  users: string,
  shown: LocalDetails,
): Row {
  const inode = (of: unknown) => owners.get(of)?.[0]?.inode ?? 0;
  if (socket.family === 'packet') {
    const local = { address: '*', port: socket.device?.name ?? '*' };
    const peer = { address: '', port: '', between: '*' };
    const details = shown.extended ? packetDetails(socket, inode(socket), shown.oneline ? ' ' : '\n\t') : '';
    return { protocol: table, state, received: socket.waiting, sent: 0, local, peer, users, details };
  }
  const local = { address: socket.name ?? '*', port: String(inode(socket)), between: ' ' };
  const peer = { address: '*', port: String(socket.peer && !socket.peer.closed ? inode(socket.peer) : 0), between: ' ' };
  const sent = state === 'LISTEN' ? socket.backlog : socket.outstanding;
  const memory = shown.memory ? ` skmem:(r0,rb212992,t0,tb212992,f0,w${state === 'LISTEN' ? 0 : sent},o0,bl0,d0)` : '';
  return {
    protocol: table,
    state,
    received: socket.received,
    sent,
    local,
    peer,
    users,
    details: `${memory}${shown.extended ? ' <->' : ''}`,
  };
}

/** The ring's numbers are those of libpcap's TPACKET_V3 with blocks of 256 KiB; a socket without one holds frames back by no time. */
function packetDetails(socket: PacketSocket, inode: number, separator: string): string {
  const head = ` ino:${inode} sk:${inode.toString(16)}`;
  const ring = socket.blockTimeout > 0;
  const info = `${separator}ver:${ring ? 2 : 0} cpy_thresh:0 flags( ${socket.gone ? '' : 'running'}${ring ? ' auxdata' : ''} )`;
  if (!ring) return head + info;
  const size = 262_144;
  return `${head}${info}${separator}ring_rx(blk_size:${size},blk_nr:8,frm_size:${size},frm_nr:8,tmo:${socket.blockTimeout / 1000},features:0x0)`;
}
