import { strerror } from '../../base/errno.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { Tasks } from '../http/tasks.ts';
import { encodeResp, error, type Resp, RespReader } from './resp.ts';
import { Store, VERSION } from './store.ts';

/** redis-server: strings, kept in memory only. */
export const redisServer: Command = { name: 'redis-server', paths: [], run: serve };

function* serve(process: Process): Blocking<number> {
  const args = process.argv.slice(1);
  let port = 6379;
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i] as string, args[i + 1]];
    if (name === '--version' || name === '-v') {
      yield* process.write(1, `Redis server v=${VERSION}\n`);
      return 0;
    }
    if (name === '--port' && /^\d+$/.test(value ?? '')) port = Number(value);
    else if (!['--save', '--appendonly', '--protected-mode', '--bind'].includes(name)) {
      yield* process.write(2, notModelled('redis-server', name.startsWith('--') ? name : 'a configuration file'));
      return 1;
    }
  }
  const listener = openStreamSocket(process, 6);
  listener.options.reuseAddress = true;
  const failed = listener.bind(0n, port) ?? listener.listen(511);
  if (failed) {
    yield* log(process, '#', `Warning: Could not create server TCP listening socket *:${port}: bind: ${strerror(failed)}`);
    yield* log(process, '#', 'Failed listening on port, aborting.');
    return 1;
  }
  process.install(listener);
  yield* log(process, '*', `Redis version=${VERSION}, bits=64, just started`);
  yield* log(process, '*', `Server initialized`);
  yield* log(process, '*', 'Ready to accept connections tcp');
  return yield* run(process, listener, port);
}

function* log(process: Process, mark: string, text: string): Blocking<void> {
  const { now } = process.host;
  const millisecond = String(Math.floor((now % 1_000_000) / 1_000)).padStart(3, '0');
  yield* process.write(1, `${process.nspid}:M ${strftime('%d %b %Y %H:%M:%S', momentOf(now))}.${millisecond} ${mark} ${text}\n`);
}

function* run(process: Process, listener: OpenStreamSocket, port: number): Blocking<number> {
  process.onSignal('SIGPIPE', 'ignore');
  let stop = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.onSignal(signal, () => {
      stop = true;
    });
  const store = new Store(() => process.host.now, port);
  const tasks = new Tasks(process.host);
  tasks.add(
    (function* (): Blocking<void> {
      for (;;) {
        const socket = yield* listener.accept(process);
        if (typeof socket !== 'string') tasks.add(converse(process, socket, store));
      }
    })(),
  );
  yield* tasks.run(() => stop);
  yield* log(process, '*', 'User requested shutdown...');
  yield* log(process, '#', 'Redis is now ready to exit, bye bye...');
  return 0;
}

function* converse(process: Process, socket: OpenStreamSocket, store: Store): Blocking<void> {
  const fd = process.install(socket);
  const reader = new RespReader();
  store.clients++;
  store.accepted++;
  try {
    for (;;) {
      const bytes = yield* process.read(fd);
      if (typeof bytes === 'string' || bytes.length === 0) return;
      reader.push(bytes);
      for (let value = reader.next(); value; value = reader.next()) {
        if ('malformed' in value) {
          yield* process.write(fd, encodeResp(error(`ERR Protocol error: ${value.malformed}`)));
          return;
        }
        const words = wordsOf(value);
        if (words.length === 0) continue;
        const quit = words[0]?.toLowerCase() === 'quit';
        if (yield* process.write(fd, encodeResp(quit ? { kind: 'status', text: 'OK' } : store.run(words)))) return;
        if (quit) return;
      }
    }
  } finally {
    store.clients--;
    process.close(fd);
  }
}

function wordsOf(value: Resp): string[] {
  return value.kind === 'array' ? value.items.map((item) => (item.kind === 'bulk' ? item.text : '')) : [];
}
