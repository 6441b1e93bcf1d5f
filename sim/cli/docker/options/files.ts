import type { Flag } from '../flags.ts';

export const CP: readonly Flag[] = [
  { long: 'archive', short: 'a', type: 'bool', usage: 'Archive mode (copy all uid/gid information)' },
  { long: 'follow-link', short: 'L', type: 'bool', usage: 'Always follow symbol link in SRC_PATH' },
  {
    long: 'quiet',
    short: 'q',
    type: 'bool',
    usage: 'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
  },
];

export const EXPORT: readonly Flag[] = [{ long: 'output', short: 'o', type: 'string', usage: 'Write to a file, instead of STDOUT' }];
