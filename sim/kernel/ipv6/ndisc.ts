import { type IP, type IPv6, isMulticastIPv6, type Mac, multicastMacOfIPv6 } from '../../base/address.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NeighbourProtocol } from '../neigh/table.ts';
import type { Skb } from '../skb.ts';

/** Neighbour discovery for IPv6 (RFC 4861, net/ipv6/ndisc.c). */
export class NeighbourDiscovery implements NeighbourProtocol {
  readonly family = 6;

  solicit(_device: NetDevice, _address: IP, _to: Mac | undefined, _waiting: Skb | undefined): void {}

  failed(device: NetDevice, skb: Skb): void {
    drop(device.net, skb, 'NEIGH_FAILED');
  }

  constructAddress(device: NetDevice, address: IP): Mac | undefined {
    if (isMulticastIPv6(address as IPv6)) return multicastMacOfIPv6(address as IPv6);
    return device === device.net.loopback ? device.broadcast : undefined;
  }
}
