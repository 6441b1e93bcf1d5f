import type { Flag } from '../flags.ts';
import { FORMAT_OBJECT } from './format.ts';

export const VERSION: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const INFO: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const EVENTS: readonly Flag[] = [
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_OBJECT },
  { long: 'since', type: 'string', usage: 'Show all events created since timestamp' },
  { long: 'until', type: 'string', usage: 'Stream events until this timestamp' },
];
