import type { Flag } from '../flags.ts';
import { FORMAT_LIST, FORMAT_OBJECT } from './format.ts';

export const EXEC: readonly Flag[] = [
  { long: 'detach', short: 'd', type: 'bool', usage: 'Detached mode: run command in the background' },
  { long: 'detach-keys', type: 'string', usage: 'Override the key sequence for detaching a container', unmodelled: true },
  { long: 'env', short: 'e', type: 'list', usage: 'Set environment variables' },
  { long: 'env-file', type: 'list', usage: 'Read in a file of environment variables' },
  { long: 'interactive', short: 'i', type: 'bool', usage: 'Keep STDIN open even if not attached' },
  { long: 'privileged', type: 'bool', usage: 'Give extended privileges to the command' },
  { long: 'tty', short: 't', type: 'bool', usage: 'Allocate a pseudo-TTY' },
  { long: 'user', short: 'u', type: 'string', usage: 'Username or UID (format: "<name|uid>[:<group|gid>]")' },
  { long: 'workdir', short: 'w', type: 'string', usage: 'Working directory inside the container' },
];

export const PS: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Show all containers (default shows just running)' },
  { long: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'last', short: 'n', type: 'int', usage: 'Show n last created containers (includes all states)', initial: '-1' },
  { long: 'latest', short: 'l', type: 'bool', usage: 'Show the latest created container (includes all states)' },
  { long: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display container IDs' },
  { long: 'size', short: 's', type: 'bool', usage: 'Display total file sizes' },
];

export const INSPECT: readonly Flag[] = [
  { long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT },
  { long: 'size', short: 's', type: 'bool', usage: 'Display total file sizes if the type is container' },
  { long: 'type', type: 'string', usage: 'Only inspect objects of the given type' },
];

export const CONTAINER_INSPECT: readonly Flag[] = [
  { long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT },
  { long: 'size', short: 's', type: 'bool', usage: 'Display total file sizes' },
];

export const RM: readonly Flag[] = [
  { long: 'force', short: 'f', type: 'bool', usage: 'Force the removal of a running container (uses SIGKILL)' },
  { long: 'link', short: 'l', type: 'bool', usage: 'Remove the specified link' },
  { long: 'volumes', short: 'v', type: 'bool', usage: 'Remove anonymous volumes associated with the container' },
];

export const STOP: readonly Flag[] = [
  { long: 'signal', short: 's', type: 'string', usage: 'Signal to send to the container' },
  { long: 'timeout', short: 't', type: 'int', usage: 'Seconds to wait before killing the container' },
  { long: 'time', type: 'int', usage: 'Seconds to wait before killing the container', deprecated: 'use --timeout instead' },
];

export const START: readonly Flag[] = [
  { long: 'attach', short: 'a', type: 'bool', usage: 'Attach STDOUT/STDERR and forward signals' },
  { long: 'checkpoint', type: 'string', usage: 'Restore from this checkpoint', unmodelled: true },
  { long: 'checkpoint-dir', type: 'string', usage: 'Use a custom checkpoint storage directory', unmodelled: true },
  { long: 'detach-keys', type: 'string', usage: 'Override the key sequence for detaching a container', unmodelled: true },
  { long: 'interactive', short: 'i', type: 'bool', usage: "Attach container's STDIN" },
];

export const RESTART: readonly Flag[] = [
  { long: 'signal', short: 's', type: 'string', usage: 'Signal to send to the container' },
  { long: 'timeout', short: 't', type: 'int', usage: 'Seconds to wait before killing the container' },
  { long: 'time', type: 'int', usage: 'Seconds to wait before killing the container', deprecated: 'use --timeout instead' },
];

export const KILL: readonly Flag[] = [{ long: 'signal', short: 's', type: 'string', usage: 'Signal to send to the container' }];

export const LOGS: readonly Flag[] = [
  { long: 'details', type: 'bool', usage: 'Show extra details provided to logs', unmodelled: true },
  { long: 'follow', short: 'f', type: 'bool', usage: 'Follow log output' },
  {
    long: 'since',
    type: 'string',
    usage: 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
  },
  { long: 'tail', short: 'n', type: 'string', usage: 'Number of lines to show from the end of the logs', initial: '"all"' },
  { long: 'timestamps', short: 't', type: 'bool', usage: 'Show timestamps' },
  {
    long: 'until',
    type: 'string',
    usage: 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
  },
];

export const ATTACH: readonly Flag[] = [
  { long: 'detach-keys', type: 'string', usage: 'Override the key sequence for detaching a container', unmodelled: true },
  { long: 'no-stdin', type: 'bool', usage: 'Do not attach STDIN' },
  { long: 'sig-proxy', type: 'bool', usage: 'Proxy all received signals to the process', initial: 'true' },
];

export const STATS: readonly Flag[] = [
  { long: 'all', short: 'a', type: 'bool', usage: 'Show all containers (default shows just running)' },
  { long: 'format', type: 'string', usage: FORMAT_LIST },
  { long: 'no-stream', type: 'bool', usage: 'Disable streaming stats and only pull the first result' },
  { long: 'no-trunc', type: 'bool', usage: 'Do not truncate output' },
];

export const CONTAINER_PRUNE: readonly Flag[] = [
  { long: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
  { long: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
];
