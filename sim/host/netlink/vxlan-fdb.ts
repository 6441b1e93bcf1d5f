import { isMulticastMac } from '../../base/address.ts';
import type { VxlanFdbEntry, VxlanRemote } from '../../kernel/dev/vxlan/fdb.ts';
import { ALL_ZERO, sameRemote } from '../../kernel/dev/vxlan/fdb.ts';
import type { Vxlan } from '../../kernel/dev/vxlan/vxlan.ts';
import type { FdbInfo, NetlinkError } from './messages.ts';

/** A VXLAN device's forwarding database over rtnetlink (vxlan_fdb_dump, vxlan_fdb_add, vxlan_fdb_delete). */

type Spec = Partial<FdbInfo> & Pick<FdbInfo, 'address' | 'ifindex'>;

/** An entry for each remote of each address. */
export function list(device: Vxlan): FdbInfo[] {
  return device.fdb.list().flatMap((entry) => entry.remotes.map((remote) => describe(device, entry, remote)));
}

function describe(device: Vxlan, entry: VxlanFdbEntry, remote: VxlanRemote): FdbInfo {
  const { now } = device.net.kernel.events;
  return {
    address: entry.address,
    ifindex: device.ifindex,
    self: true,
    state: entry.state,
    externLearned: entry.externLearned,
    offload: false,
    destination: remote.address,
    ...(remote.port === 0 ? {} : { port: remote.port }),
    ...(remote.vni === undefined ? {} : { vni: remote.vni }),
    ...(remote.ifindex === 0 ? {} : { via: remote.ifindex }),
    used: now - entry.used,
    updated: now - entry.updated,
  };
}

/** @returns what the request says of a remote; the device's own port and network count as not given */
function remoteOf(device: Vxlan, spec: Spec): VxlanRemote | NetlinkError {
  const { settings, underlay } = device;
  const address = spec.destination ?? (device.family === 6 ? 0n : 0);
  if (spec.via !== undefined && !underlay.deviceByIndex(spec.via)) return { errno: 'EADDRNOTAVAIL', message: 'Device not found' };
  return {
    address,
    port: spec.port === undefined || spec.port === settings.port ? 0 : spec.port,
    vni: spec.vni === settings.vni ? undefined : spec.vni,
    ifindex: spec.via ?? 0,
  };
}

export function add(device: Vxlan, spec: Spec, mode: 'add' | 'append' | 'replace'): NetlinkError | undefined {
  if (spec.destination === undefined) return { errno: 'EINVAL' };
  const remote = remoteOf(device, spec);
  if ('errno' in remote) return remote;
  if ((typeof remote.address === 'bigint') !== (device.family === 6)) return { errno: 'EAFNOSUPPORT' };
  const { fdb } = device;
  const known = fdb.find(spec.address);
  const several = spec.address === ALL_ZERO || isMulticastMac(spec.address);
  const state = spec.state ?? 'permanent';
  const externLearned = spec.externLearned ?? false;
  if (mode === 'replace' && several) return { errno: 'EOPNOTSUPP' };
  if (!known) return fdb.create({ address: spec.address, remotes: [remote], state, externLearned }) ? undefined : { errno: 'ENOSPC' };
  if (mode === 'add') return { errno: 'EEXIST' };
  known.state = state;
  known.externLearned = externLearned;
  known.updated = device.net.kernel.events.now;
  if (mode === 'replace') known.remotes = [remote];
  else if (several && !known.remotes.some((other) => sameRemote(other, remote))) known.remotes.push(remote);
  return undefined;
}

/** Without a destination the whole entry goes; with one that the entry doesn't have, nothing happens. */
export function remove(device: Vxlan, spec: Spec): NetlinkError | undefined {
  const remote = remoteOf(device, spec);
  if ('errno' in remote) return remote;
  const known = device.fdb.find(spec.address);
  if (!known) return { errno: 'ENOENT' };
  if (spec.destination !== undefined && !known.remotes.some((other) => sameRemote(other, remote))) return undefined;
  known.remotes = spec.destination === undefined ? [] : known.remotes.filter((other) => !sameRemote(other, remote));
  if (known.remotes.length === 0) device.fdb.delete(spec.address);
  return undefined;
}
