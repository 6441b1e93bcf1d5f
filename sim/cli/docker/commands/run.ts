import type { Connection } from '../../../engines/docker/api/connection.ts';
import type { Exchange } from '../../../engines/docker/api/message.ts';
import type { CreateRequest } from '../../../engines/docker/container/create.ts';
import { parseReference, withTag } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import { terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { CREATE, RUN } from '../options/create.ts';
import { fail } from '../output.ts';
import { converse, proxySignals } from '../session.ts';
import { createRequest, OptionProblem } from './create-options.ts';
import { pullImage } from './pull.ts';

export const run: LeafCommand = {
  operands: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create and run a new container from an image',
  aliases: 'docker container run, docker run',
  flags: RUN,
  arity: { least: 1 },
  stopAtOperand: true,
  completes: ['image'],
  run: runContainer,
};

export const create: LeafCommand = {
  operands: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new container',
  aliases: 'docker container create, docker create',
  flags: CREATE,
  arity: { least: 1 },
  stopAtOperand: true,
  completes: ['image'],
  run: function* (invocation) {
    const request = yield* createRequest(invocation);
    if (request instanceof OptionProblem) return yield* runFailed(invocation, request.message, 125);
    const id = yield* makeContainer(invocation, request);
    if (id instanceof ApiFailure) return yield* fail(invocation, id.message);
    yield* invocation.process.write(1, `${id}\n`);
    return 0;
  },
};

/** An error of `docker run` itself: status 125, and where to read on. */
function* runFailed(invocation: Invocation, message: string, status: number): Blocking<number> {
  return yield* fail(invocation, `docker: ${message}\n\nRun '${invocation.name} --help' for more information`, status);
}

/** 127 for a command that isn't there, 126 for one that can't be run, 125 for everything else. */
function startStatus(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return /permission denied|not a directory/.test(message) ? 126 : 125;
}

function* runContainer(invocation: Invocation): Blocking<number> {
  const { process, client, flags } = invocation;
  const request = yield* createRequest(invocation);
  if (request instanceof OptionProblem) return yield* runFailed(invocation, request.message, 125);
  for (const server of request.HostConfig?.Dns ?? []) {
    if (/^(127\.|::1$)/.test(server)) yield* process.write(2, `WARNING: Localhost DNS (${server}) may fail in containers.\n`);
  }
  const detached = flags.on('detach');
  const tty = request.Tty ?? false;
  if (!detached && tty && request.OpenStdin && !terminalOf(process.fds.get(0)))
    return yield* fail(invocation, 'the input device is not a TTY');
  const id = yield* makeContainer(invocation, request);
  if (id instanceof ApiFailure) return yield* runFailed(invocation, id.message, 125);
  let connection: Connection | undefined;
  if (!detached) {
    const attached = yield* client.stream('POST', `/containers/${id}/attach`, {
      stream: '1',
      stdout: '1',
      stderr: '1',
      stdin: request.OpenStdin ? '1' : '0',
    });
    if (attached instanceof ApiFailure) return yield* runFailed(invocation, attached.message, 125);
    connection = attached;
  }
  if (!detached && !tty && flags.on('sig-proxy', true)) proxyTo(invocation, id);
  const exit = detached ? undefined : awaitExit(invocation, id, request.HostConfig?.AutoRemove ?? false);
  if (detached) yield* process.write(1, `${id}\n`);
  const started = yield* client.send({ method: 'POST', path: `/containers/${id}/start` });
  if (started instanceof ApiFailure) {
    connection?.close();
    return yield* runFailed(invocation, started.message, startStatus(started.message));
  }
  if (!connection) return 0;
  const left = yield* converse(process, connection, {
    stdin: request.OpenStdin ?? false,
    tty,
    stdout: true,
    stderr: true,
    resize: (size) =>
      client.send({ method: 'POST', path: `/containers/${id}/resize`, query: { h: String(size.rows), w: String(size.columns) } }),
  });
  return left ? 0 : yield* exitStatus(exit);
}

/** Asks for the exit status before the start, so that a container that ends at once is not missed. */
export function awaitExit({ client }: Invocation, id: string, removed: boolean): Exchange | undefined {
  return client.post(`/containers/${id}/wait`, { condition: removed ? 'removed' : 'next-exit' });
}

/** Waits for the end and gives the container's exit status. */
export function* exitStatus(exit: Exchange | undefined): Blocking<number> {
  while (exit && !exit.response) yield { on: [exit.answered] };
  const answer = exit?.response?.json as { StatusCode?: number } | undefined;
  return answer?.StatusCode ?? 125;
}

/** Passes the client's signals on to the container. */
export function proxyTo({ process, client }: Invocation, id: string): void {
  proxySignals(process, (signal) => client.post(`/containers/${id}/kill`, { signal }));
}

/** Creates the container; an image that isn't there is pulled first. */
function* makeContainer(invocation: Invocation, request: CreateRequest): Blocking<string | ApiFailure> {
  const { client, flags, process } = invocation;
  const image = request.Image ?? '';
  const cidfile = flags.last('cidfile');
  const taken = cidfile === undefined ? 'ENOENT' : process.namespaces.mnt.resolve(process, cidfile);
  if (typeof taken !== 'string' && taken.inode)
    return new ApiFailure(0, `container ID file found, make sure the other container isn't running or delete ${cidfile}`);
  const reference = parseReference(image);
  if (reference instanceof Refusal) return new ApiFailure(400, reference.message);
  const policy = flags.last('pull') ?? 'missing';
  if (!['always', 'missing', 'never'].includes(policy)) {
    return new ApiFailure(400, `invalid pull option: '${policy}': must be one of "always", "missing" or "never"`);
  }
  if (policy === 'always') {
    const pulled = yield* pullImage(invocation, reference, flags.on('quiet') ? undefined : 2);
    if (pulled) return pulled;
  }
  const query = { name: flags.last('name') ?? '' };
  let created = yield* client.json<{ Id: string; Warnings: string[] }>('POST', '/containers/create', query, request);
  if (created instanceof ApiFailure && created.status === 404 && /No such image/.test(created.message) && policy !== 'never') {
    yield* process.write(2, `Unable to find image '${withTag(reference)}' locally\n`);
    const pulled = yield* pullImage(invocation, reference, flags.on('quiet') ? undefined : 2);
    if (pulled) return pulled;
    created = yield* client.json<{ Id: string; Warnings: string[] }>('POST', '/containers/create', query, request);
  }
  if (created instanceof ApiFailure) return created;
  for (const warning of created.Warnings) yield* process.write(2, `WARNING: ${warning}\n`);
  if (cidfile !== undefined) {
    const fd = process.open(cidfile, { write: true, create: true });
    if (typeof fd === 'string')
      return new ApiFailure(0, `failed to create the container ID file: open ${cidfile}: no such file or directory`);
    yield* process.write(fd, created.Id);
    process.close(fd);
  }
  return created.Id;
}
