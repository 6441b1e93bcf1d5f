import { socketOwners } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { listUnixSockets } from '../../host/socket-list.ts';
import type { UnixSocket } from '../../kernel/socket/unix.ts';
import type { NetstatSettings } from './netstat-options.ts';

/** Which sockets a list says that it holds. */
export function titleEnd({ all, listening }: NetstatSettings): string {
  return all ? '(servers and established)' : listening ? '(only servers)' : '(w/o servers)';
}

const TYPES = { stream: 'STREAM', dgram: 'DGRAM', seqpacket: 'SEQPACKET' } as const;

/** `netstat -x` (unix_do_one in net-tools' netstat.c). */
export function unixSockets(process: Process, settings: NetstatSettings): string {
  const owners = socketOwners(process.host);
  const program = settings.programs ? 'PID/Program name     ' : '';
  const lines = listUnixSockets(process.namespaces.net)
    .filter((socket) => wanted(socket, settings))
    .map((socket) => {
      const owner = owners.get(socket)?.[0];
      const listens = socket.state === 'LISTEN';
      const references = socket.type !== 'dgram' && socket.state === 'ESTAB' ? 3 : 2;
      const state = listens ? 'LISTENING' : socket.state === 'ESTAB' ? 'CONNECTED' : '';
      const flags = `[ ${listens ? 'ACC ' : ''}]`;
      const who = settings.programs ? ` ${(owner ? `${owner.process.nspid}/${owner.process.name}` : '-').slice(0, 20).padEnd(20)}` : '';
      const head = `unix  ${String(references).padEnd(6)} ${flags.padEnd(11)} ${TYPES[socket.type].padEnd(10)} ${state.padEnd(13)}`;
      return `${head} ${String(owner?.inode ?? 0).padEnd(8)}${who} ${socket.name ?? ''}\n`;
    });
  const head = `Proto RefCnt Flags       Type       State         I-Node   ${program}Path\n`;
  return `Active UNIX domain sockets ${titleEnd(settings)}\n${head}${lines.join('')}`;
}

/** -l lists listeners alone, otherwise those that no other end knows are servers (unconnected datagram sockets with a name). */
function wanted({ state, name }: UnixSocket, { all, listening }: NetstatSettings): boolean {
  if (all) return true;
  const server = state === 'LISTEN';
  if (listening) return server;
  return !server && !(state === 'UNCONN' && name !== undefined);
}
