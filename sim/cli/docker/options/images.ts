import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const IMAGES: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Show all images (default hides intermediate images)' },
  { long: 'digests', type: 'bool', usage: 'Show digests' },
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only show image IDs' },
  { long: 'tree', type: 'bool', usage: 'List multi-platform images as a tree (EXPERIMENTAL)', unmodelled: true },
];

export const IMAGE_INSPECT: readonly Flag[] = [
  { long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT },
  {
    long: 'platform',
    type: 'string',
    usage:
      "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    unmodelled: true,
  },
];

export const IMAGE_RM: readonly Flag[] = [
  { long: 'force', short: 'f', type: 'bool', usage: 'Force removal of the image' },
  { long: 'no-prune', type: 'bool', usage: 'Do not delete untagged parents', unmodelled: true },
  {
    long: 'platform',
    type: 'strings',
    usage: 'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    unmodelled: true,
  },
];

export const PULL: readonly Flag[] = [
  { long: 'all-tags', short: 'a', type: 'bool', usage: 'Download all tagged images in the repository', unmodelled: true },
  { long: 'disable-content-trust', type: 'bool', usage: 'Skip image verification', initial: 'true', unmodelled: true },
  { long: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable', unmodelled: true },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Suppress verbose output' },
];

export const HISTORY: readonly Flag[] = [
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'human', short: 'H', type: 'bool', usage: 'Print sizes and dates in human readable format', initial: 'true' },
  { long: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
  {
    long: 'platform',
    type: 'string',
    usage: 'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    unmodelled: true,
  },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only show image IDs' },
];

export const IMAGE_PRUNE: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Remove all unused images, not just dangling ones' },
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
];
