import { percentEncode } from '../../../base/percent.ts';
import { unixSeconds } from '../../../engines/docker/clock.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { LOGS } from '../options/containers.ts';
import { fail } from '../output.ts';
import { converse } from '../session.ts';
import { timestamp } from '../timestamp.ts';

export const logs: LeafCommand = {
  operands: '[OPTIONS] CONTAINER',
  summary: 'Fetch the logs of a container',
  aliases: 'docker container logs, docker logs',
  flags: LOGS,
  arity: { exactly: 1 },
  completes: ['container'],
  run: fetch,
};

function* fetch(invocation: Invocation): Blocking<number> {
  const { process, client, flags, operands } = invocation;
  const range: Record<string, string> = {};
  for (const name of ['since', 'until']) {
    const text = flags.last(name);
    if (text === undefined) continue;
    const seconds = timestamp(text, unixSeconds(process.host.now));
    if (seconds === undefined)
      return yield* fail(invocation, `invalid value for "${name}": failed to parse value as time or duration: "${text}"`);
    range[name] = String(seconds);
  }
  const connection = yield* client.stream('GET', `/containers/${percentEncode(operands[0] ?? '')}/logs`, {
    stdout: '1',
    stderr: '1',
    follow: flags.on('follow') ? '1' : '0',
    timestamps: flags.on('timestamps') ? '1' : '0',
    tail: flags.last('tail') ?? 'all',
    ...range,
  });
  if (connection instanceof ApiFailure) return yield* fail(invocation, connection.message);
  yield* converse(process, connection, { stdin: false, tty: false, stdout: true, stderr: true });
  return 0;
}
