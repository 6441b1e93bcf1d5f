import { type Chip, centre, chipOf, emptyFigure, type Figure, PAD, type Point } from './figure.ts';
import type { HostParts } from './host.ts';

/** A socket of the network outside: a dot, since nobody needs its name. */
const DOT = 9;
const STUB = 12;
export const SPACING = 14;
/** Room left of the first cable, where the title stands. */
const BEFORE = 62;
const TITLE = 24;

/** Whether what lies outside is just a network that hosts are plugged into: one bridge with nothing but ports. */
export function isPlainNetwork({ bridges, inner, otherPorts, others }: HostParts): boolean {
  return bridges.length === 1 && inner.length === 0 && others.length === 0 && otherPorts.length > 0;
}

/** The network outside at the right of a single host: sockets on its left side. */
export function networkAside(parts: HostParts): Figure {
  const figure = emptyFigure();
  const bar = networkBar(parts, PAD + 3 + DOT + STUB, TITLE);
  parts.otherPorts.forEach((port, index) => {
    const y = bar.y + bar.height / 2 - DOT / 2 + index * (DOT + 4);
    const dot = socket(port.uid, bar.uid, PAD + 3, y);
    figure.chips.push(dot);
    plug(figure, dot, [bar.x, y + DOT / 2]);
  });
  place(figure, bar);
  const lowest = Math.max(...figure.chips.map((chip) => chip.y + chip.height));
  figure.width = bar.x + bar.width + PAD + 3;
  figure.height = lowest + PAD + 3;
  return figure;
}

/**
 * The network outside below its hosts: a bar as wide as the hosts' cables are apart, with a socket straight under each.
 *
 * @param above for each port, the middle of the device its cable comes from
 */
export function networkBelow(parts: HostParts, above: ReadonlyMap<number, number>, width: number): Figure {
  const figure = emptyFigure();
  const bar = networkBar(parts, 0, TITLE + DOT + STUB);
  const left = PAD + 3;
  const right = width - PAD - 3;
  const wanted = parts.otherPorts.map((port) => above.get(port.uid) ?? left + DOT);
  const xs = apart(wanted, left + DOT, right - DOT);
  bar.width = Math.min(Math.max(bar.width, Math.max(...xs) - Math.min(...xs) + BEFORE + 2 * DOT), right - left);
  const from = Math.min(...xs) - BEFORE;
  bar.x = Math.min(Math.max(from, left), right - bar.width);
  parts.otherPorts.forEach((port, index) => {
    const x = xs[index] as number;
    const dot = socket(port.uid, bar.uid, x - DOT / 2, TITLE);
    figure.chips.push(dot);
    plug(figure, dot, [x, bar.y]);
  });
  place(figure, bar);
  figure.width = bar.width + 2 * (PAD + 3);
  figure.height = bar.y + bar.height + PAD + 3;
  return figure;
}

/** The wanted places, moved as little as need be so that sockets keep a distance and stay between `low` and `high`. */
function apart(wanted: readonly number[], low: number, high: number): number[] {
  const order = wanted.map((x, index) => ({ x: Math.max(x, low), index })).sort((a, b) => a.x - b.x);
  for (let i = 1; i < order.length; i++) {
    const [before, here] = [order[i - 1], order[i]];
    if (before && here) here.x = Math.max(here.x, before.x + SPACING);
  }
  let limit = high;
  for (const place of order.reverse()) {
    place.x = Math.min(place.x, limit);
    limit = place.x - SPACING;
  }
  return order.sort((a, b) => a.index - b.index).map(({ x }) => x);
}

function networkBar(parts: HostParts, x: number, y: number): Chip {
  const bridge = parts.bridges[0];
  if (!bridge) throw new Error('a network outside without a bridge');
  return Object.assign(chipOf(bridge, 240), { x, y });
}

function place(figure: Figure, bar: Chip): void {
  figure.chips.push(bar);
  figure.bars.push({ uid: bar.uid, x: bar.x, y: bar.y, width: bar.width, height: bar.height });
}

function socket(uid: number, master: number, x: number, y: number): Chip {
  return { uid, master, x, y, width: DOT, height: DOT, name: '', lines: [], up: true };
}

function plug(figure: Figure, dot: Chip, end: Point): void {
  figure.wires.push({ kind: 'port', a: dot.uid, b: dot.master as number, points: [centre(dot), end] });
}
