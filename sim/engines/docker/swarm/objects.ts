import type { NetworkRequest } from '../network/create.ts';

/**
 * What a swarm's managers keep (moby/swarmkit, api/objects.proto), as plain data: it goes over the wire between hosts as it is.
 * Addresses are numbers, times microseconds of virtual time, as everywhere.
 */
export interface ObjectMeta {
  id: string;
  created: number;
  updated: number;
  /** Grows with every change of anything in the swarm. */
  version: number;
}

export type Availability = 'active' | 'pause' | 'drain';

export interface SwarmNode extends ObjectMeta {
  hostname: string;
  role: 'worker' | 'manager';
  availability: Availability;
  labels: Record<string, string>;
  state: 'ready' | 'down';
  /** Its address as the managers see it. */
  address: number;
  /** For its managers: who leads. */
  leader: boolean;
}

/** A network of the whole swarm. */
export interface SwarmNetwork extends ObjectMeta {
  name: string;
  driver: string;
  internal: boolean;
  attachable: boolean;
  ingress: boolean;
  options: Record<string, string>;
  labels: Record<string, string> | null;
  ipamConfig: NonNullable<NonNullable<NetworkRequest['IPAM']>['Config']>;
  /** What it got; absent while that isn't possible, such as where its subnet overlaps with another's. */
  allocated?: { subnet: number; length: number; gateway: number; vni: number };
}

export interface PortConfig {
  Name?: string;
  Protocol: string;
  TargetPort: number;
  PublishedPort?: number;
  PublishMode: 'ingress' | 'host';
}

export interface EndpointSpec {
  Mode?: 'vip' | 'dnsrr';
  Ports?: PortConfig[];
}

export interface ContainerSpec {
  Image: string;
  Labels?: Record<string, string>;
  Command?: string[];
  Args?: string[];
  Hostname?: string;
  Env?: string[];
  Dir?: string;
  Init?: boolean;
  /** Nanoseconds, as all durations of the API. */
  StopGracePeriod?: number;
  DNSConfig?: Record<string, unknown>;
  Isolation?: string;
}

export interface RestartSpec {
  Condition: 'none' | 'on-failure' | 'any';
  Delay: number;
  MaxAttempts: number;
}

export interface TaskSpec {
  ContainerSpec: ContainerSpec;
  Resources: { Limits: Record<string, never>; Reservations: Record<string, never> };
  RestartPolicy: RestartSpec;
  Placement: { Constraints?: string[] };
  Networks?: { Target: string; Aliases?: string[] }[];
  ForceUpdate: number;
  Runtime: string;
}

export interface UpdateConfig {
  Parallelism: number;
  Delay?: number;
  FailureAction: string;
  Monitor: number;
  MaxFailureRatio: number;
  Order: 'stop-first' | 'start-first';
}

/** A service as the API has it, fields in its order. */
export interface ServiceSpec {
  Name: string;
  Labels: Record<string, string>;
  TaskTemplate: TaskSpec;
  Mode: { Replicated?: { Replicas: number }; Global?: Record<string, never> };
  UpdateConfig: UpdateConfig;
  RollbackConfig: UpdateConfig;
  EndpointSpec: EndpointSpec;
}

export interface VirtualIp {
  network: string;
  address: number;
}

export interface Service extends ObjectMeta {
  spec: ServiceSpec;
  previous?: ServiceSpec;
  /** Ports as they are published, those that nobody chose included. */
  ports: PortConfig[];
  vips: VirtualIp[];
  /** Grows when tasks must be replaced. */
  generation: number;
  update?: { state: 'updating' | 'completed' | 'paused' | 'rollback_started' | 'rollback_completed'; message: string };
}

export type TaskState =
  | 'new'
  | 'pending'
  | 'assigned'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected'
  | 'remove'
  | 'orphaned';

const ORDER: readonly TaskState[] = [
  'new',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
];

/** States only ever grow. */
export function rank(state: TaskState): number {
  return ORDER.indexOf(state);
}

/** An address that a task has on a network. */
export interface Attachment {
  network: string;
  address: number;
  aliases?: string[];
}

/** One container that should run, somewhere. */
export interface SwarmTask extends ObjectMeta {
  service: string;
  serviceName: string;
  /** 0 for tasks of global services, which belong to a node. */
  slot: number;
  /** Empty until it is scheduled. */
  node: string;
  name: string;
  spec: TaskSpec;
  generation: number;
  ports: PortConfig[];
  endpointMode: 'vip' | 'dnsrr';
  vips: VirtualIp[];
  attachments: Attachment[];
  desired: TaskState;
  state: TaskState;
  /** When it came into its state. */
  since: number;
  message: string;
  error: string;
  container?: string;
  exitCode?: number;
}

/** A container of a node's own on an attachable network: for the swarm it is a task, too. */
export interface ManualAttachment {
  task: string;
  node: string;
  network: string;
  container: string;
  address: number;
}

/** Everything about a swarm that survives its leader. */
export interface Cluster extends ObjectMeta {
  /** The digest of its root certificate. */
  digest: string;
  workerSecret: string;
  managerSecret: string;
  taskHistoryLimit: number;
}

/** Why a manager refuses: a gRPC code and its sentence. */
export class Fault {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }

  /** As clients show it. */
  get text(): string {
    return this.code === '' ? this.message : `rpc error: code = ${this.code} desc = ${this.message}`;
  }
}
