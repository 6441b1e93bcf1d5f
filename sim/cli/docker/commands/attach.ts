import { percentEncode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { ATTACH } from '../options/containers.ts';
import { fail } from '../output.ts';
import { converse } from '../session.ts';
import { awaitExit, exitStatus, proxyTo } from './run.ts';

export const attach: LeafCommand = {
  operands: '[OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  aliases: 'docker container attach, docker attach',
  flags: ATTACH,
  arity: { exactly: 1 },
  completes: ['running container'],
  run: join,
};

interface Attachable {
  Id: string;
  State: { Running: boolean; Paused: boolean; Restarting: boolean };
  Config: { Tty: boolean; OpenStdin: boolean };
}

function* join(invocation: Invocation): Blocking<number> {
  const { client, process, flags, operands } = invocation;
  const found = yield* client.json<Attachable>('GET', `/containers/${percentEncode(operands[0] ?? '')}/json`);
  if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
  if (!found.State.Running) return yield* fail(invocation, 'You cannot attach to a stopped container, start it first');
  if (found.State.Paused) return yield* fail(invocation, 'You cannot attach to a paused container, unpause it first');
  if (found.State.Restarting) return yield* fail(invocation, 'You cannot attach to a restarting container, wait until it is running');
  const stdin = found.Config.OpenStdin && !flags.on('no-stdin');
  const exit = awaitExit(invocation, found.Id, false);
  const connection = yield* client.stream('POST', `/containers/${found.Id}/attach`, {
    stream: '1',
    stdout: '1',
    stderr: '1',
    stdin: stdin ? '1' : '0',
  });
  if (connection instanceof ApiFailure) return yield* fail(invocation, connection.message);
  if (!found.Config.Tty && flags.on('sig-proxy', true)) proxyTo(invocation, found.Id);
  const left = yield* converse(process, connection, {
    stdin,
    tty: found.Config.Tty,
    stdout: true,
    stderr: true,
    resize: (size) =>
      client.send({ method: 'POST', path: `/containers/${found.Id}/resize`, query: { h: String(size.rows), w: String(size.columns) } }),
  });
  return left ? 0 : yield* exitStatus(exit);
}
