import type { IPv4 } from '../../base/address.ts';
import type { Timer } from '../../base/events.ts';
import { type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import * as wire from '../../wire/igmp.ts';
import * as ip from '../../wire/ipv4.ts';
import { MULTICAST_RECORD } from '../../wire/mld.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { NetDevice } from '../dev/device.ts';
import { IFF } from '../dev/device.ts';
import { Skb } from '../skb.ts';
import { finishOutput, pushHeader } from './output.ts';
import { routeOutput, selectSource } from './route.ts';
import { ALL_HOSTS, SCOPE } from './interface.ts';

/** 224.0.0.22: all routers that speak IGMPv3. */
const REPORTS: IPv4 = 0xe0000016;
/** Router alert (RFC 2113). */
const ROUTER_ALERT = Uint8Array.of(0x94, 4, 0, 0);
/** 224.0.0.2: all routers, who are told of leaving by version 2. */
const ALL_ROUTERS: IPv4 = 0xe0000002;
/** For how long a query of version 2 makes hosts speak it (RFC 3376 §8.12, IGMP_V2_SEEN). */
const VERSION_2_HOLD = 260 * SECOND;

/** A record of what is listened to: how the kernel of the sender names it (RFC 3376 §4.2.12). */
interface Record {
  type: number;
  group: IPv4;
}

/**
 * Tells the link that a group is listened to from now on, or no longer (igmp_group_added, igmp_group_dropped): at once and igmp_qrv - 1 times
 * more, each within igmpv3_unsolicited_report_interval. Everybody listens to 224.0.0.1, of which nothing is ever said.
 */
export function reportChange(device: NetDevice, group: IPv4, joined: boolean): void {
  if (group === ALL_HOSTS || !speaks(device)) return;
  const record = { type: joined ? MULTICAST_RECORD.ToExclude : MULTICAST_RECORD.ToInclude, group };
  const { kernel } = device.net;
  const random = kernel.random(`igmp/${device.uid}/${group}/${kernel.events.now}`);
  let left = device.net.ipv4.settings.igmp_qrv;
  const interval = Math.max(1, device.ipv4.conf.igmpv3_unsolicited_report_interval) * MILLISECOND;
  const step = (): void => {
    if (!speaks(device) || device.ipv4.groups.has(group) !== joined) return;
    tell(device, [record]);
    if (--left > 0) kernel.events.after(random.below(interval), 'igmp', step, true);
  };
  kernel.events.after(random.below(4 * MILLISECOND), 'igmp', step, true);
}

function speaks(device: NetDevice): boolean {
  return device.up && !device.unregistered && (device.flags & IFF.MULTICAST) !== 0 && (device.flags & IFF.LOOPBACK) === 0;
}

/** Until when a link's routers want version 2. */
const version2Until = new WeakMap<NetDevice, Micros>();

/** Answers to queries that are due, by device and group; 0 is the general one. */
const pending = new WeakMap<NetDevice, Map<IPv4, Timer>>();

/** An IGMP message (igmp_rcv): hosts answer queries, after a while of their own choice; other hosts' reports mean nothing in version 3. */
export function igmpReceive(device: NetDevice, skb: Skb): void {
  const message = wire.parseIgmp(skb.bytes, skb.transport, skb.end);
  if (isWireError(message) || message.kind !== 'group' || message.type !== wire.IGMP_TYPE.Query || !speaks(device)) return;
  const { group, maxResponse, rest } = message;
  if (rest.length === 0) version2Until.set(device, device.net.kernel.events.now + VERSION_2_HOLD);
  if (group === ALL_HOSTS || (group !== 0 && !device.ipv4.groups.has(group))) return;
  const due = pending.get(device) ?? new Map<IPv4, Timer>();
  pending.set(device, due);
  if (due.has(group)) return;
  const { kernel } = device.net;
  const most = Math.max(1, responseTime(maxResponse)) * 100 * MILLISECOND;
  const delay = kernel.random(`igmp/${device.uid}/${group}/${kernel.events.now}`).below(most);
  const answer = (): void => {
    due.delete(group);
    if (!speaks(device)) return;
    const groups = [...device.ipv4.groups.keys()].filter((each) => each !== ALL_HOSTS && (group === 0 || each === group));
    if (groups.length > 0)
      tell(
        device,
        groups.map((each) => ({ type: MULTICAST_RECORD.IsExclude, group: each })),
      );
  };
  due.set(group, kernel.events.after(delay, 'igmp', answer, true));
}

/** Tenths of a second; from 128 on a floating-point code (RFC 3376 §4.1.1). */
function responseTime(code: number): number {
  return code < 128 ? code : ((code & 0xf) | 0x10) << (((code >> 4) & 7) + 3);
}

/** By the version that the link's routers speak. */
function tell(device: NetDevice, records: readonly Record[]): void {
  if ((version2Until.get(device) ?? 0) <= device.net.kernel.events.now) return report(device, records);
  for (const { type, group } of records) {
    const leaving = type === MULTICAST_RECORD.ToInclude;
    const message = { kind: 'group', type: leaving ? wire.IGMP_TYPE.Leave : wire.IGMP_TYPE.ReportV2, maxResponse: 0, group, rest: NOTHING };
    send(device, message as wire.Igmp, leaving ? ALL_ROUTERS : group);
  }
}

const NOTHING = new Uint8Array(0);

function report(device: NetDevice, records: readonly Record[]): void {
  const message: wire.Igmp = {
    kind: 'report-v3',
    records: records.map(({ type, group }) => ({
      type,
      group: BigInt(group),
      sources: [],
      auxiliary: new Uint8Array(0),
      addressLength: 4 as const,
    })),
  };
  send(device, message, REPORTS);
}

/** igmpv3_sendpack, igmp_send_report. */
function send(device: NetDevice, message: wire.Igmp, destination: IPv4): void {
  const { net } = device;
  const source = selectSource(net.ipv4, device, 0, SCOPE.link);
  const way = routeOutput(net.ipv4, { protocol: ip.PROTOCOL.IGMP, destination, source, iif: 0, oif: device.ifindex, mark: 0, tos: 0 });
  if (typeof way === 'string') return;
  const skb = Skb.allocate(wire.igmpLength(message), net.kernel.ids.nextPacket());
  wire.emitIgmp(skb.bytes, skb.data, message);
  pushHeader(net, skb, source, destination, {
    protocol: ip.PROTOCOL.IGMP,
    tos: 0xc0,
    ttl: 1,
    df: true,
    identification: 0,
    options: ROUTER_ALERT,
  });
  net.counters.ip.OutRequests++;
  skb.dev = device;
  skb.packetType = 'outgoing';
  if (net.netfilter.pass(4, 'OUTPUT', skb, undefined, device)) finishOutput(net, skb, way);
}
