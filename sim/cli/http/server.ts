import type { OpenStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { HttpConnection } from './connection.ts';

/** Serves one connection to its end; the descriptor is closed afterwards. */
export type Serve = (process: Process, fd: number, connection: HttpConnection) => Blocking<void>;

/** Accepts for ever, each connection in a process of its own (as inetd, busybox httpd and prefork servers do). */
export function* serveForever(process: Process, listener: OpenStreamSocket, serve: Serve): Blocking<number> {
  process.onSignal('SIGCHLD', 'ignore');
  for (;;) {
    const socket = yield* listener.accept(process);
    if (socket === 'EINTR' || socket === 'ECONNABORTED') continue;
    if (typeof socket === 'string') return 1;
    const fd = process.install(socket);
    const child = process.fork(function* (self) {
      for (const [other, file] of [...self.fds]) if (file === listener) self.close(other);
      yield* serve(self, fd, new HttpConnection(socket));
      self.close(fd);
      return 0;
    });
    process.close(fd);
    if (typeof child === 'string') continue;
    // Nobody waits for them: they are taken off the list when they end.
    yield* process.wait({}, { nohang: true });
  }
}
