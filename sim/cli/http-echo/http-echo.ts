import { formatIP } from '../../base/address.ts';
import { encode } from '../../base/bytes.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue, type HttpHeader } from '../../wire/http.ts';
import type { Command } from '../command.ts';
import { type Asked, goFlags, portOf, serveHttp } from './serve.ts';

const VERSION = '1.0.0';

/** hashicorp/http-echo: the same text for every request. */
export const httpEcho: Command = { name: 'http-echo', paths: [], run: runEcho };

function* runEcho(process: Process): Blocking<number> {
  const flags = goFlags(process.argv.slice(1), ['text', 'listen', 'status-code']);
  if ('error' in flags) {
    yield* process.write(2, `${flags.error}\n`);
    return 2;
  }
  const text = flags.get('text') ?? process.env.get('ECHO_TEXT') ?? '';
  if (text === '') {
    yield* process.write(2, 'Missing -text option!\n');
    return 127;
  }
  const listen = flags.get('listen') ?? ':5678';
  const port = portOf(listen);
  const status = Number(flags.get('status-code') ?? 200);
  const stamp = (): string => strftime('%Y/%m/%d %H:%M:%S', momentOf(process.host.now));
  yield* process.write(1, `${stamp()} [INFO] server is listening on ${listen}\n`);
  const headers: HttpHeader[] = [
    ['X-App-Name', 'http-echo'],
    ['X-App-Version', VERSION],
  ];
  const body = encode(`${text}\n`);
  const log = ({ head, socket }: Asked): void => {
    const host = headerValue(head.headers, 'Host') ?? '';
    const client = socket.peer ? `${formatIP(socket.peer.address).replace(/^::ffff:/, '')}:${socket.peer.port}` : '';
    const agent = headerValue(head.headers, 'User-Agent') ?? '';
    const line = `${stamp()} ${host} ${client} "${head.method} ${head.target} ${head.version}" ${status} ${body.length} "${agent}"\n`;
    process.fds.get(1)?.write(encode(line));
  };
  const failed =
    port === undefined
      ? 'EADDRINUSE'
      : yield* serveHttp(process, port, (asked) => {
          log(asked);
          return { status, reason: status === 200 ? 'OK' : `status code ${status}`, headers, body };
        });
  yield* process.write(2, `${stamp()} [ERR] server exited with: listen tcp ${listen}: bind: ${failed ? 'address already in use' : ''}\n`);
  return 1;
}
