import type { Micros } from '../base/time.ts';
import { FRAME_BARE, type TraceEvent, TraceKind } from '../base/trace.ts';
import { type Explanation, explainDrop } from './explain.ts';
import type { Start } from './summarise.ts';

/** Where and when something happened to a packet. */
interface Place {
  time: Micros;
  /** World-wide device number, 0 when none is involved. */
  device: number;
  /** World-wide network namespace number. */
  netns: number;
}

/** A frame went from one device to another, or into a device that makes something else of it (a bridge, a tunnel). */
export interface HopStep extends Place {
  kind: 'hop';
  frame: Uint8Array;
  /** `ip` for a frame of a device without a link layer. */
  start: Start;
  /** The device at the other end and when the frame got there; absent when it never did, or when the device itself took it in. */
  to?: Place;
}

/** A frame came in by a device without having left another: a bridge hands it to its own host, a tunnel unpacks it. */
export interface ArrivalStep extends Place {
  kind: 'arrival';
  frame: Uint8Array;
  start: Start;
}

/** What a machine decided on the way, in the order of the trace. */
export interface DecisionStep extends Place {
  kind: 'bridge' | 'route' | 'hook' | 'rule' | 'rewrite';
  text: string;
  /** As in the trace: a hook's family, 1 for a rule that matched, a route's table … */
  value: number;
}

export interface DeliveryStep extends Place {
  kind: 'delivery';
  /** Which socket or protocol took it. */
  text: string;
}

export interface DropStep extends Place {
  kind: 'drop';
  frame: Uint8Array;
  explanation: Explanation;
}

export type Step = HopStep | ArrivalStep | DecisionStep | DeliveryStep | DropStep;

/** What became of one packet and of the copies that bridges made of it. */
export interface Journey {
  packet: number;
  steps: Step[];
  /** Where its copies ended: with a socket, a protocol or a drop. Empty while it is under way, or when it left no trace of its end. */
  ends: (DeliveryStep | DropStep)[];
  /** Whether some copy was taken by somebody. */
  delivered: boolean;
}

/** Finds the device at the other end of a device's link, if it has one. */
export type PeerOf = (device: number) => number | undefined;

/**
 * Puts a packet's events in the order of its journey: every sending with its arrival, every decision, and the end.
 *
 * @param events of this packet or of many, in trace order
 * @param peerOf which devices are connected; without it a frame is taken to arrive where the next equal frame does
 */
export function journeyOf(events: readonly TraceEvent[], packet: number, peerOf?: PeerOf): Journey {
  const own = events.filter((event) => event.packet === packet);
  const steps: Step[] = [];
  const waiting: HopStep[] = [];
  for (const event of own) {
    const step = stepOf(event, own);
    if (!step) continue;
    if (step.kind === 'arrival') {
      const at = waiting.findIndex((hop) => arrives(hop, step, peerOf));
      if (at >= 0) {
        const [hop] = waiting.splice(at, 1) as [HopStep];
        hop.to = { time: step.time, device: step.device, netns: step.netns };
        continue;
      }
    } else if (step.kind === 'hop') waiting.push(step);
    steps.push(step);
  }
  const ends = steps.filter((step) => step.kind === 'delivery' || step.kind === 'drop');
  return { packet, steps, ends, delivered: ends.some((step) => step.kind === 'delivery') };
}

/** The journeys of all packets in a trace, in the order of their first events. Events of no packet are left out. */
export function journeys(events: readonly TraceEvent[], peerOf?: PeerOf): Journey[] {
  const byPacket = new Map<number, TraceEvent[]>();
  for (const event of events) {
    if (event.packet === 0) continue;
    const own = byPacket.get(event.packet);
    if (own) own.push(event);
    else byPacket.set(event.packet, [event]);
  }
  return [...byPacket].map(([packet, own]) => journeyOf(own, packet, peerOf));
}

function stepOf(event: TraceEvent, own: readonly TraceEvent[]): Step | undefined {
  const place = { time: event.time, device: event.device, netns: event.netns };
  switch (event.kind) {
    case TraceKind.Transmit:
      return { kind: 'hop', ...place, frame: event.frame, start: startOf(event) };
    case TraceKind.Receive:
      return { kind: 'arrival', ...place, frame: event.frame, start: startOf(event) };
    case TraceKind.Deliver:
      return { kind: 'delivery', ...place, text: event.text };
    case TraceKind.Drop:
      return { kind: 'drop', ...place, frame: event.frame, explanation: explainDrop(event, own) };
  }
  const kind = DECISIONS[event.kind];
  return kind && { kind, ...place, text: event.text, value: event.value };
}

/** How the frame of a Transmit or Receive event begins. */
export function startOf(event: TraceEvent): Start {
  return event.value === FRAME_BARE ? 'ip' : 'ethernet';
}

const DECISIONS: Partial<Record<number, DecisionStep['kind']>> = {
  [TraceKind.Bridge]: 'bridge',
  [TraceKind.Route]: 'route',
  [TraceKind.Hook]: 'hook',
  [TraceKind.Rule]: 'rule',
  [TraceKind.Rewrite]: 'rewrite',
};

function arrives(hop: HopStep, arrival: ArrivalStep, peerOf: PeerOf | undefined): boolean {
  if (!sameBytes(hop.frame, arrival.frame)) return false;
  return peerOf === undefined || peerOf(hop.device) === arrival.device || hop.device === arrival.device;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
