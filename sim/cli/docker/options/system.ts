import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const VERSION: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const INFO: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const EVENTS: readonly Flag[] = [
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_OBJECT },
  { long: 'since', type: 'string', usage: 'Show all events created since timestamp' },
  { long: 'until', type: 'string', usage: 'Stream events until this timestamp' },
];

export const SYSTEM_DF: readonly Flag[] = [
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'verbose', short: 'v', type: 'bool', usage: 'Show detailed information on space usage', unmodelled: true },
];

export const SYSTEM_PRUNE: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Remove all unused images not just dangling ones' },
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "label=<key>=<value>")', unmodelled: true },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
  { long: 'volumes', type: 'bool', usage: 'Prune anonymous volumes' },
];

export const BUILDER_PRUNE: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Remove all unused build cache, not just dangling ones' },
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=24h")' },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
  { long: 'keep-storage', type: 'bytes', usage: 'Amount of disk space to keep for cache' },
];

export const CONTEXT_LS: readonly Flag[] = [
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only show context names' },
];

export const CONTEXT_INSPECT: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT, unmodelled: true }];
