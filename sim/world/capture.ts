import type { TraceEvent } from '../base/trace.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { isBare } from '../kernel/socket/packet.ts';
import { toCookedPcap, toPcap } from '../trace/pcap.ts';

/** Where to look: a device of a host, or of a namespace on it (a netns's or a container's name). */
export interface CapturePoint {
  host: string;
  /** Absent for the host's own namespace. */
  namespace?: string;
  /** A device's name, or `any` for all of the namespace's. */
  device: string;
}

/** There is no such namespace or device. */
export class UnknownCapturePoint extends Error {
  constructor(what: string, name: string, choices: readonly string[]) {
    super(`unknown ${what} '${name}'; there are: ${choices.join(', ')}`);
    this.name = 'UnknownCapturePoint';
  }
}

/**
 * A capture file of what passed a place, both ways, as far back as the trace goes (pcap-savefile(5)).
 *
 * @throws UnknownCapturePoint
 */
export function captureOf(kernel: Kernel, { namespace, device }: CapturePoint, events: readonly TraceEvent[]): Uint8Array {
  const net = namespace === undefined ? kernel.init : namespaceNamed(kernel, namespace);
  if (device === 'any') {
    // A device may have moved to another namespace since, or be gone.
    const everywhere = [...kernel.namespaces].flatMap((each) => each.listDevices());
    const devices = new Map(everywhere.map((each) => [each.uid, each]));
    const own = events.filter((event) => event.netns === net.uid);
    return toCookedPcap(own, (uid) => devices.get(uid) ?? kernel.departed.get(uid));
  }
  const found = net.deviceByName(device);
  if (!found) {
    const names = net.listDevices().map(({ name }) => name);
    throw new UnknownCapturePoint('device', device, [...names, 'any']);
  }
  return toPcap(events, found.uid, isBare(found) ? 'ip' : 'ethernet');
}

function namespaceNamed(kernel: Kernel, name: string): NetNamespace {
  const named = [...kernel.namespaces].filter((net) => net.label !== undefined);
  const found = named.find((net) => net.label?.name === name);
  if (found) return found;
  const names = named.map((net) => net.label?.name ?? '');
  throw new UnknownCapturePoint('namespace', name, names);
}
