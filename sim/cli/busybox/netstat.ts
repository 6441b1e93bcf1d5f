import { formatIP, type IP } from '../../base/address.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { KERNEL_STATES, listSockets, type SocketEntry } from '../../host/socket-list.ts';
import type { Blocking } from '../../host/wait.ts';
import { FIDELITY } from '../command.ts';
import { nameOfAddress } from '../name-resolution.ts';
import { type ServiceNames, serviceNames } from '../service-names.ts';
import { appletProgram, Die, letters, options, type Speech } from './failure.ts';
import { showRoutes } from './route.ts';

/** busybox's netstat (networking/netstat.c): the files of /proc/net one after the other. */
export const netstat = appletProgram('netstat', runNetstat);

function* runNetstat(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given } = options(letters('laentuwxr'), args);
  const has = (name: string) => given.some((option) => option.name === name);
  if (has('r')) return yield* showRoutes(process, rtNetlinkOf(process), speech, { numeric: has('n'), extended: !has('e') });
  if (has('e')) throw new Die(`option '-e' is not modelled (${FIDELITY})`);
  const kinds = new Map([
    ['t', 'tcp'],
    ['u', 'udp'],
    ['w', 'raw'],
  ] as const);
  const named = [...kinds.keys(), 'x' as const].filter(has);
  const protocols = [...kinds].filter(([letter]) => named.length === 0 || has(letter)).map(([, protocol]) => protocol);
  const servers = has('a') ? '(servers and established)' : has('l') ? '(only servers)' : '(w/o servers)';
  if (protocols.length > 0) {
    speech.print(
      `Active Internet connections ${servers}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n`,
    );
    const services = has('n') ? undefined : yield* serviceNames(process);
    const entries = listSockets(process.namespaces.net).filter((entry) => has('a') || isServer(entry) === has('l'));
    for (const protocol of protocols) {
      for (const family of [4, 6]) {
        const fitting = entries.filter((entry) => entry.protocol === protocol && entry.family === family);
        for (const entry of fitting) speech.print(yield* lineOf(process, entry, services));
      }
    }
  }
  if (named.length === 0 || has('x')) {
    speech.print(`Active UNIX domain sockets ${servers}\nProto RefCnt Flags       Type       State         I-Node Path\n`);
  }
  return 0;
}

function isServer({ state }: SocketEntry): boolean {
  return state === 'LISTEN' || state === 'UNCONN';
}

function* lineOf(process: Process, entry: SocketEntry, services: ServiceNames | undefined): Blocking<string> {
  const { protocol, state, received, sent } = entry;
  const local = yield* endpoint(process, entry, entry.local, entry.localPort, services);
  const remote = yield* endpoint(process, entry, entry.remote, entry.remotePort, services);
  const shown = protocol === 'udp' && state === 'UNCONN' ? '' : protocol === 'raw' ? '7' : (KERNEL_STATES[state] ?? '');
  const queues = `${String(received).padStart(6)} ${String(state === 'LISTEN' ? 0 : sent).padStart(6)}`;
  // The name has no 6 for IPv6.
  return `${protocol.padEnd(4)}  ${queues} ${local.padEnd(23)} ${remote.padEnd(23)} ${shown.padEnd(12)}\n`;
}

/** `ADDRESS:PORT`, cut to its column from the right end of the address. */
function* endpoint(
  process: Process,
  { family, protocol }: SocketEntry,
  address: IP | undefined,
  port: number,
  services: ServiceNames | undefined,
): Blocking<string> {
  const mapped = family === 6 && typeof address === 'number' ? '::ffff:' : '';
  const plain = address === undefined ? (family === 6 ? '::' : '0.0.0.0') : `${mapped}${formatIP(address)}`;
  const known = services && address !== undefined ? yield* nameOfAddress(process, address) : undefined;
  const service = port === 0 ? '*' : (services?.(port, protocol) ?? String(port));
  return `${(known ?? plain).slice(0, 22 - service.length)}:${service}`;
}
