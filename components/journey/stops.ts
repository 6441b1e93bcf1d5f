import { type Journey, type JourneyStep, type RuleLine, ruleLines, summarise, type Topology } from '../../sim/index.ts';
import { allDevices } from '../topology/host.ts';
import { namesOf } from '../topology/words.ts';

/** One thing that happened to a packet, ready to be shown: a line of the journey, and a place in the drawing. */
export interface Stop {
  kind: 'send' | 'arrive' | 'bridge' | 'route' | 'hook' | 'rule' | 'rewrite' | 'deliver' | 'drop';
  /** The device it happened at, 0 when none was involved. */
  device: number;
  /** Which machine or container decides here. */
  where: string;
  text: string;
  /** Finer print: the frame, the reason behind a drop. */
  detail?: string;
  rule?: RuleLine;
  /** For `send`: the frame goes along a cable. */
  protocol?: string;
}

/** A packet and what became of it. */
export interface Followed {
  packet: number;
  protocol: string;
  /** Who sends what to whom. */
  title: string;
  outcome: 'delivered' | 'dropped' | 'open';
  stops: Stop[];
}

/** Puts a journey into words that name the devices of a topology. */
export function followedOf(journey: Journey, topology: Topology): Followed {
  const guide = new Guide(topology);
  const steps = withoutOverhearing(journey.steps).filter((step, index, all) => !isIdleHook(step, all[index + 1]));
  const first = journey.steps.find((step) => 'frame' in step && step.frame.length > 0);
  const { protocol, title } = titleOf(first && 'frame' in first ? first.frame : undefined);
  const dropped = journey.ends.some((end) => end.kind === 'drop' && end.explanation.reason !== 'OTHERHOST');
  return {
    packet: journey.packet,
    protocol,
    title,
    outcome: journey.delivered ? 'delivered' : dropped ? 'dropped' : 'open',
    stops: steps.flatMap((step) => guide.stops(step)),
  };
}

function titleOf(frame: Uint8Array | undefined): { protocol: string; title: string } {
  if (!frame) return { protocol: '', title: 'a packet' };
  const { protocol, text, source, destination } = summarise(frame);
  return { protocol, title: protocol === 'ARP' ? text : `${source} → ${destination}: ${text}` };
}

/** A bridge that a capture listens on hands every frame to its host, which drops what is for others: nobody's business here. */
function withoutOverhearing(steps: readonly JourneyStep[]): JourneyStep[] {
  const overheard = new Set<JourneyStep>();
  steps.forEach((step, index) => {
    const [local, arrival] = [steps[index - 2], steps[index - 1]];
    if (step.kind !== 'drop' || step.explanation.reason !== 'OTHERHOST') return;
    if (local?.kind !== 'bridge' || local.text !== 'local' || arrival?.kind !== 'arrival') return;
    for (const each of [local, arrival, step]) overheard.add(each);
  });
  return steps.filter((step) => !overheard.has(step));
}

/** Hooks of bridged frames where nothing is asked; those of IP are kept, since a reader may want to know where rules would be. */
function isIdleHook(step: JourneyStep, next: JourneyStep | undefined): boolean {
  return step.kind === 'hook' && step.value === BRIDGED && next?.kind !== 'rule' && next?.kind !== 'rewrite';
}

const BRIDGED = 7;
const FAMILIES: Record<number, string> = { 4: 'IPv4', 6: 'IPv6', [BRIDGED]: 'bridged frames' };
const ROUTING_TABLES: Record<number, string> = { 253: 'default', 254: 'main', 255: 'local' };

class Guide {
  readonly #devices: Map<number, { name: string; kind: string }>;
  readonly #names: Map<number, string>;
  readonly #owners = new Map<number, string>();

  constructor(topology: Topology) {
    this.#devices = new Map(allDevices(topology).map((device) => [device.uid, device]));
    this.#names = namesOf(topology);
    for (const host of topology.hosts)
      for (const namespace of host.namespaces) {
        const name = namespace.kind === 'host' ? host.name : namespace.name || 'a namespace';
        this.#owners.set(namespace.uid, host.kind ?? name);
      }
  }

  stops(step: JourneyStep): Stop[] {
    const at = { device: step.device, where: this.#owners.get(step.netns) ?? '' };
    switch (step.kind) {
      case 'hop':
        return [this.#hop(step, at)];
      case 'arrival':
        return [{ kind: 'arrive', ...at, text: `${this.#device(step.device)} hands it to ${at.where || 'its machine'}` }];
      case 'bridge':
        return [{ kind: 'bridge', ...at, device: step.value, text: this.#bridge(step.text, step.value, step.device) }];
      case 'route':
        return [{ kind: 'route', ...at, text: step.text, detail: `routing table ${ROUTING_TABLES[step.value] ?? step.value}` }];
      case 'hook':
        return [{ kind: 'hook', ...at, text: step.text, detail: FAMILIES[step.value] ?? '' }];
      case 'rule':
        return ruleLines(step.text, step.value).map((rule): Stop => ({ kind: 'rule', ...at, text: rule.text, rule }));
      case 'rewrite':
        return [{ kind: 'rewrite', ...at, text: rewriting(step.text, step.value) }];
      case 'delivery':
        return [{ kind: 'deliver', ...at, text: `${at.where || 'The machine'} takes it: ${step.text}` }];
      case 'drop': {
        const { reason, sentence, rule } = step.explanation;
        return [{ kind: 'drop', ...at, text: sentence, detail: rule ? `${reason} by ${rule}` : reason }];
      }
    }
  }

  #hop(step: Extract<JourneyStep, { kind: 'hop' }>, at: { device: number; where: string }): Stop {
    const { protocol, text } = summarise(step.frame);
    const from = this.#device(step.device);
    const device = this.#devices.get(step.device);
    const way = step.to ? `${from} → ${this.#device(step.to.device)}` : device?.kind === 'bridge' ? `into ${from}` : `out of ${from}`;
    return { kind: 'send', ...at, text: way, detail: `${protocol} ${text}, ${step.frame.length} bytes`, protocol };
  }

  #bridge(decision: string, bridge: number, port: number): string {
    const name = this.#devices.get(bridge)?.name ?? 'the bridge';
    const out = this.#devices.get(port)?.name ?? 'a port';
    if (decision === 'forward') return `${name} knows that address: out by ${out}`;
    if (decision === 'flood') return `${name} sends a copy out by ${out}`;
    if (decision === 'learn') return `${name} learns that the sender is behind ${out}`;
    return decision === 'local' ? `${name} itself is meant` : `${name}: ${decision}`;
  }

  #device(uid: number): string {
    return this.#names.get(uid) ?? 'a device';
  }
}

function rewriting(text: string, value: number): string {
  if (text === 'ttl' || text === 'hop limit') return `${text === 'ttl' ? 'TTL' : text} ${value + 1} → ${value}`;
  return text.replace(/^ttl /, 'TTL ').replace(' -> ', ' → ');
}
