import { formatIP, type IP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { MILLISECOND } from '../../base/time.ts';
import { type SocketOwner, socketOwners } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { BOUND_INACTIVE, listBoundInactive, listSockets, type SocketEntry } from '../../host/socket-list.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, optionValue, type Parsed } from '../getopt.ts';
import { nameOfAddress } from '../name-resolution.ts';
import { type ServiceNames, servicePort, serviceNames } from '../service-names.ts';
import { namespaceIn } from './netns-names.ts';
import { FilterError, readFilter, readStates, type Subject } from './ss-filter.ts';
import { kill, memoryText, socketOptionsText, tcpText, tosText } from './ss-info.ts';
import { localRow, localSockets } from './ss-local.ts';
import { OPTIONS } from './ss-options.ts';
import { ALL_STATES, SHOWN_STATES } from './ss-states.ts';
import { summary } from './ss-summary.ts';
import { terminalOf } from '../../host/tty.ts';
import { type Endpoint, layOut, type Row } from './ss-table.ts';
import { type Family, isFamily, Selection, type Table } from './ss-tables.ts';
import { SS_USAGE } from './usage/ss.ts';

/** ss(8) of iproute2, for TCP, UDP, raw, Unix and packet sockets; of other kinds there are none here. */
export const ss: Command = { name: 'ss', paths: ['/usr/bin/ss', '/usr/sbin/ss'], run: runSs };

function* runSs(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('ss', `option '${parsed.unmodelled}'`) : `ss: ${parsed.error}\n${SS_USAGE}`);
    return 255;
  }
  try {
    yield* show(process, parsed);
    return 0;
  } catch (error) {
    if (error instanceof Done) {
      yield* process.write(1, error.text);
      return 0;
    }
    if (!(error instanceof FilterError)) throw error;
    yield* process.write(2, `${error.text}${error.usage ? SS_USAGE : ''}`);
    return error.status;
  }
}

/** Ends the program early, having said something. */
class Done extends Error {
  readonly text: string;
  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

const TABLE_FLAGS: Readonly<Record<string, Table>> = { tcp: 'tcp', udp: 'udp', raw: 'raw', dccp: 'dccp', sctp: 'sctp', mptcp: 'mptcp' };
const FAMILY_FLAGS: Readonly<Record<string, Family>> = {
  unix: 'unix',
  vsock: 'vsock',
  tipc: 'tipc',
  xdp: 'xdp',
  packet: 'link',
  ipv4: 'inet',
  ipv6: 'inet6',
};

interface Request {
  selection: Selection;
  /** The states that options name; tables have their own otherwise. */
  states: Set<string> | undefined;
  net: NetNamespace;
}

/** Options in their order, as far as they say which sockets are meant. */
function readRequest(process: Process, parsed: Parsed): Request {
  const request: Request = { selection: new Selection(), states: undefined, net: process.namespaces.net };
  const { selection } = request;
  let queried = false;
  for (const { name, value } of parsed.options) {
    const [table, family] = [TABLE_FLAGS[name], FAMILY_FLAGS[name]];
    if (table) selection.addTable(table);
    else if (family) selection.addFamily(family);
    else if (name === 'all') request.states = new Set(ALL_STATES);
    else if (name === 'listening') request.states = new Set(['LISTEN', 'UNCONN']);
    else if (name === 'bound-inactive') request.states = new Set([BOUND_INACTIVE]);
    else if (name === 'help') throw new Done(SS_USAGE);
    else if (name === 'version') throw new Done('ss utility, iproute2-7.2.0\n');
    else if (name === 'context' || name === 'contexts') throw new FilterError('ss: SELinux is not enabled.\n', { status: 1 });
    else if (name === 'family') {
      if (value === 'help') throw new Done(SS_USAGE);
      if (!isFamily(value)) throw new FilterError(`ss: "${value}" is invalid family\n`, { usage: true });
      selection.addFamily(value);
    } else if (name === 'query') {
      if (!queried) selection.tables.clear();
      queried = true;
      request.states ??= new Set(SHOWN_STATES);
      for (const word of value.split(','))
        if (!selection.query(word)) throw new FilterError(`ss: "${word}" is illegal socket table id\n`, { usage: true });
    } else if (name === 'bpf-map-id') {
      // Nobody has loaded a map.
      const id = Number(value);
      const problem = Number.isInteger(id) && id > 0 ? 'cannot get fd for' : 'invalid';
      throw new FilterError(`ss: ${problem} BPF map ID ${value}\n`, { status: 1 });
    } else if (name === 'net') {
      const net = namespaceByName(process, value);
      if (!net) throw new FilterError(`Cannot open network namespace "${value}": No such file or directory\n`, { status: 1 });
      request.net = net;
    }
  }
  return request;
}

function namespaceByName(process: Process, name: string): NetNamespace | undefined {
  const found = process.namespaces.mnt.resolve(process, name.includes('/') ? name : `/run/netns/${name}`);
  return typeof found === 'string' ? undefined : namespaceIn(found.inode);
}

function* show(process: Process, parsed: Parsed): Blocking<void> {
  const has = (name: string): boolean => hasOption(parsed, name);
  const { selection, states: given, net } = readRequest(process, parsed);
  if (has('summary')) {
    yield* process.write(1, summary(net));
    if (selection.everything && parsed.operands.length === 0) return;
  }
  const { states: named, rest } = readStates(parsed.operands, given);
  if (selection.everything) selection.queryAll();
  selection.chooseStates(named);
  selection.complete();
  const names = {
    port: yield* servicePort(process),
    device: (name: string) => net.deviceByName(name)?.ifindex,
    family: selection.family,
    narrow: (family: Family) => selection.narrow(family),
  };
  const matches = readFilter([...rest, ...(yield* filterFile(process, parsed))], names);
  const services = has('numeric') ? undefined : yield* serviceNames(process);
  const owners = socketOwners(process.host);
  const rows: Row[] = [];
  const { tables, families, states } = selection;
  const details = { extended: has('extended'), memory: has('memory'), oneline: has('oneline') };
  const who = (socket: unknown) => (has('processes') ? users(owners.get(socket) ?? [], has('threads')) : '');
  for (const local of localSockets(net)) {
    if (!tables.has(local.table) || !states.has(local.state) || !families.has(local.socket.family === 'unix' ? 'unix' : 'link')) continue;
    if (matches(local.subject) && !has('kill')) rows.push(localRow(local, owners, who(local.socket), details));
  }
  for (const entry of selected(net, selection)) {
    if (!matches(subjectOf(net, entry))) continue;
    if (has('kill') && !kill(process, entry)) continue;
    rows.push(yield* rowOf(process, parsed, entry, owners.get(entry.socket) ?? [], services));
  }
  const head = { header: !has('no-header'), protocol: tables.size > 1, state: states.size > 1, queues: !has('no-queues') };
  yield* process.write(1, layOut(rows, { ...head, processes: has('processes') }, terminalOf(process.fds.get(1))?.columns));
}

/** -F: the filter's words in a file, lines that begin with # left out. */
function* filterFile(process: Process, parsed: Parsed): Blocking<string[]> {
  const path = optionValue(parsed, 'filter');
  if (path === undefined) return [];
  const bytes = yield* process.readFile(path.startsWith('-') ? '/dev/stdin' : path);
  if (typeof bytes === 'string') throw new FilterError(`fopen filter file: ${strerror(bytes)}\n`);
  return decode(bytes)
    .split('\n')
    .filter((line) => !line.startsWith('#') && !line.startsWith('0'));
}

/** raw, udp, tcp: in the order in which ss asks for them. */
function selected(net: NetNamespace, { tables, families, states }: Selection): SocketEntry[] {
  const rank = ({ protocol }: SocketEntry) => ['raw', 'udp', 'tcp'].indexOf(protocol);
  const all = states.has(BOUND_INACTIVE) ? listBoundInactive(net) : listSockets(net).filter(({ state }) => states.has(state));
  return all
    .filter(({ protocol, family }) => tables.has(protocol) && families.has(family === 4 ? 'inet' : 'inet6'))
    .sort((a, b) => rank(a) - rank(b));
}

function subjectOf(net: NetNamespace, { family, local, localPort, remote, remotePort, socket }: SocketEntry): Subject {
  const [low = 32_768, high = 60_999] = net.ipv4.portRange;
  const { boundDevice: device = 0, mark = 0 } = socket?.options ?? {};
  return { family, local, localPort, remote, remotePort, device, mark, autobound: localPort >= low && localPort <= high };
}

function* rowOf(
  process: Process,
  parsed: Parsed,
  entry: SocketEntry,
  owners: readonly SocketOwner[],
  services: ServiceNames | undefined,
): Blocking<Row> {
  const resolve = hasOption(parsed, 'resolve');
  const mapped = entry.v6Only || typeof entry.local === 'bigint';
  return {
    protocol: entry.protocol,
    state: entry.state,
    received: entry.received,
    sent: entry.sent,
    local: yield* endpoint(process, { ...entry, v6Only: mapped }, entry.local, entry.localPort, resolve, services),
    peer: yield* endpoint(process, { ...entry, v6Only: mapped }, entry.remote, entry.remotePort, resolve, services),
    users: hasOption(parsed, 'processes') ? users(owners, hasOption(parsed, 'threads')) : '',
    details: detailsOf(parsed, entry, owners),
  };
}

/** Behind the addresses: the timer and the number on the same line, memory and the protocol's state on the next, unless -O. */
function detailsOf(parsed: Parsed, entry: SocketEntry, owners: readonly SocketOwner[]): string {
  const has = (name: string): boolean => hasOption(parsed, name);
  const timed = has('options') || has('extended') || has('bpf');
  const group = has('cgroup') && !has('extended') ? ' cgroup:/' : '';
  const first = `${timed ? timerText(entry) : ''}${has('extended') ? extended(entry, owners) : ''}${has('tos') ? tosText(entry) : ''}${group}`;
  const options = has('inet-sockopt') ? socketOptionsText(entry) : '';
  const shown = has('oneline') || options === '' ? `${first}${options}` : `${first}\n\t${options.trimStart()}`;
  if (!has('memory') && !has('info')) return shown;
  const second = `${has('memory') ? memoryText(entry) : ''}${has('info') ? tcpText(entry, has('extended')) : ''}`;
  return `${shown}${has('oneline') || second === '' ? '' : '\n\t'}${second}`;
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

function users(owners: readonly SocketOwner[], threads: boolean): string {
  if (owners.length === 0) return '';
  return ` users:(${owners.map(({ process, fd }) => `("${process.name}",pid=${process.nspid},${threads ? `tid=${process.nspid},` : ''}fd=${fd})`).join(',')})`;
}

function extended({ family, local, v6Only, state, socket }: SocketEntry, owners: readonly SocketOwner[]): string {
  const inode = owners[0]?.inode ?? 0;
  const idle = local === undefined || state === 'LISTEN' || state === 'UNCONN';
  const wildcard = family === 6 && socket && idle ? ` v6only:${v6Only ? 1 : 0}` : '';
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
