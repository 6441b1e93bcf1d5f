import { sentenceOf, summarise, type Topology, type TraceEvent, TraceKind } from '../../sim/index.ts';
import { namesOf } from './words.ts';
import type { Bar, Figure, Point, Wire } from './figure.ts';
import { peerOf } from './host.ts';

/** One frame on one cable, or its end. */
export interface Hop {
  packet: number;
  /** The device that sends. */
  from: number;
  protocol: string;
  /** `eth0 of one → vetha of host1: who has 172.17.0.3?` */
  text: string;
  /** Set for what a kernel sends by itself, whatever the reader does. */
  housekeeping?: true;
  /** It was dropped here: at the device `from`, nothing is sent. */
  dropped?: true;
}

/** Hops that happen together: a frame that a bridge floods leaves by several ports at once. */
export type Moment = Hop[];

/** Reads what was sent from the trace, in order, and groups the copies of one frame that leave together. */
export function momentsOf(events: readonly TraceEvent[], topology: Topology): Moment[] {
  const names = namesOf(topology);
  const moments: Moment[] = [];
  let last: { packet: number; time: number } | undefined;
  for (const event of events) {
    const hop = hopOf(event, topology, names);
    if (!hop) continue;
    if (last && last.packet === event.packet && last.time === event.time) moments.at(-1)?.push(hop);
    else moments.push([hop]);
    last = event;
  }
  return moments;
}

function hopOf(event: TraceEvent, topology: Topology, names: ReadonlyMap<number, string>): Hop | undefined {
  if (event.frame.length === 0) return undefined;
  const dropped = event.kind === TraceKind.Drop && !UNREMARKABLE.has(event.text);
  const peer = event.kind === TraceKind.Transmit ? peerOf(event.device, topology.links) : undefined;
  if (!dropped && peer === undefined) return undefined;
  const summary = summarise(event.frame);
  const { protocol, text } = summary;
  const here = names.get(event.device) ?? 'a device';
  return {
    packet: event.packet,
    from: event.device,
    protocol,
    text: dropped
      ? `dropped at ${here}: ${text}. ${sentenceOf(event.text)}`
      : `${here} → ${names.get(peer as number) ?? 'a device'}: ${text}`,
    ...(isHousekeeping(summary) ? { housekeeping: true } : {}),
    ...(dropped ? { dropped: true } : {}),
  };
}

/** Copies of flooded frames end at everybody they weren't meant for, and a reset has done its work when it ends. */
const UNREMARKABLE: ReadonlySet<string> = new Set(['OTHERHOST', 'BRIDGE_NO_EGRESS_PORT', 'ARP_IGNORE', 'TCP_RESET']);

/** Multicast memberships, looking for routers, checking one's own new address, spanning tree: RFC 4861, 4862, 3810, 3376, 802.1D. */
function isHousekeeping({ protocol, text, source }: { protocol: string; text: string; source: string }): boolean {
  if (protocol === 'IGMP' || protocol === 'STP') return true;
  if (protocol === 'VXLAN') return /ICMPv6 (?:router solicitation|multicast listener)|\(duplicate address check\)$/.test(text);
  return protocol === 'ICMPv6' && (source === '::' || /^(?:router solicitation|multicast listener)/.test(text));
}

/** Whether nothing of a moment was sent because of anything that the reader did. */
export function isQuiet(moment: Moment): boolean {
  return moment.every((hop) => hop.housekeeping);
}

/** The way a hop's mark takes through the drawing: through the bridge it came by, along the cable, into the next bridge. */
export function wayOf(figure: Figure, hop: Pick<Hop, 'packet' | 'from' | 'dropped'>, previous: ReadonlyMap<number, number>): Point[] {
  if (hop.dropped) return [];
  const cable = oriented(
    figure.wires.find((wire) => isCable(wire) && (wire.a === hop.from || wire.b === hop.from)),
    hop.from,
  );
  if (!cable) return [];
  const end = cable.wire.a === hop.from ? cable.wire.b : cable.wire.a;
  return joined([...outOfBridge(figure, hop, previous), ...cable.points, ...intoBridge(figure, end)]);
}

/** The device at the far end of the hop's cable, for `previous` of the hops after it. */
export function farEnd(figure: Figure, from: number): number | undefined {
  const wire = figure.wires.find((each) => isCable(each) && (each.a === from || each.b === from));
  return wire && (wire.a === from ? wire.b : wire.a);
}

function isCable({ kind }: Wire): boolean {
  return kind === 'veth' || kind === 'wire';
}

function oriented(wire: Wire | undefined, from: number): { wire: Wire; points: Point[] } | undefined {
  return wire && { wire, points: wire.a === from ? wire.points : [...wire.points].reverse() };
}

function stub(figure: Figure, port: number): Wire | undefined {
  return figure.wires.find((wire) => wire.kind === 'port' && wire.a === port);
}

function intoBridge(figure: Figure, port: number): Point[] {
  return stub(figure, port)?.points ?? [];
}

/** From where the packet entered the same bridge, or the bridge's middle, to the port it leaves by. */
function outOfBridge(figure: Figure, hop: Pick<Hop, 'packet' | 'from'>, previous: ReadonlyMap<number, number>): Point[] {
  const out = stub(figure, hop.from);
  if (!out) return [];
  const foot = out.points.at(-1) as Point;
  const cameBy = previous.get(hop.packet);
  const entered = cameBy === undefined ? undefined : stub(figure, cameBy);
  const start = entered && entered.b === out.b ? (entered.points.at(-1) as Point) : middleOf(figure, out.b, foot);
  return [start, foot, ...[...out.points].reverse()];
}

/** A bridge's own point: where the host's stack is connected to it. */
function middleOf(figure: Figure, bridge: number, near: Point): Point {
  const bars = figure.bars.filter((bar) => bar.uid === bridge);
  const label = bars.reduce<Bar | undefined>((best, bar) => (!best || bar.width > best.width ? bar : best), undefined);
  if (!label) return near;
  const inside = near[1] >= label.y && near[1] <= label.y + label.height;
  return inside ? [label.x + 30, near[1]] : [near[0], label.y + label.height];
}

function joined(points: Point[]): Point[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    return !before || Math.abs(before[0] - point[0]) + Math.abs(before[1] - point[1]) > 0.5;
  });
}
