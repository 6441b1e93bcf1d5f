import { formatIP, type IP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { listenOn, type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { exitCode } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { FIDELITY } from '../command.ts';
import { resolveName } from '../name-resolution.ts';
import { findProgram } from '../tool/execute.ts';
import { relay } from '../netcat/relay.ts';
import { servicePort } from '../service-names.ts';
import { appletProgram, Die, letters, options, ShowUsage } from './failure.ts';

/** busybox's own small nc (networking/nc.c): TCP only. */
export const nc = appletProgram('nc', runNc);

function* runNc(process: Process, args: readonly string[]): Blocking<number> {
  // -e takes the rest of the line as the program and its arguments.
  const program = args.findIndex((arg) => /^-[^-]*e$/.test(arg));
  const command = program < 0 ? undefined : args.slice(program + 1);
  const before = program < 0 ? args : [...args.slice(0, program), (args[program] as string).replace(/e$/, '')].filter((arg) => arg !== '-');
  const { options: given, operands } = options(letters('lp:w:i:f:'), before);
  const value = (name: string) => given.findLast((option) => option.name === name)?.value;
  const listening = given.filter((option) => option.name === 'l').length;
  for (const name of ['f', 'i']) if (value(name) !== undefined) throw new Die(`option '-${name}' is not modelled (${FIDELITY})`);
  if (command && command.length === 0) throw new ShowUsage();
  const wait = value('w');
  if (wait !== undefined && !/^\d+$/.test(wait)) throw new Die(`invalid number '${wait}'`);
  const until = wait === undefined ? undefined : process.host.now + Number(wait) * SECOND;
  if (listening > 0) return yield* serve(process, value('p'), operands[0], command, listening > 1, until);
  const [host, port] = operands;
  if (host === undefined || port === undefined) throw new ShowUsage();
  const socket = yield* call(process, host, yield* portOf(process, port), value('p'), until);
  return yield* converse(process, socket, command);
}

function* portOf(process: Process, text: string): Blocking<number> {
  const service = (yield* servicePort(process, 'tcp'))(text);
  if (service !== undefined) return service;
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Die(`bad port '${text}'`);
  return Number(text);
}

function* addressOf(process: Process, host: string): Blocking<IP> {
  const resolved = yield* resolveName(process, host);
  if (typeof resolved === 'string') throw new Die(`bad address '${host}'`);
  return resolved.addresses[0] as IP;
}

function* call(
  process: Process,
  host: string,
  port: number,
  from: string | undefined,
  until: Micros | undefined,
): Blocking<OpenStreamSocket> {
  const address = yield* addressOf(process, host);
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  process.install(socket);
  const bound = from === undefined ? undefined : socket.bind(typeof address === 'bigint' ? 0n : 0, yield* portOf(process, from));
  if (bound) throw new Die(`bind: ${strerror(bound)}`);
  const failed = yield* socket.connect(address, port, until);
  if (failed === 'EINPROGRESS') throw new Die('timed out');
  if (failed) throw new Die(`can't connect to remote host (${formatIP(address)}): ${strerror(failed)}`);
  return socket;
}

function* serve(
  process: Process,
  port: string | undefined,
  host: string | undefined,
  command: readonly string[] | undefined,
  again: boolean,
  until: Micros | undefined,
): Blocking<number> {
  const address = host === undefined ? 0n : yield* addressOf(process, host);
  const listener = listenOn(process, address, port === undefined ? 0 : yield* portOf(process, port), 1);
  if (typeof listener === 'string') throw new Die(`bind: ${strerror(listener)}`);
  const fd = process.install(listener);
  if (port === undefined) yield* process.write(2, `${listener.name.port}\n`);
  for (;;) {
    const socket = yield* listener.accept(process, until);
    if (socket === 'EINTR') continue;
    if (socket === 'EAGAIN') throw new Die('timed out');
    if (typeof socket === 'string') throw new Die(`accept: ${strerror(socket)}`);
    const connection = process.install(socket);
    if (!again || !command) {
      process.close(fd);
      return yield* converse(process, socket, command);
    }
    const child = start(process, socket, command);
    process.close(connection);
    if (typeof child === 'string') throw new Die(`can't execute '${command[0]}': ${strerror(child)}`);
  }
}

function* converse(process: Process, socket: OpenStreamSocket, command: readonly string[] | undefined): Blocking<number> {
  if (command) {
    const child = start(process, socket, command);
    if (typeof child === 'string') throw new Die(`can't execute '${command[0]}': ${strerror(child)}`);
    const ended = yield* process.wait({ pid: child.pid });
    return typeof ended === 'object' ? exitCode(ended) : 1;
  }
  const fd = [...process.fds].find(([, file]) => file === socket)?.[0] as number;
  const plain = { detached: false, shutdown: true, quit: undefined, idle: undefined, crlf: false, limit: undefined, interval: undefined };
  yield* relay(process, fd, socket, plain);
  return 0;
}

/** A program whose three standard descriptors are the connection. */
function start(process: Process, socket: OpenStreamSocket, command: readonly string[]) {
  const program = findProgram(process, command);
  if (typeof program === 'string') return program;
  const fds = new Map([0, 1, 2].map((fd) => [fd, socket]));
  return process.spawn(program.path, { argv: program.argv, fds });
}
