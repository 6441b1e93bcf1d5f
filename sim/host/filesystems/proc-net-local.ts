import { socketOwners } from '../inet-socket.ts';
import type { Process } from '../process.ts';
import { listUnixSockets } from '../socket-list.ts';

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
const NOWHERE = '0000000000000000';
const TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;
/** SO_ACCEPTCON */
const LISTENS = 0x10000;

/** /proc/net/unix (unix_seq_show in net/unix/af_unix.c). */
export function unixTable(viewer: Process): string {
  const owners = socketOwners(viewer.host);
  const lines = listUnixSockets(viewer.namespaces.net).map((socket) => {
    const listens = socket.state === 'LISTEN';
    const references = socket.type !== 'dgram' && socket.state === 'ESTAB' ? 3 : 2;
    const state = socket.state === 'ESTAB' ? 3 : 1;
    const head = `${NOWHERE}: ${hex(references, 8)} ${hex(0, 8)} ${hex(listens ? LISTENS : 0, 8)} ${hex(TYPES[socket.type], 4)} ${hex(state, 2)}`;
    const inode = owners.get(socket)?.[0]?.inode ?? 0;
    return `${head} ${String(inode).padStart(5)}${socket.name === undefined ? '' : ` ${socket.name}`}\n`;
  });
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${lines.join('')}`;
}

/** /proc/net/packet (packet_seq_show in net/packet/af_packet.c). */
export function packetTable(viewer: Process): string {
  const owners = socketOwners(viewer.host);
  const lines = [...viewer.namespaces.net.sockets.packet].map((socket) => {
    const inode = owners.get(socket)?.[0]?.inode ?? 0;
    const device = String(socket.device?.ifindex ?? 0).padEnd(5);
    return `${NOWHERE} ${'3'.padEnd(6)} ${'3'.padEnd(4)}   0003 ${device} 1 ${'0'.padEnd(6)} ${'0'.padEnd(6)} ${inode}\n`;
  });
  return `sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n${lines.join('')}`;
}
