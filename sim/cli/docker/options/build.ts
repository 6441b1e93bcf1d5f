import { checkTag } from '../commands/image-tag.ts';
import type { Flag } from '../flags.ts';

export const BUILD: readonly Flag[] = [
  { long: 'add-host', type: 'list', usage: 'Add a custom host-to-IP mapping ("host:ip")', unmodelled: true },
  { long: 'build-arg', type: 'list', usage: 'Set build-time variables' },
  { long: 'cache-from', type: 'strings', usage: 'Images to consider as cache sources', unmodelled: true },
  { long: 'cgroup-parent', type: 'string', usage: 'Set the parent cgroup for the "RUN" instructions during build', unmodelled: true },
  { long: 'compress', type: 'bool', usage: 'Compress the build context using gzip', unmodelled: true },
  { long: 'cpu-period', type: 'int', usage: 'Limit the CPU CFS (Completely Fair Scheduler) period', unmodelled: true },
  { long: 'cpu-quota', type: 'int', usage: 'Limit the CPU CFS (Completely Fair Scheduler) quota', unmodelled: true },
  { long: 'cpu-shares', short: 'c', type: 'int', usage: 'CPU shares (relative weight)', unmodelled: true },
  { long: 'cpuset-cpus', type: 'string', usage: 'CPUs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'cpuset-mems', type: 'string', usage: 'MEMs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'disable-content-trust', type: 'bool', usage: 'Skip image verification', initial: 'true', unmodelled: true },
  { long: 'file', short: 'f', type: 'string', usage: 'Name of the Dockerfile (Default is "PATH/Dockerfile")' },
  { long: 'force-rm', type: 'bool', usage: 'Always remove intermediate containers' },
  { long: 'iidfile', type: 'string', usage: 'Write the image ID to the file' },
  { long: 'isolation', type: 'string', usage: 'Container isolation technology', unmodelled: true },
  { long: 'label', type: 'list', usage: 'Set metadata for an image' },
  { long: 'memory', short: 'm', type: 'bytes', usage: 'Memory limit', unmodelled: true },
  { long: 'memory-swap', type: 'bytes', usage: 'Swap limit equal to memory plus swap: -1 to enable unlimited swap', unmodelled: true },
  {
    long: 'network',
    type: 'string',
    usage: 'Set the networking mode for the RUN instructions during build',
    initial: '"default"',
    unmodelled: true,
  },
  { long: 'no-cache', type: 'bool', usage: 'Do not use cache when building the image' },
  { long: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable', unmodelled: true },
  { long: 'pull', type: 'bool', usage: 'Always attempt to pull a newer version of the image', unmodelled: true },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Suppress the build output and print image ID on success' },
  { long: 'rm', type: 'bool', usage: 'Remove intermediate containers after a successful build', initial: 'true' },
  { long: 'security-opt', type: 'strings', usage: 'Security options', unmodelled: true },
  { long: 'shm-size', type: 'bytes', usage: 'Size of "/dev/shm"', unmodelled: true },
  { long: 'tag', short: 't', type: 'list', usage: 'Name and optionally a tag in the "name:tag" format', check: checkTag },
  { long: 'target', type: 'string', usage: 'Set the target build stage to build.' },
  { long: 'ulimit', type: 'ulimit', usage: 'Ulimit options', initial: '[]', unmodelled: true },
];

export const COMMIT: readonly Flag[] = [
  { long: 'author', short: 'a', type: 'string', usage: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
  { long: 'change', short: 'c', type: 'list', usage: 'Apply Dockerfile instruction to the created image' },
  { long: 'message', short: 'm', type: 'string', usage: 'Commit message' },
  { long: 'pause', short: 'p', type: 'bool', usage: 'Pause container during commit', initial: 'true' },
];

export const IMPORT: readonly Flag[] = [
  { long: 'change', short: 'c', type: 'list', usage: 'Apply Dockerfile instruction to the created image' },
  { long: 'message', short: 'm', type: 'string', usage: 'Set commit message for imported image' },
  { long: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable', unmodelled: true },
];

export const LOAD: readonly Flag[] = [
  { long: 'input', short: 'i', type: 'string', usage: 'Read from tar archive file, instead of STDIN' },
  {
    long: 'platform',
    type: 'string',
    usage: 'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    unmodelled: true,
  },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Suppress the load output' },
];

export const SAVE: readonly Flag[] = [
  { long: 'output', short: 'o', type: 'string', usage: 'Write to a file, instead of STDOUT' },
  {
    long: 'platform',
    type: 'string',
    usage: 'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    unmodelled: true,
  },
];
