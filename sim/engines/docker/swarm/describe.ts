import { formatIPv4, formatPrefix } from '../../../base/address.ts';
import { rfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { CONTROL_PORT } from './manager.ts';
import { type ObjectMeta, rank, type Service, type SwarmNetwork, type SwarmNode, type SwarmTask } from './objects.ts';
import { optionsOf } from './overlays.ts';
import { isLive, takesTasks, mayRunOn } from './scheduler.ts';
import type { Store } from './store.ts';

const PLUGINS = [
  ...['awslogs', 'fluentd', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'].map((Name) => ({ Type: 'Log', Name })),
  ...['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'].map((Name) => ({ Type: 'Network', Name })),
  { Type: 'Volume', Name: 'local' },
];

function meta({ id, version, created, updated }: ObjectMeta): Record<string, unknown> {
  return { ID: id, Version: { Index: version }, CreatedAt: rfc3339(created), UpdatedAt: rfc3339(updated) };
}

/** GET /nodes/{id}; certificates aren't simulated, so there is nothing about TLS. */
export function describeNode(node: SwarmNode): Record<string, unknown> {
  const address = formatIPv4(node.address);
  return {
    ...meta(node),
    Spec: { Labels: node.labels, Role: node.role, Availability: node.availability },
    Description: {
      Hostname: node.hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 2_000_000_000, MemoryBytes: 4_294_967_296 },
      Engine: { EngineVersion: '28.5.2', Plugins: PLUGINS },
      TLSInfo: {},
    },
    Status: { State: node.state, ...(node.state === 'down' ? { Message: 'heartbeat failure' } : {}), Addr: address },
    ...(node.role === 'manager'
      ? {
          ManagerStatus: {
            ...(node.leader ? { Leader: true } : {}),
            Reachability: node.state === 'ready' ? 'reachable' : 'unreachable',
            Addr: `${address}:${CONTROL_PORT}`,
          },
        }
      : {}),
  };
}

/** GET /services/{id}, with `status` the numbers of its tasks. */
export function describeService(store: Store, service: Service, status: boolean): Record<string, unknown> {
  const { spec, previous, ports, vips, update } = service;
  const anything = ports.length > 0 || vips.length > 0;
  return {
    ...meta(service),
    Spec: spec,
    ...(previous ? { PreviousSpec: previous } : {}),
    Endpoint: anything
      ? {
          Spec: spec.EndpointSpec,
          ...(ports.length > 0 ? { Ports: ports } : {}),
          ...(vips.length > 0
            ? { VirtualIPs: vips.map(({ network, address }) => ({ NetworkID: network, Addr: withLength(store, network, address) })) }
            : {}),
        }
      : { Spec: {} },
    ...(update ? { UpdateStatus: { State: update.state, StartedAt: rfc3339(service.updated), Message: update.message } } : {}),
    ...(status ? { ServiceStatus: serviceStatus(store, service) } : {}),
  };
}

function serviceStatus(store: Store, service: Service): Record<string, number> {
  const tasks = store.tasksOf(service.id);
  const running = tasks.filter((task) => task.state === 'running' && store.nodes.get(task.node)?.state !== 'down').length;
  const constraints = service.spec.TaskTemplate.Placement.Constraints ?? [];
  const eligible = [...store.nodes.values()].filter((node) => takesTasks(node) && mayRunOn(constraints, node)).length;
  const desired = service.spec.Mode.Replicated ? service.spec.Mode.Replicated.Replicas : eligible;
  return { RunningTasks: running, DesiredTasks: desired, CompletedTasks: tasks.filter(({ state }) => state === 'complete').length };
}

function withLength(store: Store, network: string, address: number): string {
  return formatPrefix({ address, length: store.networks.get(network)?.allocated?.length ?? 24 });
}

/** GET /tasks/{id} */
export function describeTask(store: Store, task: SwarmTask): Record<string, unknown> {
  const hostPorts = task.ports.filter(({ PublishMode }) => PublishMode === 'host');
  return {
    ...meta(task),
    Labels: {},
    Spec: task.spec,
    ServiceID: task.service,
    ...(task.slot === 0 ? {} : { Slot: task.slot }),
    ...(task.node === '' ? {} : { NodeID: task.node }),
    Status: {
      Timestamp: rfc3339(task.since),
      State: task.state,
      Message: task.message,
      ...(task.error === '' ? {} : { Err: task.error }),
      ...(task.container ? { ContainerStatus: { ContainerID: task.container, PID: 0, ExitCode: task.exitCode ?? 0 } } : {}),
      PortStatus: hostPorts.length > 0 && rank(task.state) >= rank('running') && isLive(task) ? { Ports: hostPorts } : {},
    },
    DesiredState: task.desired,
    ...(task.attachments.length > 0
      ? {
          NetworksAttachments: task.attachments.flatMap(({ network: id, address }) => {
            const network = store.networks.get(id);
            return network ? [{ Network: { ID: id, Spec: { Name: network.name } }, Addresses: [withLength(store, id, address)] }] : [];
          }),
        }
      : {}),
    GenericResources: null,
  };
}

/** GET /networks/{id} of a network that this host knows only from the managers. */
export function describeSwarmNetwork(network: SwarmNetwork): Record<string, unknown> {
  const { allocated } = network;
  const config = allocated
    ? [{ Subnet: formatPrefix({ address: allocated.subnet, length: allocated.length }), Gateway: formatIPv4(allocated.gateway) }]
    : [];
  const pending = network.driver === 'overlay' && !allocated;
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339(network.created),
    Scope: 'swarm',
    Driver: pending ? '' : network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: pending ? '' : 'default', Options: null, Config: config },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options: pending ? null : optionsOf(network),
    Labels: network.labels,
  };
}

/** GET /swarm */
export function describeCluster(engine: Engine): Record<string, unknown> | undefined {
  const cluster = engine.swarm.manager?.store.cluster;
  if (!cluster) return undefined;
  return { ...clusterInfo(engine), JoinTokens: engine.swarm.tokens() };
}

function clusterInfo(engine: Engine): Record<string, unknown> {
  const cluster = engine.swarm.manager?.store.cluster;
  if (!cluster) return {};
  return {
    ...meta(cluster),
    Spec: {
      Name: 'default',
      Labels: {},
      Orchestration: { TaskHistoryRetentionLimit: cluster.taskHistoryLimit },
      Raft: { SnapshotInterval: 10_000, KeepOldSnapshots: 0, LogEntriesForSlowFollowers: 500, ElectionTick: 10, HeartbeatTick: 1 },
      Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
      CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
      TaskDefaults: {},
      EncryptionConfig: { AutoLockManagers: false },
    },
    TLSInfo: {},
    RootRotationInProgress: false,
    DefaultAddrPool: ['10.0.0.0/8'],
    SubnetSize: 24,
    DataPathPort: 4_789,
  };
}

/** `Swarm` of GET /info. */
export function describeMembership(engine: Engine): Record<string, unknown> {
  const { swarm } = engine;
  const { agent, manager } = swarm;
  const managers = agent?.assignment?.managers ?? [];
  const nodes = manager ? [...manager.store.nodes.values()] : [];
  return {
    NodeID: agent?.node ?? '',
    NodeAddr: agent ? formatIPv4(swarm.address) : '',
    LocalNodeState: swarm.state,
    ControlAvailable: swarm.isManager,
    Error: '',
    RemoteManagers: agent ? managers.map((address) => ({ NodeID: '', Addr: `${formatIPv4(address)}:${CONTROL_PORT}` })) : null,
    ...(manager
      ? { Nodes: nodes.length, Managers: nodes.filter(({ role }) => role === 'manager').length, Cluster: clusterInfo(engine) }
      : {}),
  };
}
