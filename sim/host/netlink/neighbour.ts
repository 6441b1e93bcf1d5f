import { IFF, type NetDevice } from '../../kernel/dev/device.ts';
import type { Neighbour } from '../../kernel/neigh/neighbour.ts';
import type { NeighbourTable } from '../../kernel/neigh/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NeighbourInfo, NeighbourSpec, NetlinkError } from './messages.ts';

/** Neighbours over rtnetlink (net/core/neighbour.c). */

function tables(net: NetNamespace, family?: 4 | 6): NeighbourTable[] {
  const all = [net.ipv4.neighbours, net.ipv6.neighbours];
  return family === undefined ? all : all.filter((table) => table.protocol.family === family);
}

function tableFor(net: NetNamespace, address: NeighbourSpec['address']): NeighbourTable {
  return typeof address === 'bigint' ? net.ipv6.neighbours : net.ipv4.neighbours;
}

export function list(net: NetNamespace, family?: 4 | 6): NeighbourInfo[] {
  const infos: NeighbourInfo[] = [];
  for (const table of tables(net, family)) {
    for (const entry of table.list()) infos.push(describe(entry));
    for (const proxy of table.proxies) if (proxy.device) infos.push(describeProxy(table, proxy, proxy.device));
  }
  return infos;
}

export function describe(entry: Neighbour): NeighbourInfo {
  const { now } = entry.device.net.kernel.events;
  const info: NeighbourInfo = {
    family: entry.table.protocol.family,
    address: entry.address,
    ifindex: entry.device.ifindex,
    state: entry.state,
    router: entry.router,
    proxy: false,
    used: now - entry.used,
    confirmed: now - entry.confirmed,
    updated: now - entry.updated,
    probes: entry.probes,
    references: 1,
    ...(entry.protocol === undefined ? {} : { protocol: entry.protocol }),
    flags: { externLearn: entry.externLearn, managed: entry.managed, externValid: entry.externValid },
  };
  if (entry.mac !== undefined && entry.valid) info.lladdr = entry.mac;
  return info;
}

function describeProxy(
  table: NeighbourTable,
  { address, protocol, externLearn }: NeighbourTable['proxies'][number],
  device: NetDevice,
): NeighbourInfo {
  return {
    family: table.protocol.family,
    address,
    ifindex: device.ifindex,
    state: 'NONE',
    router: false,
    proxy: true,
    used: 0,
    confirmed: 0,
    updated: 0,
    probes: 0,
    references: 0,
    ...(protocol === undefined ? {} : { protocol }),
    flags: { externLearn: externLearn ?? false },
  };
}

export function add(net: NetNamespace, spec: NeighbourSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  const table = tableFor(net, spec.address);
  if (spec.proxy) {
    const known = table.proxies.find((each) => each.address === spec.address && each.device === device);
    const proxy: NeighbourTable['proxies'][number] = known ?? { address: spec.address, device };
    if (!known) table.proxies.push(proxy);
    if (spec.protocol !== undefined) proxy.protocol = spec.protocol;
    proxy.externLearn = spec.flags?.externLearn ?? false;
    return undefined;
  }
  const { externLearn = false, managed = false, externValid = false } = spec.flags ?? {};
  const sought = spec.use === true || managed;
  if (externValid && (sought || spec.state === 'NONE' || spec.state === 'FAILED' || spec.state === 'INCOMPLETE')) {
    return { errno: 'EINVAL', message: 'Cannot create externally validated neighbor with an invalid state' };
  }
  const known = table.find(device, spec.address);
  if (!known && mode === 'change') return { errno: 'ENOENT' };
  if (known && mode === 'add') return { errno: 'EEXIST' };
  if (
    spec.lladdr === undefined &&
    !known &&
    !sought &&
    spec.state !== 'NONE' &&
    spec.state !== undefined &&
    spec.state !== 'FAILED' &&
    spec.state !== 'INCOMPLETE'
  ) {
    return { errno: 'EINVAL', message: 'No link layer address given' };
  }
  // Where nobody has to be found, all neighbours are the same one (arp_constructor).
  const pointless = typeof spec.address === 'number' && (device.flags & (IFF.LOOPBACK | IFF.POINTOPOINT)) !== 0;
  const entry = table.lookup(device, pointless ? 0 : spec.address);
  if (spec.protocol !== undefined) entry.protocol = spec.protocol;
  Object.assign(entry, { externLearn, managed, externValid });
  // What is to be found keeps its state, and nobody says what it is (__neigh_update).
  if (sought) {
    if (entry.state === 'PERMANENT') entry.update(undefined, 'NONE', { administrator: true });
    entry.ask();
    return undefined;
  }
  entry.update(spec.lladdr, spec.state ?? 'PERMANENT', { administrator: true, override: mode !== 'add' });
  if (!known || mode !== 'add') entry.router = spec.router ?? false;
  return undefined;
}

export function remove(
  net: NetNamespace,
  spec: { address: NeighbourSpec['address']; ifindex: number; proxy?: boolean },
): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  const table = tableFor(net, spec.address);
  if (spec.proxy) {
    const at = table.proxies.findIndex((proxy) => proxy.address === spec.address && proxy.device === device);
    if (at < 0) return { errno: 'ENOENT' };
    table.proxies.splice(at, 1);
    return undefined;
  }
  // It fails before it goes (neigh_delete).
  table.find(device, spec.address)?.update(undefined, 'FAILED', { administrator: true });
  return table.delete(device, spec.address) ? undefined : { errno: 'ENOENT' };
}
