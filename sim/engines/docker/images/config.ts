import type { ContainerConfig } from '../container/settings.ts';
import type { Healthcheck, ImageConfig } from './image.ts';

/** An image's configuration as the API and an image's own JSON write it: fields that say nothing are left out. */
export function describeImageConfig(config: ImageConfig): Record<string, unknown> {
  const all: Record<string, unknown> = {
    User: config.user,
    ExposedPorts: asSet(config.exposedPorts),
    Env: config.env,
    Entrypoint: config.entrypoint,
    Cmd: config.cmd,
    Volumes: asSet(config.volumes),
    WorkingDir: config.workingDir,
    Labels: config.labels && Object.fromEntries(Object.entries(config.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
    StopSignal: config.stopSignal,
    Healthcheck: config.healthcheck && describeHealthcheck(config.healthcheck),
    OnBuild: config.onBuild,
    Shell: config.shell,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => !saysNothing(value)));
}

/** Reads what `describeImageConfig` writes. */
export function parseImageConfig(json: Record<string, unknown>): ImageConfig {
  const names = (key: string): string[] | undefined => (json[key] ? Object.keys(json[key] as object) : undefined);
  const words = (key: string): string[] | undefined => (json[key] as string[] | null) ?? undefined;
  return withoutEmpty({
    user: json.User as string,
    exposedPorts: names('ExposedPorts'),
    env: words('Env'),
    entrypoint: words('Entrypoint'),
    cmd: words('Cmd'),
    volumes: names('Volumes'),
    workingDir: json.WorkingDir as string,
    labels: json.Labels as Record<string, string>,
    stopSignal: json.StopSignal as string,
    healthcheck: json.Healthcheck as Healthcheck,
    onBuild: words('OnBuild'),
    shell: words('Shell'),
  });
}

/** What a container's configuration is as an image's (`docker commit`). */
export function configOfContainer(config: ContainerConfig): ImageConfig {
  return withoutEmpty({
    user: config.User,
    exposedPorts: Object.keys(config.ExposedPorts),
    env: config.Env,
    entrypoint: config.Entrypoint ?? undefined,
    cmd: config.Cmd ?? undefined,
    volumes: Object.keys(config.Volumes ?? {}),
    workingDir: config.WorkingDir,
    labels: config.Labels,
    stopSignal: config.StopSignal,
    healthcheck: config.Healthcheck,
    shell: config.Shell,
    onBuild: undefined,
  });
}

/** `container.HealthConfig` as JSON: what is zero is left out. */
export function describeHealthcheck(check: Healthcheck): Record<string, unknown> {
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries } = check;
  return Object.fromEntries(
    Object.entries({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries }).filter(
      ([, value]) => !saysNothing(value) && value !== 0,
    ),
  );
}

function asSet(names: readonly string[] | undefined): Record<string, object> | undefined {
  return names && Object.fromEntries([...names].sort().map((name) => [name, {}]));
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function withoutEmpty(config: Record<keyof ImageConfig, unknown>): ImageConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !saysNothing(value))) as ImageConfig;
}
