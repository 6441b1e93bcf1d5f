import type { Mac } from '../../base/address.ts';
import { loaded, part } from '../../base/part.ts';
import { Bridge } from '../bridge/bridge.ts';
import type { NetNamespace } from '../netns.ts';
import type { DeviceAttribute, NetDevice, Refusal } from './device.ts';
import { Dummy } from './dummy.ts';
import { createIpip, loadIpip } from './ipip/module.ts';
import { createIpvlan } from './ipvlan.ts';
import { createMacvlan } from './macvlan.ts';
import { pair, Veth } from './veth.ts';
import { createVlan } from './vlan.ts';
import { createVxlan } from './vxlan/vxlan.ts';

/** How one end of a new device is to be called; what is absent is chosen by the kernel. */
export interface DeviceIdentity {
  net: NetNamespace;
  name: string;
  ifindex: number;
  address: Mac;
}

/** What else the request for a new device says. */
export interface DeviceRequest {
  /** The namespace that the request came from: `lower` and a tunnel's underlay are there. */
  from: NetNamespace;
  /** The device it is to stand on (`link eth0`). */
  lower: NetDevice | undefined;
  data: Readonly<Record<string, DeviceAttribute>>;
  /** The request gives an address. */
  address: boolean;
}

interface Made {
  device: NetDevice;
  peer?: NetDevice;
}

/** A kind of virtual device (rtnl_link_ops). Adding one: its file, an import and a line here. */
export interface DeviceKind {
  /** Makes the device, and for kinds that come in pairs its other end. They are not registered yet. */
  create(identity: DeviceIdentity, peer: DeviceIdentity | undefined, request: DeviceRequest): Made | Refusal;
  /** `create` reads the kind's attributes; otherwise they are set when the device is there. */
  readsData?: boolean;
  /** Comes in pairs: the peer is made, and numbered, first. */
  paired?: boolean;
  /** Loads the module behind it, before anything else (request_module). @throws NotLoaded while its code is not there */
  load?: (net: NetNamespace) => void;
  /** Prefix of names that the kernel chooses (`veth0`, `veth1`). */
  namePrefix: string;
  /** May not change namespace (dev->netns_immutable). */
  netnsImmutable?: boolean;
}

const WIREGUARD = part('wireguard', () => import('./wireguard/wireguard.ts'));

export const deviceKinds: ReadonlyMap<string, DeviceKind> = new Map<string, DeviceKind>([
  [
    'bridge',
    { create: (id) => ({ device: new Bridge(id.net, id.name, id.ifindex, id.address) }), namePrefix: 'bridge', netnsImmutable: true },
  ],
  ['dummy', { create: (id) => ({ device: new Dummy(id.net, id.name, id.ifindex, id.address) }), namePrefix: 'dummy' }],
  [
    'vxlan',
    {
      create: (id, _peer, { from, data }) => made(createVxlan(id, from, data)),
      readsData: true,
      namePrefix: 'vxlan',
    },
  ],
  [
    'vlan',
    {
      create: (id, _peer, { lower, data, address }) => made(createVlan(id, lower, data, address)),
      readsData: true,
      namePrefix: 'vlan',
    },
  ],
  ['macvlan', { create: (id, _peer, { lower, data }) => made(createMacvlan(id, lower, data)), readsData: true, namePrefix: 'macvlan' }],
  ['ipvlan', { create: (id, _peer, { lower, data }) => made(createIpvlan(id, lower, data)), readsData: true, namePrefix: 'ipvlan' }],
  [
    'ipip',
    {
      load: loadIpip,
      create: (id, _peer, { from, data }) => made(createIpip(id, from, data)),
      readsData: true,
      namePrefix: 'tunl',
    },
  ],
  [
    'tun',
    {
      create: () => ({ errno: 'EOPNOTSUPP', message: 'tun/tap creation via rtnetlink is not supported.' }),
      readsData: true,
      namePrefix: 'tun',
    },
  ],
  [
    'wireguard',
    {
      load: () => loaded(WIREGUARD),
      create: (id, _peer, { from }) => ({ device: new (loaded(WIREGUARD).Wireguard)(id.net, id.name, id.ifindex, from) }),
      readsData: true,
      namePrefix: 'wireguard',
    },
  ],
  ['veth', { create: createVeth, paired: true, namePrefix: 'veth' }],
]);

function made(device: NetDevice | Refusal): Made | Refusal {
  return 'errno' in device ? device : { device };
}

function createVeth(identity: DeviceIdentity, other: DeviceIdentity | undefined): { device: NetDevice; peer: NetDevice } {
  const make = (id: DeviceIdentity) => new Veth(id.net, id.name, id.ifindex, id.address);
  const peer = make(other as DeviceIdentity);
  const device = make(identity);
  pair(device, peer);
  return { device, peer };
}
