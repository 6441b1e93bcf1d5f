import { encode } from '../../../base/bytes.ts';
import { RegularFile } from '../../../host/inode.ts';
import { parseSignal } from '../../../host/signal.ts';
import type { Engine } from '../engine.ts';
import type { Healthcheck } from '../images/image.ts';
import type { Image } from '../images/store.ts';
import { parseReference, withTag } from '../images/reference.ts';
import { checkNewEndpoint } from '../network/check-endpoint.ts';
import { endpointSettings } from '../network/endpoint.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import { checkCapabilities } from './capabilities.ts';
import { checkName, nameConflict } from './containers.ts';
import { Container } from './container.ts';
import { checkUser } from './exec.ts';
import { checkHealthcheck } from './health.ts';
import { Log } from './log.ts';
import { registerLinks } from './links.ts';
import { containerMounts } from './mounts.ts';
import { randomName } from './names.ts';
import {
  type ContainerConfig,
  DEFAULT_CONFIG,
  DEFAULT_HOST_CONFIG,
  type EndpointSettings,
  type HostConfig,
  type RestartPolicy,
} from './settings.ts';

/** The body of POST /containers/create. */
export interface CreateRequest extends Partial<ContainerConfig> {
  HostConfig?: Partial<HostConfig>;
  NetworkingConfig?: { EndpointsConfig?: Record<string, Partial<EndpointSettings>> };
}

export interface Created {
  container: Container;
  warnings: string[];
}

/** Makes a container that doesn't run yet. */
export function createContainer(engine: Engine, wantedName: string, request: CreateRequest): Created | Refusal {
  const reference = parseReference(request.Image ?? '');
  const image = engine.images.find(request.Image ?? '');
  if (!image) {
    return reference instanceof Refusal ? reference : notFound(`No such image: ${withTag(reference)}`);
  }
  const { HostConfig: partialHost, NetworkingConfig: networking, ...partialConfig } = request;
  const hostConfig: HostConfig = { ...DEFAULT_HOST_CONFIG, ...partialHost };
  if (hostConfig.NetworkMode === '' || hostConfig.NetworkMode === 'default') hostConfig.NetworkMode = 'bridge';
  const config = mergeConfig({ ...DEFAULT_CONFIG, ...partialConfig }, image);
  const warnings: string[] = [];
  const refusal =
    checkConfig(config, hostConfig) ??
    checkSysctls(hostConfig) ??
    resolveNetworkMode(engine, config, hostConfig) ??
    resolvePidMode(engine, hostConfig);
  if (refusal) return refusal;
  exposePublished(config, hostConfig, warnings);
  const name = wantedName.replace(/^\//, '');
  if (wantedName !== '') {
    const other = engine.containers.named(name);
    const bad = checkName(name) ?? (other ? nameConflict(name, other.id) : undefined);
    if (bad) return bad;
  }
  return build(engine, name, image, config, hostConfig, networking?.EndpointsConfig ?? {}, warnings);
}

function build(
  engine: Engine,
  wantedName: string,
  image: Image,
  config: ContainerConfig,
  hostConfig: HostConfig,
  endpoints: Record<string, Partial<EndpointSettings>>,
  warnings: string[],
): Created | Refusal {
  const sequence = engine.nextSequence();
  const name =
    wantedName !== ''
      ? wantedName
      : randomName(engine.random(`container-name/${sequence}`), (taken) => engine.containers.named(taken) !== undefined);
  const id = engine.random(`container/${name}/${sequence}`).hex(64);
  if (config.Hostname === '') config.Hostname = hostConfig.NetworkMode === 'host' ? engine.host.name : id.slice(0, 12);
  const container = new Container({
    id,
    name,
    created: engine.host.now,
    sequence,
    image,
    config,
    hostConfig,
    root: engine.images.instantiate(image),
    files: { hostname: new RegularFile(encode(`${config.Hostname}\n`)), hosts: new RegularFile(), resolvConf: new RegularFile() },
    log: new Log(),
  });
  const mounts = containerMounts(engine, id, hostConfig, Object.keys(config.Volumes ?? {}));
  if (mounts instanceof Refusal) return mounts;
  container.mounts.push(...mounts);
  const links = hostConfig.Links ?? [];
  hostConfig.Links = null;
  const refusal = registerLinks(engine, container, links) ?? joinNetworks(engine, container, endpoints);
  if (refusal) return refusal;
  engine.containers.add(container);
  return { container, warnings };
}

/** The image's settings where the request has none (daemon/commit.go `merge`). */
function mergeConfig(config: ContainerConfig, image: Image): ContainerConfig {
  const from = image.definition.config;
  const names = new Set(config.Env.map((setting) => setting.split('=')[0]));
  const merged: ContainerConfig = {
    ...config,
    Env: [...(from.env ?? []).filter((setting) => !names.has(setting.split('=')[0])), ...config.Env],
    ExposedPorts: { ...Object.fromEntries((from.exposedPorts ?? []).map((port) => [port, {}])), ...config.ExposedPorts },
    Labels: { ...from.labels, ...config.Labels },
    WorkingDir: config.WorkingDir === '' ? (from.workingDir ?? '') : config.WorkingDir,
    StopSignal: config.StopSignal === '' ? (from.stopSignal ?? '') : config.StopSignal,
    User: config.User === '' ? (from.user ?? '') : config.User,
  };
  const volumes = { ...Object.fromEntries((from.volumes ?? []).map((path) => [path, {}])), ...config.Volumes };
  if (Object.keys(volumes).length > 0) merged.Volumes = volumes;
  const check = mergeHealthcheck(config.Healthcheck, from.healthcheck);
  if (check) merged.Healthcheck = check;
  if (from.shell) merged.Shell = from.shell;
  if (!config.Entrypoint || config.Entrypoint.length === 0) {
    if (!config.Cmd || config.Cmd.length === 0) merged.Cmd = from.cmd ? [...from.cmd] : null;
    if (!config.Entrypoint) merged.Entrypoint = from.entrypoint ? [...from.entrypoint] : null;
  } else if (config.Entrypoint.length === 1 && config.Entrypoint[0] === '') merged.Entrypoint = null;
  return merged;
}

/** A container's own test counts, with the image's numbers where it has none; without a test the image's. */
function mergeHealthcheck(own: Healthcheck | undefined, from: Healthcheck | undefined): Healthcheck | undefined {
  if (!own || !from) return own ?? from;
  const number = (key: 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval' | 'Retries'): number => own[key] || from[key] || 0;
  return {
    Test: own.Test && own.Test.length > 0 ? own.Test : (from.Test ?? []),
    Interval: number('Interval'),
    Timeout: number('Timeout'),
    StartPeriod: number('StartPeriod'),
    StartInterval: number('StartInterval'),
    Retries: number('Retries'),
  };
}

function checkConfig(config: ContainerConfig, hostConfig: HostConfig): Refusal | undefined {
  if (config.WorkingDir !== '' && !config.WorkingDir.startsWith('/')) {
    return invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  if ([...(config.Entrypoint ?? []), ...(config.Cmd ?? [])].length === 0) return invalid('no command specified');
  if (config.StopSignal !== '' && !parseSignal(config.StopSignal)) return invalid(`invalid signal: ${config.StopSignal}`);
  const policy = hostConfig.RestartPolicy;
  const wrong = checkRestartPolicy(policy);
  if (wrong) return wrong;
  if (policy.Name !== 'no' && policy.Name !== '' && hostConfig.AutoRemove)
    return invalid("can't create 'AutoRemove' container with restart policy");
  return checkUser(config.User) ?? checkHealthcheck(config.Healthcheck) ?? checkCapabilities(hostConfig);
}

/** A policy that exists, with a count only where one may be. */
export function checkRestartPolicy(policy: RestartPolicy): Refusal | undefined {
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(policy.Name)) {
    return invalid(`invalid restart policy: unknown policy '${policy.Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
  if (policy.Name !== 'on-failure' && policy.MaximumRetryCount !== 0) {
    return invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  return undefined;
}

/** Turns `container:NAME` into the other's id, and refuses what can't go with a shared namespace. */
function resolveNetworkMode(engine: Engine, config: ContainerConfig, hostConfig: HostConfig): Refusal | undefined {
  const mode = hostConfig.NetworkMode;
  if (!mode.startsWith('container:')) return undefined;
  if (mode === 'container:') return invalid('invalid network mode: invalid container format container:<name|id>');
  const clash = (what: string): Refusal => invalid(`conflicting options: ${what} and the network mode`);
  if (config.Hostname !== '') return clash('hostname');
  if (hostConfig.Dns.length > 0) return clash('dns');
  if ((hostConfig.ExtraHosts ?? []).length > 0) return clash('custom host-to-IP mapping');
  if (config.MacAddress !== '') return clash('mac-address');
  const container = (what: string): Refusal => invalid(`conflicting options: ${what} and the container type network mode`);
  if (Object.keys(hostConfig.PortBindings).length > 0 || hostConfig.PublishAllPorts) return container('port publishing');
  const other = engine.containers.find(mode.slice('container:'.length));
  // One that doesn't exist is noticed at the start.
  if (!(other instanceof Refusal)) hostConfig.NetworkMode = `container:${other.id}`;
  return undefined;
}

/** Turns `container:NAME` into the other's id. */
function resolvePidMode(engine: Engine, hostConfig: HostConfig): Refusal | undefined {
  const mode = hostConfig.PidMode;
  if (mode === '' || mode === 'host') return undefined;
  if (!mode.startsWith('container:') || mode === 'container:') return invalid('invalid PID mode');
  const other = engine.containers.find(mode.slice('container:'.length));
  if (other instanceof Refusal) return other;
  hostConfig.PidMode = `container:${other.id}`;
  return undefined;
}

/** Parameters of one interface belong to the endpoint, since the interface's name isn't known before. */
function checkSysctls({ Sysctls }: HostConfig): Refusal | undefined {
  const name = Object.keys(Sysctls).find((candidate) => /^net\.(ipv4|ipv6|mpls)\.[^.]+\.eth\d+\./.test(candidate));
  if (name === undefined) return undefined;
  return invalid(`interface specific sysctl setting "${name}" must be supplied using driver option 'com.docker.network.endpoint.sysctls'`);
}

/** Published ports are exposed ports. In the host's own namespace there is nothing to publish. */
function exposePublished(config: ContainerConfig, hostConfig: HostConfig, warnings: string[]): void {
  const published = Object.keys(hostConfig.PortBindings);
  for (const port of published) config.ExposedPorts = { ...config.ExposedPorts, [port]: {} };
  if (hostConfig.NetworkMode === 'host' && published.length > 0) {
    warnings.push('Published ports are discarded when using host network mode');
  }
}

/** The container's settings on the networks it starts with. */
function joinNetworks(engine: Engine, container: Container, endpoints: Record<string, Partial<EndpointSettings>>): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return undefined;
  const wanted = Object.keys(endpoints).length > 0 ? endpoints : { [mode]: {} };
  for (const [written, partial] of Object.entries(wanted)) {
    const name = written === 'default' ? 'bridge' : written;
    const network = engine.networks.find(name);
    const settings = endpointSettings(partial);
    if (network instanceof Refusal) container.networks.set(name, settings);
    else {
      const refusal = checkNewEndpoint(network, settings);
      if (refusal) return refusal;
      container.networks.set(network.name, settings);
      if (name === mode) container.hostConfig.NetworkMode = network.predefined ? network.name : mode;
    }
  }
  return undefined;
}
