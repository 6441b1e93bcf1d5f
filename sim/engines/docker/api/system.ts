import { KERNEL } from '../../../host/filesystems/identity.ts';
import { type Blocking, need } from '../../../host/wait.ts';
import { rfc3339 } from '../clock.ts';
import { members } from '../swarm/swarm.ts';
import type { Answer, Call, Route } from './route.ts';

/** Routes about the daemon itself. */
export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/_ping', handle: ping },
  { method: 'HEAD', path: '/_ping', handle: ping },
  { method: 'GET', path: '/version', handle: version },
  { method: 'GET', path: '/info', handle: info },
];

const VERSION = '28.5.2';
function* ping(): Blocking<Answer> {
  return { status: 200 };
}

function* version(): Blocking<Answer> {
  const build = {
    ApiVersion: '1.51',
    MinAPIVersion: '1.24',
    GitCommit: '89c5e8f',
    GoVersion: 'go1.25.3',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: KERNEL.release,
  };
  const json = {
    Platform: { Name: 'Docker Engine - Community' },
    Components: [
      { Name: 'Engine', Version: VERSION, Details: { ...build, Experimental: 'false', BuildTime: 'Wed Nov  5 14:43:25 2025' } },
      { Name: 'containerd', Version: 'v1.7.29', Details: { GitCommit: '442cb34bda9a6a0fed82a2ca7cade05c5c749582' } },
      { Name: 'runc', Version: '1.3.3', Details: { GitCommit: 'v1.3.3-0-gd842d771' } },
      { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: 'de40ad0' } },
    ],
    Version: VERSION,
    ...build,
    BuildTime: '2025-11-05T14:43:25.000000000+00:00',
  };
  return { status: 200, json };
}

function* info({ engine }: Call): Blocking<Answer> {
  const { describeMembership } = yield* need(members);
  const containers = engine.containers.list();
  const paused = containers.filter((container) => container.status === 'paused').length;
  const running = containers.filter((container) => container.running).length - paused;
  const json = {
    ID: engine.id,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: engine.images.images.length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'extfs'],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: ['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 24,
    OomKillDisable: false,
    NGoroutines: 45,
    SystemTime: rfc3339(engine.host.now),
    LoggingDriver: 'json-file',
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: KERNEL.release,
    OperatingSystem: 'Debian GNU/Linux forky/sid',
    OSVersion: '',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      IndexConfigs: { 'docker.io': { Mirrors: [], Name: 'docker.io', Official: true, Secure: true } },
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
      Mirrors: null,
    },
    NCPU: 2,
    MemTotal: 4_294_967_296,
    GenericResources: null,
    DockerRootDir: '/var/lib/docker',
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: engine.host.init.namespaces.uts.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: VERSION,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: describeMembership(engine),
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '442cb34bda9a6a0fed82a2ca7cade05c5c749582' },
    RuncCommit: { ID: 'v1.3.3-0-gd842d771' },
    InitCommit: { ID: 'de40ad0' },
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    FirewallBackend: { Driver: 'iptables' },
    CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
    Containerd: { Address: '/run/containerd/containerd.sock', Namespaces: { Containers: 'moby', Plugins: 'plugins.moby' } },
    Warnings: engine.firewall ? [] : ['WARNING: the bridge driver writes no iptables rules here: ports are not published'],
  };
  return { status: 200, json };
}
