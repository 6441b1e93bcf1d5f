import { SECOND } from '../../../base/time.ts';
import { unixSeconds } from '../clock.ts';
import { humanDuration } from '../duration.ts';
import type { Engine } from '../engine.ts';
import type { Container } from './container.ts';
import { sizesOf } from './describe.ts';
import { networkSettings } from './describe-network.ts';
import { parentsOf } from './links.ts';
import { portMap } from './ports.ts';

/** One element of GET /containers/json (`container.Summary`). */
export function summarise(engine: Engine, container: Container, size: boolean): Record<string, unknown> {
  const { hostConfig } = container;
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...linkNames(engine, container)],
    Image: container.config.Image,
    ImageID: `sha256:${container.image.id}`,
    Command: container.argv.map(quoteIfNeeded).join(' '),
    Created: unixSeconds(container.created),
    Ports: ports(container),
    ...(size ? sizesOf(engine, container) : {}),
    Labels: container.config.Labels,
    State: container.status,
    Status: statusText(engine, container),
    HostConfig: { NetworkMode: hostConfig.NetworkMode },
    NetworkSettings: { Networks: networkSettings(container).Networks },
    Mounts: container.mounts
      .filter(({ type }) => type !== 'tmpfs')
      .map(({ type, name, source, destination, mode, writable }) => ({
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

/** Links give a container names below their parents' (`/parent/alias`). */
function linkNames(engine: Engine, child: Container): string[] {
  return parentsOf(engine, child).flatMap((parent) =>
    [...parent.links].filter(([, target]) => target === child).map(([alias]) => `/${parent.name}/${alias}`),
  );
}

/** Arguments with blanks are shown in single quotes (daemon/container/view.go). */
function quoteIfNeeded(argument: string): string {
  return argument.includes(' ') ? `'${argument}'` : argument;
}

/** Each published port with its place, each exposed one that isn't without. */
function ports(container: Container): unknown[] {
  return Object.entries(portMap(container)).flatMap(([port, bindings]) => {
    const [number, Type] = port.split('/');
    const inside = { PrivatePort: Number(number), Type };
    if (!bindings) return [inside];
    return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort: inside.PrivatePort, PublicPort: Number(HostPort), Type }));
  });
}

/** The STATUS column (daemon/container/state.go `String`). */
export function statusText(engine: Engine, container: Container): string {
  const since = (at: number | undefined): string => humanDuration((engine.host.now - (at ?? 0)) / SECOND);
  switch (container.status) {
    case 'running':
      return `Up ${since(container.started)}${container.health ? ` (${container.health.status === 'starting' ? 'health: ' : ''}${container.health.status})` : ''}`;
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
