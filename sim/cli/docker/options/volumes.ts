import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const VOLUME_CREATE: readonly Flag[] = [
  {
    long: 'availability',
    type: 'string',
    usage: 'Cluster Volume availability ("active", "pause", "drain")',
    initial: '"active"',
    unmodelled: true,
  },
  { long: 'driver', short: 'd', type: 'string', usage: 'Specify volume driver name', initial: '"local"' },
  { long: 'group', type: 'string', usage: 'Cluster Volume group (cluster volumes)', unmodelled: true },
  { long: 'label', type: 'list', usage: 'Set metadata for a volume' },
  { long: 'name', type: 'string', usage: 'Specify volume name', hidden: true },
  { long: 'opt', short: 'o', type: 'map', usage: 'Set driver specific options', initial: 'map[]' },
];

export const VOLUME_LS: readonly Flag[] = [
  { long: 'cluster', type: 'bool', usage: 'Display only cluster volumes, and use cluster volume list formatting', unmodelled: true },
  { long: 'filter', short: 'f', type: 'filter', usage: 'Provide filter values (e.g. "dangling=true")' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display volume names' },
];

export const VOLUME_INSPECT: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const VOLUME_RM: readonly Flag[] = [{ long: 'force', short: 'f', type: 'bool', usage: 'Force the removal of one or more volumes' }];

export const VOLUME_PRUNE: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Remove all unused volumes, not just anonymous ones' },
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "label=<label>")' },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
];
