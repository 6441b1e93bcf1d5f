import { formatIP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { resolveName } from '../name-resolution.ts';
import { bulk, encodeResp, type Resp, RespReader } from './resp.ts';

/** redis-cli: one command, or those of standard input. */
export const redisCli: Command = { name: 'redis-cli', paths: [], run: runClient };

function* runClient(process: Process): Blocking<number> {
  const args = process.argv.slice(1);
  let [host, port] = ['127.0.0.1', 6379];
  while (args[0]?.startsWith('-')) {
    const option = args.shift() as string;
    if (option === '-h' && args.length > 0) host = args.shift() as string;
    else if (option === '-p' && /^\d+$/.test(args[0] ?? '')) port = Number(args.shift());
    else {
      yield* process.write(2, notModelled('redis-cli', `option '${option}'`));
      return 1;
    }
  }
  const fd = yield* connect(process, host, port);
  if (typeof fd === 'string') {
    yield* process.write(2, `${fd}\n`);
    return 1;
  }
  const reader = new RespReader();
  const pretty = terminalOf(process.fds.get(1)) !== undefined;
  if (args.length > 0) return (yield* ask(process, fd, reader, args, pretty)) ? 0 : 1;
  const input = new Input(process, 0);
  const prompt = terminalOf(process.fds.get(0)) ? `${host}:${port}> ` : '';
  for (;;) {
    yield* process.write(1, prompt);
    const line = yield* input.line();
    if (line === undefined || ['exit', 'quit'].includes(line.trim().toLowerCase())) return 0;
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
    if (words.length > 0) yield* ask(process, fd, reader, words, pretty);
  }
}

function* connect(process: Process, host: string, port: number): Blocking<number | string> {
  const where = `Could not connect to Redis at ${host}:${port}`;
  const resolved = yield* resolveName(process, host);
  if (typeof resolved === 'string')
    return `${where}: ${resolved === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : 'Name or service not known'}`;
  let reason = '';
  for (const address of resolved.addresses) {
    const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
    const fd = process.install(socket);
    const failed = yield* socket.connect(address, port);
    if (!failed) return fd;
    process.close(fd);
    reason = strerror(failed);
  }
  return `${where}: ${reason || formatIP(0)}`;
}

function* ask(process: Process, fd: number, reader: RespReader, words: readonly string[], pretty: boolean): Blocking<boolean> {
  yield* process.write(fd, encodeResp({ kind: 'array', items: words.map(bulk) }));
  for (;;) {
    const value = reader.next();
    if (value && 'malformed' in value) return false;
    if (value) {
      yield* process.write(1, `${pretty ? shown(value) : plain(value)}\n`);
      return value.kind !== 'error';
    }
    const bytes = yield* process.read(fd);
    if (typeof bytes === 'string' || bytes.length === 0) {
      yield* process.write(2, 'Error: Server closed the connection\n');
      return false;
    }
    reader.push(bytes);
  }
}

/** For a terminal: types are shown. */
function shown(value: Resp): string {
  switch (value.kind) {
    case 'nil':
      return '(nil)';
    case 'integer':
      return `(integer) ${value.value}`;
    case 'error':
      return `(error) ${value.text}`;
    case 'status':
      return value.text;
    case 'bulk':
      return value.text.includes('\r\n') ? value.text : JSON.stringify(value.text);
    case 'array':
      return value.items.length === 0 ? '(empty array)' : value.items.map((item, i) => `${i + 1}) ${shown(item)}`).join('\n');
  }
}

function plain(value: Resp): string {
  if (value.kind === 'nil') return '';
  if (value.kind === 'integer') return String(value.value);
  return value.kind === 'array' ? value.items.map(plain).join('\n') : value.text;
}
