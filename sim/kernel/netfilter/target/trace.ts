import type { TargetExtension } from './target.ts';

/** TRACE: on a real host it makes `xtables-monitor --trace` show the packet's way. Here every rule is in the trace anyway. */
export const trace: TargetExtension<undefined> = {
  name: 'TRACE',
  options: [],
  parse: () => undefined,
  save: () => '',
  list: () => '',
  evaluate: () => 'continue',
};
