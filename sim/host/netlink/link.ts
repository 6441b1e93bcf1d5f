import { isMulticastMac, type Mac } from '../../base/address.ts';
import { Random, randomMac } from '../../base/random.ts';
import { portAttributes, setPortAttribute } from '../../kernel/bridge/attributes.ts';
import { Bridge } from '../../kernel/bridge/bridge.ts';
import { IFF, type NetDevice } from '../../kernel/dev/device.ts';
import { Ipip } from '../../kernel/dev/ipip/ipip.ts';
import { type DeviceIdentity, type DeviceKind, deviceKinds } from '../../kernel/dev/registry.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { setLimits, setModes } from './link-limits.ts';
import type { LinkChanges, LinkInfo, LinkSpec, NetlinkError } from './messages.ts';

/** Links over rtnetlink (net/core/rtnetlink.c, net/core/dev.c). */

const ADDR_GEN_MODES = ['eui64', 'none', 'stable_secret', 'random'] as const;
const NO_DEVICE: NetlinkError = { errno: 'ENODEV' };

/** What RTM_NEWLINK says of a device (rtnl_fill_ifinfo). Naming the peer's namespace gives it a number, as in the kernel. */
export function describe(device: NetDevice): LinkInfo {
  const lower = device.link?.device;
  const port = device.master instanceof Bridge ? device.master.ports.get(device) : undefined;
  const info: LinkInfo = {
    ifindex: device.ifindex,
    name: device.name,
    addrGenMode: ADDR_GEN_MODES[device.ipv6.conf.addr_gen_mode] ?? 'eui64',
    type: device.type,
    flags: device.reportedFlags,
    mtu: device.mtu,
    minMtu: device.minMtu,
    maxMtu: device.maxMtu,
    qdisc: device.qdiscShown,
    operstate: device.operstate,
    group: device.group,
    txqlen: device.txqlen,
    address: device.address,
    broadcast: device.broadcast,
    promiscuity: device.promiscuity + (device.userPromisc ? 1 : 0) + (device.unicast.size > 0 && !device.filtersUnicast ? 1 : 0),
    stats: { ...device.stats, carrierUps: device.carrierUps, carrierDowns: device.carrierDowns },
    altNames: [...device.altNames],
    token: device.ipv6.token,
    dormant: device.dormant,
    limits: { ...device.limits },
    data: device.attributes,
    slaveData: port ? portAttributes(port) : {},
  };
  if (device.kind !== '') info.kind = device.kind;
  if (device.startsDormant && info.operstate === 'UP') {
    info.operstate = 'DORMANT';
    info.flags &= ~IFF.RUNNING;
  }
  if (device.master) info.master = device.master.ifindex;
  if (port) info.slaveKind = 'bridge';
  if (device.alias !== undefined) info.alias = device.alias;
  if (device.linkOffMachine) info.linkOffMachine = true;
  if (!lower && device.linkNone) info.link = 0;
  if (lower) {
    info.link = lower.ifindex;
    if (lower.net !== device.net && !device.linkOffMachine) {
      const id = device.net.assignNsid(lower.net);
      if (typeof id === 'number') info.linkNetnsid = id;
    }
  }
  return info;
}

/** dev_valid_name: 1 to 15 characters, no slash, colon or white space. */
function validName(name: string): boolean {
  return name.length > 0 && name.length < 16 && name !== '.' && name !== '..' && !/[\s/:]/.test(name);
}

export function create(net: NetNamespace, spec: LinkSpec): NetlinkError | undefined {
  const kind = deviceKinds.get(spec.kind);
  if (!kind) return { errno: 'EOPNOTSUPP', message: 'Unknown device type' };
  const below = spec.linkNetns ?? net;
  if (spec.link !== undefined && !below.deviceByIndex(spec.link)) return NO_DEVICE;
  const home = spec.netns ?? net;
  if (spec.ifindex !== undefined && home.deviceByIndex(spec.ifindex)) return { errno: 'EEXIST' };
  kind.load?.(net);
  // The name is looked up before anything is made; a peer that is made in vain has used up its index.
  if (spec.name !== undefined && home.deviceByName(spec.name)) return { errno: 'EEXIST' };
  const reserved: { net: NetNamespace; name: string }[] = [];
  const peer = kind.paired ? identify(kind, spec.peer?.netns ?? spec.linkNetns ?? home, spec.peer ?? {}, reserved) : undefined;
  if (peer && 'errno' in peer) return peer;
  const own = identify(kind, home, spec, reserved);
  if ('errno' in own) return own;
  const lower = spec.link === undefined ? undefined : below.deviceByIndex(spec.link);
  const made = kind.create(own, peer, { from: below, lower, data: spec.data ?? {}, address: spec.address !== undefined });
  if ('errno' in made) return made;
  // A single device takes its index when it is registered; one that can't be made has used none up.
  if (!kind.paired && spec.ifindex === undefined) made.device.ifindex = home.takeIndex();
  if (made.peer) register(made.peer, spec.peer ?? {});
  register(made.device, spec);
  return (made.peer && settle(made.peer, spec.peer ?? {})) ?? settle(made.device, kind.readsData ? { ...spec, data: {} } : spec);
}

/** Chooses or checks name, index and address of a new device. */
function identify(
  kind: DeviceKind,
  net: NetNamespace,
  wanted: LinkChanges & { ifindex?: number },
  reserved: { net: NetNamespace; name: string }[],
): DeviceIdentity | NetlinkError {
  const taken = (name: string) =>
    net.deviceByName(name) !== undefined || reserved.some((other) => other.net === net && other.name === name);
  let name = wanted.name;
  if (name === undefined || name.includes('%d')) {
    const pattern = name ?? `${kind.namePrefix}%d`;
    let number = 0;
    while (taken(pattern.replace('%d', String(number)))) number++;
    name = pattern.replace('%d', String(number));
  }
  if (!validName(name)) return { errno: 'EINVAL' };
  if (taken(name)) return { errno: 'EEXIST' };
  if (wanted.ifindex !== undefined && net.deviceByIndex(wanted.ifindex)) return { errno: 'EBUSY' };
  const refused = wanted.address === undefined ? undefined : checkAddress(wanted.address);
  if (refused) return refused;
  reserved.push({ net, name });
  return { net, name, ifindex: wanted.ifindex ?? (kind.paired ? net.takeIndex() : 0), address: wanted.address ?? deriveAddress(net, name) };
}

/** The nth device of a name on a machine always gets the same address, whatever else there is. */
function deriveAddress(net: NetNamespace, name: string): Mac {
  const { kernel } = net;
  const count = kernel.namesGiven.get(name) ?? 0;
  kernel.namesGiven.set(name, count + 1);
  return randomMac(new Random(kernel.seed, `${kernel.name}/mac/${name}/${count}`));
}

function register(device: NetDevice, spec: LinkChanges): void {
  // A tunnel's own limit is silently kept at birth (vxlan_config_apply).
  if (spec.mtu !== undefined && (!device.mtuChanging(spec.mtu) || device.lower === undefined)) device.mtu = spec.mtu;
  if (spec.txqlen !== undefined) device.txqlen = spec.txqlen;
  if (device instanceof Bridge) {
    if (spec.address !== undefined) {
      device.addressFixed = true;
      device.refreshId();
    }
    if (spec.mtu !== undefined) device.mtuFixed = true;
  }
  device.net.register(device);
}

function settle(device: NetDevice, spec: LinkChanges): NetlinkError | undefined {
  const { name: _name, netns: _netns, address: _address, mtu: _mtu, txqlen: _txqlen, ...rest } = spec;
  return change(device.net, device.ifindex, rest);
}

/** Changes in the order of do_setlink: namespace, address, MTU, name, flags, master. */
export function change(net: NetNamespace, ifindex: number, changes: LinkChanges): NetlinkError | undefined {
  const device = net.deviceByIndex(ifindex);
  if (!device) return NO_DEVICE;
  const failed =
    (changes.netns && changes.netns !== net ? moveTo(device, changes.netns, changes.name) : undefined) ??
    setHardware(device, changes) ??
    (changes.name !== undefined && !(changes.netns && changes.netns !== net) ? rename(device, changes.name) : undefined) ??
    setMaster(device, changes.master) ??
    setFlags(device, changes) ??
    setModes(device, changes) ??
    setLimits(device, changes.limits) ??
    setAttributes(device, changes);
  if (!failed) describe(device);
  if (!failed && device.net.notices.heard) tellOf(device, changes);
  return failed;
}

/** Changes that the device itself says nothing of: what it is called, its queue, each flag (netdev_state_change, __dev_notify_flags). */
function tellOf(device: NetDevice, { txqlen, alias, group, master, promisc, allmulti, multicast, arp }: LinkChanges): void {
  const modified = alias !== undefined || group !== undefined;
  const told = [
    txqlen !== undefined,
    modified,
    master !== undefined,
    ...[promisc, allmulti, multicast, arp].map((flag) => flag !== undefined),
  ];
  for (const each of told) if (each) device.net.notices.tell({ kind: 'link', device, gone: false });
}

function moveTo(device: NetDevice, to: NetNamespace, name: string | undefined): NetlinkError | undefined {
  const immutable =
    device === device.net.loopback || (device instanceof Ipip && device.fallback) || deviceKinds.get(device.kind)?.netnsImmutable;
  if (immutable) return { errno: 'EINVAL', message: 'The interface netns is immutable' };
  const failed = device.net.move(device, to, name);
  return failed && { errno: failed };
}

function checkAddress(address: Mac): NetlinkError | undefined {
  return isMulticastMac(address) || address === 0 ? { errno: 'EADDRNOTAVAIL' } : undefined;
}

function setHardware(device: NetDevice, changes: LinkChanges): NetlinkError | undefined {
  const { address, broadcast, mtu, txqlen, alias, group } = changes;
  if (address !== undefined && address !== device.address) {
    const refused = device === device.net.loopback ? undefined : checkAddress(address);
    if (refused) return refused;
    if (device instanceof Bridge) device.addressFixed = true;
    if (device.master instanceof Bridge) {
      const port = device.master.ports.get(device);
      if (port) device.master.portAddressChanging(port, address);
    }
    device.net.setAddress(device, address);
    if (device instanceof Bridge) device.refreshId();
    if (device.master instanceof Bridge) device.master.followPorts();
  }
  if (broadcast !== undefined) device.broadcast = broadcast;
  if (mtu !== undefined) {
    if (mtu < device.minMtu) return { errno: 'EINVAL', message: 'mtu less than device minimum' };
    if (device.maxMtu > 0 && mtu > device.maxMtu) return { errno: 'EINVAL', message: 'mtu greater than device maximum' };
    const refused = device.mtuChanging(mtu);
    if (refused) return refused;
    if (device instanceof Bridge) device.mtuFixed = true;
    device.net.setMtu(device, mtu);
    if (device.master instanceof Bridge) device.master.followPorts();
  }
  if (txqlen !== undefined) device.txqlen = txqlen;
  if (alias !== undefined) device.alias = alias === '' ? undefined : alias;
  if (group !== undefined) device.group = group;
  return undefined;
}

function rename(device: NetDevice, name: string): NetlinkError | undefined {
  if (name === device.name) return undefined;
  if (!validName(name)) return { errno: 'EINVAL' };
  if (device.net.deviceByName(name)) return { errno: 'EEXIST' };
  device.net.rename(device, name);
  return undefined;
}

function setMaster(device: NetDevice, master: number | undefined): NetlinkError | undefined {
  if (master === undefined) return undefined;
  if (device.master && device.master.ifindex !== master) device.net.kernel.releaseFromMaster(device);
  if (master === 0 || device.master) return undefined;
  const bridge = device.net.deviceByIndex(master);
  if (!bridge) return { errno: 'EINVAL' };
  if (!(bridge instanceof Bridge)) return { errno: 'EOPNOTSUPP' };
  if (device instanceof Bridge) return { errno: 'ELOOP', message: 'Can not enslave a bridge to a bridge' };
  const failed = bridge.addPort(device);
  return failed && { errno: failed };
}

/** Flags that mean nothing any more (IFF_NOTRAILERS, IFF_DYNAMIC). */
const NOTRAILERS = 0x20;
const DYNAMIC = 0x8000;

function setFlags(device: NetDevice, changes: LinkChanges): NetlinkError | undefined {
  const flag = (bit: number, wanted: boolean | undefined) => {
    if (wanted !== undefined) device.flags = wanted ? device.flags | bit : device.flags & ~bit;
  };
  flag(IFF.MULTICAST, changes.multicast);
  flag(IFF.NOARP, changes.arp === undefined ? undefined : !changes.arp);
  if (changes.allmulti !== undefined) device.setUserAllMulticast(changes.allmulti);
  flag(NOTRAILERS, changes.trailers === undefined ? undefined : !changes.trailers);
  flag(DYNAMIC, changes.dynamic);
  if (changes.promisc !== undefined) device.setUserPromisc(changes.promisc);
  if (changes.up === true) {
    const failed = device.net.setUp(device);
    if (failed) return { errno: failed };
  } else if (changes.up === false) device.net.setDown(device);
  return undefined;
}

function setAttributes(device: NetDevice, changes: LinkChanges): NetlinkError | undefined {
  const refused = changes.data && Object.keys(changes.data).length > 0 ? device.changeLink(changes.data) : undefined;
  if (refused) return refused;
  const port = device.master instanceof Bridge ? device.master.ports.get(device) : undefined;
  for (const [name, value] of Object.entries(changes.slaveData ?? {})) {
    const failed = port ? setPortAttribute(port, name, value) : 'EOPNOTSUPP';
    if (failed) return { errno: failed };
  }
  if (port && changes.slaveData && Object.keys(changes.slaveData).length > 0) port.bridge.tellPort(port);
  return undefined;
}

/** All of a group, unless one of them can't be deleted (rtnl_group_dellink). */
export function removeGroup(net: NetNamespace, group: number): NetlinkError | undefined {
  if (group === 0) return { errno: 'EPERM' };
  const doomed = net.listDevices().filter((device) => device.group === group);
  if (doomed.length === 0) return { errno: 'ENODEV' };
  if (doomed.some((device) => device.kind === '')) return { errno: 'EOPNOTSUPP' };
  for (const device of doomed) if (net.deviceByIndex(device.ifindex) === device) remove(net, device.ifindex);
  return undefined;
}

/** Virtual devices can be deleted; cards and loopback can't. */
export function remove(net: NetNamespace, ifindex: number): NetlinkError | undefined {
  const device = net.deviceByIndex(ifindex);
  if (!device) return NO_DEVICE;
  if (device.kind === '') return { errno: 'EOPNOTSUPP' };
  // The fallback tunnel says yes and stays (ip_tunnel_dellink).
  if (device instanceof Ipip && device.fallback) return undefined;
  net.unregister(device);
  return undefined;
}
