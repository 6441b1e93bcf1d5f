import { NEVER, rfc3339 } from '../clock.ts';
import { describeHealthcheck } from '../images/config.ts';
import { describeHealth } from './health.ts';
import { networkSettings } from './describe-network.ts';
import type { Engine } from '../engine.ts';
import { layerBetween } from '../images/layer.ts';
import type { Container } from './container.ts';
import { describeLinks } from './links.ts';
import type { HostConfig } from './settings.ts';

const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** GET /containers/{id}/json (`container.InspectResponse`), fields in the API's order. */
export function describeContainer(engine: Engine, container: Container, size: boolean): Record<string, unknown> {
  const { id, config, hostConfig } = container;
  const directory = `/var/lib/docker/containers/${id}`;
  const [path = '', ...args] = container.argv;
  return {
    Id: id,
    Created: rfc3339(container.created),
    Path: path,
    Args: args,
    State: describeState(container),
    Image: `sha256:${container.image.id}`,
    ResolvConfPath: container.started === undefined ? '' : `${directory}/resolv.conf`,
    HostnamePath: container.started === undefined ? '' : `${directory}/hostname`,
    HostsPath: container.started === undefined ? '' : `${directory}/hosts`,
    LogPath: container.started === undefined ? '' : `${directory}/${id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.length > 0 ? [...container.execIds] : null,
    HostConfig: describeHostConfig(hostConfig, describeLinks(container)),
    GraphDriver: graphDriver(container),
    ...(size ? sizesOf(engine, container) : {}),
    Mounts: container.mounts
      .filter(({ type }) => type !== 'tmpfs')
      .map((mount) => ({
        Type: mount.type,
        ...(mount.name ? { Name: mount.name } : {}),
        Source: mount.source,
        Destination: mount.destination,
        ...(mount.type === 'volume' ? { Driver: 'local' } : {}),
        Mode: mount.mode,
        RW: mount.writable,
        Propagation: mount.type === 'bind' ? 'rprivate' : '',
      })),
    Config: {
      Hostname: config.Hostname,
      Domainname: config.Domainname,
      User: config.User,
      AttachStdin: config.AttachStdin,
      AttachStdout: config.AttachStdout,
      AttachStderr: config.AttachStderr,
      ...(Object.keys(config.ExposedPorts).length > 0 ? { ExposedPorts: sorted(config.ExposedPorts) } : {}),
      Tty: config.Tty,
      OpenStdin: config.OpenStdin,
      StdinOnce: config.StdinOnce,
      Env: config.Env.length > 0 ? config.Env : null,
      Cmd: config.Cmd,
      Image: config.Image,
      Volumes: config.Volumes ?? null,
      WorkingDir: config.WorkingDir,
      Entrypoint: config.Entrypoint,
      ...(config.MacAddress === '' ? {} : { MacAddress: config.MacAddress }),
      OnBuild: null,
      Labels: config.Labels,
      ...(config.Healthcheck ? { Healthcheck: describeHealthcheck(config.Healthcheck) } : {}),
      ...(config.StopSignal === '' ? {} : { StopSignal: config.StopSignal }),
      ...(config.StopTimeout === undefined ? {} : { StopTimeout: config.StopTimeout }),
      ...(config.Shell ? { Shell: config.Shell } : {}),
    },
    NetworkSettings: networkSettings(container),
  };
}

/** What it has written itself, and together with its image (`docker ps -s`). */
export function sizesOf(engine: Engine, container: Container): { SizeRw: number; SizeRootFs: number } {
  const own = layerBetween(engine.daemon, engine.images.instantiate(container.image), container.root).size;
  return { SizeRw: own, SizeRootFs: container.image.definition.size + own };
}

function describeState(container: Container): Record<string, unknown> {
  return {
    Status: container.status,
    Running: container.running || container.status === 'restarting',
    Paused: container.status === 'paused',
    Restarting: container.status === 'restarting',
    OOMKilled: false,
    Dead: false,
    Pid: container.task?.init.pid ?? 0,
    ExitCode: container.exitCode,
    Error: container.error,
    StartedAt: container.started === undefined ? NEVER : rfc3339(container.started),
    FinishedAt: container.finished === undefined ? NEVER : rfc3339(container.finished),
    ...(container.health ? { Health: describeHealth(container.health) } : {}),
  };
}

function graphDriver(container: Container): Record<string, unknown> {
  const directory = `/var/lib/docker/overlay2/${container.id}`;
  return {
    Data: {
      ID: container.id,
      LowerDir: `${directory}-init/diff:/var/lib/docker/overlay2/${container.image.id}/diff`,
      MergedDir: `${directory}/merged`,
      UpperDir: `${directory}/diff`,
      WorkDir: `${directory}/work`,
    },
    Name: 'overlay2',
  };
}

function describeHostConfig(host: HostConfig, links: string[] | null): Record<string, unknown> {
  return {
    Binds: host.Binds,
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    NetworkMode: host.NetworkMode,
    PortBindings: sorted(host.PortBindings),
    RestartPolicy: host.RestartPolicy,
    AutoRemove: host.AutoRemove,
    VolumeDriver: '',
    VolumesFrom: null,
    ConsoleSize: host.ConsoleSize,
    CapAdd: host.CapAdd,
    CapDrop: host.CapDrop,
    CgroupnsMode: 'private',
    Dns: host.Dns,
    DnsOptions: host.DnsOptions,
    DnsSearch: host.DnsSearch,
    ExtraHosts: host.ExtraHosts,
    GroupAdd: null,
    IpcMode: 'private',
    Cgroup: '',
    Links: links,
    OomScoreAdj: 0,
    PidMode: host.PidMode,
    Privileged: host.Privileged,
    PublishAllPorts: host.PublishAllPorts,
    ReadonlyRootfs: host.ReadonlyRootfs,
    SecurityOpt: host.Privileged ? ['label=disable'] : null,
    ...(Object.keys(host.Sysctls).length > 0 ? { Sysctls: host.Sysctls } : {}),
    ...(host.Tmpfs && Object.keys(host.Tmpfs).length > 0 ? { Tmpfs: host.Tmpfs } : {}),
    ...(host.Mounts ? { Mounts: host.Mounts } : {}),
    UTSMode: '',
    UsernsMode: '',
    ShmSize: 67_108_864,
    Runtime: 'runc',
    Isolation: '',
    ...NO_LIMITS,
    ...(host.Init === undefined ? {} : { Init: host.Init }),
    MaskedPaths: host.Privileged ? null : MASKED_PATHS,
    ReadonlyPaths: host.Privileged ? null : READONLY_PATHS,
  };
}

/** Resource limits, none of which is modelled: what a container without any shows. */
const NO_LIMITS = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

/** Go writes maps with sorted keys. */
function sorted<T>(map: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
