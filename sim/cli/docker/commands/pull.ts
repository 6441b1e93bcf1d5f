import { decode } from '../../../base/bytes.ts';
import { parseReference, type Reference, withTag } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { PULL } from '../options/images.ts';
import { fail } from '../output.ts';

/** Asks the daemon to fetch an image, and says how it goes on `fd`. */
export function* pullImage({ client, process }: Invocation, reference: Reference, fd: 1 | 2 | undefined): Blocking<ApiFailure | undefined> {
  const answer = yield* client.send({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: reference.repository, tag: reference.digest ?? reference.tag ?? 'latest' },
  });
  if (answer instanceof ApiFailure) return answer;
  const lines = decode(answer.bytes ?? new Uint8Array(0)).split('\n');
  for (const line of lines) {
    if (line === '' || fd === undefined) continue;
    const { id, status } = JSON.parse(line) as { id?: string; status: string };
    yield* process.write(fd, `${id === undefined ? '' : `${id}: `}${status}\n`);
  }
  return undefined;
}

export const pull: LeafCommand = {
  operands: '[OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Download an image from a registry',
  aliases: 'docker image pull, docker pull',
  flags: PULL,
  arity: { exactly: 1 },
  completes: ['image'],
  run: function* (invocation) {
    const reference = parseReference(invocation.operands[0] ?? '');
    if (reference instanceof Refusal) return yield* fail(invocation, reference.message);
    if (!reference.tag && !reference.digest && !invocation.flags.on('quiet'))
      yield* invocation.process.write(1, 'Using default tag: latest\n');
    const failure = yield* pullImage(invocation, reference, invocation.flags.on('quiet') ? undefined : 1);
    if (failure) return yield* fail(invocation, failure.message);
    const path = reference.domain !== 'docker.io' ? '' : reference.repository.includes('/') ? 'docker.io/' : 'docker.io/library/';
    yield* invocation.process.write(1, `${path}${withTag(reference)}\n`);
    return 0;
  },
};
