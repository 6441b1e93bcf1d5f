import { decode } from '../../../base/bytes.ts';
import type { Connection } from '../../../engines/docker/api/connection.ts';
import { Input } from '../../../host/stdio.ts';
import type { Blocking } from '../../../host/wait.ts';
import { notModelled } from '../../command.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { humanSize } from '../format/size.ts';
import { BUILD } from '../options/build.ts';
import { fail } from '../output.ts';
import { directoryContext, lonelyDockerfile } from './build-context.ts';
import { LEGACY_BUILDER } from './legacy-builder.ts';

export const build: LeafCommand = {
  operands: '[OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  aliases: 'docker image build, docker build, docker builder build',
  notice: LEGACY_BUILDER,
  flags: BUILD,
  arity: { exactly: 1 },
  run: buildImage,
};

function* buildImage(invocation: Invocation): Blocking<number> {
  const { client, flags, operands, process } = invocation;
  const [path = ''] = operands;
  if (/^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(path)) {
    yield* process.write(2, notModelled('docker build', 'a context from a URL'));
    return 1;
  }
  const context = path === '-' ? lonelyDockerfile(yield* new Input(process, 0).all()) : directoryContext(process, path, flags.last('file'));
  if ('error' in context) return yield* fail(invocation, context.error);
  const quiet = flags.on('quiet');
  if (!quiet) yield* process.write(1, `Sending build context to Docker daemon ${humanSize(context.archive.length, 4).padStart(8)}\n`);
  const response = yield* client.send({
    method: 'POST',
    path: '/build',
    query: {
      dockerfile: context.dockerfile,
      hidden: JSON.stringify(context.hidden),
      t: JSON.stringify(flags.all('tag')),
      buildargs: JSON.stringify(buildArguments(invocation)),
      labels: JSON.stringify(Object.fromEntries(flags.all('label').map(pair))),
      target: flags.last('target') ?? '',
      q: quiet ? '1' : '0',
      nocache: flags.on('no-cache') ? '1' : '0',
      rm: flags.on('rm', true) ? '1' : '0',
      forcerm: flags.on('force-rm') ? '1' : '0',
    },
    body: context.archive,
  });
  if (response instanceof ApiFailure) return yield* fail(invocation, response.message);
  const result = yield* showBuild(invocation, response.connection as Connection);
  if (typeof result === 'number') return result;
  const file = flags.last('iidfile');
  if (file === undefined) return 0;
  const fd = process.open(file, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return yield* fail(invocation, `open ${file}: no such file or directory`);
  yield* process.write(fd, result.id);
  process.close(fd);
  return 0;
}

function pair(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** A name alone takes the client's own value. */
function buildArguments({ flags, process }: Invocation): Record<string, string> {
  const given: Record<string, string> = {};
  for (const text of flags.all('build-arg')) {
    const [name, value] = pair(text);
    const own = text.includes('=') ? value : process.env.get(name);
    if (own !== undefined) given[name] = own;
  }
  return given;
}

/** Prints the stream of messages as it comes. @returns the exit status of a build that failed */
function* showBuild(invocation: Invocation, connection: Connection): Blocking<number | { id: string }> {
  const { process } = invocation;
  let pending = '';
  let last = '';
  for (;;) {
    const frame = connection.receive();
    if (frame === undefined) return { id: last };
    if (frame === 'EAGAIN') {
      yield { on: [connection.readable] };
      continue;
    }
    const lines = (pending + decode(frame.bytes)).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as {
        stream?: string;
        status?: string;
        id?: string;
        errorDetail?: { code?: number; message: string };
      };
      if (message.errorDetail) return yield* fail(invocation, message.errorDetail.message, message.errorDetail.code ?? 1);
      if (message.status !== undefined) yield* process.write(1, `${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`);
      if (message.stream === undefined) continue;
      yield* process.write(1, message.stream);
      last = /sha256:[0-9a-f]{64}/.exec(message.stream)?.[0] ?? last;
    }
  }
}
