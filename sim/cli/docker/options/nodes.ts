import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const NODE_LS: readonly Flag[] = [
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display IDs' },
];

export const NODE_INSPECT: readonly Flag[] = [
  { long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT },
  { long: 'pretty', type: 'bool', usage: 'Print the information in a human friendly format' },
];

export const NODE_PS: readonly Flag[] = [
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_OBJECT },
  { long: 'no-resolve', type: 'bool', usage: 'Do not map IDs to Names' },
  { long: 'no-trunc', type: 'bool', usage: 'Do not truncate output' },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display task IDs' },
];

export const NODE_UPDATE: readonly Flag[] = [
  { long: 'availability', type: 'string', usage: 'Availability of the node ("active", "pause", "drain")' },
  { long: 'label-add', type: 'list', usage: 'Add or update a node label ("key=value")' },
  { long: 'label-rm', type: 'list', usage: 'Remove a node label if exists' },
  { long: 'role', type: 'string', usage: 'Role of the node ("worker", "manager")' },
];

export const NODE_RM: readonly Flag[] = [{ long: 'force', short: 'f', type: 'bool', usage: 'Force remove a node from the swarm' }];
