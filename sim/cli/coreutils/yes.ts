import { byteString } from '../tool/byte-string.ts';
import type { Tool } from '../tool/tool.ts';

/** How much is written at a time. */
const BLOCK = 8_192;

export const yes: Tool = {
  name: 'yes',
  suite: 'GNU coreutils',
  usage: ['[STRING]...'],
  about: 'Print a line again and again: the words given, or y.',
  options: [],
  *main(call) {
    const line = `${byteString(call.operands.join(' ') || 'y')}\n`;
    const block = line.repeat(Math.max(1, Math.floor(BLOCK / line.length)));
    while (!call.out.error) {
      yield* call.out.write(block);
      yield* call.out.flush();
      yield* call.process.spend(5);
    }
    return 1;
  },
};
