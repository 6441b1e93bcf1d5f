import { parseIP } from '../../../base/address.ts';
import { checkLink, checkNetwork } from '../commands/network-options.ts';
import { checkMount } from '../commands/mount-flags.ts';
import type { Flag } from '../flags.ts';

function checkEnvironment(value: string): string | undefined {
  return value === '' || value.startsWith('=') ? `invalid environment variable: ${value}` : undefined;
}

function checkExtraHost(value: string): string | undefined {
  const at = value.search(/[:=]/);
  if (at <= 0) return `bad format for add-host: "${value}"`;
  const address = value.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  return address === 'host-gateway' || parseIP(address) !== undefined ? undefined : `invalid IP address in add-host: "${address}"`;
}

function checkAddress(value: string): string | undefined {
  return parseIP(value) === undefined ? `IP address is not correctly formatted: ${value}` : undefined;
}

/** Parameters that belong to a namespace of the container and may be set for it. */
function checkSysctl(value: string): string | undefined {
  const [name = ''] = value.split('=');
  const allowed =
    name.startsWith('net.') ||
    name.startsWith('fs.mqueue.') ||
    /^kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$/.test(name);
  return allowed && value.includes('=') ? undefined : `sysctl '${value}' is not allowed`;
}

/** The flags that `docker run` and `docker create` share: what the container is to be. */
const CONTAINER: readonly Flag[] = [
  { long: 'add-host', type: 'list', usage: 'Add a custom host-to-IP mapping (host:ip)', check: checkExtraHost },
  {
    long: 'annotation',
    type: 'map',
    usage: 'Add an annotation to the container (passed through to the OCI runtime)',
    initial: 'map[]',
    unmodelled: true,
  },
  { long: 'attach', short: 'a', type: 'list', usage: 'Attach to STDIN, STDOUT or STDERR', unmodelled: true },
  {
    long: 'blkio-weight',
    type: 'uint16',
    usage: 'Block IO (relative weight), between 10 and 1000, or 0 to disable',
    initial: '0',
    unmodelled: true,
  },
  { long: 'blkio-weight-device', type: 'list', usage: 'Block IO weight (relative device weight)', initial: '[]', unmodelled: true },
  { long: 'cap-add', type: 'list', usage: 'Add Linux capabilities' },
  { long: 'cap-drop', type: 'list', usage: 'Drop Linux capabilities' },
  { long: 'cgroup-parent', type: 'string', usage: 'Optional parent cgroup for the container', unmodelled: true },
  {
    long: 'cgroupns',
    type: 'string',
    usage:
      "Cgroup namespace to use (host|private)\n'host':    Run the container in the Docker host's cgroup namespace\n'private': Run the container in its own private cgroup namespace\n'':        Use the cgroup namespace as configured by the\n           default-cgroupns-mode option on the daemon (default)",
    unmodelled: true,
  },
  { long: 'cidfile', type: 'string', usage: 'Write the container ID to the file' },
  { long: 'cpu-count', type: 'int', usage: 'CPU count (Windows only)', unmodelled: true },
  { long: 'cpu-percent', type: 'int', usage: 'CPU percent (Windows only)', unmodelled: true },
  { long: 'cpu-period', type: 'int', usage: 'Limit CPU CFS (Completely Fair Scheduler) period', unmodelled: true },
  { long: 'cpu-quota', type: 'int', usage: 'Limit CPU CFS (Completely Fair Scheduler) quota', unmodelled: true },
  { long: 'cpu-rt-period', type: 'int', usage: 'Limit CPU real-time period in microseconds', unmodelled: true },
  { long: 'cpu-rt-runtime', type: 'int', usage: 'Limit CPU real-time runtime in microseconds', unmodelled: true },
  { long: 'cpu-shares', short: 'c', type: 'int', usage: 'CPU shares (relative weight)', unmodelled: true },
  { long: 'cpus', type: 'decimal', usage: 'Number of CPUs', unmodelled: true },
  { long: 'cpuset-cpus', type: 'string', usage: 'CPUs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'cpuset-mems', type: 'string', usage: 'MEMs in which to allow execution (0-3, 0,1)', unmodelled: true },
  { long: 'device', type: 'list', usage: 'Add a host device to the container', unmodelled: true },
  { long: 'device-cgroup-rule', type: 'list', usage: 'Add a rule to the cgroup allowed devices list', unmodelled: true },
  { long: 'device-read-bps', type: 'list', usage: 'Limit read rate (bytes per second) from a device', initial: '[]', unmodelled: true },
  { long: 'device-read-iops', type: 'list', usage: 'Limit read rate (IO per second) from a device', initial: '[]', unmodelled: true },
  { long: 'device-write-bps', type: 'list', usage: 'Limit write rate (bytes per second) to a device', initial: '[]', unmodelled: true },
  { long: 'device-write-iops', type: 'list', usage: 'Limit write rate (IO per second) to a device', initial: '[]', unmodelled: true },
  { long: 'disable-content-trust', type: 'bool', usage: 'Skip image verification', initial: 'true', unmodelled: true },
  { long: 'dns', type: 'list', usage: 'Set custom DNS servers', check: checkAddress },
  { long: 'dns-option', type: 'list', usage: 'Set DNS options' },
  { long: 'dns-search', type: 'list', usage: 'Set custom DNS search domains' },
  { long: 'domainname', type: 'string', usage: 'Container NIS domain name' },
  { long: 'entrypoint', type: 'string', usage: 'Overwrite the default ENTRYPOINT of the image' },
  { long: 'env', short: 'e', type: 'list', usage: 'Set environment variables', check: checkEnvironment },
  { long: 'env-file', type: 'list', usage: 'Read in a file of environment variables' },
  { long: 'expose', type: 'list', usage: 'Expose a port or a range of ports' },
  { long: 'gpus', type: 'gpu-request', usage: "GPU devices to add to the container ('all' to pass all GPUs)", unmodelled: true },
  { long: 'group-add', type: 'list', usage: 'Add additional groups to join', unmodelled: true },
  { long: 'health-cmd', type: 'string', usage: 'Command to run to check health' },
  { long: 'health-interval', type: 'duration', usage: 'Time between running the check (ms|s|m|h)', initial: '0s' },
  { long: 'health-retries', type: 'int', usage: 'Consecutive failures needed to report unhealthy' },
  {
    long: 'health-start-interval',
    type: 'duration',
    usage: 'Time between running the check during the start period (ms|s|m|h)',
    initial: '0s',
  },
  {
    long: 'health-start-period',
    type: 'duration',
    usage: 'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)',
    initial: '0s',
  },
  { long: 'health-timeout', type: 'duration', usage: 'Maximum time to allow one check to run (ms|s|m|h)', initial: '0s' },
  { long: 'help', type: 'bool', usage: 'Print usage' },
  { long: 'hostname', short: 'h', type: 'string', usage: 'Container host name' },
  { long: 'init', type: 'bool', usage: 'Run an init inside the container that forwards signals and reaps processes' },
  { long: 'interactive', short: 'i', type: 'bool', usage: 'Keep STDIN open even if not attached' },
  { long: 'io-maxbandwidth', type: 'bytes', usage: 'Maximum IO bandwidth limit for the system drive (Windows only)', unmodelled: true },
  { long: 'io-maxiops', type: 'uint', usage: 'Maximum IOps limit for the system drive (Windows only)', unmodelled: true },
  { long: 'ip', type: 'string', usage: 'IPv4 address (e.g., 172.30.100.104)' },
  { long: 'ip6', type: 'string', usage: 'IPv6 address (e.g., 2001:db8::33)' },
  { long: 'ipc', type: 'string', usage: 'IPC mode to use', unmodelled: true },
  { long: 'isolation', type: 'string', usage: 'Container isolation technology', unmodelled: true },
  { long: 'kernel-memory', type: 'bytes', usage: 'Kernel memory limit', unmodelled: true },
  { long: 'label', short: 'l', type: 'list', usage: 'Set meta data on a container' },
  { long: 'label-file', type: 'list', usage: 'Read in a line delimited file of labels', unmodelled: true },
  { long: 'link', type: 'list', usage: 'Add link to another container', check: checkLink },
  { long: 'link-local-ip', type: 'list', usage: 'Container IPv4/IPv6 link-local addresses' },
  { long: 'log-driver', type: 'string', usage: 'Logging driver for the container', unmodelled: true },
  { long: 'log-opt', type: 'list', usage: 'Log driver options', unmodelled: true },
  { long: 'mac-address', type: 'string', usage: 'Container MAC address (e.g., 92:d0:c6:0a:29:33)' },
  { long: 'memory', short: 'm', type: 'bytes', usage: 'Memory limit', unmodelled: true },
  { long: 'memory-reservation', type: 'bytes', usage: 'Memory soft limit', unmodelled: true },
  { long: 'memory-swap', type: 'bytes', usage: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", unmodelled: true },
  { long: 'memory-swappiness', type: 'int', usage: 'Tune container memory swappiness (0 to 100)', initial: '-1', unmodelled: true },
  { long: 'mount', type: 'mount', usage: 'Attach a filesystem mount to the container', check: checkMount },
  { long: 'name', type: 'string', usage: 'Assign a name to the container' },
  { long: 'network', type: 'network', usage: 'Connect a container to a network', check: checkNetwork },
  { long: 'network-alias', type: 'list', usage: 'Add network-scoped alias for the container' },
  { long: 'no-healthcheck', type: 'bool', usage: 'Disable any container-specified HEALTHCHECK' },
  { long: 'oom-kill-disable', type: 'bool', usage: 'Disable OOM Killer', unmodelled: true },
  { long: 'oom-score-adj', type: 'int', usage: "Tune host's OOM preferences (-1000 to 1000)", unmodelled: true },
  { long: 'pid', type: 'string', usage: 'PID namespace to use' },
  { long: 'pids-limit', type: 'int', usage: 'Tune container pids limit (set -1 for unlimited)', unmodelled: true },
  { long: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable', unmodelled: true },
  { long: 'privileged', type: 'bool', usage: 'Give extended privileges to this container' },
  { long: 'publish', short: 'p', type: 'list', usage: "Publish a container's port(s) to the host" },
  { long: 'publish-all', short: 'P', type: 'bool', usage: 'Publish all exposed ports to random ports' },
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Suppress the pull output' },
  { long: 'read-only', type: 'bool', usage: "Mount the container's root filesystem as read only" },
  { long: 'restart', type: 'string', usage: 'Restart policy to apply when a container exits', initial: '"no"' },
  { long: 'rm', type: 'bool', usage: 'Automatically remove the container and its associated anonymous volumes when it exits' },
  { long: 'runtime', type: 'string', usage: 'Runtime to use for this container', unmodelled: true },
  { long: 'security-opt', type: 'list', usage: 'Security Options', unmodelled: true },
  { long: 'shm-size', type: 'bytes', usage: 'Size of /dev/shm', unmodelled: true },
  { long: 'stop-signal', type: 'string', usage: 'Signal to stop the container' },
  { long: 'stop-timeout', type: 'int', usage: 'Timeout (in seconds) to stop a container' },
  { long: 'storage-opt', type: 'list', usage: 'Storage driver options for the container', unmodelled: true },
  { long: 'sysctl', type: 'map', usage: 'Sysctl options', initial: 'map[]', check: checkSysctl },
  { long: 'tmpfs', type: 'list', usage: 'Mount a tmpfs directory' },
  { long: 'tty', short: 't', type: 'bool', usage: 'Allocate a pseudo-TTY' },
  { long: 'ulimit', type: 'ulimit', usage: 'Ulimit options', initial: '[]', unmodelled: true },
  { long: 'use-api-socket', type: 'bool', usage: 'Bind mount Docker API socket and required auth', unmodelled: true },
  { long: 'user', short: 'u', type: 'string', usage: 'Username or UID (format: <name|uid>[:<group|gid>])' },
  { long: 'userns', type: 'string', usage: 'User namespace to use', unmodelled: true },
  { long: 'uts', type: 'string', usage: 'UTS namespace to use', unmodelled: true },
  { long: 'volume', short: 'v', type: 'list', usage: 'Bind mount a volume' },
  { long: 'volume-driver', type: 'string', usage: 'Optional volume driver for the container', unmodelled: true },
  { long: 'volumes-from', type: 'list', usage: 'Mount volumes from the specified container(s)', unmodelled: true },
  { long: 'workdir', short: 'w', type: 'string', usage: 'Working directory inside the container' },
  // Older names, which the help keeps to itself.
  { long: 'net', type: 'network', usage: 'Connect a container to a network', hidden: true, check: checkNetwork },
  { long: 'net-alias', type: 'list', usage: 'Add network-scoped alias for the container', hidden: true },
  { long: 'dns-opt', type: 'list', usage: 'Set DNS options', hidden: true },
];

export const RUN: readonly Flag[] = [
  ...CONTAINER,
  { long: 'detach', short: 'd', type: 'bool', usage: 'Run container in background and print container ID' },
  { long: 'detach-keys', type: 'string', usage: 'Override the key sequence for detaching a container', unmodelled: true },
  { long: 'sig-proxy', type: 'bool', usage: 'Proxy received signals to the process', initial: 'true' },
  { long: 'pull', type: 'string', usage: 'Pull image before running ("always", "missing", "never")', initial: '"missing"' },
];

export const CREATE: readonly Flag[] = [
  ...CONTAINER,
  { long: 'pull', type: 'string', usage: 'Pull image before creating ("always", "|missing", "never")', initial: '"missing"' },
];
