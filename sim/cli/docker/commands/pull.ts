import { parseReference, type Reference } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, type Client } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { PULL } from '../options/images.ts';
import { fail } from '../output.ts';

/** Asks the daemon to fetch an image. */
export function* pullImage(client: Client, reference: Reference): Blocking<ApiFailure | undefined> {
  const answer = yield* client.send({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: reference.repository, tag: reference.digest ?? reference.tag ?? 'latest' },
  });
  return answer instanceof ApiFailure ? answer : undefined;
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
    const failure = yield* pullImage(invocation.client, reference);
    return failure ? yield* fail(invocation, failure.message) : 0;
  },
};
