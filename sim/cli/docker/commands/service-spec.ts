import type { Process } from '../../../host/process.ts';
import { parseReference, withTag } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import type { PortConfig, ServiceSpec, UpdateConfig } from '../../../engines/docker/swarm/objects.ts';
import type { FlagValues } from '../flags.ts';

const SECOND = 1_000_000_000;
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND };

/** Go's `1m30s` → nanoseconds; `undefined` where it is none. */
export function nanoseconds(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) total += Number(amount) * (UNITS[unit] ?? 0);
  return total;
}

/** `8080:80/tcp`, ranges, or `mode=host,target=80,published=8080`; the text of the complaint if it is neither. */
export function parsePublish(text: string): PortConfig[] | string {
  if (/^\w+=/.test(text)) return longPublish(text);
  const match = /^(?:(\d+)(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text);
  if (!match) return /:.*:/.test(text) ? 'hostip is not supported' : `invalid containerPort: ${text}`;
  const [, from, to = from, target = '', last = target, protocol = 'tcp'] = match;
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return `invalid proto: ${protocol}`;
  const [first, end] = [Number(target), Number(last)];
  if (from !== undefined && Number(to) - Number(from) !== end - first)
    return `invalid ranges specified for container and host Ports: ${text}`;
  return Array.from({ length: end - first + 1 }, (_, i) => ({
    Protocol: protocol,
    TargetPort: first + i,
    ...(from === undefined ? {} : { PublishedPort: Number(from) + i }),
    PublishMode: 'ingress' as const,
  }));
}

function longPublish(text: string): PortConfig[] | string {
  const port = { Protocol: 'tcp', TargetPort: 0, PublishedPort: 0, PublishMode: 'ingress' as PortConfig['PublishMode'] };
  for (const field of text.split(',')) {
    const [key = '', value] = field.split('=');
    if (value === undefined || value === '') return `invalid field: ${field}`;
    switch (key) {
      case 'protocol':
        if (!['tcp', 'udp', 'sctp'].includes(value)) return `invalid protocol value '${value}'`;
        port.Protocol = value;
        break;
      case 'mode':
        if (value !== 'ingress' && value !== 'host') return `invalid publish mode value (${value}): must be either 'ingress' or 'host'`;
        port.PublishMode = value;
        break;
      case 'target':
        if (!/^\d+$/.test(value)) return `invalid target port (${value}): value must be an integer: invalid syntax`;
        port.TargetPort = Number(value);
        break;
      case 'published':
        if (!/^\d+$/.test(value)) return `invalid published port (${value}): value must be an integer: invalid syntax`;
        port.PublishedPort = Number(value);
        break;
      default:
        return `invalid field key: ${key}`;
    }
  }
  if (port.TargetPort === 0) return `missing mandatory field "target"`;
  const { PublishedPort, ...rest } = port;
  return [
    { Protocol: rest.Protocol, TargetPort: rest.TargetPort, ...(PublishedPort ? { PublishedPort } : {}), PublishMode: rest.PublishMode },
  ];
}

export function checkPublish(text: string): string | undefined {
  const parsed = parsePublish(text);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** `KEY=VALUE`s as a map. */
export function labelsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** `NAME=VALUE`, or the client's own value of `NAME`. */
export function environmentOf(process: Process, texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    if (text.includes('=')) return [text];
    const value = process.env.get(text);
    return value === undefined ? [] : [`${text}=${value}`];
  });
}

/** The image as services name it: with its tag. */
export function imageName(text: string): string {
  const reference = parseReference(text);
  return reference instanceof Refusal ? text : withTag(reference);
}

/** `--network`: a name, or `name=…,alias=…`. */
export function parseServiceNetwork(text: string): { Target: string; Aliases?: string[] } {
  if (!/^\w+=/.test(text)) return { Target: text };
  const fields = text.split(',').map((field) => field.split('=') as [string, string]);
  const aliases = fields.filter(([key]) => key === 'alias').map(([, value]) => value);
  return { Target: fields.find(([key]) => key === 'name')?.[1] ?? '', ...(aliases.length > 0 ? { Aliases: aliases } : {}) };
}

function updateConfig(): UpdateConfig {
  return { Parallelism: 1, FailureAction: 'pause', Monitor: 5 * SECOND, MaxFailureRatio: 0, Order: 'stop-first' };
}

/** Applies the flags that `create` and `update` have in common; the complaint if a value is no good. */
export function applyCommon(spec: ServiceSpec, flags: FlagValues): string | undefined {
  const { RestartPolicy } = spec.TaskTemplate;
  const condition = flags.last('restart-condition');
  if (condition !== undefined) {
    if (condition !== 'none' && condition !== 'on-failure' && condition !== 'any') return `invalid restart condition: ${condition}`;
    RestartPolicy.Condition = condition;
  }
  const durations: [string, (value: number) => void][] = [
    ['restart-delay', (value) => (RestartPolicy.Delay = value)],
    ['update-delay', (value) => (spec.UpdateConfig.Delay = value)],
    ['stop-grace-period', (value) => (spec.TaskTemplate.ContainerSpec.StopGracePeriod = value)],
  ];
  for (const [name, set] of durations) {
    const text = flags.last(name);
    const value = text === undefined ? undefined : nanoseconds(text);
    if (text !== undefined && value === undefined)
      return `invalid argument "${text}" for "--${name}" flag: time: invalid duration "${text}"`;
    if (value !== undefined) set(value);
  }
  if (flags.given('restart-max-attempts')) RestartPolicy.MaxAttempts = Number(flags.last('restart-max-attempts'));
  if (flags.given('update-parallelism')) spec.UpdateConfig.Parallelism = Number(flags.last('update-parallelism'));
  const order = flags.last('update-order');
  if (order !== undefined) {
    if (order !== 'start-first' && order !== 'stop-first') return `invalid update-order ${order}`;
    spec.UpdateConfig.Order = order;
  }
  return undefined;
}

/** The spec of a new service; the text of the complaint if the flags make none. */
export function newSpec(process: Process, flags: FlagValues, operands: readonly string[], randomName: () => string): ServiceSpec | string {
  const [image = '', ...args] = operands;
  const mode = flags.last('mode') ?? 'replicated';
  if (mode === 'replicated-job' || mode === 'global-job') return `the mode ${mode} is not modelled (see sim/FIDELITY.md)`;
  if (mode !== 'replicated' && mode !== 'global') return `Unknown mode: ${mode}, only replicated and global supported`;
  if (mode === 'global' && flags.given('replicas')) return 'replicas can only be used with replicated or replicated-job mode';
  const replicas = Number(flags.last('replicas') ?? 1);
  const [labels, containerLabels] = [labelsOf(flags.all('label')), labelsOf(flags.all('container-label'))];
  const env = environmentOf(process, flags.all('env'));
  const constraints = flags.all('constraint');
  const networks = flags.all('network').map(parseServiceNetwork);
  const ports = flags.all('publish').flatMap((text) => parsePublish(text) as PortConfig[]);
  const entrypoint = flags.last('entrypoint');
  const spec: ServiceSpec = {
    Name: flags.last('name') ?? randomName(),
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: imageName(image),
        ...(Object.keys(containerLabels).length > 0 ? { Labels: containerLabels } : {}),
        ...(entrypoint === undefined ? {} : { Command: entrypoint.split(/\s+/) }),
        ...(args.length > 0 ? { Args: args } : {}),
        ...(flags.given('hostname') ? { Hostname: flags.last('hostname') as string } : {}),
        ...(env.length > 0 ? { Env: env } : {}),
        ...(flags.given('workdir') ? { Dir: flags.last('workdir') as string } : {}),
        Init: false,
        StopGracePeriod: 10 * SECOND,
        DNSConfig: {},
        Isolation: 'default',
      },
      Resources: { Limits: {}, Reservations: {} },
      RestartPolicy: { Condition: 'any', Delay: 5 * SECOND, MaxAttempts: 0 },
      Placement: constraints.length > 0 ? { Constraints: [...constraints] } : {},
      ...(networks.length > 0 ? { Networks: networks } : {}),
      ForceUpdate: 0,
      Runtime: 'container',
    },
    Mode: mode === 'global' ? { Global: {} } : { Replicated: { Replicas: replicas } },
    UpdateConfig: updateConfig(),
    RollbackConfig: updateConfig(),
    EndpointSpec: { Mode: (flags.last('endpoint-mode') ?? 'vip') as 'vip', ...(ports.length > 0 ? { Ports: ports } : {}) },
  };
  return applyCommon(spec, flags) ?? spec;
}

/** Changes a spec as `docker service update` wants it; the complaint if that can't be. */
export function changeSpec(process: Process, spec: ServiceSpec, flags: FlagValues): string | undefined {
  const { ContainerSpec, Placement } = spec.TaskTemplate;
  if (flags.given('image')) ContainerSpec.Image = imageName(flags.last('image') ?? '');
  if (flags.given('args')) ContainerSpec.Args = (flags.last('args') ?? '').split(/\s+/).filter((word) => word !== '');
  if (flags.given('replicas')) {
    if (!spec.Mode.Replicated) return 'replicas can only be used with replicated or replicated-job mode';
    spec.Mode.Replicated.Replicas = Number(flags.last('replicas'));
  }
  const env = new Map((ContainerSpec.Env ?? []).map((setting) => [setting.split('=')[0] as string, setting]));
  for (const setting of environmentOf(process, flags.all('env-add'))) env.set(setting.split('=')[0] as string, setting);
  for (const name of flags.all('env-rm')) env.delete(name);
  setOrDrop(ContainerSpec, 'Env', [...env.values()]);
  const constraints = new Set([...(Placement.Constraints ?? []), ...flags.all('constraint-add')]);
  for (const constraint of flags.all('constraint-rm')) constraints.delete(constraint);
  setOrDrop(Placement, 'Constraints', [...constraints]);
  Object.assign(spec.Labels, labelsOf(flags.all('label-add')));
  for (const label of flags.all('label-rm')) delete spec.Labels[label];
  changePorts(spec, flags);
  const networks = (spec.TaskTemplate.Networks ?? []).filter(({ Target }) => !flags.all('network-rm').includes(Target));
  setOrDrop(spec.TaskTemplate, 'Networks', [...networks, ...flags.all('network-add').map(parseServiceNetwork)]);
  if (flags.on('force')) spec.TaskTemplate.ForceUpdate++;
  return applyCommon(spec, flags);
}

function setOrDrop<K extends string, T>(object: { [key in K]?: T[] }, key: K, values: T[]): void {
  if (values.length > 0) object[key] = values;
  else delete object[key];
}

function changePorts(spec: ServiceSpec, flags: FlagValues): void {
  const removed = flags.all('publish-rm').flatMap((text) => {
    const parsed = parsePublish(text);
    return typeof parsed === 'string' ? [] : parsed;
  });
  const kept = (spec.EndpointSpec.Ports ?? []).filter(
    ({ TargetPort, Protocol }) => !removed.some((port) => port.TargetPort === TargetPort && port.Protocol === Protocol),
  );
  const added = flags.all('publish-add').flatMap((text) => parsePublish(text) as PortConfig[]);
  const same = (a: PortConfig, b: PortConfig): boolean => a.PublishedPort === b.PublishedPort && a.Protocol === b.Protocol;
  const ports = [...kept.filter((port) => !added.some((other) => same(port, other))), ...added];
  setOrDrop(
    spec.EndpointSpec,
    'Ports',
    ports.sort((a, b) => (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0)),
  );
}
