import { formatIP, type IP, isMulticastIPv4, isMulticastIPv6, parseIP } from '../../../base/address.ts';
import type { NetNamespace } from '../../netns.ts';
import type { DeviceAttribute, Refusal } from '../device.ts';

/** What a VXLAN device is made with (`struct vxlan_config`). */
export interface VxlanSettings {
  vni: number;
  /** Takes network and remote from each packet; no network of its own. */
  external: boolean;
  /** The default remote, or the group; undefined for none. */
  remote: IP | undefined;
  /** Source of the outer packets; undefined lets the route choose. */
  local: IP | undefined;
  /** ifindex of the device below, in the underlay's namespace; 0 for none. */
  ifindex: number;
  port: number;
  portRange: [number, number];
  /** 0 takes the route's. */
  ttl: number;
  ttlInherit: boolean;
  /** 1 inherits. */
  tos: number;
  df: 'unset' | 'set' | 'inherit';
  label: number;
  /** Seconds; 0 is never. */
  ageing: number;
  limit: number;
  flags: Record<VxlanFlag, boolean>;
}

/** Flags in the order that netlink reports them; `changeable` ones may be changed later, and where the others are refused tells the words. */
export const VXLAN_FLAGS = {
  learning: { usual: true, name: 'LEARNING', changeable: true, changed: 'nl2flag' },
  proxy: { usual: false, name: 'PROXY', changeable: false, changed: 'nl2flag' },
  rsc: { usual: false, name: 'RSC', changeable: false, changed: 'nl2flag' },
  l2miss: { usual: false, name: 'L2MISS', changeable: false, changed: 'nl2flag' },
  l3miss: { usual: false, name: 'L3MISS', changeable: false, changed: 'nl2flag' },
  udp_csum: { usual: true, name: 'UDP_CSUM', changeable: false, changed: 'here' },
  udp_zero_csum6_tx: { usual: false, name: 'UDP_ZERO_CSUM6_TX', changeable: false, changed: 'nl2flag' },
  udp_zero_csum6_rx: { usual: false, name: 'UDP_ZERO_CSUM6_RX', changeable: false, changed: 'nl2flag' },
  remcsum_tx: { usual: false, name: 'REMCSUM_TX', changeable: false, changed: 'nl2flag' },
  remcsum_rx: { usual: false, name: 'REMCSUM_RX', changeable: false, changed: 'nl2flag' },
  localbypass: { usual: true, name: 'LOCALBYPASS', changeable: true, changed: 'nl2flag' },
} as const;
export type VxlanFlag = keyof typeof VXLAN_FLAGS;

/** The port that Linux has used since before IANA gave VXLAN one (the module's parameter `udp_port`). */
export const LINUX_PORT = 8472;

export function defaultSettings(): VxlanSettings {
  const flags = {} as Record<VxlanFlag, boolean>;
  for (const name of Object.keys(VXLAN_FLAGS) as VxlanFlag[]) flags[name] = VXLAN_FLAGS[name].usual;
  return {
    vni: 0,
    external: false,
    remote: undefined,
    local: undefined,
    ifindex: 0,
    port: LINUX_PORT,
    portRange: [0, 0],
    ttl: 0,
    ttlInherit: false,
    tos: 0,
    df: 'unset',
    label: 0,
    ageing: 300,
    limit: 0,
    flags,
  };
}

type Data = Readonly<Record<string, DeviceAttribute>>;

/**
 * Reads IFLA_VXLAN_* into settings, on top of `before` when the device exists (vxlan_nl2conf).
 * @param underlay where `link` is looked up
 */
export function readSettings(data: Data, before: VxlanSettings | undefined, underlay: NetNamespace): VxlanSettings | Refusal {
  const settings: VxlanSettings = before ? { ...before, flags: { ...before.flags } } : defaultSettings();
  const refused = before ? unchangeable(data, before) : undefined;
  if (refused) return refused;
  for (const [name, value] of Object.entries(data)) {
    const failed = readOne(settings, name, value, underlay);
    if (failed) return failed;
  }
  return settings;
}

/** What stays as it was made. */
function unchangeable(data: Data, before: VxlanSettings): Refusal | undefined {
  const refuse = (message: string): Refusal => ({ errno: 'EOPNOTSUPP', message });
  if (data.id !== undefined && Number(data.id) !== before.vni) return refuse('Cannot change VNI');
  for (const [name, flag] of Object.entries(VXLAN_FLAGS)) {
    if (data[name] !== undefined && !flag.changeable)
      return refuse(flag.changed === 'nl2flag' ? `vxlan: cannot change ${flag.name} flag` : `Cannot change ${flag.name} flag`);
  }
  if (data.limit !== undefined) return refuse('Cannot change limit');
  if (data.port_range !== undefined) return refuse('Cannot change port range');
  if (data.port !== undefined) return refuse('Cannot change port');
  if (data.external !== undefined) return refuse('vxlan: cannot change COLLECT_METADATA flag');
  return undefined;
}

function readOne(settings: VxlanSettings, name: string, value: DeviceAttribute, underlay: NetNamespace): Refusal | undefined {
  if (Object.hasOwn(VXLAN_FLAGS, name)) {
    settings.flags[name as VxlanFlag] = value === true || value === 1;
    return undefined;
  }
  switch (name) {
    case 'id':
      settings.vni = Number(value);
      return undefined;
    case 'external':
      settings.external = value === true;
      return undefined;
    case 'group':
    case 'remote':
      settings.remote = addressOf(value);
      return undefined;
    case 'local':
      settings.local = addressOf(value);
      return undefined;
    case 'link': {
      const lower = underlay.deviceByName(String(value));
      if (!lower) return { errno: 'ENODEV', message: 'Invalid local interface, device not found' };
      settings.ifindex = lower.ifindex;
      return undefined;
    }
    case 'port':
      settings.port = Number(value) || LINUX_PORT;
      return undefined;
    case 'port_range': {
      const [low = 0, high = 0] = String(value).split('-').map(Number);
      settings.portRange = [low, high];
      return undefined;
    }
    case 'ttl':
      settings.ttlInherit ||= value === 'inherit';
      settings.ttl = Number(value) || 0;
      return undefined;
    case 'tos':
      settings.tos = value === 'inherit' ? 1 : Number(value);
      return undefined;
    case 'df':
      settings.df = value as VxlanSettings['df'];
      return undefined;
    case 'label':
    case 'ageing':
    case 'limit':
      settings[name] = Number(value);
      return undefined;
    default:
      return { errno: 'EOPNOTSUPP' };
  }
}

function addressOf(value: DeviceAttribute): IP | undefined {
  const address = parseIP(String(value));
  return address === 0 || address === 0n ? undefined : address;
}

export function isGroup(address: IP | undefined): boolean {
  if (address === undefined) return false;
  return typeof address === 'bigint' ? isMulticastIPv6(address) : isMulticastIPv4(address);
}

/** Whether the outer packets are IPv6. */
export function speaksIpv6(settings: VxlanSettings): boolean {
  return typeof (settings.remote ?? settings.local) === 'bigint';
}

/** What can't be (vxlan_config_validate), apart from a network that another device has already. */
export function validate(settings: VxlanSettings): Refusal | undefined {
  const { remote, local } = settings;
  if (remote !== undefined && local !== undefined && typeof remote !== typeof local)
    return { errno: 'EINVAL', message: 'Local and remote address must be from the same family' };
  if (isGroup(local)) return { errno: 'EINVAL', message: 'Local address cannot be multicast' };
  if (isGroup(remote) && settings.ifindex === 0)
    return { errno: 'EINVAL', message: 'Local interface required for multicast remote destination' };
  return undefined;
}

/** As IFLA_VXLAN_* report it. @param nameOf what the device's own namespace calls an ifindex */
export function describeSettings(settings: VxlanSettings, nameOf: (ifindex: number) => string): Record<string, DeviceAttribute> {
  const data: Record<string, DeviceAttribute> = {};
  if (settings.external) data.external = true;
  data.id = settings.vni;
  if (settings.remote !== undefined) data[isGroup(settings.remote) ? 'group' : 'remote'] = formatIP(settings.remote);
  if (settings.local !== undefined) data.local = formatIP(settings.local);
  if (settings.ifindex !== 0) data.link = nameOf(settings.ifindex);
  data.port_range = settings.portRange.join('-');
  data.port = settings.port;
  if (settings.tos !== 0) data.tos = settings.tos === 1 ? 'inherit' : settings.tos;
  data.ttl = settings.ttlInherit ? 'inherit' : settings.ttl;
  data.df = settings.df;
  if (settings.label !== 0) data.label = settings.label;
  data.ageing = settings.ageing;
  if (settings.limit !== 0) data.limit = settings.limit;
  return { ...data, ...settings.flags };
}
