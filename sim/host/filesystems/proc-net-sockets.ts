import type { IP } from '../../base/address.ts';
import { MILLISECOND } from '../../base/time.ts';
import type { TcpState } from '../../kernel/socket/tcp/states.ts';
import { socketOwners } from '../inet-socket.ts';
import type { Process } from '../process.ts';
import { listSockets, type SocketEntry } from '../socket-list.ts';

/** TCP_ESTABLISHED and the others (include/net/tcp_states.h). */
const STATES: Record<TcpState, number> = {
  ESTAB: 1,
  'SYN-SENT': 2,
  'SYN-RECV': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  UNCONN: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};

const TIMERS = { on: 1, keepalive: 2, timewait: 3, persist: 4 } as const;

/** Ticks of the clock in which /proc tells times (USER_HZ). */
const TICK = 10 * MILLISECOND;

const TAIL = 'st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const WIDTH: Record<SocketEntry['protocol'], number> = { tcp: 149, udp: 127, raw: 127 };

/** /proc/net/tcp, udp, raw and their IPv6 twins (tcp4_seq_show, udp4_seq_show, raw_seq_show). */
export function socketTable(viewer: Process, protocol: SocketEntry['protocol'], family: 4 | 6): string {
  const owners = socketOwners(viewer.host);
  const entries = listSockets(viewer.namespaces.net).filter((entry) => entry.protocol === protocol && entry.family === family);
  const counted = protocol === 'tcp' ? '' : ' ref pointer drops';
  const head =
    family === 6
      ? `  sl  local_address                         remote_address                        ${TAIL}${counted}`
      : `${protocol === 'udp' ? ' ' : ''}  sl  local_address rem_address   ${TAIL}${counted}`.padEnd(
          protocol === 'raw' ? 0 : WIDTH[protocol],
        );
  const lines = entries.map((entry, i) => {
    const text = line(entry, i, owners.get(entry.socket)?.[0]?.inode ?? 0);
    return family === 4 ? text.padEnd(WIDTH[protocol]) : text;
  });
  return [head, ...lines].map((text) => `${text}\n`).join('');
}

function line(entry: SocketEntry, number: number, inode: number): string {
  const { protocol, state, received, sent, timer, retransmits } = entry;
  const listening = state === 'LISTEN';
  const queues = `${hex(listening ? 0 : sent, 8)}:${hex(received, 8)}`;
  const clock = `${hex(timer ? TIMERS[timer.kind] : 0, 2)}:${hex(timer ? Math.max(0, Math.floor(timer.left / TICK)) : 0, 8)}`;
  const ends = `${end(entry, entry.local, entry.localPort)} ${end(entry, entry.remote, entry.remotePort)}`;
  const head = `${String(number).padStart(protocol === 'tcp' ? 4 : 5)}: ${ends} ${hex(STATES[state], 2)} ${queues} ${clock} ${hex(retransmits, 8)}`;
  // The user, probes without an answer, the inode, references, and an address that nobody is shown.
  const tail = `${'0'.padStart(5)} ${'0'.padStart(8)} ${inode} ${entry.socket ? (protocol === 'tcp' ? 1 : 2) : 3} 0000000000000000`;
  const more = protocol !== 'tcp' ? ' 0' : state === 'TIME-WAIT' ? '' : listening ? ' 100 0 0 10 0' : ' 20 0 0 10 -1';
  return `${head} ${tail}${more}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Addresses as the machine keeps them: each 32 bits the other way round. */
function end({ family }: SocketEntry, address: IP | undefined, port: number): string {
  const words = family === 4 ? [Number(address ?? 0)] : [96n, 64n, 32n, 0n].map((shift) => Number((wide(address) >> shift) & 0xffff_ffffn));
  return `${words.map((word) => hex(((word & 0xff) * 2 ** 24 + ((word >>> 8) & 0xff) * 2 ** 16 + ((word >>> 16) & 0xff) * 2 ** 8 + (word >>> 24)) >>> 0, 8)).join('')}:${hex(port, 4)}`;
}

/** An IPv4 address on a socket of IPv6 is a mapped one. */
function wide(address: IP | undefined): bigint {
  return typeof address === 'number' ? (0xffffn << 32n) | BigInt(address) : (address ?? 0n);
}

/** /proc/net/sockstat and sockstat6: how many sockets are in use; memory is not modelled and reads 0. */
export function socketStatistics(viewer: Process, family: 4 | 6): string {
  const all = listSockets(viewer.namespaces.net);
  const inUse = (protocol: SocketEntry['protocol']) =>
    all.filter((entry) => entry.protocol === protocol && entry.family === family && entry.socket !== undefined).length;
  if (family === 6) {
    return `TCP6: inuse ${inUse('tcp')}\nUDP6: inuse ${inUse('udp')}\nUDPLITE6: inuse 0\nRAW6: inuse ${inUse('raw')}\nFRAG6: inuse 0 memory 0\n`;
  }
  const used = all.filter(({ socket }) => socket !== undefined).length;
  const waiting = all.filter(({ state }) => state === 'TIME-WAIT').length;
  const allocated = all.filter((entry) => entry.protocol === 'tcp' && entry.socket !== undefined).length;
  return (
    `sockets: used ${used}\nTCP: inuse ${inUse('tcp')} orphan 0 tw ${waiting} alloc ${allocated} mem 0\n` +
    `UDP: inuse ${inUse('udp')} mem 0\nUDPLITE: inuse 0\nRAW: inuse ${inUse('raw')}\nFRAG: inuse 0 memory 0\n`
  );
}
