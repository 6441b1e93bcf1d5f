import type { Topology } from '../../sim/index.ts';
import { allDevices, peerOf } from './host.ts';

const BEYOND = { outside: 'the network outside', switch: 'the switch' } as const;

/** Whose device it is, for sentences: `eth0 of one`. */
export function namesOf(topology: Topology): Map<number, string> {
  const names = new Map<number, string>();
  for (const host of topology.hosts) {
    for (const namespace of host.namespaces) {
      const owner = namespace.kind === 'host' ? host.name : namespace.name;
      for (const device of namespace.devices) names.set(device.uid, host.kind ? BEYOND[host.kind] : `${device.name} of ${owner}`);
    }
  }
  return names;
}

/** The drawing in words, one line for each device: what a reader who can't see it needs to know. */
export function inWords(topology: Topology): string[] {
  const names = namesOf(topology);
  const devices = new Map(allDevices(topology).map((device) => [device.uid, device]));
  const lines: string[] = [];
  for (const device of devices.values()) {
    if (device.kind === 'loopback' || device.name === 'lo') continue;
    const facts = [...device.addresses.filter((address) => !address.startsWith('fe80:'))];
    const peer = peerOf(device.uid, topology.links);
    if (peer !== undefined && names.has(peer)) facts.push(`connected to ${names.get(peer)}`);
    const lower = topology.links.find(({ a, kind }) => kind === 'stacked' && a === device.uid)?.b;
    if (lower !== undefined && names.has(lower)) facts.push(`stands on ${names.get(lower)}`);
    if (device.master !== undefined && names.has(device.master)) facts.push(`a port of ${devices.get(device.master)?.name}`);
    if (!device.up) facts.push('down');
    lines.push(`${names.get(device.uid)}${facts.length > 0 ? `: ${facts.join(', ')}` : ''}`);
  }
  return lines;
}
