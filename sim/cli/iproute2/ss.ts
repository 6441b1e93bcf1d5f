import { formatIP, type IP } from '../../base/address.ts';
import { MILLISECOND } from '../../base/time.ts';
import { type SocketOwner, socketOwners } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { listSockets, type SocketEntry } from '../../host/socket-list.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue, type Parsed } from '../getopt.ts';
import { nameOfAddress } from '../name-resolution.ts';
import { type ServiceNames, servicePort, serviceNames } from '../service-names.ts';
import { ALL_STATES, type Filter, FilterError, readFilter, USUAL } from './ss-filter.ts';
import { kill, memoryText, tcpText } from './ss-info.ts';
import { summary } from './ss-summary.ts';
import { type Endpoint, layOut, type Row } from './ss-table.ts';
import { SS_USAGE } from './usage/ss.ts';

/** ss(8) of iproute2, for TCP, UDP and raw sockets. */
export const ss: Command = { name: 'ss', paths: ['/usr/bin/ss', '/usr/sbin/ss'], run: runSs };

const flag = (short: string, long: string): OptionSpec => ({ name: long, short, long });
const OPTIONS: readonly OptionSpec[] = [
  flag('h', 'help'),
  flag('V', 'version'),
  flag('n', 'numeric'),
  flag('r', 'resolve'),
  flag('a', 'all'),
  flag('l', 'listening'),
  flag('o', 'options'),
  flag('e', 'extended'),
  flag('t', 'tcp'),
  flag('u', 'udp'),
  flag('w', 'raw'),
  flag('x', 'unix'),
  flag('0', 'packet'),
  flag('p', 'processes'),
  flag('i', 'info'),
  flag('m', 'memory'),
  flag('K', 'kill'),
  flag('s', 'summary'),
  flag('H', 'no-header'),
  flag('Q', 'no-queues'),
  flag('O', 'oneline'),
  flag('4', 'ipv4'),
  flag('6', 'ipv6'),
  { name: 'family', short: 'f', long: 'family', argument: 'required' },
  { name: 'query', short: 'A', long: 'query', argument: 'required' },
  { name: 'query', long: 'socket', argument: 'required' },
  ...[
    ['E', 'events'],
    ['B', 'bound-inactive'],
    ['b', 'bpf'],
    ['Z', 'context'],
    ['z', 'contexts'],
    ['T', 'threads'],
    ['M', 'mptcp'],
    ['S', 'sctp'],
    ['d', 'dccp'],
  ].map(([short, long]) => ({ ...flag(short as string, long as string), unmodelled: true })),
  { name: 'net', short: 'N', long: 'net', argument: 'required', unmodelled: true },
];

type Protocol = SocketEntry['protocol'] | 'unix' | 'packet';

function* runSs(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('ss', `option '${parsed.unmodelled}'`) : `ss: ${parsed.error}\n${SS_USAGE}`);
    return 255;
  }
  if (hasOption(parsed, 'help')) {
    yield* process.write(1, SS_USAGE);
    return 0;
  }
  if (hasOption(parsed, 'version')) {
    yield* process.write(1, 'ss utility, iproute2-7.2.0\n');
    return 0;
  }
  if (hasOption(parsed, 'summary')) {
    yield* process.write(1, summary(process.namespaces.net));
    return 0;
  }
  try {
    yield* show(process, parsed);
    return 0;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    yield* process.write(2, `${error.text}${error.usage ? SS_USAGE : ''}`);
    return 255;
  }
}

const QUERIES = {
  all: ['unix', 'packet', 'raw', 'udp', 'tcp'],
  inet: ['raw', 'udp', 'tcp'],
  tcp: ['tcp'],
  udp: ['udp'],
  raw: ['raw'],
  unix: ['unix'],
  packet: ['packet'],
} satisfies Record<string, readonly Protocol[]>;

/** Which kinds of sockets are asked for; none means all. */
function protocolsOf(parsed: Parsed): Set<Protocol> {
  const chosen = new Set<Protocol>((['tcp', 'udp', 'raw', 'unix', 'packet'] as const).filter((name) => hasOption(parsed, name)));
  for (const word of (optionValue(parsed, 'query') ?? '').split(',')) {
    if (word === '') continue;
    const named = Object.hasOwn(QUERIES, word) ? QUERIES[word as keyof typeof QUERIES] : undefined;
    if (!named) throw new FilterError(notModelled('ss', `query '${word}'`));
    for (const protocol of named) chosen.add(protocol);
  }
  if (chosen.size > 0) return chosen;
  const inetOnly = hasOption(parsed, 'ipv4') || hasOption(parsed, 'ipv6') || optionValue(parsed, 'family')?.startsWith('inet');
  return new Set<Protocol>(inetOnly ? QUERIES.inet : QUERIES.all);
}

function* show(process: Process, parsed: Parsed): Blocking<void> {
  const has = (name: string): boolean => hasOption(parsed, name);
  const protocols = protocolsOf(parsed);
  const services = yield* serviceNames(process);
  const defaults = has('all') ? ALL_STATES : has('listening') ? ['LISTEN', 'UNCONN'] : protocols.has('tcp') ? USUAL : ['ESTAB'];
  const port = yield* servicePort(process);
  const filter = readFilter(parsed.operands, port, defaults);
  const states = filter.states ?? new Set(defaults);
  const owners = has('processes') || has('extended') ? socketOwners(process.host) : new Map<unknown, SocketOwner[]>();
  const rows: Row[] = [];
  for (const entry of selected(process, parsed, protocols, filter, states)) {
    if (has('kill') && !kill(process, entry)) continue;
    rows.push(yield* rowOf(process, parsed, entry, owners.get(entry.socket) ?? [], has('numeric') ? undefined : services));
  }
  yield* process.write(
    1,
    layOut(rows, {
      header: !has('no-header'),
      protocol: protocols.size > 1 || protocols.has('unix') || protocols.has('packet'),
      state: states.size > 1,
      queues: !has('no-queues'),
      processes: has('processes'),
    }),
  );
}

/** raw, udp, tcp: in the order in which ss asks for them. */
function selected(process: Process, parsed: Parsed, protocols: Set<Protocol>, filter: Filter, states: Set<string>): SocketEntry[] {
  const family = optionValue(parsed, 'family');
  const [four, six] = [hasOption(parsed, 'ipv4') || family === 'inet', hasOption(parsed, 'ipv6') || family === 'inet6'];
  const rank = ({ protocol }: SocketEntry) => ['raw', 'udp', 'tcp'].indexOf(protocol);
  return listSockets(process.namespaces.net)
    .filter((entry) => protocols.has(entry.protocol) && states.has(entry.state))
    .filter((entry) => (!four && !six) || (entry.family === 4 ? four : six))
    .filter((entry) => filter.matches(entry))
    .sort((a, b) => rank(a) - rank(b));
}

function* rowOf(
  process: Process,
  parsed: Parsed,
  entry: SocketEntry,
  owners: readonly SocketOwner[],
  services: ServiceNames | undefined,
): Blocking<Row> {
  const resolve = hasOption(parsed, 'resolve');
  return {
    protocol: entry.protocol,
    state: entry.state,
    received: entry.received,
    sent: entry.sent,
    local: yield* endpoint(process, entry, entry.local, entry.localPort, resolve, services),
    peer: yield* endpoint(process, entry, entry.remote, entry.remotePort, resolve, services),
    users: hasOption(parsed, 'processes') ? users(owners) : '',
    details: detailsOf(parsed, entry, owners),
  };
}

/** Behind the addresses: the timer and the number on the same line, memory and the protocol's state on the next, unless -O. */
function detailsOf(parsed: Parsed, entry: SocketEntry, owners: readonly SocketOwner[]): string {
  const has = (name: string): boolean => hasOption(parsed, name);
  const first = `${has('options') ? timerText(entry) : ''}${has('extended') ? extended(entry, owners) : ''}`;
  if (!has('memory') && !has('info')) return first;
  const second = `${has('memory') ? memoryText(entry) : ''}${has('info') ? tcpText(entry, has('extended')) : ''}`;
  return `${first}${has('oneline') || second === '' ? '' : '\n\t'}${second}`;
}

/** `10.0.0.1:80`, `[::1]:80`, `*:80` for the dual-stack wildcard; a missing port is `*`. */
function* endpoint(
  process: Process,
  { family, v6Only, protocol }: SocketEntry,
  address: IP | undefined,
  number: number,
  resolve: boolean,
  services: ServiceNames | undefined,
): Blocking<Endpoint> {
  const port =
    number === 0 ? '*' : protocol === 'raw' ? rawName(number, services !== undefined) : (services?.(number, protocol) ?? String(number));
  if (address === undefined) return { address: family === 4 ? '0.0.0.0' : v6Only ? '[::]' : '*', port };
  const name = resolve ? yield* nameOfAddress(process, address) : undefined;
  if (name !== undefined) return { address: name, port };
  if (typeof address === 'bigint') return { address: `[${formatIP(address)}]`, port };
  return { address: family === 6 ? `[::ffff:${formatIP(address)}]` : formatIP(address), port };
}

const RAW_NAMES: Record<number, string> = { 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp', 89: 'ospf', 255: 'raw' };

function rawName(protocol: number, named: boolean): string {
  return (named ? RAW_NAMES[protocol] : undefined) ?? String(protocol);
}

function users(owners: readonly SocketOwner[]): string {
  if (owners.length === 0) return '';
  return ` users:(${owners.map(({ process, fd }) => `("${process.name}",pid=${process.nspid},fd=${fd})`).join(',')})`;
}

function extended({ family, local, v6Only }: SocketEntry, owners: readonly SocketOwner[]): string {
  const inode = owners[0]?.inode ?? 0;
  const wildcard = family === 6 && local === undefined ? ` v6only:${v6Only ? 1 : 0}` : '';
  return ` ino:${inode} sk:${inode.toString(16)} cgroup:/${wildcard} <->`;
}

function timerText({ timer }: SocketEntry): string {
  return timer ? ` timer:(${timer.kind},${duration(Math.max(0, Math.trunc(timer.left / MILLISECOND)))},${timer.count})` : '';
}

/** `1min`, `59sec`, `5.200ms`, `200ms` (print_ms_timer). */
function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = minutes > 9 ? 0 : Math.floor(milliseconds / 1000) % 60;
  const rest = minutes > 0 || seconds > 9 ? 0 : milliseconds % 1000;
  const parts = [minutes > 0 ? `${minutes}min` : '', seconds > 0 ? `${seconds}${rest > 0 ? '.' : 'sec'}` : ''];
  return `${parts.join('')}${rest > 0 ? `${String(rest).padStart(3, '0')}ms` : ''}`;
}
