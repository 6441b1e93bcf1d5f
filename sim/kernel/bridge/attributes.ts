import { ETHERTYPE } from '../../wire/ethernet.ts';
import { formatIP, formatMac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { DeviceAttribute } from '../dev/device.ts';
import type { Bridge } from './bridge.ts';
import type { MulticastSettings } from './multicast-settings.ts';
import type { BridgePort } from './port.ts';
import { PORT_STATE } from './port.ts';

/** `8000.2:42:ac:11:0:1`: the priority, then the address, as `ip -d` prints a spanning tree identifier. */
export function bridgeId(id: bigint): string {
  const octets = formatMac(Number(id & 0xffff_ffff_ffffn))
    .split(':')
    .map((octet) => Number.parseInt(octet, 16).toString(16));
  return `${(id >> 48n).toString(16).padStart(4, '0')}.${octets.join(':')}`;
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
    ...(bridge.hasVlans ? vlanAttributes(bridge) : {}),
    mcast_snooping: bridge.snooping.on ? 1 : 0,
    ...bridge.snooping.settings,
    ...querierAttributes(bridge),
    bridge_id: bridgeId(bridge.id),
    designated_root: bridgeId(bridge.tree.root),
    root_port: bridge.tree.rootPort,
    root_path_cost: bridge.tree.rootCost,
    topology_change: bridge.tree.topologyChange ? 1 : 0,
    topology_change_detected: bridge.tree.topologyChangeDetected ? 1 : 0,
    hello_timer: bridge.tree.hello.left,
    tcn_timer: bridge.tree.tcn.left,
    topology_change_timer: bridge.tree.topology.left,
    fdb_n_learned: bridge.fdb.list().filter((entry) => !entry.local && !entry.static).length,
  };
}

/** Who asks for memberships, where it is this bridge or one it has heard (br_multicast_dump_querier_state). */
function querierAttributes({ snooping }: Bridge): Record<string, DeviceAttribute> {
  const attributes: Record<string, DeviceAttribute> = {};
  for (const [family, querier] of [
    ['ipv4', snooping.querier4],
    ['ipv6', snooping.querier6],
  ] as const) {
    if (snooping.settings.mcast_querier === 0 && !querier.other.running) continue;
    attributes[`mcast_querier_${family}_addr`] = formatIP(querier.address);
    if (querier.port) attributes[`mcast_querier_${family}_port`] = querier.port.device.ifindex;
    if (querier.other.running) attributes[`mcast_querier_${family}_other_timer`] = querier.other.left;
  }
  return attributes;
}

/** Kernels without VLAN filtering have none of these. */
function vlanAttributes({ vlans }: Bridge): Record<string, DeviceAttribute> {
  return { vlan_protocol: vlans.protocol === ETHERTYPE.QinQ ? '802.1ad' : '802.1Q', vlan_default_pvid: vlans.defaultPvid };
}

/** Changes IFLA_BR_NAME; limits as br_changelink enforces them (times in centiseconds). */
export function setBridgeAttribute(bridge: Bridge, name: string, value: DeviceAttribute): Errno | undefined {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) return 'EINVAL';
  switch (name) {
    case 'forward_delay':
      if (bridge.stpState !== 0 && (number < 200 || number > 3000)) return 'ERANGE';
      setTime(bridge, 'forwardDelay', number);
      return undefined;
    case 'hello_time':
      if (number < 100 || number > 1000) return 'ERANGE';
      setTime(bridge, 'helloTime', number);
      return undefined;
    case 'max_age':
      if (number < 600 || number > 4000) return 'ERANGE';
      setTime(bridge, 'maxAge', number);
      return undefined;
    case 'ageing_time':
      bridge.setAgeing(number);
      return undefined;
    case 'priority':
      if (number > 65_535) return 'ERANGE';
      bridge.bridgePriority = number;
      bridge.refreshId();
      return undefined;
    case 'mcast_snooping':
      bridge.snooping.setSnooping(number !== 0);
      return undefined;
    case 'vlan_filtering':
      if (number > 1) return 'EINVAL';
      bridge.filterVlans(number !== 0);
      return undefined;
    case 'vlan_default_pvid':
      if (number > 4094) return 'EINVAL';
      if (bridge.vlanFiltering && number !== bridge.vlans.defaultPvid) return 'EPERM';
      bridge.vlans.setDefault(number);
      return undefined;
    case 'vlan_protocol':
      if (number !== ETHERTYPE.VLAN && number !== ETHERTYPE.QinQ) return 'EPROTONOSUPPORT';
      bridge.vlans.protocol = number;
      return undefined;
    case 'stp_state':
      setStp(bridge, number !== 0);
      return undefined;
    default:
      return name in bridge.snooping.settings ? bridge.snooping.set(name as keyof MulticastSettings, number) : 'EOPNOTSUPP';
  }
}

/** The root's times are everybody's: the own ones count while it is the root. */
function setTime(bridge: Bridge, name: 'forwardDelay' | 'helloTime' | 'maxAge', centiseconds: number): void {
  bridge.ownTimes[name] = centiseconds;
  if (bridge.tree.isRoot) bridge[name] = centiseconds;
}

/** Switching STP on pulls the forwarding delay into the standard's limits (br_stp_start). */
function setStp(bridge: Bridge, on: boolean): void {
  if (on === (bridge.stpState !== 0)) return;
  if (on) setTime(bridge, 'forwardDelay', Math.min(Math.max(bridge.ownTimes.forwardDelay, 200), 3000));
  bridge.stpState = on ? 1 : 0;
  bridge.tree.switched();
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
    multicast_router: port.multicastRouter,
    mcast_n_groups: [...port.bridge.snooping.mdb.list()].filter((entry) => entry.ports.has(port)).length,
    state_index: PORT_STATE[port.state],
    priority: port.priority,
    cost: port.cost,
  };
  for (const [name, field] of Object.entries(PORT_FLAGS)) attributes[name] = port[field];
  return {
    ...attributes,
    id: port.id,
    no: port.number,
    designated_port: port.designatedPort,
    designated_cost: port.designatedCost,
    designated_bridge: bridgeId(port.designatedBridge),
    designated_root: bridgeId(port.designatedRoot),
    hold_timer: port.hold.left,
    message_age_timer: port.messageAge.left,
    forward_delay_timer: port.forwardDelay.left || port.idleDelay.left,
    topology_change_ack: port.topologyChangeAck ? 1 : 0,
    config_pending: port.configPending ? 1 : 0,
  };
}

/** Changes IFLA_BRPORT_NAME (`bridge link set dev v0 hairpin on`). */
export function setPortAttribute(port: BridgePort, name: string, value: DeviceAttribute): Errno | undefined {
  if (name in PORT_FLAGS) {
    port[PORT_FLAGS[name as keyof typeof PORT_FLAGS]] = value === true || value === 1 || value === 'on';
    port.bridge.suppresses = [...port.bridge.ports.values()].some((other) => other.neighSuppress);
    return undefined;
  }
  const number = Number(value);
  if (name === 'multicast_router' || name === 'mcast_router') return port.bridge.snooping.setPortRouter(port, number);
  if (name === 'priority' || name === 'cost') {
    if (name === 'cost' && number === 0) return undefined; // IFLA_BRPORT_COST 0 sets nothing
    if (!Number.isInteger(number) || number < 0 || number > (name === 'priority' ? 63 : 65_535)) return 'ERANGE';
    const before = port.id;
    port[name] = number;
    if (name === 'priority') port.bridge.tree.portIdChanged(port, before);
    else port.bridge.tree.costChanged();
    return undefined;
  }
  if (name === 'state') {
    const state = (Object.keys(PORT_STATE) as (keyof typeof PORT_STATE)[]).find((key) => key === value || PORT_STATE[key] === number);
    if (!state) return 'EINVAL';
    if (port.bridge.stpState !== 0) return 'EBUSY';
    if (state !== 'disabled' && !(port.device.up && port.device.carrier)) return 'ENETDOWN';
    port.enter(state);
    port.bridge.tree.selectStates();
    return undefined;
  }
  return 'EOPNOTSUPP';
}
