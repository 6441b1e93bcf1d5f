import { percentEncode } from '../../../base/percent.ts';
import { terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { EXEC } from '../options/containers.ts';
import { fail } from '../output.ts';
import { converse } from '../session.ts';

export const exec: LeafCommand = {
  operands: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Execute a command in a running container',
  aliases: 'docker container exec, docker exec',
  flags: EXEC,
  arity: { least: 2 },
  stopAtOperand: true,
  completes: ['running container'],
  run: execute,
};

function* execute(invocation: Invocation): Blocking<number> {
  const { process, client, flags, operands } = invocation;
  const [container = '', ...command] = operands;
  const detach = flags.on('detach');
  const [tty, stdin] = [flags.on('tty'), flags.on('interactive') && !detach];
  if (flags.given('env-file')) return yield* fail(invocation, 'docker exec --env-file is not modelled (see sim/FIDELITY.md)');
  // The container is looked for before the terminal is.
  const there = yield* client.json('GET', `/containers/${percentEncode(container)}/json`);
  if (there instanceof ApiFailure) return yield* fail(invocation, there.message);
  if (tty && stdin && !terminalOf(process.fds.get(0))) return yield* fail(invocation, 'the input device is not a TTY');
  const made = yield* client.json<{ Id: string }>(
    'POST',
    `/containers/${percentEncode(container)}/exec`,
    {},
    {
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Tty: tty,
      Cmd: command,
      Env: flags
        .all('env')
        .flatMap((setting) =>
          setting.includes('=') ? [setting] : process.env.has(setting) ? [`${setting}=${process.env.get(setting)}`] : [],
        ),
      WorkingDir: flags.last('workdir') ?? '',
      User: flags.last('user') ?? '',
      Privileged: flags.on('privileged'),
    },
  );
  if (made instanceof ApiFailure) return yield* fail(invocation, made.message);
  if (detach) {
    const started = yield* client.send({ method: 'POST', path: `/exec/${made.Id}/start`, body: { Detach: true, Tty: tty } });
    return started instanceof ApiFailure ? yield* fail(invocation, started.message) : 0;
  }
  const connection = yield* client.stream('POST', `/exec/${made.Id}/start`, {}, { Detach: false, Tty: tty });
  if (connection instanceof ApiFailure) return yield* startFailed(invocation, connection);
  const left = yield* converse(process, connection, {
    stdin,
    tty,
    stdout: true,
    stderr: true,
    resize: (size) =>
      client.send({ method: 'POST', path: `/exec/${made.Id}/resize`, query: { h: String(size.rows), w: String(size.columns) } }),
  });
  if (left) return 0;
  const ended = yield* client.json<{ ExitCode: number | null }>('GET', `/exec/${made.Id}/json`);
  // The container may have gone, and its exec records with it.
  return ended instanceof ApiFailure ? 137 : (ended.ExitCode ?? 0);
}

/** A command that can't be started: the connection is up by then, so the daemon's words come over it as output, ended as on a terminal. */
function* startFailed(invocation: Invocation, failure: ApiFailure): Blocking<number> {
  const message = failure.message.replace(/^Error response from daemon: (?=OCI runtime)/, '');
  if (!message.startsWith('OCI')) return yield* fail(invocation, message);
  yield* invocation.process.write(1, `${message}\r\n`);
  return /permission denied/.test(message) ? 126 : 127;
}
