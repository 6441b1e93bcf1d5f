import type { IPv6 } from '../../base/address.ts';
import type { Timer } from '../../base/events.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import { emitIcmpv6, type Icmpv6, icmpv6Length, parseIcmpv6 } from '../../wire/icmpv6.ts';
import { MULTICAST_RECORD } from '../../wire/mld.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { Skb } from '../skb.ts';
import { sendIcmpv6 } from './send.ts';
import type { Ipv6Stack } from './stack.ts';

/** ff02::16: all routers that speak MLDv2. */
const MLD2_ROUTERS: IPv6 = (0xff02n << 112n) | 0x16n;
/** ff02::2: all routers, who are told of leaving by version 1. */
const ALL_ROUTERS: IPv6 = (0xff02n << 112n) | 2n;
const ALL_NODES: IPv6 = (0xff02n << 112n) | 1n;
/** For how long a query of version 1 makes hosts speak it (RFC 3810 §9.12, MLD_V1_SEEN). */
const VERSION_1_HOLD = 260 * SECOND;

/** What a link's queries have asked for. */
interface Heard {
  /** Version 1 is spoken until then. */
  version1Until: number;
  /** Answers that are due, by group; 0n is all of them. */
  readonly due: Map<IPv6, Timer>;
}

const heard = new WeakMap<NetDevice, Heard>();

function speaksVersion1(stack: Ipv6Stack, device: NetDevice): boolean {
  return (heard.get(device)?.version1Until ?? 0) > stack.net.kernel.events.now;
}

/**
 * Tells the link which groups this host listens to from now on, or no longer (RFC 3810, mld_sendpack): one report, where Linux repeats
 * it once a second later for links that lose packets. Carried with the router-alert option.
 */
export function reportMembership(stack: Ipv6Stack, device: NetDevice, groups: readonly IPv6[], joined = true): void {
  if (speaksVersion1(stack, device)) {
    for (const group of groups) send(stack, device, { kind: joined ? 'mld-report' : 'mld-done', group }, joined ? group : ALL_ROUTERS);
  } else report(stack, device, groups, joined ? MULTICAST_RECORD.ToExclude : MULTICAST_RECORD.ToInclude);
}

function report(stack: Ipv6Stack, device: NetDevice, groups: readonly IPv6[], type: number): void {
  const records = groups.map((group) => ({ type, group, sources: [], auxiliary: new Uint8Array(0), addressLength: 16 as const }));
  send(stack, device, { kind: 'mld2-report', records }, MLD2_ROUTERS);
}

function send(stack: Ipv6Stack, device: NetDevice, message: Icmpv6, destination: IPv6): void {
  const skb = Skb.allocate(icmpv6Length(message), stack.net.kernel.ids.nextPacket());
  emitIcmpv6(skb.bytes, skb.data, message);
  sendIcmpv6(stack, skb, { device, source: device.ipv6.linkLocal ?? 0n, destination, hopLimit: 1, routerAlert: true });
}

/** A query: what is listened to is reported, after a while of this host's own choice (igmp6_event_query). `skb.transport` stands at it. */
export function receiveQuery(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const message = parseIcmpv6(skb.bytes, skb.transport, skb.end);
  if (isWireError(message) || message.kind !== 'mld-query') return;
  const { group, rest, maxResponse } = message;
  if (group !== 0n && !device.ipv6.groups.has(group)) return;
  const { events } = net.kernel;
  const state: Heard = heard.get(device) ?? { version1Until: 0, due: new Map() };
  heard.set(device, state);
  if (rest.length === 0) state.version1Until = events.now + VERSION_1_HOLD;
  if (state.due.has(group)) return;
  const most = Math.max(1, maxResponse) * MILLISECOND;
  const delay = net.kernel.random(`mld/${device.uid}/${group}/${events.now}`).below(most);
  const answer = (): void => {
    state.due.delete(group);
    if (!device.running || device.unregistered) return;
    const groups = [...device.ipv6.groups.keys()].filter((each) => reported(each) && (group === 0n || each === group));
    if (groups.length === 0) return;
    if (speaksVersion1(net.ipv6, device)) reportMembership(net.ipv6, device, groups);
    else report(net.ipv6, device, groups, MULTICAST_RECORD.IsExclude);
  };
  state.due.set(group, events.after(delay, 'mld', answer, true));
}

/** Groups of the interface alone, and the one that everybody is in, are nobody's business. */
function reported(group: IPv6): boolean {
  return ((group >> 112n) & 0xfn) >= 2n && group !== ALL_NODES;
}
