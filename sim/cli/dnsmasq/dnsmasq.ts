import { formatIP, type IP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { serveDns } from '../../host/dns/server.ts';
import { type Endpoint, listenOn, openDatagramSocket, type OpenDatagramSocket, type OpenStreamSocket } from '../../host/inet-socket.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { parseResolvConf } from '../../host/resolv-conf.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import { parseHosts } from '../name-resolution.ts';
import { DNSMASQ_VERSION, Resolver } from './answer.ts';
import { Log } from './log.ts';
import { KnownNames } from './names.ts';
import { defaultSettings, type DnsmasqSettings, OPTIONS } from './options.ts';

/** dnsmasq(8), its DNS half: records of one's own, hosts files, rules for domains, forwarding and a cache. */
export const dnsmasq: Command = { name: 'dnsmasq', paths: ['/usr/sbin/dnsmasq'], run: runDnsmasq };

const SPECS: readonly OptionSpec[] = [
  ...OPTIONS.map(({ long, short, argument, apply }) => ({
    name: long,
    long,
    ...(short === undefined ? {} : { short }),
    ...(argument === undefined ? {} : { argument }),
    ...(apply ? {} : { unmodelled: true }),
  })),
  { name: 'conf-file', long: 'conf-file', short: 'C', argument: 'required' },
  { name: 'test', long: 'test' },
  { name: 'version', long: 'version', short: 'v' },
];

const COMPILED =
  'IPv6 GNU-getopt DBus no-UBus i18n IDN2 DHCP DHCPv6 no-Lua TFTP conntrack ipset nftset auth DNSSEC loop-detect inotify dumpfile';

/** Ends dnsmasq with a line of its own and one of its exit codes. */
class Fatal {
  readonly text: string;
  readonly status: number;
  constructor(text: string, status: number) {
    this.text = text;
    this.status = status;
  }
}

function* runDnsmasq(process: Process): Blocking<number> {
  const parsed = getopt(SPECS, process.argv.slice(1));
  if (isFailure(parsed) && parsed.unmodelled) {
    yield* process.write(2, notModelled('dnsmasq', `the option ${parsed.unmodelled}`));
    return 1;
  }
  if (isFailure(parsed)) return yield* die(process, new Fatal('bad command line options: try --help', 1));
  const has = (name: string) => parsed.options.some((option) => option.name === name);
  if (has('version')) {
    yield* process.write(1, `Dnsmasq version ${DNSMASQ_VERSION}\nCompile time options: ${COMPILED}\n`);
    return 0;
  }
  const settings = defaultSettings();
  for (const { name, value } of parsed.options) {
    const failed = name === 'conf-file' ? yield* readConfiguration(process, settings, value) : applied(settings, name, value);
    if (failed instanceof Fatal) return yield* die(process, failed);
    if (failed !== undefined)
      return yield* die(process, new Fatal(`bad command line options: ${failed === '' ? `bad option` : failed}`, 1));
  }
  if (has('test')) {
    yield* process.write(2, 'dnsmasq: syntax check OK.\n');
    return 0;
  }
  const sockets = openSockets(process, settings);
  if (sockets instanceof Fatal) return yield* die(process, sockets);
  if (settings.foreground) return yield* serve(process, settings, sockets);
  const daemon = process.fork(
    function* (self) {
      for (const fd of [0, 1, 2]) self.open('/dev/null', { read: true, write: true }, fd);
      return yield* serve(self, settings, sockets);
    },
    { session: { tty: undefined } },
  );
  if (typeof daemon === 'string') return yield* die(process, new Fatal(`cannot fork into background: ${strerror(daemon)}`, 5));
  yield* writePid(process, settings, daemon.nspid);
  return 0;
}

function* die(process: Process, { text, status }: Fatal): Blocking<number> {
  yield* process.write(2, `\ndnsmasq: ${text}\n`);
  return status;
}

function* writePid(process: Process, { pidFile }: DnsmasqSettings, pid: number): Blocking<void> {
  if (pidFile === undefined) return;
  const fd = process.open(pidFile, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return;
  yield* process.write(fd, `${pid}\n`);
  process.close(fd);
}

/** @returns what is wrong */
function applied(settings: DnsmasqSettings, name: string, value: string): string | undefined {
  return OPTIONS.find(({ long }) => long === name)?.apply?.(settings, value);
}

/** A file of long options without their dashes. */
function* readConfiguration(process: Process, settings: DnsmasqSettings, file: string): Blocking<Fatal | undefined> {
  if (file === '') return undefined;
  const bytes = yield* process.readFile(file);
  if (typeof bytes === 'string') return new Fatal(`cannot read ${file}: ${strerror(bytes)}`, 3);
  for (const [index, line] of decode(bytes).split('\n').entries()) {
    const text = line.replace(/(^|\s)#.*/, '').trim();
    if (text === '') continue;
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).trim();
    const option = OPTIONS.find(({ long }) => long === name);
    const at = `at line ${index + 1} of ${file}`;
    if (option && !option.apply) return new Fatal(notModelled('dnsmasq', `the option ${name}`).replace(/^dnsmasq: |\n$/g, ''), 1);
    if (!option || (option.argument === 'required' && equals < 0)) return new Fatal(`bad option ${at}`, 1);
    const wrong = applied(settings, name, equals < 0 ? '' : text.slice(equals + 1).trim());
    if (wrong !== undefined) return new Fatal(`${wrong === '' ? 'error' : wrong} ${at}`, 1);
  }
  return undefined;
}

interface Sockets {
  datagrams: OpenDatagramSocket[];
  streams: OpenStreamSocket[];
  /** Addresses that are answered at; all without. */
  answered: Set<IP> | undefined;
}

/** The wildcard addresses, unless only some are wanted and -z says so. */
function openSockets(process: Process, settings: DnsmasqSettings): Sockets | Fatal {
  const wanted = wantedAddresses(process, settings);
  const sockets: Sockets = { datagrams: [], streams: [], answered: wanted ? new Set(wanted) : undefined };
  const every = settings.bindInterfaces && !wanted ? allAddresses(process) : wanted;
  const addresses: readonly IP[] = settings.bindInterfaces && every ? every : [0, 0n];
  for (const address of addresses) {
    const failed = bindBoth(process, sockets, address, settings.port);
    if (!failed) continue;
    const what = addresses.length === 2 && address === 0 && !settings.bindInterfaces ? `port ${settings.port}` : formatIP(address);
    return new Fatal(`failed to create listening socket for ${what}: ${strerror(failed)}`, 2);
  }
  return sockets;
}

function bindBoth(process: Process, sockets: Sockets, address: IP, port: number): Errno | undefined {
  const datagrams = openDatagramSocket(process, typeof address === 'bigint' ? 6 : 4);
  datagrams.options.v6Only = true;
  const failed = datagrams.bind(address, port);
  process.install(datagrams);
  if (failed) return failed;
  sockets.datagrams.push(datagrams);
  const streams = listenOn(process, address, port, 32, true);
  if (typeof streams === 'string') return streams;
  process.install(streams);
  sockets.streams.push(streams);
  return undefined;
}

/** What --listen-address and --interface name; loopback belongs to every interface that is named. */
function wantedAddresses(process: Process, { listen, interfaces }: DnsmasqSettings): IP[] | undefined {
  if (listen.length === 0 && interfaces.length === 0) return undefined;
  const named = interfaces.length > 0 ? [...interfaces, 'lo'] : [];
  return [...new Set([...listen, ...addressesOf(process, named)])];
}

function allAddresses(process: Process): IP[] {
  return addressesOf(process, undefined);
}

function addressesOf(process: Process, devices: readonly string[] | undefined): IP[] {
  const netlink = openRtNetlink(process.namespaces.net);
  const indices = devices?.map((name) => netlink.link(name)?.ifindex);
  return netlink
    .addresses()
    .filter(({ ifindex }) => indices === undefined || indices.includes(ifindex))
    .map(({ prefix }) => prefix.address);
}

function* serve(process: Process, settings: DnsmasqSettings, sockets: Sockets): Blocking<number> {
  let stopped = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    if (signal === 'SIGTERM' || settings.debug) {
      process.onSignal(signal, () => {
        stopped = true;
      });
    }
  }
  const log = new Log(process, settings);
  yield* log.line(`started, version ${DNSMASQ_VERSION} cachesize ${settings.cacheSize}`);
  yield* log.line(`compile time options: ${COMPILED}`);
  for (const name of settings.interfaces) {
    if (!openRtNetlink(process.namespaces.net).link(name)) yield* log.line(`warning: interface ${name} does not currently exist`);
  }
  const servers = yield* usualServers(process, settings, log);
  const names = new KnownNames(settings);
  yield* readHostsFiles(process, settings, names, log);
  const resolver = new Resolver(process, settings, names, servers, log);
  const { answered } = sockets;
  const stop = { stop: () => stopped };
  yield* serveDns(
    process,
    sockets,
    function* (request) {
      return answered && !answered.has(request.server) ? undefined : yield* resolver.answer(request);
    },
    stop,
  );
  yield* log.line('exiting on receipt of SIGTERM');
  return 0;
}

/** The servers for questions without a rule of their own: --server without a domain, then /etc/resolv.conf. */
function* usualServers(process: Process, settings: DnsmasqSettings, log: Log): Blocking<Endpoint[]> {
  const servers: Endpoint[] = [];
  const local: string[] = [];
  for (const { domain, action } of settings.rules) {
    if (action.kind === 'server' && domain === '') servers.push(action.server);
    else if (action.kind === 'local') local.push(`using only locally-known addresses for ${domain}`);
  }
  if (settings.resolv) {
    const bytes = yield* process.readFile(settings.resolvFile);
    yield* log.line(
      typeof bytes === 'string' ? `failed to access ${settings.resolvFile}: ${strerror(bytes)}` : `reading ${settings.resolvFile}`,
    );
    const found = typeof bytes === 'string' ? [] : parseResolvConf(decode(bytes)).servers;
    for (const address of found) servers.push({ address, port: 53 });
  }
  if (servers.length === 0 && !settings.rules.some(({ action }) => action.kind === 'server'))
    yield* log.line('warning: no upstream servers configured');
  for (const { address, port } of servers) yield* log.line(`using nameserver ${formatIP(address)}#${port}`);
  for (const { domain, action } of settings.rules) {
    if (action.kind !== 'server' || domain === '') continue;
    yield* log.line(`using nameserver ${formatIP(action.server.address)}#${action.server.port} for domain ${domain} `);
  }
  for (const line of local) yield* log.line(line);
  return servers;
}

function* readHostsFiles(process: Process, settings: DnsmasqSettings, names: KnownNames, log: Log): Blocking<void> {
  const files = [...(settings.hosts ? ['/etc/hosts'] : []), ...settings.extraHosts];
  if (files.length === 0) yield* log.line('cleared cache');
  for (const file of files) {
    const bytes = yield* process.readFile(file);
    if (typeof bytes === 'string') {
      yield* log.line(`failed to load names from ${file}: ${strerror(bytes)}`);
      continue;
    }
    yield* log.line(`read ${file} - ${names.addHosts(parseHosts(decode(bytes)), file)} names`);
  }
}
