import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import { openDatagramSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { SocketError } from '../../kernel/socket/socket.ts';
import { FIDELITY } from '../command.ts';
import { nameOfAddress, resolveName } from '../name-resolution.ts';
import { annotation } from '../traceroute/annotation.ts';
import { appletProgram, Die, inRange, letters, options, ShowUsage } from './failure.ts';

/** busybox's traceroute (networking/traceroute.c): UDP to rising ports, one probe at a time. */
export const traceroute = appletProgram('traceroute', (process, args) => runTraceroute(process, args, 'FIlnrdvxt:i:m:p:q:s:w:z:f:46', 0));
export const traceroute6 = appletProgram('traceroute6', (process, args) => runTraceroute(process, args, 'Inrdvt:i:m:p:q:s:w:z:f:', 6));

interface Plan {
  destination: IP;
  numeric: boolean;
  first: number;
  last: number;
  probes: number;
  port: number;
  /** Seconds. */
  wait: number;
  /** Milliseconds before each probe. */
  pause: number;
  tos: number;
  source: IP | undefined;
  device: number;
  length: number;
  whole: boolean;
}

function* runTraceroute(process: Process, args: readonly string[], specs: string, only: 0 | 6): Blocking<number> {
  const { options: given, operands } = options(letters(specs), args);
  const value = (name: string) => given.findLast((option) => option.name === name)?.value;
  const has = (name: string) => value(name) !== undefined;
  const [host, bytes] = operands;
  if (host === undefined || operands.length > 2) throw new ShowUsage();
  // -I is taken by all builds, and asks by ICMP only in those that can: Debian's can't.
  for (const name of ['l', 'r', 'd', 'v', 'x']) if (has(name)) throw new Die(`option '-${name}' is not modelled (${FIDELITY})`);
  const number = (name: string, usual: number, least: number, most: number) => inRange(value(name) ?? String(usual), least, most);
  const family = only || (has('4') ? 4 : has('6') ? 6 : 0);
  const resolved = yield* resolveName(process, host, family);
  if (typeof resolved === 'string') throw new Die(`bad address '${host}'`);
  const destination = resolved.addresses[0] as IP;
  const least = typeof destination === 'bigint' ? 72 : 46;
  const device = has('i') ? process.namespaces.net.deviceByName(value('i') as string)?.ifindex : 0;
  if (device === undefined) throw new Die(`can't bind to interface ${value('i')}: ${strerror('ENODEV')}`);
  const source = has('s') ? parseIP(value('s') as string) : undefined;
  if (has('s') && source === undefined) throw new Die(`bad address '${value('s')}'`);
  const last = number('m', 30, 1, 255);
  const plan: Plan = {
    destination,
    numeric: has('n'),
    first: number('f', 1, 1, last),
    last,
    probes: number('q', 3, 1, 0x7fff_ffff),
    port: number('p', 33_434, 1, 65_535),
    wait: number('w', 3, 1, 86_400),
    pause: number('z', 0, 0, 86_400),
    tos: number('t', 0, 0, 255),
    source,
    device,
    length: Math.max(least, bytes === undefined ? least : inRange(bytes, least, 32_768)),
    whole: has('F'),
  };
  return yield* trace(process, plan, host);
}

function* trace(process: Process, plan: Plan, host: string): Blocking<number> {
  const { destination } = plan;
  const probe = openDatagramSocket(process, typeof destination === 'bigint' ? 6 : 4);
  probe.hold();
  const unreachable = probe.connect(destination, plan.port);
  probe.release();
  if (unreachable) throw new Die(`can't connect to remote host (${formatIP(destination)}): ${strerror(unreachable)}`);
  const from = plan.source === undefined ? '' : ` from ${formatIP(plan.source)}`;
  yield* process.write(1, `traceroute to ${host} (${formatIP(destination)})${from}, ${plan.last} hops max, ${plan.length} byte packets\n`);
  let sequence = 0;
  for (let ttl = plan.first; ttl <= plan.last; ttl++) {
    yield* process.write(1, String(ttl).padStart(2));
    let last: IP | undefined;
    let arrived = false;
    let failures = 0;
    for (let n = 0; n < plan.probes; n++) {
      if (n > 0 && plan.pause > 0) yield* process.sleep(plan.pause * MILLISECOND);
      const answer = yield* ask(process, plan, ttl, ++sequence);
      if (answer === undefined) {
        yield* process.write(1, '  *');
        continue;
      }
      const shown = answer.from === last ? '' : yield* hopName(process, plan, answer.from);
      last = answer.from;
      const note = answer.note === undefined || answer.note === '' ? '' : ` ${answer.note}`;
      yield* process.write(1, `${shown}  ${(answer.took / 1000).toFixed(3)} ms${note}`);
      arrived ||= answer.from === destination;
      if (note !== '') failures++;
    }
    yield* process.write(1, '\n');
    if (arrived || (failures > 0 && failures >= plan.probes - 1)) break;
  }
  return 0;
}

function* hopName(process: Process, { numeric }: Plan, address: IP): Blocking<string> {
  const text = formatIP(address);
  return numeric ? `  ${text}` : `  ${(yield* nameOfAddress(process, address)) ?? text} (${text})`;
}

interface Answer {
  from: IP;
  took: number;
  note: string | undefined;
}

/** One probe. @returns `undefined` when nobody answered in time */
function* ask(process: Process, plan: Plan, ttl: number, sequence: number): Blocking<Answer | undefined> {
  const six = typeof plan.destination === 'bigint';
  const socket = openDatagramSocket(process, six ? 6 : 4);
  const fd = process.install(socket);
  try {
    Object.assign(socket.options, { ttl, tos: plan.tos, boundDevice: plan.device, receiveErrors: true });
    socket.options.pathMtuDiscovery = plan.whole ? 'do' : 'dont';
    const port = (plan.port + sequence) & 0xffff;
    const failed: Errno | undefined =
      (plan.source === undefined ? undefined : socket.bind(plan.source, 0)) ?? socket.connect(plan.destination, port);
    if (failed) throw new Die(`bind: ${strerror(failed)}`);
    const began = process.host.now;
    const unsent = socket.sendTo(new Uint8Array(plan.length - (six ? 48 : 28)));
    if (unsent) throw new Die(`sendto: ${strerror(unsent)}`);
    for (const until = began + plan.wait * SECOND; ; ) {
      const error = socket.receiveError();
      if (error) return answerOf(error, six, process.host.now - began);
      const datagram = socket.receive();
      if (typeof datagram !== 'string') return { from: datagram.source, took: process.host.now - began, note: '' };
      if ((yield { on: [socket.readable], until }) === 'timeout') return undefined;
    }
  } finally {
    process.close(fd);
  }
}

function answerOf(error: SocketError, six: boolean, took: number): Answer | undefined {
  if (error.offender === undefined) return undefined;
  return { from: error.offender, took, note: annotation(six ? 6 : 4, error.type, error.code, error.info) };
}
