import type { Command } from '../command.ts';
import { parseDuration } from '../tool/numbers.ts';
import { commandOf, type Tool } from '../tool/tool.ts';

export const sleep: Tool = {
  name: 'sleep',
  suite: 'GNU coreutils',
  usage: ['NUMBER[SUFFIX]...', 'OPTION'],
  about: 'Wait as long as the numbers say together, in seconds, or with a suffix m, h or d. Fractions and infinity are allowed.',
  options: [],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    let seconds = 0;
    let wrong = false;
    for (const text of call.operands) {
      const duration = parseDuration(text);
      if (duration === undefined) {
        wrong = true;
        if (call.busybox) return yield* call.fail(`invalid number '${text}'`);
        yield* call.warn(`invalid time interval ${call.quote(text)}`);
      } else seconds += duration;
    }
    if (wrong) return yield* call.badUsage('');
    const until = call.process.host.now + seconds * 1_000_000;
    if (!Number.isSafeInteger(Math.round(until))) for (;;) yield* call.process.pause();
    while (call.process.host.now < until) yield* call.process.sleep(until - call.process.host.now);
    return 0;
  },
};

/** A family of its own: it is what containers of examples run. */
export const tools: readonly Tool[] = [sleep];

export const commands: readonly Command[] = tools.map(commandOf);
