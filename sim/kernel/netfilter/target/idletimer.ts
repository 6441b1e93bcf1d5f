import { isProblem, numberOf, problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

/** IDLETIMER: a timer that packets start anew (net/netfilter/xt_IDLETIMER.c). Only a file of sysfs would show it, which isn't here. */
export const idletimer: TargetExtension<{ timeout: number; label: string }> = {
  name: 'IDLETIMER',
  options: [
    { name: 'timeout', mandatory: true },
    { name: 'label', mandatory: true },
    { name: 'alarm', arguments: 0, unmodelled: true },
  ],
  parse(given) {
    const timeout = numberOf('IDLETIMER', given, 'timeout', 0xffff_ffff);
    if (isProblem(timeout)) return timeout;
    const label = given.value('label') as string;
    return label.length < 28 ? { timeout, label } : problem('IDLETIMER: option "--label" may be up to 27 characters long.\n');
  },
  check: ({ timeout, label }) => (timeout === 0 || label === '' ? 'EINVAL' : undefined),
  save: ({ timeout, label }) => ` --timeout ${timeout} --label ${label}`,
  list: ({ timeout, label }) => ` timeout:${timeout} label:${label}`,
  evaluate: () => 'continue',
};
