import { formatMac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { DeviceAttribute } from '../dev/device.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';
import { PORT_STATE } from './port.ts';

/**
 * `8000.2:42:ac:11:0:1`: the priority, then the address, as `ip -d` prints a bridge id. Until a port or an administrator has given
 * the bridge an address of its own, the id's is zero (br_stp_change_bridge_id has not run).
 */
export function bridgeId(bridge: Bridge): string {
  const address = bridge.ports.size > 0 || bridge.addressFixed ? formatMac(bridge.address) : '00:00:00:00:00:00';
  const octets = address.split(':').map((octet) => Number.parseInt(octet, 16).toString(16));
  return `${bridge.bridgePriority.toString(16).padStart(4, '0')}.${octets.join(':')}`;
}

/** IFLA_BR_* of a bridge (br_fill_info). */
export function bridgeAttributes(bridge: Bridge): Record<string, DeviceAttribute> {
  return {
    forward_delay: bridge.forwardDelay,
    hello_time: bridge.helloTime,
    max_age: bridge.maxAge,
    ageing_time: bridge.ageingTime,
    stp_state: bridge.stpState,
    priority: bridge.bridgePriority,
    vlan_filtering: bridge.vlanFiltering ? 1 : 0,
    mcast_snooping: bridge.multicastSnooping ? 1 : 0,
    bridge_id: bridgeId(bridge),
    designated_root: bridgeId(bridge),
    fdb_n_learned: bridge.fdb.list().filter((entry) => !entry.local && !entry.static).length,
  };
}

/** Changes IFLA_BR_NAME; limits as br_changelink enforces them (times in centiseconds). */
export function setBridgeAttribute(bridge: Bridge, name: string, value: DeviceAttribute): Errno | undefined {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) return 'EINVAL';
  switch (name) {
    case 'forward_delay':
      if (bridge.stpState !== 0 && (number < 200 || number > 3000)) return 'ERANGE';
      bridge.forwardDelay = number;
      return undefined;
    case 'hello_time':
      if (number < 100 || number > 1000) return 'ERANGE';
      bridge.helloTime = number;
      return undefined;
    case 'max_age':
      if (number < 600 || number > 4000) return 'ERANGE';
      bridge.maxAge = number;
      return undefined;
    case 'ageing_time':
      bridge.setAgeing(number);
      return undefined;
    case 'priority':
      if (number > 65_535) return 'ERANGE';
      bridge.bridgePriority = number;
      return undefined;
    case 'mcast_snooping':
      bridge.multicastSnooping = number !== 0;
      return undefined;
    case 'vlan_filtering':
      if (number !== 0) return 'EOPNOTSUPP';
      return undefined;
    case 'stp_state':
      if (number !== 0) return 'EOPNOTSUPP';
      return undefined;
    default:
      return 'EOPNOTSUPP';
  }
}

const PORT_FLAGS = {
  hairpin: 'hairpin',
  guard: 'guard',
  root_block: 'rootBlock',
  fastleave: 'fastLeave',
  learning: 'learning',
  flood: 'flood',
  mcast_flood: 'multicastFlood',
  bcast_flood: 'broadcastFlood',
  isolated: 'isolated',
  proxy_arp: 'proxyArp',
  proxy_arp_wifi: 'proxyArpWifi',
  neigh_suppress: 'neighSuppress',
  locked: 'locked',
} as const;

/** IFLA_BRPORT_* of a port (br_port_fill_attrs). */
export function portAttributes(port: BridgePort): Record<string, DeviceAttribute> {
  const attributes: Record<string, DeviceAttribute> = {
    state: port.state,
    state_index: PORT_STATE[port.state],
    priority: port.priority,
    cost: port.cost,
  };
  for (const [name, field] of Object.entries(PORT_FLAGS)) attributes[name] = port[field];
  const id = 0x8000 | port.number;
  return {
    ...attributes,
    id,
    no: port.number,
    designated_port: id,
    designated_cost: 0,
    designated_bridge: bridgeId(port.bridge),
    designated_root: bridgeId(port.bridge),
  };
}

/** Changes IFLA_BRPORT_NAME (`bridge link set dev v0 hairpin on`). */
export function setPortAttribute(port: BridgePort, name: string, value: DeviceAttribute): Errno | undefined {
  if (name in PORT_FLAGS) {
    port[PORT_FLAGS[name as keyof typeof PORT_FLAGS]] = value === true || value === 1 || value === 'on';
    return undefined;
  }
  const number = Number(value);
  if (name === 'priority' || name === 'cost') {
    if (!Number.isInteger(number) || number < 0 || number > (name === 'priority' ? 63 : 65_535)) return 'ERANGE';
    port[name] = number;
    return undefined;
  }
  if (name === 'state') {
    const state = (Object.keys(PORT_STATE) as (keyof typeof PORT_STATE)[]).find((key) => key === value || PORT_STATE[key] === number);
    if (!state) return 'EINVAL';
    port.state = state;
    return undefined;
  }
  return 'EOPNOTSUPP';
}
