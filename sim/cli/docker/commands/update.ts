import { percentEncode } from '../../../base/percent.ts';
import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { UPDATE } from '../options/update.ts';
import { fail, forEachOperand } from '../output.ts';
import { OptionProblem, parseRestart } from './create-options.ts';

export const update: LeafCommand = {
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Update configuration of one or more containers',
  aliases: 'docker container update, docker update',
  flags: UPDATE,
  arity: { least: 1 },
  completes: ['container'],
  run: function* (invocation) {
    const text = invocation.flags.last('restart');
    if (text === undefined) return yield* fail(invocation, 'you must provide one or more flags when using this command');
    const policy = parseRestart(text);
    if (policy instanceof OptionProblem) return yield* fail(invocation, policy.message);
    return yield* forEachOperand(invocation, function* (container) {
      const path = `/containers/${percentEncode(container)}/update`;
      const answer = yield* invocation.client.send({ method: 'POST', path, body: { RestartPolicy: policy } });
      return answer instanceof ApiFailure ? answer : undefined;
    });
  },
};
