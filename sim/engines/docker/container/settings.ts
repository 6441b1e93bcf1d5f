import type { Healthcheck } from '../images/image.ts';

/**
 * The parts of a container's configuration as the Engine API names them (`ContainerConfig`, `HostConfig`, `EndpointSettings`).
 * Only what clients can set here is listed; everything else has its default in `inspect`.
 */
export interface ContainerConfig {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts: Record<string, Record<string, never>>;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  Env: string[];
  Cmd: string[] | null;
  Image: string;
  WorkingDir: string;
  Entrypoint: string[] | null;
  MacAddress: string;
  Labels: Record<string, string>;
  StopSignal: string;
  StopTimeout: number | undefined;
  Volumes?: Record<string, Record<string, never>>;
  Healthcheck?: Healthcheck;
  /** Kept for images made of the container. */
  Shell?: readonly string[];
}

export interface PortBinding {
  HostIp: string;
  HostPort: string;
}

export interface RestartPolicy {
  Name: string;
  MaximumRetryCount: number;
}

/** One `--mount`. */
export interface MountRequest {
  Type: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
}

export interface HostConfig {
  Binds: string[] | null;
  Mounts?: MountRequest[] | null;
  /** Destinations, with the options of the mount. */
  Tmpfs?: Record<string, string>;
  ReadonlyRootfs: boolean;
  NetworkMode: string;
  PortBindings: Record<string, PortBinding[]>;
  RestartPolicy: RestartPolicy;
  AutoRemove: boolean;
  CapAdd: string[] | null;
  CapDrop: string[] | null;
  Dns: string[];
  DnsOptions: string[];
  DnsSearch: string[];
  ExtraHosts: string[] | null;
  Links: string[] | null;
  Privileged: boolean;
  PublishAllPorts: boolean;
  Sysctls: Record<string, string>;
  ConsoleSize: [number, number];
  /** `host`, `container:ID`, or empty for its own. */
  PidMode: string;
  /** docker-init as process 1; absent: as the daemon has it, without. */
  Init?: boolean;
}

/** How a container wants to be, or is, on one network. */
export interface EndpointSettings {
  IPAMConfig: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] } | null;
  /** `NAME:ALIAS`, on user-defined networks. */
  Links: string[] | null;
  Aliases: string[] | null;
  /** As asked for; the address in use is the endpoint's. */
  MacAddress: string;
  DriverOpts: Record<string, string> | null;
  GwPriority: number;
}

export const DEFAULT_CONFIG: Readonly<ContainerConfig> = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  ExposedPorts: {},
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: [],
  Cmd: null,
  Image: '',
  WorkingDir: '',
  Entrypoint: null,
  MacAddress: '',
  Labels: {},
  StopSignal: '',
  StopTimeout: undefined,
};

export const DEFAULT_HOST_CONFIG: Readonly<HostConfig> = {
  Binds: null,
  ReadonlyRootfs: false,
  NetworkMode: 'bridge',
  PortBindings: {},
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  Links: null,
  Privileged: false,
  PublishAllPorts: false,
  Sysctls: {},
  ConsoleSize: [0, 0],
  PidMode: '',
};

export const DEFAULT_ENDPOINT: Readonly<EndpointSettings> = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '',
  DriverOpts: null,
  GwPriority: 0,
};
