import { plainDate } from '../../../engines/docker/clock.ts';
import { humanDuration } from '../../../engines/docker/duration.ts';
import type { ListKind } from './list.ts';
import { humanSize } from './size.ts';

/** What GET /containers/json says about a container, as far as lists show it. */
export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  Created: number;
  Ports: PortSummary[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: string;
  Status: string;
  NetworkSettings: { Networks: Record<string, unknown> };
  Mounts: { Type: string; Name?: string; Source: string; Driver?: string }[];
}

export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

/** The columns of `docker ps`. @param now seconds since 1970 */
export function containerColumns(now: number, truncate: boolean): ListKind<ContainerSummary> {
  const labels = (container: ContainerSummary): string =>
    Object.entries(container.Labels)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(',');
  return {
    typeName: '*formatter.ContainerContext',
    columns: {
      ID: { heading: 'CONTAINER ID', value: (c) => (truncate ? c.Id.slice(0, 12) : c.Id) },
      Names: { heading: 'NAMES', value: (c) => c.Names.map((name) => name.replace(/^\//, '')).join(',') },
      Image: { heading: 'IMAGE', value: (c) => imageOf(c, truncate) },
      Command: { heading: 'COMMAND', value: (c) => JSON.stringify(truncate ? ellipsis(c.Command, 20) : c.Command) },
      CreatedAt: { heading: 'CREATED AT', value: (c) => `${plainDate(c.Created)} +0000 UTC` },
      RunningFor: { heading: 'CREATED', value: (c) => `${humanDuration(now - c.Created)} ago` },
      Ports: { heading: 'PORTS', value: (c) => displayPorts(c.Ports) },
      State: { heading: 'STATE', value: (c) => c.State },
      Status: { heading: 'STATUS', value: (c) => c.Status },
      Size: {
        heading: 'SIZE',
        value: (c) => `${humanSize(c.SizeRw ?? 0, 3)}${c.SizeRootFs ? ` (virtual ${humanSize(c.SizeRootFs, 3)})` : ''}`,
      },
      Labels: { heading: 'LABELS', value: labels },
      Label: { heading: '', value: () => '', argument: (c, name) => c.Labels[name] ?? '' },
      Mounts: {
        heading: 'MOUNTS',
        value: (c) =>
          c.Mounts.map((mount) => (truncate ? ellipsis(mount.Name ?? mount.Source, 15) : (mount.Name ?? mount.Source))).join(','),
      },
      LocalVolumes: { heading: 'LOCAL VOLUMES', value: (c) => String(c.Mounts.filter((mount) => mount.Driver === 'local').length) },
      Networks: { heading: 'NETWORKS', value: (c) => Object.keys(c.NetworkSettings.Networks).sort().join(',') },
      Platform: { heading: 'PLATFORM', value: () => '' },
    },
  };
}

/** An image that has no name is shown by its id. */
function imageOf({ Image, ImageID }: ContainerSummary, truncate: boolean): string {
  if (Image === '') return '<no image>';
  const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);
  return truncate && short(Image) === short(ImageID) ? short(Image) : Image;
}

/** Cuts to `width` columns, the last of them an ellipsis. */
export function ellipsis(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

/**
 * The PORTS column: ports that are published under their own number are joined into ranges, those with another number follow one by
 * one (formatter.DisplayablePorts).
 */
export function displayPorts(ports: readonly PortSummary[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      compare(a.IP ?? '', b.IP ?? '') ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      compare(a.Type, b.Type),
  );
  const [joined, mapped]: [string[], string[]] = [[], []];
  /** The run that is still growing, by address and protocol. */
  const runs = new Map<string, { port: PortSummary; last: number }>();
  for (const port of sorted) {
    if (port.IP && port.PublicPort !== port.PrivatePort) {
      mapped.push(`${hostPort(port.IP, String(port.PublicPort ?? 0))}->${port.PrivatePort}/${port.Type}`);
      continue;
    }
    const key = `${port.IP ?? ''}/${port.Type}`;
    const run = runs.get(key);
    if (run && port.PrivatePort === run.last + 1) {
      run.last = port.PrivatePort;
      continue;
    }
    if (run) {
      joined.push(displayRun(run.port, run.last));
      run.port = port;
      run.last = port.PrivatePort;
    } else runs.set(key, { port, last: port.PrivatePort });
  }
  for (const { port, last } of runs.values()) joined.push(displayRun(port, last));
  return [...joined, ...mapped].join(', ');
}

function displayRun({ IP, PrivatePort, Type }: PortSummary, last: number): string {
  const range = last === PrivatePort ? String(last) : `${PrivatePort}-${last}`;
  return `${IP ? `${hostPort(IP, range)}->` : ''}${range}/${Type}`;
}

function hostPort(address: string, port: string): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
