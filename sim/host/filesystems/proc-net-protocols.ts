import type { NetNamespace } from '../../kernel/netns.ts';
import { listSockets, type SocketEntry } from '../socket-list.ts';
import { listUnixSockets } from '../socket-list.ts';

/** What a protocol's sockets can do, a letter each, in the order of the columns (proto_seq_printf in net/core/sock.c). */
const ABILITIES = 'cl co di ac io in de sh ss gs se re bi br ha uh gp em';

interface Protocol {
  name: string;
  /** Bytes of a socket. */
  size: number;
  /** Whether its memory is limited together, and then whether it runs short. */
  pressure?: 'no' | 'NI';
  headroom?: number;
  /** Whether its sockets come from a cache of their own. */
  slab: boolean;
  abilities: string;
}

const NOTHING = 'n'.repeat(18);
const CLOSES = `y${'n'.repeat(17)}`;
const DATAGRAMS = 'yyynyyynyyyynnyyyn';
const MULTIPATH = 'yyynyyyyyyyynnyyyn';
const STREAM = 'yyyyyyyyyyyynyyyyy';
const PING = 'yyynnynnyyyyyynyyn';
const RAW = 'yyynyyynyyyyyyyynn';

/** What is registered, the latest first. */
const PROTOCOLS: readonly Protocol[] = [
  { name: 'AF_VSOCK', size: 1240, slab: true, abilities: CLOSES },
  { name: 'PACKET', size: 1600, slab: false, abilities: NOTHING },
  { name: 'MPTCPv6', size: 2064, pressure: 'no', slab: true, abilities: MULTIPATH },
  { name: 'PINGv6', size: 1344, slab: true, abilities: PING },
  { name: 'RAWv6', size: 1344, slab: true, abilities: RAW },
  { name: 'UDPLITEv6', size: 1472, pressure: 'NI', slab: true, abilities: DATAGRAMS },
  { name: 'UDPv6', size: 1472, pressure: 'NI', slab: true, abilities: DATAGRAMS },
  { name: 'TCPv6', size: 2432, pressure: 'no', headroom: 192, slab: true, abilities: STREAM },
  { name: 'XDP', size: 1088, slab: false, abilities: NOTHING },
  { name: 'UNIX-STREAM', size: 1152, slab: true, abilities: CLOSES },
  { name: 'UNIX', size: 1152, slab: true, abilities: CLOSES },
  { name: 'UDP-Lite', size: 1344, pressure: 'NI', slab: true, abilities: DATAGRAMS },
  { name: 'MPTCP', size: 1936, pressure: 'no', slab: true, abilities: MULTIPATH },
  { name: 'PING', size: 1016, slab: true, abilities: PING },
  { name: 'RAW', size: 1152, slab: true, abilities: RAW },
  { name: 'UDP', size: 1344, pressure: 'NI', slab: true, abilities: DATAGRAMS },
  { name: 'TCP', size: 2304, pressure: 'no', headroom: 192, slab: true, abilities: STREAM },
  { name: 'NETLINK', size: 1096, slab: false, abilities: NOTHING },
];

/** /proc/net/protocols: the protocols that sockets speak, with how many sockets of the namespace do; memory is not modelled and reads 0. */
export function protocolTable(net: NetNamespace): string {
  const counts = socketsInUse(net);
  const rows = PROTOCOLS.map(({ name, size, pressure, headroom = 0, slab, abilities }) => {
    const memory = pressure === undefined ? -1 : 0;
    const numbers = `${String(size).padStart(4)} ${String(counts[name] ?? 0).padStart(6)}  ${String(memory).padStart(6)}`;
    const kind = `${(pressure ?? 'NI').padEnd(3)} ${String(headroom).padStart(6)}   ${(slab ? 'yes' : 'no').padEnd(3)}  ${'kernel'.padEnd(10)}`;
    return `${name.padEnd(9)} ${numbers}   ${kind}  ${[...abilities].join('  ')}\n`;
  });
  return `protocol  size sockets  memory press maxhdr  slab module     ${ABILITIES}\n${rows.join('')}`;
}

function socketsInUse(net: NetNamespace): Record<string, number> {
  const inet = listSockets(net).filter(({ socket }) => socket !== undefined);
  const unix = listUnixSockets(net);
  const of = (protocol: SocketEntry['protocol'], family: 4 | 6) =>
    inet.filter((entry) => entry.protocol === protocol && entry.family === family).length;
  const streams = unix.filter(({ type }) => type === 'stream').length;
  return {
    PACKET: net.sockets.packet.size,
    RAWv6: of('raw', 6),
    UDPv6: of('udp', 6),
    TCPv6: of('tcp', 6),
    'UNIX-STREAM': streams,
    UNIX: unix.length - streams,
    PING: net.sockets.ping.size,
    RAW: of('raw', 4),
    UDP: of('udp', 4),
    TCP: of('tcp', 4),
  };
}
