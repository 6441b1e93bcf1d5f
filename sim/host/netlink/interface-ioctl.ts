import { type IPv4, ipv4Mask } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { AddressInfo, AddressSpec, LinkInfo } from './messages.ts';
import type { RtNetlink } from './rtnetlink.ts';

const IFF_BROADCAST = 0x2;
const IFF_POINTOPOINT = 0x10;

/** The prefix length of an address's class; multicast has none (inet_abc_len). */
export function classLength(address: IPv4): number | undefined {
  const first = address >>> 24;
  if (first === 0 || address === 0xffff_ffff) return 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  if (first < 224) return 24;
  return first < 240 ? undefined : 32;
}

/**
 * The ioctls on interfaces that came before netlink (devinet_ioctl in net/ipv4/devinet.c). They know one address by each name: the
 * interface's own, and those of aliases such as `eth0:1`, which are labels of addresses and not devices.
 */
export class InterfaceIoctl {
  readonly #netlink: RtNetlink;
  /** As the caller gave it: maybe an alias. */
  readonly name: string;

  constructor(netlink: RtNetlink, name: string) {
    this.#netlink = netlink;
    this.name = name;
  }

  get alias(): boolean {
    return this.name.includes(':');
  }

  /** The device that is meant, of an alias the one that carries it. */
  get link(): LinkInfo | undefined {
    return this.#netlink.link(this.name.split(':')[0] ?? this.name);
  }

  /** The address that goes by this name (SIOCGIFADDR). */
  get current(): AddressInfo | undefined {
    const { link } = this;
    return link && this.#netlink.addresses(4).find((one) => one.ifindex === link.ifindex && (one.label ?? link.name) === this.name);
  }

  /** SIOCSIFADDR: the address by this name, with the mask of its class; 0.0.0.0 takes the old one away. */
  setAddress(address: IPv4): Errno | undefined {
    const { link, current } = this;
    if (!link) return 'ENODEV';
    const byClass = classLength(address);
    if (byClass === undefined) return 'EINVAL';
    if (current && localOf(current) === address) return undefined;
    const length = (link.flags & IFF_POINTOPOINT) !== 0 ? 32 : byClass;
    return this.#replace(link, current, {
      prefix: { address, length },
      broadcast: length === 32 ? undefined : usualBroadcast(link, address, length),
    });
  }

  /** SIOCSIFNETMASK: a broadcast address that fitted the old mask follows the new one. */
  setNetmask(mask: IPv4): Errno | undefined {
    return this.#change((link, old) => {
      const host = ~mask >>> 0;
      if ((host & (host + 1)) !== 0) return 'EINVAL';
      const length = Math.clz32(host);
      const address = localOf(old);
      const fitted = old.broadcast === usualBroadcast(link, address, old.prefix.length);
      const broadcast = fitted ? (usualBroadcast(link, address, length) ?? old.broadcast) : old.broadcast;
      return { ...old, prefix: { ...old.prefix, length }, broadcast };
    });
  }

  /** SIOCSIFBRDADDR */
  setBroadcast(broadcast: IPv4): Errno | undefined {
    return this.#change((_link, old) => ({ ...old, broadcast }));
  }

  /** SIOCSIFDSTADDR: the address of the other end. */
  setDestination(address: IPv4): Errno | undefined {
    return this.#change((_link, old) => (classLength(address) === undefined ? 'EINVAL' : { ...old, peer: address }));
  }

  /** SIOCSIFFLAGS with or without IFF_UP: an alias that goes down is taken away. */
  setUp(up: boolean): Errno | undefined {
    const { link, current } = this;
    if (!link) return 'ENODEV';
    if (!this.alias) return this.#netlink.setLink(link.ifindex, { up })?.errno;
    if (!current) return 'EADDRNOTAVAIL';
    return up ? undefined : this.#remove(current);
  }

  #change(next: (link: LinkInfo, old: AddressInfo) => Wanted | Errno): Errno | undefined {
    const { link, current } = this;
    if (!link) return 'ENODEV';
    if (!current) return 'EADDRNOTAVAIL';
    const wanted = next(link, current);
    return typeof wanted === 'string' ? wanted : this.#replace(link, current, wanted);
  }

  #remove({ ifindex, prefix, peer }: AddressInfo): Errno | undefined {
    return this.#netlink.delAddress({ ifindex, prefix, ...(peer === undefined ? {} : { peer }) })?.errno;
  }

  #replace(link: LinkInfo, old: AddressInfo | undefined, { prefix, peer, broadcast }: Wanted): Errno | undefined {
    if (old) this.#remove(old);
    const local = prefix.address as IPv4;
    if (local === 0) return undefined;
    const scope = local >>> 24 === 127 ? 'host' : 'global';
    const spec: AddressSpec = { ifindex: link.ifindex, prefix, scope, label: this.name };
    const more = { ...(peer === undefined ? {} : { peer }), ...(broadcast === undefined ? {} : { broadcast }) };
    return this.#netlink.newAddress({ ...spec, ...more }, 'add')?.errno;
  }
}

interface Wanted {
  prefix: AddressInfo['prefix'];
  peer?: AddressInfo['peer'] | undefined;
  broadcast?: AddressInfo['broadcast'] | undefined;
}

function localOf({ prefix }: AddressInfo): IPv4 {
  return prefix.address as IPv4;
}

function usualBroadcast(link: LinkInfo, address: IPv4, length: number): IPv4 | undefined {
  if ((link.flags & IFF_BROADCAST) === 0 || length >= 31) return undefined;
  return (address | ~ipv4Mask(length)) >>> 0;
}
