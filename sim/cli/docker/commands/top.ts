import { percentEncode } from '../../../base/percent.ts';
import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { alignColumns } from '../format/table.ts';
import { fail } from '../output.ts';

export const top: LeafCommand = {
  operands: 'CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  aliases: 'docker container top, docker top',
  flags: [],
  arity: { least: 1 },
  stopAtOperand: true,
  completes: ['running container'],
  run: function* (invocation) {
    const [container = '', ...options] = invocation.operands;
    const answer = yield* invocation.client.json<{ Titles: string[]; Processes: string[][] }>(
      'GET',
      `/containers/${percentEncode(container)}/top`,
      {
        ps_args: options.join(' '),
      },
    );
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* invocation.process.write(
      1,
      alignColumns(
        [answer.Titles, ...answer.Processes].map((row) => row.join('\t')),
        20,
      ),
    );
    return 0;
  },
};
