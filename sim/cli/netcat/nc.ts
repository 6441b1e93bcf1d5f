import { formatIP, type IP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import { listenOn, openDatagramSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, type Parsed, optionValue } from '../getopt.ts';
import { nameOfAddress, resolutionErrorText, resolveName } from '../name-resolution.ts';
import { relay, type RelayOptions, seconds } from './relay.ts';
import { SERVICES } from './services.ts';
import { HELP, USAGE } from './usage.ts';

/** OpenBSD netcat as Debian has it. */
export const nc: Command = { name: 'nc', paths: ['/usr/bin/nc', '/usr/bin/nc.openbsd', '/usr/bin/netcat'], run: runNc };

const FLAGS = '46CdhklNnruvz';
const VALUED = 'pqswWi';
const UNMODELLED = ['b', 'D', 'F', 'I', 'M', 'm', 'O', 'P', 'S', 'T', 't', 'U', 'V', 'X', 'x', 'Z'];
const OPTIONS: readonly OptionSpec[] = [
  ...[...FLAGS].map((short) => ({ name: short, short })),
  ...[...VALUED].map((short) => ({ name: short, short, argument: 'required' as const })),
  ...UNMODELLED.map((short) => ({ name: short, short, unmodelled: true })),
];

/** Ends the program with a message. */
class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

interface Settings extends RelayOptions {
  parsed: Parsed;
  udp: boolean;
  verbose: boolean;
  numeric: boolean;
  family: 0 | 4 | 6;
  timeout: Micros | undefined;
}

function* runNc(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(
      2,
      parsed.unmodelled
        ? notModelled('nc', `option '${parsed.unmodelled}'`)
        : `nc: ${parsed.error.startsWith('unrecognized') ? "invalid option -- '-'" : parsed.error}\n${USAGE}`,
    );
    return 1;
  }
  if (hasOption(parsed, 'h')) {
    yield* process.write(2, HELP);
    return 0;
  }
  const result = yield* run(process, parsed);
  if (!(result instanceof Failure)) return result;
  yield* process.write(2, result.text);
  return 1;
}

function* run(process: Process, parsed: Parsed): Blocking<number | Failure> {
  const has = (name: string): boolean => hasOption(parsed, name);
  const wait = optionValue(parsed, 'w');
  const timeout = wait === undefined ? undefined : seconds(wait);
  if (wait !== undefined && timeout === undefined) return new Failure(`nc: timeout invalid: ${wait}\n`);
  const quit = optionValue(parsed, 'q');
  const limit = optionValue(parsed, 'W');
  const settings: Settings = {
    parsed,
    udp: has('u'),
    verbose: has('v'),
    numeric: has('n'),
    family: has('4') ? 4 : has('6') ? 6 : 0,
    timeout,
    detached: has('d'),
    shutdown: has('N') || (quit !== undefined && !quit.startsWith('-')),
    quit: quit === undefined || quit.startsWith('-') ? undefined : seconds(quit),
    idle: timeout,
    crlf: has('C'),
    limit: limit === undefined ? undefined : Number(limit),
  };
  if (has('l') && has('z')) return new Failure('nc: cannot use -z and -l\n');
  if (has('k') && !has('l')) return new Failure('nc: must use -l with -k\n');
  const { operands } = parsed;
  if (has('l')) {
    const given = optionValue(parsed, 'p');
    const [host, port] =
      given !== undefined ? [operands[0], given] : operands.length > 1 ? [operands[0], operands[1]] : [undefined, operands[0]];
    if (given !== undefined && operands.length > 1) return new Failure(USAGE);
    if (port === undefined) return new Failure('nc: missing port number\n');
    return yield* serve(process, settings, host, port);
  }
  if (operands.length === 0 || operands.length > 2) return new Failure(USAGE);
  if (operands.length === 1) return new Failure('nc: missing port number\n');
  return yield* call(process, settings, operands[0] as string, operands[1] as string);
}

/** `80`, `http`, or `1-10` as a list. */
function portList(text: string, udp: boolean): number[] | Failure {
  const range = /^(\d+)-(\d+)$/.exec(text);
  const [from, to] = range ? [Number(range[1]), Number(range[2])] : [Number.NaN, Number.NaN];
  if (range) {
    const [low, high] = from < to ? [from, to] : [to, from];
    if (high > 65_535) return new Failure(`nc: port number too large: ${high}\n`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  }
  const known = SERVICES.find((service) => service.name === text && service.protocols.includes(udp ? 'udp' : 'tcp'));
  if (known) return [known.port];
  if (!/^\d+$/.test(text)) return new Failure(`nc: port number invalid: ${text}\n`);
  if (Number(text) > 65_535) return new Failure(`nc: port number too large: ${text}\n`);
  if (Number(text) === 0) return new Failure(`nc: port number too small: ${text}\n`);
  return [Number(text)];
}

function* addressesOf(process: Process, settings: Settings, host: string, port: string): Blocking<IP[] | Failure> {
  const resolved = yield* resolveName(process, host, settings.family);
  const failed = (why: string) => new Failure(`nc: getaddrinfo for host "${host}" port ${port}: ${why}\n`);
  if (typeof resolved === 'string') return failed(resolutionErrorText(resolved));
  const addresses = resolved.addresses.filter(
    (address) => settings.family === 0 || (typeof address === 'bigint') === (settings.family === 6),
  );
  return addresses.length > 0 ? addresses : failed(resolutionErrorText('EAI_ADDRFAMILY'));
}

function* serve(process: Process, settings: Settings, host: string | undefined, portText: string): Blocking<number | Failure> {
  const ports = portList(portText, settings.udp);
  if (ports instanceof Failure) return ports;
  const found = host === undefined ? [settings.family === 6 ? 0n : 0] : yield* addressesOf(process, settings, host, portText);
  if (found instanceof Failure) return found;
  const [address, port] = [found[0] as IP, ports[0] as number];
  if (settings.udp) return yield* serveDatagrams(process, settings, address, port);
  const listener = listenOn(process, address, port, 1);
  if (typeof listener === 'string') return new Failure(`nc: ${strerror(listener)}\n`);
  const listening = process.install(listener);
  if (settings.verbose) yield* process.write(2, `Listening on ${formatIP(address)} ${port}\n`);
  for (;;) {
    const socket = yield* listener.accept(process);
    if (socket === 'EINTR') continue;
    if (typeof socket === 'string') return new Failure(`nc: accept: ${strerror(socket)}\n`);
    const fd = process.install(socket);
    if (settings.verbose)
      yield* process.write(
        2,
        `Connection received on ${yield* peerName(process, settings, socket.peer?.address ?? 0)} ${socket.peer?.port}\n`,
      );
    if (!hasOption(settings.parsed, 'k')) process.close(listening);
    yield* relay(process, fd, socket, settings);
    process.close(fd);
    if (!hasOption(settings.parsed, 'k')) return 0;
  }
}

/** -n leaves addresses as they are. */
function* peerName(process: Process, { numeric }: Settings, address: IP): Blocking<string> {
  return (numeric ? undefined : yield* nameOfAddress(process, address)) ?? formatIP(address);
}

/** The first datagram's sender becomes the peer, unless -k is given. */
function* serveDatagrams(process: Process, settings: Settings, address: IP, port: number): Blocking<number | Failure> {
  const socket = openDatagramSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  socket.options.reuseAddress = true;
  const failed = socket.bind(address, port);
  if (failed) return new Failure(`nc: ${strerror(failed)}\n`);
  if (settings.verbose) yield* process.write(2, `Bound on ${formatIP(address)} ${port}\n`);
  if (!hasOption(settings.parsed, 'k')) {
    for (;;) {
      const datagram = socket.receive();
      if (datagram === 'EAGAIN') {
        yield { on: [socket.readable] };
        continue;
      }
      if (typeof datagram === 'string') return new Failure(`nc: recvfrom: ${strerror(datagram)}\n`);
      socket.connect(datagram.source, datagram.sourcePort);
      if (settings.verbose)
        yield* process.write(2, `Connection received on ${yield* peerName(process, settings, datagram.source)} ${datagram.sourcePort}\n`);
      yield* process.write(1, datagram.data);
      break;
    }
  }
  yield* relay(process, fd, socket, settings);
  return 0;
}

function* call(process: Process, settings: Settings, host: string, portText: string): Blocking<number | Failure> {
  const ports = portList(portText, settings.udp);
  if (ports instanceof Failure) return ports;
  const found = yield* addressesOf(process, settings, host, portText);
  if (found instanceof Failure) return found;
  let status = 1;
  for (const port of ports) {
    for (const address of found) {
      const outcome = yield* (settings.udp ? callDatagram : callStream)(process, settings, host, address, port);
      if (outcome instanceof Failure) return outcome;
      if (outcome === 'failed') continue;
      status = 0;
      break;
    }
  }
  return status;
}

/** -s and -p. */
function* bindLocal(
  process: Process,
  settings: Settings,
  socket: { bind(address: IP, port: number): Errno | undefined },
  remote: IP,
): Blocking<Failure | undefined> {
  const source = optionValue(settings.parsed, 's');
  const port = optionValue(settings.parsed, 'p');
  if (source === undefined && port === undefined) return undefined;
  let address: IP = typeof remote === 'bigint' ? 0n : 0;
  if (source !== undefined) {
    const resolved = yield* resolveName(process, source);
    if (typeof resolved === 'string') return new Failure(`nc: getaddrinfo: ${resolutionErrorText(resolved)}\n`);
    address = resolved.addresses[0] as IP;
  }
  const failed = socket.bind(address, Number(port ?? 0));
  return failed ? new Failure(`nc: bind failed: ${strerror(failed)}\n`) : undefined;
}

function* callStream(process: Process, settings: Settings, host: string, address: IP, port: number): Blocking<'done' | 'failed' | Failure> {
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const refused = yield* bindLocal(process, settings, socket, address);
  if (refused) return refused;
  const failed = yield* socket.connect(address, port, settings.timeout === undefined ? undefined : process.host.now + settings.timeout);
  if (failed) {
    process.close(fd);
    const why = failed === 'EINPROGRESS' ? 'ETIMEDOUT' : failed;
    const at = host === formatIP(address) ? host : `${host} (${formatIP(address)})`;
    if (settings.verbose)
      yield* process.write(
        2,
        `nc: connect to ${at} port ${port} (tcp) ${why === 'ETIMEDOUT' && failed === 'EINPROGRESS' ? 'timed out: Operation now in progress' : `failed: ${strerror(why)}`}\n`,
      );
    return 'failed';
  }
  // A port that was only tried is worth a word without -v, too.
  const tried = hasOption(settings.parsed, 'z');
  if (settings.verbose || tried) yield* announce(process, settings, host, address, port);
  if (!tried) yield* relay(process, fd, socket, settings);
  process.close(fd);
  return 'done';
}

function* announce(process: Process, settings: Settings, host: string, address: IP, port: number): Blocking<void> {
  const protocol = settings.udp ? 'udp' : 'tcp';
  const service = settings.numeric ? undefined : SERVICES.find((each) => each.port === port && each.protocols.includes(protocol))?.name;
  const at = host === formatIP(address) ? host : `${host} (${formatIP(address)})`;
  yield* process.write(2, `Connection to ${at} ${port} port [${protocol}/${service ?? '*'}] succeeded!\n`);
}

function* callDatagram(
  process: Process,
  settings: Settings,
  host: string,
  address: IP,
  port: number,
): Blocking<'done' | 'failed' | Failure> {
  const socket = openDatagramSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const refused = yield* bindLocal(process, settings, socket, address);
  if (refused) return refused;
  const failed = socket.connect(address, port);
  if (failed) {
    process.close(fd);
    if (settings.verbose) yield* process.write(2, `nc: connect to ${host} port ${port} (udp) failed: ${strerror(failed)}\n`);
    return 'failed';
  }
  if (settings.verbose || hasOption(settings.parsed, 'z')) {
    // A closed port is only known by the error that a datagram meets (udptest).
    for (let i = 0; i < 3; i++) {
      if (typeof socket.write(Uint8Array.of(88)) === 'string') {
        process.close(fd);
        return 'failed';
      }
      yield* process.sleep(1_000_000);
    }
    if (settings.verbose) yield* announce(process, settings, host, address, port);
  }
  if (!hasOption(settings.parsed, 'z')) yield* relay(process, fd, socket, settings);
  process.close(fd);
  return 'done';
}
