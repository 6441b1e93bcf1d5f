import type { Topology, TopologyDevice, TopologyHost, TopologyLink, TopologyNamespace } from '../../sim/index.ts';

/** A device inside a container or namespace, with the host's end of its cable when there is one. */
export interface Attachment {
  device: TopologyDevice;
  port: TopologyDevice | undefined;
}

export interface Inner {
  namespace: TopologyNamespace;
  attachments: Attachment[];
}

/** A host's devices by the part they play in the drawing. */
export interface HostParts {
  host: TopologyHost;
  bridges: TopologyDevice[];
  inner: Inner[];
  /** Ports of bridges whose other end isn't in an inner namespace of this host. */
  otherPorts: TopologyDevice[];
  /** Everything else of the host's own: cables to the outside, tunnels, what was just created. */
  others: TopologyDevice[];
}

/** Sorts out one host. Loopback is left out, unless a container has nothing else. */
export function partsOf(host: TopologyHost, links: readonly TopologyLink[]): HostParts {
  const own = host.namespaces.find((namespace) => namespace.kind === 'host')?.devices.filter(notLoopback) ?? [];
  const byUid = new Map(own.map((device) => [device.uid, device]));
  const taken = new Set<number>();
  const inner = host.namespaces
    .filter((namespace) => namespace.kind !== 'host')
    .map((namespace) => {
      const real = namespace.devices.filter(notLoopback);
      const attachments = (real.length > 0 ? real : namespace.devices).map((device) => {
        const port = byUid.get(peerOf(device.uid, links) ?? 0);
        if (port) taken.add(port.uid);
        return { device, port };
      });
      return { namespace, attachments };
    });
  const bridges = own.filter((device) => device.kind === 'bridge');
  const masters = new Set(bridges.map((bridge) => bridge.uid));
  const rest = own.filter((device) => device.kind !== 'bridge' && !taken.has(device.uid));
  const isPort = (device: TopologyDevice): boolean => device.master !== undefined && masters.has(device.master);
  return { host, bridges, inner, otherPorts: rest.filter(isPort), others: rest.filter((device) => !isPort(device)) };
}

/** The device at the other end of a device's cable. */
export function peerOf(uid: number, links: readonly TopologyLink[]): number | undefined {
  const link = links.find(({ a, b, kind }) => kind !== 'stacked' && (a === uid || b === uid));
  return link && (link.a === uid ? link.b : link.a);
}

export function allDevices(topology: Topology): TopologyDevice[] {
  return topology.hosts.flatMap((host) => host.namespaces.flatMap((namespace) => namespace.devices));
}

function notLoopback(device: TopologyDevice): boolean {
  return device.name !== 'lo' && device.kind !== 'loopback';
}
