import { type Errno, strerror } from '../../base/errno.ts';
import type { OpenFile } from '../../host/file.ts';
import { openDatagramSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { servicePort } from '../service-names.ts';
import type { Shell } from './shell.ts';

/** Whether a redirection means a connection: `/dev/tcp/HOST/PORT` or `/dev/udp/HOST/PORT` (bash(1), REDIRECTION). */
export function namesConnection(path: string): boolean {
  return /^\/dev\/(?:tcp|udp)\/[^/]+\/[^/]+$/.test(path);
}

/**
 * Connects to what such a path names, after complaining if it can't (lib/sh/netopen.c).
 *
 * @returns the held socket; EINVAL for names that nobody knows, or the errno of the last address that was tried
 */
export function* openConnection(shell: Shell, path: string): Blocking<OpenFile | Errno> {
  const [, , kind, host = '', service = ''] = path.split('/');
  const port = /^\d+$/.test(service) ? Number(service) & 0xffff : (yield* servicePort(shell.process))(service);
  const found = yield* resolveName(shell.process, host);
  if (typeof found === 'string') {
    yield* shell.complain(`${host}: ${resolutionErrorText(found)}`);
    return 'EINVAL';
  }
  if (port === undefined) {
    yield* shell.complain(`${service}: Servname not supported for ai_socktype`);
    return 'EINVAL';
  }
  let failed: Errno = 'EINVAL';
  for (const address of found.addresses) {
    const family = typeof address === 'bigint' ? 6 : 4;
    const socket = kind === 'udp' ? openDatagramSocket(shell.process, family) : openStreamSocket(shell.process, family);
    socket.hold();
    const error = yield* connected(socket.connect(address, port));
    if (!error) return socket;
    socket.release();
    failed = error;
  }
  yield* shell.process.write(2, `${shell.name}: connect: ${strerror(failed)}\n`);
  return failed;
}

/** TCP takes time to connect, UDP none. */
function* connected(outcome: Blocking<Errno | undefined> | Errno | undefined): Blocking<Errno | undefined> {
  return typeof outcome === 'object' ? yield* outcome : outcome;
}
