import { isLinkLocalIPv6, linkLocalOf, type IPv6 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { defaultRules, type Rule, TABLE } from '../ipv4/rules.ts';
import { NeighbourTable } from '../neigh/table.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import { integer, type Sysctl } from '../sysctl.ts';
import { NeighbourDiscovery } from './ndisc.ts';
import { defaultConf, type Ipv6Address, type Ipv6Conf, Ipv6Interface } from './interface.ts';

const LOOPBACK: IPv6 = 1n;
/** ff02::1 on Ethernet: every device listens to it from the start (ipv6_mc_init_dev). */
const ALL_NODES_MAC = 0x333300000001;

/** IPv6 of one namespace: addresses with their duplicate detection, and the settings under /proc/sys/net/ipv6. */
export class Ipv6Stack {
  readonly net: NetNamespace;
  readonly all: Ipv6Conf = defaultConf();
  readonly defaults: Ipv6Conf = defaultConf();

  rules: Rule[] = defaultRules().filter((rule) => rule.table !== TABLE.default);
  readonly neighbours = new NeighbourTable(new NeighbourDiscovery());

  constructor(net: NetNamespace) {
    this.net = net;
    this.#registerSysctls();
  }

  disabled(device: NetDevice): boolean {
    return device.ipv6.conf.disable_ipv6 !== 0;
  }

  /** Reacts to a device's life (addrconf_notify). */
  deviceEvent(event: DeviceEvent, device: NetDevice): void {
    switch (event) {
      case 'register':
        device.ipv6 = new Ipv6Interface(device, this.defaults);
        if (device.hasLinkLayer) device.joinMulticast(ALL_NODES_MAC);
        return;
      case 'up':
      case 'change':
        if (device.up && (device.carrier || device === this.net.loopback)) this.#linkUp(device);
        return;
      case 'down':
      case 'unregister':
        for (const address of [...device.ipv6.addresses]) this.deleteAddress(device, address);
        return;
      default:
    }
  }

  /** A link that is there gets its own address (addrconf_dev_config). Ports of a bridge do, too, as in Linux. */
  #linkUp(device: NetDevice): void {
    if (this.disabled(device)) return;
    if (device === this.net.loopback) {
      this.addAddress(device, { address: LOOPBACK, length: 128, scope: SCOPE.host, protocol: 'kernel_lo' });
      return;
    }
    if (!device.hasLinkLayer || device.ipv6.conf.addr_gen_mode !== 0) return;
    this.addAddress(device, { address: linkLocalOf(device.address), length: 64, scope: SCOPE.link, protocol: 'kernel_ll' });
  }

  /** @returns EEXIST for one that is there, EACCES where IPv6 is switched off */
  addAddress(
    device: NetDevice,
    spec: Pick<Ipv6Address, 'address' | 'length'> & Partial<Ipv6Address> & { nodad?: boolean },
  ): Errno | undefined {
    if (this.disabled(device)) return 'EACCES';
    if (device.ipv6.addresses.some((known) => known.address === spec.address)) return 'EEXIST';
    const probed = device.hasLinkLayer && !spec.nodad && device.ipv6.conf.dad_transmits > 0 && device.ipv6.conf.accept_dad > 0;
    const entry: Ipv6Address = {
      peer: undefined,
      scope: scopeOf(spec.address),
      dadFailed: false,
      protocol: undefined,
      noprefixroute: false,
      permanent: true,
      validLifetime: undefined,
      preferredLifetime: undefined,
      ...spec,
      tentative: probed,
      dad: undefined,
    };
    const at = device.ipv6.addresses.findIndex((other) => other.scope > entry.scope);
    if (at < 0) device.ipv6.addresses.push(entry);
    else device.ipv6.addresses.splice(at, 0, entry);
    if (probed) this.#probe(device, entry);
    return undefined;
  }

  deleteAddress(device: NetDevice, entry: Ipv6Address): void {
    this.net.kernel.events.cancel(entry.dad);
    const at = device.ipv6.addresses.indexOf(entry);
    if (at >= 0) device.ipv6.addresses.splice(at, 1);
  }

  /** The address is tentative until nobody has claimed it for a second after a random delay (addrconf_dad_start). */
  #probe(device: NetDevice, entry: Ipv6Address): void {
    const { kernel } = this.net;
    const delay = kernel.random(`dad/${device.uid}/${entry.address}`).below(SECOND);
    entry.dad = kernel.events.after(
      delay + SECOND,
      'dad',
      () => {
        entry.tentative = false;
        entry.dad = undefined;
      },
      true,
    );
  }

  /** Switches IPv6 on or off on devices at once (addrconf_disable_ipv6). */
  #disableChanged(entry: string): void {
    if (entry === 'all') {
      this.defaults.disable_ipv6 = this.all.disable_ipv6;
      for (const device of this.net.devices.values()) device.ipv6.conf.disable_ipv6 = this.all.disable_ipv6;
    }
    for (const device of this.net.devices.values()) {
      if (entry !== 'all' && device.name !== entry) continue;
      if (this.disabled(device)) for (const address of [...device.ipv6.addresses]) this.deleteAddress(device, address);
      else this.deviceEvent('up', device);
    }
  }

  #registerSysctls(): void {
    this.net.sysctl.registerFamily('net/ipv6/conf', {
      entries: () => ['all', 'default', ...this.net.listDevices().map((device) => device.name)],
      table: (entry) => this.#confTable(entry),
    });
  }

  #confTable(entry: string): ReadonlyMap<string, Sysctl> | undefined {
    const conf = entry === 'all' ? this.all : entry === 'default' ? this.defaults : this.net.deviceByName(entry)?.ipv6.conf;
    if (!conf) return undefined;
    const table = new Map<string, Sysctl>();
    for (const name of Object.keys(conf) as (keyof Ipv6Conf)[]) {
      const changed = name === 'disable_ipv6' && entry !== 'default' ? () => this.#disableChanged(entry) : undefined;
      table.set(name, integer(conf, name, changed ? { changed } : {}));
    }
    return table;
  }
}

function scopeOf(address: IPv6): number {
  if (address === LOOPBACK) return SCOPE.host;
  return isLinkLocalIPv6(address) ? SCOPE.link : SCOPE.global;
}
