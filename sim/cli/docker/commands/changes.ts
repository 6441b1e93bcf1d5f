import { percentEncode } from '../../../base/percent.ts';
import type { Change } from '../../../engines/docker/container/changes.ts';
import { terminalOf } from '../../../host/tty.ts';
import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { EXPORT } from '../options/files.ts';
import { fail } from '../output.ts';

export const diff: LeafCommand = {
  operands: 'CONTAINER',
  summary: "Inspect changes to files or directories on a container's filesystem",
  aliases: 'docker container diff, docker diff',
  flags: [],
  arity: { exactly: 1 },
  completes: ['container'],
  run: function* (invocation) {
    const [container = ''] = invocation.operands;
    const found = yield* invocation.client.json<Change[] | null>('GET', `/containers/${percentEncode(container)}/changes`);
    if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
    yield* invocation.process.write(1, (found ?? []).map(({ Path, Kind }) => `${'CAD'[Kind]} ${Path}\n`).join(''));
    return 0;
  },
};

export const exportContainer: LeafCommand = {
  operands: '[OPTIONS] CONTAINER',
  summary: "Export a container's filesystem as a tar archive",
  aliases: 'docker container export, docker export',
  flags: EXPORT,
  arity: { exactly: 1 },
  completes: ['container'],
  run: function* (invocation) {
    const { client, process, flags, operands } = invocation;
    const output = flags.last('output');
    if (output === undefined && terminalOf(process.fds.get(1)))
      return yield* fail(invocation, 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const answer = yield* client.send({ method: 'GET', path: `/containers/${percentEncode(operands[0] ?? '')}/export` });
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const fd = output === undefined ? 1 : process.open(output, { write: true, create: true, truncate: true });
    if (typeof fd === 'string')
      return yield* fail(invocation, `failed to export container: invalid output path: directory "${output}" does not exist`);
    yield* process.write(fd, answer.bytes ?? '');
    if (fd !== 1) process.close(fd);
    return 0;
  },
};
