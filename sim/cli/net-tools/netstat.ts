import { formatIP, type IP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { type SocketOwner, socketOwners } from '../../host/inet-socket.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { KERNEL_STATES, listSockets, type SocketEntry } from '../../host/socket-list.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { nameOfAddress } from '../name-resolution.ts';
import { serviceNames } from '../service-names.ts';
import { Ending, err, untilEnding } from './ending.ts';
import { groups } from './groups.ts';
import { interfaces, isUp, longText, SHORT_HEADER, shortLine } from './interface.ts';
import { type NetstatSettings, readNetstat } from './netstat-options.ts';
import { statistics } from './statistics.ts';
import { routeTable } from './routes.ts';
import { routeTable6 } from './routes6.ts';
import { titleEnd, unixSockets } from './unix-sockets.ts';

/** netstat(8) of net-tools. */
export const netstat: Command = {
  name: 'netstat',
  paths: ['/usr/bin/netstat'],
  run: (process) => untilEnding(process, runNetstat(process)),
};

function* runNetstat(process: Process): Blocking<number> {
  const settings = readNetstat(process.argv.slice(1));
  for (;;) {
    const status = yield* show(process, settings);
    if (!settings.continuous) return status;
    if ((yield* process.sleep(SECOND)) === 'signal') return status;
  }
}

function* show(process: Process, settings: NetstatSettings): Blocking<number> {
  const netlink = openRtNetlink(process.namespaces.net);
  switch (settings.view) {
    case 'routes':
      yield* showRoutes(process, netlink, settings);
      return 0;
    case 'interfaces': {
      const shown = interfaces(netlink).filter((one) => settings.all || isUp(one));
      const text = shown.map((one) => (settings.extended > 0 ? longText(netlink, one) : shortLine(one))).join('');
      yield* process.write(1, `Kernel Interface table\n${settings.extended > 0 ? '' : `Iface             ${SHORT_HEADER}`}${text}`);
      return 0;
    }
    case 'masquerade':
      throw new Ending(1, err("netstat: no support for `ip_masquerade' on this system.\n"));
    case 'groups':
      yield* process.write(1, yield* groups(process, netlink, settings));
      return 0;
    case 'statistics': {
      const files = ['/proc/net/snmp', '/proc/net/netstat'];
      let text = '';
      for (const path of files) {
        const file = yield* process.readFile(path);
        if (typeof file === 'string') throw new Ending(1, err(`cannot open ${path}: ${strerror(file)}\n`));
        text += decode(file);
      }
      yield* process.write(1, statistics(text, settings));
      return 0;
    }
    default:
      return yield* showSockets(process, settings);
  }
}

/** The tables of the families that were asked for, IPv4's without a word. */
function* showRoutes(process: Process, netlink: RtNetlink, settings: NetstatSettings): Blocking<void> {
  const { families, cache, extended, numericHosts } = settings;
  if (families.has(4) || families.size === 0) {
    const columns = extended === 0 ? 'window' : extended === 1 ? 'metric' : 'both';
    const text = cache ? CACHE_HEAD : yield* routeTable(process, netlink, columns, numericHosts);
    yield* process.write(1, text);
  }
  if (families.has(6)) yield* process.write(1, yield* routeTable6(process, numericHosts, cache));
}

const CACHE_HEAD = 'Kernel IP routing cache\nSource          Destination     Gateway         Flags   MSS Window  irtt Iface\n';

// ---- sockets ----------------------------------------------------------------------------------------------------------

function* showSockets(process: Process, settings: NetstatSettings): Blocking<number> {
  const { protocols, anyProtocol } = settings;
  const internet = anyProtocol || protocols.has('tcp') || protocols.has('udp') || protocols.has('raw');
  if (internet) {
    let text = `Active Internet connections ${titleEnd(settings)}\n`;
    text += `Proto Recv-Q Send-Q Local Address           Foreign Address         State      ${extraHead(settings)}\n`;
    const owners = settings.programs || settings.extended > 0 ? socketOwners(process.host) : new Map<unknown, SocketOwner[]>();
    const services = settings.numericPorts ? undefined : yield* serviceNames(process);
    for (const entry of inOrder(listSockets(process.namespaces.net)))
      if (wanted(entry, settings)) text += yield* line(process, settings, entry, owners.get(entry.socket)?.[0], services);
    yield* process.write(1, text);
  }
  if (protocols.has('unix') || (anyProtocol && settings.families.size === 0)) yield* process.write(1, unixSockets(process, settings));
  return 0;
}

/** The files of /proc/net are read one after the other: tcp, tcp6, udp, udp6, raw, raw6. */
function inOrder(entries: SocketEntry[]): SocketEntry[] {
  const rank = ({ protocol, family }: SocketEntry) => ['tcp', 'udp', 'raw'].indexOf(protocol) * 2 + (family === 6 ? 1 : 0);
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

function wanted({ protocol, family, state }: SocketEntry, settings: NetstatSettings): boolean {
  if (!settings.anyProtocol && !settings.protocols.has(protocol)) return false;
  if (settings.families.size > 0 && !settings.families.has(family)) return false;
  if (settings.all) return true;
  return (state === 'LISTEN' || state === 'UNCONN') === settings.listening;
}

function extraHead({ extended, programs, timers }: NetstatSettings): string {
  return `${extended > 0 ? ' User       Inode     ' : ''}${programs ? ' PID/Program name    ' : ''}${timers ? ' Timer' : ''}`;
}

function* line(
  process: Process,
  settings: NetstatSettings,
  entry: SocketEntry,
  owner: SocketOwner | undefined,
  services: ((port: number, protocol: string) => string | undefined) | undefined,
): Blocking<string> {
  const { protocol, family, state, received, sent } = entry;
  const name = `${protocol}${family === 6 ? '6' : ''}`;
  const queued = state === 'LISTEN' ? 0 : sent;
  const local = yield* endpoint(process, settings, entry, entry.local, entry.localPort, services);
  const remote = yield* endpoint(process, settings, entry, entry.remote, entry.remotePort, services);
  const shown = protocol === 'udp' && state === 'UNCONN' ? '' : protocol === 'raw' ? (state === 'ESTAB' ? '1' : '7') : KERNEL_STATES[state];
  const head = `${name.padEnd(4)}  ${String(received).padStart(6)} ${String(queued).padStart(6)} ${local.padEnd(23)} ${remote.padEnd(23)}`;
  return `${head} ${(shown ?? '').padEnd(11)}${extra(settings, entry, owner)}\n`;
}

function extra(settings: NetstatSettings, { timer }: SocketEntry, owner: SocketOwner | undefined): string {
  let text = '';
  if (settings.extended > 0) text += ` ${(settings.numericUsers ? '0' : 'root').padEnd(10)} ${String(owner?.inode ?? 0).padEnd(10)}`;
  if (settings.programs) text += ` ${(owner ? `${owner.process.nspid}/${owner.process.name}`.slice(0, 19) : '-').padEnd(20)}`;
  if (settings.timers) {
    const kind = timer?.kind === 'persist' ? 'probe' : (timer?.kind ?? 'off');
    text += ` ${kind} (${((timer?.left ?? 0) / SECOND).toFixed(2)}/${timer?.kind === 'on' ? timer.count : 0}/${timer?.kind === 'on' ? 0 : (timer?.count ?? 0)})`;
  }
  return text;
}

/** `127.0.0.1:80`, cut to its column unless --wide. */
function* endpoint(
  process: Process,
  { numericHosts, wide }: NetstatSettings,
  { family, protocol }: SocketEntry,
  address: IP | undefined,
  port: number,
  services: ((port: number, protocol: string) => string | undefined) | undefined,
): Blocking<string> {
  const mapped = family === 6 && typeof address === 'number';
  const plain = address === undefined ? (family === 6 ? '::' : '0.0.0.0') : mapped ? formatIP(address) : formatIP(address);
  const any = address === undefined && !numericHosts;
  const known = numericHosts || address === undefined ? undefined : yield* nameOfAddress(process, address);
  const host = any ? (family === 6 ? '[::]' : '0.0.0.0') : (known ?? plain);
  const service = port === 0 ? '*' : (services?.(port, protocol) ?? String(port));
  const room = 22 - service.length;
  return `${wide || host.length <= room ? host : host.slice(0, room)}:${service}`;
}
