import { SECOND } from '../../../base/time.ts';
import { unixSeconds } from '../clock.ts';
import { humanDuration } from '../duration.ts';
import type { Engine } from '../engine.ts';
import type { Container } from './container.ts';
import { networkSettings } from './describe-network.ts';
import { portMap } from './ports.ts';

/** One element of GET /containers/json (`container.Summary`). */
export function summarise(engine: Engine, container: Container, size: boolean): Record<string, unknown> {
  const { hostConfig } = container;
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.config.Image,
    ImageID: `sha256:${container.image.id}`,
    Command: container.argv.map(quoteIfNeeded).join(' '),
    Created: unixSeconds(container.created),
    Ports: ports(container),
    ...(size ? { SizeRw: 0, SizeRootFs: container.image.definition.size } : {}),
    Labels: container.config.Labels,
    State: container.status,
    Status: statusText(engine, container),
    HostConfig: { NetworkMode: hostConfig.NetworkMode },
    NetworkSettings: { Networks: networkSettings(container).Networks },
    Mounts: container.mounts.map(({ type, name, source, destination, mode, writable }) => ({
      Type: type,
      ...(name ? { Name: name } : {}),
      Source: source,
      Destination: destination,
      ...(type === 'volume' ? { Driver: 'local' } : {}),
      Mode: mode,
      RW: writable,
      Propagation: type === 'bind' ? 'rprivate' : '',
    })),
  };
}

/** Arguments with blanks are shown in single quotes (daemon/container/view.go). */
function quoteIfNeeded(argument: string): string {
  return argument.includes(' ') ? `'${argument}'` : argument;
}

function ports(container: Container): unknown[] {
  return Object.keys(portMap(container)).map((port) => {
    const [number, protocol] = port.split('/');
    return { PrivatePort: Number(number), Type: protocol };
  });
}

/** The STATUS column (daemon/container/state.go `String`). */
export function statusText(engine: Engine, container: Container): string {
  const since = (at: number | undefined): string => humanDuration((engine.host.now - (at ?? 0)) / SECOND);
  switch (container.status) {
    case 'running':
      return `Up ${since(container.started)}`;
    case 'paused':
      return `Up ${since(container.started)} (Paused)`;
    case 'restarting':
      return `Restarting (${container.exitCode}) ${since(container.finished)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
    case 'exited':
      return `Exited (${container.exitCode}) ${since(container.finished)} ago`;
  }
}
