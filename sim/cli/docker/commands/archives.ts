import { decode } from '../../../base/bytes.ts';
import { parseReference } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import { Input } from '../../../host/stdio.ts';
import { terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { notModelled } from '../../command.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { COMMIT, IMPORT, LOAD, SAVE } from '../options/build.ts';
import { fail } from '../output.ts';

/** Repository and tag of a new image's name, or why it is none. */
function nameQuery(text: string): Record<string, string> | Refusal {
  if (text === '') return {};
  const reference = parseReference(text);
  return reference instanceof Refusal ? reference : { repo: reference.repository, tag: reference.tag ?? 'latest' };
}

export const commit: LeafCommand = {
  operands: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: "Create a new image from a container's changes",
  aliases: 'docker container commit, docker commit',
  flags: COMMIT,
  arity: { least: 1, most: 2 },
  completes: ['container', 'image'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const [container = '', name = ''] = operands;
    const named = nameQuery(name);
    if (named instanceof Refusal) return yield* fail(invocation, named.message);
    const answer = yield* client.json<{ Id: string }>('POST', '/commit', {
      container,
      ...named,
      comment: flags.last('message') ?? '',
      author: flags.last('author') ?? '',
      changes: flags.all('change').join('\n'),
    });
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* process.write(1, `${answer.Id}\n`);
    return 0;
  },
};

export const importImage: LeafCommand = {
  operands: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  aliases: 'docker image import, docker import',
  flags: IMPORT,
  arity: { least: 1 },
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const [source = '', name = ''] = operands;
    if (/^https?:\/\//.test(source)) {
      yield* process.write(2, notModelled('docker import', 'an archive from a URL'));
      return 1;
    }
    const named = nameQuery(name);
    if (named instanceof Refusal) return yield* fail(invocation, named.message);
    const body = yield* readArchive(invocation, source);
    if (typeof body === 'string') return yield* fail(invocation, body);
    const query = { fromSrc: '-', ...named, message: flags.last('message') ?? '', changes: flags.all('change').join('\n') };
    const answer = yield* client.send({ method: 'POST', path: '/images/create', query, body });
    return yield* showMessages(invocation, answer);
  },
};

/** The bytes of a file or of standard input, or why there are none. */
function* readArchive({ process }: Invocation, path: string): Blocking<Uint8Array | string> {
  if (path === '-') return yield* new Input(process, 0).all();
  const bytes = yield* process.readFile(path);
  return typeof bytes === 'string' ? `open ${path}: ${bytes === 'EISDIR' ? 'is a directory' : 'no such file or directory'}` : bytes;
}

function* showMessages(invocation: Invocation, answer: { bytes?: Uint8Array } | ApiFailure): Blocking<number> {
  if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
  for (const line of decode(answer.bytes ?? new Uint8Array(0)).split('\n')) {
    if (line === '') continue;
    const { stream, status } = JSON.parse(line) as { stream?: string; status?: string };
    yield* invocation.process.write(1, stream ?? `${status}\n`);
  }
  return 0;
}

export const load: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  aliases: 'docker image load, docker load',
  flags: LOAD,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const path = flags.last('input') ?? '-';
    if (path === '-' && terminalOf(process.fds.get(0))) return yield* fail(invocation, 'requested load from stdin, but stdin is empty');
    const body = yield* readArchive(invocation, path);
    if (typeof body === 'string') return yield* fail(invocation, body);
    return yield* showMessages(invocation, yield* client.send({ method: 'POST', path: '/images/load', body }));
  },
};

export const save: LeafCommand = {
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  aliases: 'docker image save, docker save',
  flags: SAVE,
  arity: { least: 1 },
  completes: ['image'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const path = flags.last('output');
    if (path === undefined && terminalOf(process.fds.get(1)))
      return yield* fail(invocation, 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const answer = yield* client.send({ method: 'GET', path: '/images/get', query: { names: operands.join(',') } });
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const fd = path === undefined ? 1 : process.open(path, { write: true, create: true, truncate: true });
    if (typeof fd === 'string')
      return yield* fail(invocation, `failed to save image: invalid output path: open ${path}: no such file or directory`);
    yield* process.write(fd, answer.bytes ?? new Uint8Array(0));
    if (fd !== 1) process.close(fd);
    return 0;
  },
};
