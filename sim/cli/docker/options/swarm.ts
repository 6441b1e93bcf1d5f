import { byName, type Flag } from '../flags.ts';

/** What a node says of itself as it becomes a member. */
const MEMBER: readonly Flag[] = [
  { long: 'advertise-addr', type: 'string', usage: 'Advertised address (format: "<ip|interface>[:port]")' },
  { long: 'availability', type: 'string', usage: 'Availability of the node ("active", "pause", "drain")', initial: '"active"' },
  {
    long: 'data-path-addr',
    type: 'string',
    usage: 'Address or interface to use for data path traffic (format: "<ip|interface>")',
    unmodelled: true,
  },
  { long: 'listen-addr', type: 'node-addr', usage: 'Listen address (format: "<ip|interface>[:port]")', initial: '0.0.0.0:2377' },
];

/** What holds for the whole swarm. */
const SWARM: readonly Flag[] = [
  {
    long: 'cert-expiry',
    type: 'duration',
    usage: 'Validity period for node certificates (ns|us|ms|s|m|h)',
    initial: '2160h0m0s',
    unmodelled: true,
  },
  {
    long: 'dispatcher-heartbeat',
    type: 'duration',
    usage: 'Dispatcher heartbeat period (ns|us|ms|s|m|h)',
    initial: '5s',
    unmodelled: true,
  },
  { long: 'external-ca', type: 'external-ca', usage: 'Specifications of one or more certificate signing endpoints', unmodelled: true },
  { long: 'max-snapshots', type: 'uint', usage: 'Number of additional Raft snapshots to retain', unmodelled: true },
  { long: 'snapshot-interval', type: 'uint', usage: 'Number of log entries between Raft snapshots', initial: '10000', unmodelled: true },
  { long: 'task-history-limit', type: 'int', usage: 'Task history retention limit', initial: '5' },
];

export const SWARM_INIT: readonly Flag[] = byName(MEMBER, SWARM, [
  {
    long: 'autolock',
    type: 'bool',
    usage: 'Enable manager autolocking (requiring an unlock key to start a stopped manager)',
    unmodelled: true,
  },
  {
    long: 'data-path-port',
    type: 'uint32',
    usage: 'Port number to use for data path traffic (1024 - 49151). If no value is set or is set to 0, the default port (4789) is used.',
    unmodelled: true,
  },
  { long: 'default-addr-pool', type: 'ipNetSlice', usage: 'default address pool in CIDR format', initial: '[]', unmodelled: true },
  {
    long: 'default-addr-pool-mask-length',
    type: 'uint32',
    usage: 'default address pool subnet mask length',
    initial: '24',
    unmodelled: true,
  },
  { long: 'force-new-cluster', type: 'bool', usage: 'Force create a new cluster from current state', unmodelled: true },
]);

export const SWARM_JOIN: readonly Flag[] = byName(MEMBER, [{ long: 'token', type: 'string', usage: 'Token for entry into the swarm' }]);

export const SWARM_JOIN_TOKEN: readonly Flag[] = [
  { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display token' },
  { long: 'rotate', type: 'bool', usage: 'Rotate join token', unmodelled: true },
];

export const SWARM_LEAVE: readonly Flag[] = [
  { long: 'force', short: 'f', type: 'bool', usage: 'Force this node to leave the swarm, ignoring warnings' },
];

export const SWARM_UPDATE: readonly Flag[] = byName(SWARM, [
  { long: 'autolock', type: 'bool', usage: 'Change manager autolocking setting (true|false)', unmodelled: true },
]);
