import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { binarySize } from '../format/size.ts';
import { INFO, VERSION } from '../options/system.ts';
import { fail } from '../output.ts';
import { compile, execute } from '../template/execute.ts';
import { goJson, typed } from '../template/values.ts';

const CLIENT = {
  Version: '28.5.2',
  ApiVersion: '1.51',
  DefaultAPIVersion: '1.51',
  GitCommit: 'ecc6942',
  GoVersion: 'go1.25.3',
  Os: 'linux',
  Arch: 'amd64',
  BuildTime: 'Wed Nov  5 14:43:33 2025',
  Context: 'default',
};

/** `docker --version` */
export const VERSION_LINE = `Docker version ${CLIENT.Version}, build ${CLIENT.GitCommit}\n`;

interface ServerVersion {
  Platform: { Name: string };
  Components: { Name: string; Version: string; Details: Record<string, string> }[];
  Version: string;
  ApiVersion: string;
}

/** Prints an object by `--format`. */
function* formatted(invocation: Invocation, value: unknown, format: string): Blocking<number> {
  if (format === 'json') {
    yield* invocation.process.write(1, `${goJson(value, true)}\n`);
    return 0;
  }
  const compiled = compile(format);
  if ('error' in compiled) return yield* fail(invocation, `template parsing error: ${compiled.error}`, 64);
  const result = execute(compiled, typed(value), false);
  if ('error' in result) return yield* fail(invocation, result.error);
  yield* invocation.process.write(1, `${result.text}\n`);
  return 0;
}

export const version: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Show the Docker version information',
  flags: VERSION,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const server = yield* invocation.client.json<ServerVersion>('GET', '/version');
    const format = invocation.flags.last('format') ?? '';
    const failed = server instanceof ApiFailure;
    if (format !== '') {
      const status = yield* formatted(invocation, { Client: CLIENT, Server: failed ? null : server }, format);
      return failed ? yield* fail(invocation, server.message) : status;
    }
    yield* invocation.process.write(1, clientText());
    if (failed) return yield* fail(invocation, server.message);
    yield* invocation.process.write(1, serverText(server));
    return 0;
  },
};

function clientText(): string {
  const rows: [string, string][] = [
    ['Version', CLIENT.Version],
    ['API version', CLIENT.ApiVersion],
    ['Go version', CLIENT.GoVersion],
    ['Git commit', CLIENT.GitCommit],
    ['Built', CLIENT.BuildTime],
    ['OS/Arch', `${CLIENT.Os}/${CLIENT.Arch}`],
    ['Context', CLIENT.Context],
  ];
  return `Client: Docker Engine - Community\n${rows.map(([name, value]) => ` ${`${name}:`.padEnd(18)} ${value}\n`).join('')}`;
}

function serverText(server: ServerVersion): string {
  const lines = [`\nServer:${server.Platform.Name ? ` ${server.Platform.Name}` : ''}`];
  for (const { Name, Version, Details } of server.Components) {
    lines.push(` ${Name}:`);
    const rows: [string, string | undefined][] =
      Name === 'Engine'
        ? [
            ['Version', Version],
            ['API version', `${Details.ApiVersion} (minimum version ${Details.MinAPIVersion})`],
            ['Go version', Details.GoVersion],
            ['Git commit', Details.GitCommit],
            ['Built', Details.BuildTime],
            ['OS/Arch', `${Details.Os}/${Details.Arch}`],
            ['Experimental', Details.Experimental],
          ]
        : [
            ['Version', Version],
            ['GitCommit', Details.GitCommit],
          ];
    lines.push(...rows.map(([name, value]) => `  ${`${name}:`.padEnd(17)} ${value ?? ''}`));
  }
  return `${lines.join('\n')}\n`;
}

export const info: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Display system-wide information',
  aliases: 'docker system info, docker info',
  flags: INFO,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const server = yield* invocation.client.json<Record<string, never>>('GET', '/info');
    const format = invocation.flags.last('format') ?? '';
    const client = { Debug: false, Context: CLIENT.Context, Plugins: [], Warnings: null };
    if (format !== '') {
      if (server instanceof ApiFailure) return yield* fail(invocation, server.message);
      return yield* formatted(invocation, { ...(server as object), ClientInfo: client }, format);
    }
    yield* invocation.process.write(
      1,
      `Client: Docker Engine - Community\n Version:    ${CLIENT.Version}\n Context:    default\n Debug Mode: false\n\nServer:\n`,
    );
    if (server instanceof ApiFailure) return yield* fail(invocation, `${server.message}\nerrors pretty printing info`);
    yield* invocation.process.write(1, infoText(server as unknown as ServerInfo));
    yield* invocation.process.write(2, (server as unknown as ServerInfo).Warnings.map((warning) => `${warning}\n`).join(''));
    return 0;
  },
};

interface ServerInfo {
  ID: string;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  ServerVersion: string;
  Driver: string;
  DriverStatus: [string, string][];
  LoggingDriver: string;
  CgroupDriver: string;
  CgroupVersion: string;
  Plugins: { Volume: string[]; Network: string[]; Log: string[] };
  CDISpecDirs: string[];
  Swarm: Membership;
  Runtimes: Record<string, unknown>;
  DefaultRuntime: string;
  InitBinary: string;
  ContainerdCommit: { ID: string };
  RuncCommit: { ID: string };
  InitCommit: { ID: string };
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  Name: string;
  DockerRootDir: string;
  RegistryConfig: { InsecureRegistryCIDRs: string[] };
  Warnings: string[];
}

interface Membership {
  NodeID: string;
  NodeAddr: string;
  LocalNodeState: string;
  ControlAvailable: boolean;
  Nodes?: number;
  Managers?: number;
  Cluster?: { ID?: string; Spec: { Orchestration: { TaskHistoryRetentionLimit: number } } };
  RemoteManagers: { Addr: string }[] | null;
}

/** What there is to say about a swarm; more of it on the manager that leads. */
function swarmLines({
  NodeID,
  NodeAddr,
  LocalNodeState,
  ControlAvailable,
  Nodes,
  Managers,
  Cluster,
  RemoteManagers,
}: Membership): string[] {
  if (LocalNodeState !== 'active') return [`Swarm: ${LocalNodeState}`];
  return [
    `Swarm: ${LocalNodeState}`,
    ` NodeID: ${NodeID}`,
    ` Is Manager: ${ControlAvailable}`,
    ...(Cluster
      ? [
          ` ClusterID: ${Cluster.ID}`,
          ` Managers: ${Managers}`,
          ` Nodes: ${Nodes}`,
          ' Data Path Port: 4789',
          ' Orchestration:',
          `  Task History Retention Limit: ${Cluster.Spec.Orchestration.TaskHistoryRetentionLimit}`,
          ' Raft:',
          '  Snapshot Interval: 10000',
          '  Number of Old Snapshots to Retain: 0',
          '  Heartbeat Tick: 1',
          '  Election Tick: 10',
          ' Dispatcher:',
          '  Heartbeat Period: 5 seconds',
          ' CA Configuration:',
          '  Expiry Duration: 3 months',
          '  Force Rotate: 0',
          ' Autolock Managers: false',
          ' Root Rotation In Progress: false',
        ]
      : []),
    ` Node Address: ${NodeAddr}`,
    ' Manager Addresses:',
    ...(RemoteManagers ?? []).map(({ Addr }) => `  ${Addr}`),
  ];
}

function infoText(info: ServerInfo): string {
  const lines = [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Server Version: ${info.ServerVersion}`,
    `Storage Driver: ${info.Driver}`,
    ...info.DriverStatus.map(([name, value]) => ` ${name}: ${value}`),
    `Logging Driver: ${info.LoggingDriver}`,
    `Cgroup Driver: ${info.CgroupDriver}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    'Plugins:',
    ` Volume: ${info.Plugins.Volume.join(' ')}`,
    ` Network: ${info.Plugins.Network.join(' ')}`,
    ` Log: ${info.Plugins.Log.join(' ')}`,
    'CDI spec directories:',
    ...info.CDISpecDirs.map((directory) => ` ${directory}`),
    ...swarmLines(info.Swarm),
    `Runtimes: ${Object.keys(info.Runtimes).reverse().join(' ')}`,
    `Default Runtime: ${info.DefaultRuntime}`,
    `Init Binary: ${info.InitBinary}`,
    `containerd version: ${info.ContainerdCommit.ID}`,
    `runc version: ${info.RuncCommit.ID}`,
    `init version: ${info.InitCommit.ID}`,
    'Security Options:',
    ' seccomp',
    '  Profile: builtin',
    ' cgroupns',
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `OSType: ${info.OSType}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `ID: ${info.ID}`,
    `Docker Root Dir: ${info.DockerRootDir}`,
    'Debug Mode: false',
    'Experimental: false',
    'Insecure Registries:',
    ...info.RegistryConfig.InsecureRegistryCIDRs.map((cidr) => ` ${cidr}`),
    'Live Restore Enabled: false',
  ];
  return `${lines.map((line) => ` ${line}`).join('\n')}\n\n`;
}
