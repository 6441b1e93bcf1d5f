import type { ServiceJson } from './services.ts';

const SECOND = 1_000_000_000;

/** `docker service inspect --pretty`. */
export function prettyService({ ID, Spec, UpdateStatus, Endpoint }: ServiceJson, networkName: (id: string) => string): string {
  const { TaskTemplate, Mode, UpdateConfig, RollbackConfig, EndpointSpec } = Spec;
  const { ContainerSpec, Placement, Networks = [] } = TaskTemplate;
  const labels = Object.entries(Spec.Labels).map(([name, value]) => ` ${name}=${value}`);
  const config = (
    title: string,
    order: string,
    { Parallelism, Delay, FailureAction, Monitor, MaxFailureRatio, Order }: typeof UpdateConfig,
  ): string[] => [
    `${title}:`,
    ` Parallelism:\t${Parallelism}`,
    ...(Delay ? [` Delay:\t\t${Delay / SECOND}s`] : []),
    ` On failure:\t${FailureAction}`,
    ` Monitoring Period: ${Monitor / SECOND}s`,
    ` Max failure ratio: ${MaxFailureRatio}`,
    ` ${order} order:${' '.repeat(order === 'Update' ? 6 : 4)}${Order}`,
  ];
  const lines = [
    '',
    `ID:\t\t${ID}`,
    `Name:\t\t${Spec.Name}`,
    ...(labels.length > 0 ? ['Labels:', ...labels] : []),
    `Service Mode:\t${Mode.Global ? 'Global' : 'Replicated'}`,
    ...(Mode.Replicated ? [` Replicas:\t${Mode.Replicated.Replicas}`] : []),
    ...(UpdateStatus ? ['UpdateStatus:', ` State:\t\t${UpdateStatus.State}`, ` Message:\t${UpdateStatus.Message}`] : []),
    'Placement:',
    ...(Placement.Constraints ? [` Constraints:\t[${Placement.Constraints.join(' ')}]`] : []),
    ...config('UpdateConfig', 'Update', UpdateConfig),
    ...config('RollbackConfig', 'Rollback', RollbackConfig),
    'ContainerSpec:',
    ` Image:\t\t${ContainerSpec.Image}`,
    ...(ContainerSpec.Args ? [` Args:\t\t${ContainerSpec.Args.join(' ')} `] : []),
    ...(ContainerSpec.Env ? [` Env:\t\t${ContainerSpec.Env.join(' ')} `] : []),
    ' Init:\t\tfalse',
    'Resources:',
    ...(Networks.length > 0 ? [`Networks: ${Networks.map(({ Target }) => networkName(Target)).join(' ')} `] : []),
    `Endpoint Mode:\t${EndpointSpec.Mode ?? 'vip'}`,
    ...((Endpoint.Ports ?? []).length > 0 ? ['Ports:'] : []),
    ...(Endpoint.Ports ?? []).flatMap((port) => [
      ` PublishedPort = ${port.PublishedPort ?? 0}`,
      `  Protocol = ${port.Protocol}`,
      `  TargetPort = ${port.TargetPort}`,
      `  PublishMode = ${port.PublishMode} `,
    ]),
  ];
  return `${lines.join('\n')}\n\n`;
}
