import { isProblem, numberOf, numberRange, type Range } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Queue {
  numbers: Range;
  balance: boolean;
  bypass: boolean;
  fanout: boolean;
}

function text({ numbers, balance, bypass, fanout }: Queue, dashes: readonly [queue: string, word: string]): string {
  const [queue, word] = dashes;
  const which = balance ? `${queue}balance ${numbers.min}:${numbers.max}` : `${queue}num ${numbers.min}`;
  return `${which}${bypass ? ` ${word}bypass` : ''}${fanout ? ` ${word}cpu-fanout` : ''}`;
}

/**
 * NFQUEUE: leaves the decision to a program (net/netfilter/xt_NFQUEUE.c). None listens here, so the packet is lost, as on Linux without a
 * listener, unless `--queue-bypass` lets it pass.
 */
export const nfqueue: TargetExtension<Queue> = {
  name: 'NFQUEUE',
  options: [
    { name: 'queue-num', excludes: ['queue-balance'] },
    { name: 'queue-balance' },
    { name: 'queue-bypass', arguments: 0 },
    { name: 'queue-cpu-fanout', arguments: 0, also: 'queue-balance' },
  ],
  parse(given) {
    const flags = { bypass: given.has('queue-bypass'), fanout: given.has('queue-cpu-fanout') };
    const balance = given.value('queue-balance');
    if (balance !== undefined) {
      const numbers = numberRange('NFQUEUE', 'queue-balance', balance, 65_534);
      return isProblem(numbers) ? numbers : { numbers, balance: true, ...flags };
    }
    const number = given.has('queue-num') ? numberOf('NFQUEUE', given, 'queue-num', 65_535) : 0;
    return isProblem(number) ? number : { numbers: { min: number, max: number }, balance: false, ...flags };
  },
  save: (data) => text(data, [' --queue-', '--queue-']),
  list: (data) => text(data, [' NFQUEUE ', '']),
  evaluate: ({ bypass }) => (bypass ? 'accept' : 'drop'),
};
