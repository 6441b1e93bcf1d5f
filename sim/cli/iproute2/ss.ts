import { formatIP, type IP } from '../../base/address.ts';
import { type SocketOwner, socketOwners } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, type Parsed } from '../getopt.ts';
import { type Row, layOut } from './ss-table.ts';

/** ss(8) of iproute2, for TCP and UDP sockets. */
export const ss: Command = { name: 'ss', paths: ['/usr/bin/ss', '/usr/sbin/ss'], run: runSs };

const flag = (short: string, long: string): OptionSpec => ({ name: long, short, long });
const OPTIONS: readonly OptionSpec[] = [
  flag('n', 'numeric'),
  flag('a', 'all'),
  flag('l', 'listening'),
  flag('t', 'tcp'),
  flag('u', 'udp'),
  flag('p', 'processes'),
  flag('H', 'no-header'),
  flag('4', 'ipv4'),
  flag('6', 'ipv6'),
  flag('r', 'resolve'),
  flag('O', 'oneline'),
  ...[
    ['o', 'options'],
    ['e', 'extended'],
    ['i', 'info'],
    ['m', 'memory'],
    ['s', 'summary'],
    ['x', 'unix'],
    ['w', 'raw'],
    ['0', 'packet'],
    ['K', 'kill'],
    ['E', 'events'],
  ].map(([short, long]) => ({ ...flag(short as string, long as string), unmodelled: true })),
];

/** The names of `state NAME` in filters. */
const STATES: Readonly<Record<string, string>> = {
  established: 'ESTAB',
  'syn-sent': 'SYN-SENT',
  'syn-recv': 'SYN-RECV',
  'fin-wait-1': 'FIN-WAIT-1',
  'fin-wait-2': 'FIN-WAIT-2',
  'time-wait': 'TIME-WAIT',
  closed: 'UNCONN',
  'close-wait': 'CLOSE-WAIT',
  'last-ack': 'LAST-ACK',
  listening: 'LISTEN',
  closing: 'CLOSING',
};

function* runSs(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('ss', `option '${parsed.unmodelled}'`) : `ss: ${parsed.error}\n`);
    return 255;
  }
  const [word, state, ...rest] = parsed.operands;
  const wanted = word === 'state' ? STATES[state ?? ''] : undefined;
  if (parsed.operands.length > 0 && (word !== 'state' || wanted === undefined || rest.length > 0)) {
    yield* process.write(2, notModelled('ss', `filter '${parsed.operands.join(' ')}'`));
    return 255;
  }
  yield* process.write(1, layOut(list(process, parsed, wanted), { header: !hasOption(parsed, 'no-header'), ...shape(parsed, wanted) }));
  return 0;
}

/** Which columns there are: the protocol only when several are asked for, the state unless it is fixed. */
function shape(parsed: Parsed, state: string | undefined): { protocol: boolean; state: boolean; processes: boolean } {
  const both = hasOption(parsed, 'tcp') === hasOption(parsed, 'udp');
  return { protocol: both, state: state === undefined, processes: hasOption(parsed, 'processes') };
}

function list(process: Process, parsed: Parsed, wanted: string | undefined): Row[] {
  const { sockets } = process.namespaces.net;
  const has = (name: string): boolean => hasOption(parsed, name);
  const neither = !has('tcp') && !has('udp');
  const owners = has('processes') ? socketOwners(process.host) : new Map<unknown, SocketOwner[]>();
  const rows: Row[] = [];
  const shows = (state: string): boolean => {
    if (wanted !== undefined) return state === wanted;
    if (has('all')) return true;
    return (state === 'LISTEN' || state === 'UNCONN') === has('listening');
  };
  const family = (socket: { family: 4 | 6 }): boolean =>
    (!has('ipv4') && !has('ipv6')) || (socket.family === 4 ? has('ipv4') : has('ipv6'));
  const add = (protocol: string, state: string, socket: EndpointPair, received: number, sent: number): void => {
    if (shows(state) && family(socket))
      rows.push({
        protocol,
        state,
        received,
        sent,
        local: name(socket, 'local'),
        peer: name(socket, 'remote'),
        users: users(owners.get(socket)),
      });
  };
  if (has('udp') || neither) {
    for (const socket of sockets.udp.sockets)
      if (socket.localPort !== 0) add('udp', socket.remote === undefined ? 'UNCONN' : 'ESTAB', socket, socket.waiting, 0);
  }
  if (!has('tcp') && !neither) return rows;
  for (const socket of sockets.tcp.sockets) {
    if (socket.state === 'UNCONN') continue;
    if (socket.state === 'LISTEN') add('tcp', 'LISTEN', socket, socket.accepted.length, socket.backlog);
    else add('tcp', socket.state, socket, socket.receiving.length, socket.sending.length + (socket.finQueued ? 1 : 0));
  }
  for (const other of sockets.tcp.others)
    add('tcp', other.state, 'family' in other ? other : { ...pair(other), family: other.listener.family }, 0, 0);
  // The kernel dumps listeners before connections, IPv4 or not.
  return rows.filter((row) => row.state === 'LISTEN').concat(rows.filter((row) => row.state !== 'LISTEN'));
}

interface EndpointPair {
  family: 4 | 6;
  local: IP | undefined;
  localPort: number;
  remote: IP | undefined;
  remotePort?: number;
  options?: { v6Only: boolean };
}

function pair({
  local,
  localPort,
  remote,
  remotePort,
}: {
  local: IP;
  localPort: number;
  remote: IP;
  remotePort: number;
}): Omit<EndpointPair, 'family'> {
  return { local, localPort, remote, remotePort };
}

/** `10.0.0.1:80`, `[::1]:80`, `*:80` for the dual-stack wildcard; a missing port is `*`. */
function name(socket: EndpointPair, side: 'local' | 'remote'): { address: string; port: string } {
  const address = side === 'local' ? socket.local : socket.remote;
  const number = side === 'local' ? socket.localPort : (socket.remotePort ?? 0);
  const port = number === 0 ? '*' : String(number);
  if (address === undefined) return { address: socket.family === 4 ? '0.0.0.0' : socket.options?.v6Only ? '[::]' : '*', port };
  if (typeof address === 'bigint') return { address: `[${formatIP(address)}]`, port };
  return { address: socket.family === 6 ? `[::ffff:${formatIP(address)}]` : formatIP(address), port };
}

function users(owners: readonly SocketOwner[] | undefined): string {
  if (!owners || owners.length === 0) return '';
  return `users:(${owners.map(({ process, fd }) => `("${process.name}",pid=${process.nspid},fd=${fd})`).join(',')})`;
}
