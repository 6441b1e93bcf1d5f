import type { Flag } from '../flags.ts';

export const UPDATE: readonly Flag[] = [
  { long: 'blkio-weight', type: 'uint16', usage: 'Block IO (relative weight), between 10 and 1000, or 0 to disable', unmodelled: true },
  { long: 'cpu-period', type: 'int', usage: 'Limit CPU CFS (Completely Fair Scheduler) period', unmodelled: true },
  { long: 'cpu-quota', type: 'int', usage: 'Limit CPU CFS (Completely Fair Scheduler) quota', unmodelled: true },
  { long: 'cpu-rt-period', type: 'int', usage: 'Limit the CPU real-time period in microseconds', unmodelled: true },
  { long: 'cpu-rt-runtime', type: 'int', usage: 'Limit the CPU real-time runtime in microseconds', unmodelled: true },
  { long: 'cpu-shares', short: 'c', type: 'int', usage: 'CPU shares (relative weight)', unmodelled: true },
  { long: 'cpus', type: 'decimal', usage: 'Number of CPUs', unmodelled: true },
  { long: 'cpuset-cpus', type: 'string', usage: 'CPUs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'cpuset-mems', type: 'string', usage: 'MEMs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'memory', short: 'm', type: 'bytes', usage: 'Memory limit', unmodelled: true },
  { long: 'memory-reservation', type: 'bytes', usage: 'Memory soft limit', unmodelled: true },
  { long: 'memory-swap', type: 'bytes', usage: 'Swap limit equal to memory plus swap: -1 to enable unlimited swap', unmodelled: true },
  { long: 'pids-limit', type: 'int', usage: 'Tune container pids limit (set -1 for unlimited)', unmodelled: true },
  { long: 'restart', type: 'string', usage: 'Restart policy to apply when a container exits' },
];
