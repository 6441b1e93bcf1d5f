import type { Mac } from '../../base/address.ts';
import { Bridge } from '../bridge/bridge.ts';
import type { NetNamespace } from '../netns.ts';
import type { NetDevice } from './device.ts';
import { Dummy } from './dummy.ts';
import { pair, Veth } from './veth.ts';

/** How one end of a new device is to be called; what is absent is chosen by the kernel. */
export interface DeviceIdentity {
  net: NetNamespace;
  name: string;
  ifindex: number;
  address: Mac;
}

/** A kind of virtual device (rtnl_link_ops). Adding one: its file, an import and a line here. */
export interface DeviceKind {
  /** Makes the device, and for kinds that come in pairs its other end. They are not registered yet. */
  create(identity: DeviceIdentity, peer: DeviceIdentity | undefined): { device: NetDevice; peer?: NetDevice };
  /** Comes in pairs: the peer is made, and numbered, first. */
  paired?: boolean;
  /** Prefix of names that the kernel chooses (`veth0`, `veth1`). */
  namePrefix: string;
  /** May not change namespace (dev->netns_immutable). */
  netnsImmutable?: boolean;
}

export const deviceKinds: ReadonlyMap<string, DeviceKind> = new Map<string, DeviceKind>([
  [
    'bridge',
    { create: (id) => ({ device: new Bridge(id.net, id.name, id.ifindex, id.address) }), namePrefix: 'bridge', netnsImmutable: true },
  ],
  ['dummy', { create: (id) => ({ device: new Dummy(id.net, id.name, id.ifindex, id.address) }), namePrefix: 'dummy' }],
  ['veth', { create: createVeth, paired: true, namePrefix: 'veth' }],
]);

function createVeth(identity: DeviceIdentity, other: DeviceIdentity | undefined): { device: NetDevice; peer: NetDevice } {
  const make = (id: DeviceIdentity) => new Veth(id.net, id.name, id.ifindex, id.address);
  const peer = make(other as DeviceIdentity);
  const device = make(identity);
  pair(device, peer);
  return { device, peer };
}
