import { type DeviceLimits, IFF, type NetDevice } from '../../kernel/dev/device.ts';
import type { LinkChanges, NetlinkError } from './messages.ts';

/** What a link is told besides its address and its place (do_setlink). */

/** Above this, IPv4 has limits of its own (GSO_LEGACY_MAX_SIZE). */
const LEGACY_SIZE = 65_536;
/** The most that drivers can split here, which is what `tso_max_size` shows. */
const LARGEST = 524_280;

/** Sizes of what is split and joined; the smaller ones are IPv4's, too (netif_set_gso_max_size). */
export function setLimits(device: NetDevice, wanted: DeviceLimits | undefined): NetlinkError | undefined {
  if (!wanted) return undefined;
  const { limits } = device;
  const { gsoMaxSize, groMaxSize } = wanted;
  if ([gsoMaxSize, wanted.gsoIpv4MaxSize, groMaxSize, wanted.groIpv4MaxSize].some((size) => size !== undefined && size > LARGEST))
    return { errno: 'EINVAL' };
  Object.assign(limits, wanted);
  if (gsoMaxSize !== undefined && gsoMaxSize <= LEGACY_SIZE) limits.gsoIpv4MaxSize = wanted.gsoIpv4MaxSize ?? gsoMaxSize;
  if (groMaxSize !== undefined && groMaxSize <= LEGACY_SIZE) limits.groIpv4MaxSize = wanted.groIpv4MaxSize ?? groMaxSize;
  return undefined;
}

/** inet6_set_iftoken. */
function setToken(device: NetDevice, token: bigint): NetlinkError | undefined {
  const refuse = (message: string): NetlinkError => ({ errno: 'EINVAL', message });
  if ((device.flags & IFF.LOOPBACK) !== 0) return refuse('ipv6: Device is loopback');
  if ((device.flags & IFF.NOARP) !== 0) return refuse('ipv6: Device does not do neighbour discovery');
  device.ipv6.token = token & ((1n << 64n) - 1n);
  return undefined;
}

const GENERATION = { eui64: 0, none: 1, stable_secret: 2, random: 3 } as const;

/** The link's mode and how IPv6 gives it an address; no driver here can be told its carrier, nor be held down. */
export function setModes(device: NetDevice, changes: LinkChanges): NetlinkError | undefined {
  const { addrGenMode, dormant, carrier, protodown } = changes;
  if (carrier !== undefined && device.kind !== 'dummy') return { errno: 'EOPNOTSUPP' };
  if (addrGenMode === 'stable_secret') return { errno: 'EINVAL' };
  if (addrGenMode !== undefined) device.ipv6.conf.addr_gen_mode = GENERATION[addrGenMode];
  if (changes.token !== undefined) {
    const refused = setToken(device, changes.token);
    if (refused) return refused;
  }
  if (dormant !== undefined) device.dormant = dormant;
  if (protodown !== undefined) return { errno: 'EOPNOTSUPP', message: 'Protodown not supported by device' };
  return undefined;
}
