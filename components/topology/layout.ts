import type { Topology, TopologyHost, TopologyLink } from '../../sim/index.ts';
import { hostWithBars } from './bars.ts';
import { isPlainNetwork, networkAside, networkBelow, SPACING } from './outside.ts';
import { absorb, centre, type Chip, emptyFigure, type Figure, fitted, PAD, type Point, shift, TITLE_SIZE } from './figure.ts';
import { type HostParts, partsOf } from './host.ts';
import { hostWithRails } from './rails.ts';

const BETWEEN = 26;
const ASIDE = 56;
/** From the drawing's right edge to the first of the cables that run down beside stacked hosts. */
const GUTTER = 22;

/**
 * Lays a topology out in `width`: hosts beside one another while they fit, else below; what lies outside them at the foot.
 * Deterministic, and the same network always looks the same: nothing is found by iteration.
 */
export function layOut(topology: Topology, width: number): Figure {
  const { links } = topology;
  const inside = topology.hosts.filter((host) => host.kind === undefined);
  const outside = topology.hosts.filter((host) => host.kind !== undefined);
  const figure = emptyFigure();
  figure.width = width;
  const wide = inside.map((host) => hostWithBars(partsOf(host, links)));
  const together = wide.reduce((sum, each) => sum + each.width, 0) + BETWEEN * (wide.length - 1);
  const stacked = together > width;
  const room = stacked && inside.length > 1 ? width - GUTTER - inside.length * SPACING : width;
  const hosts = inside.map((host, index) => fitHost(host, wide[index] as Figure, links, room));
  let bottom = stacked ? placeBelow(figure, inside, hosts, room) : placeBeside(figure, inside, hosts, (width - together) / 2);
  for (const host of outside) {
    const parts = partsOf(host, links);
    const aside = isPlainNetwork(parts) ? networkAside(parts) : hostWithBars(parts);
    if (inside.length === 1 && outside.length === 1 && together + ASIDE + aside.width <= width) {
      frame(aside, host, 'outside');
      placeAside(figure, aside, links, width - together - ASIDE - aside.width);
    } else {
      const above = stacked && inside.length > 1 ? gutters(inside, links, width) : endsAbove(figure, links);
      bottom = placeUnder(figure, host, parts, links, above, bottom + BETWEEN);
    }
  }
  figure.height = bottom;
  connect(figure, links);
  return figure;
}

/** What lies outside, below the hosts. Returns the bottom. */
function placeUnder(
  figure: Figure,
  host: TopologyHost,
  parts: HostParts,
  links: readonly TopologyLink[],
  above: ReadonlyMap<number, number>,
  top: number,
): number {
  const { width } = figure;
  if (isPlainNetwork(parts)) {
    const part = networkBelow(parts, above, width);
    const left = Math.min(...part.bars.map((bar) => bar.x)) - PAD - 3;
    part.boxes.unshift({ kind: 'outside', title: host.kind ?? '', x: left, y: 0, width: part.width, height: part.height });
    shift(part, 0, top);
    absorb(figure, part);
    return top + part.height;
  }
  const part = fitHost(host, hostWithBars(parts), links, width);
  frame(part, host, 'outside');
  shift(part, under(figure, part, links, width), top);
  absorb(figure, part);
  return top + part.height;
}

/** When hosts stand on one another, their cables run down at their right, the topmost host's outermost. */
function gutters(hosts: readonly TopologyHost[], links: readonly TopologyLink[], width: number): Map<number, number> {
  const lanes = new Map<number, number>();
  hosts.forEach((host, index) => {
    const own = new Set(host.namespaces.flatMap(({ devices }) => devices.map(({ uid }) => uid)));
    for (const { a, b, kind } of links) {
      if (kind === 'wire' && own.has(a) !== own.has(b)) lanes.set(own.has(a) ? b : a, width - GUTTER - index * SPACING);
    }
  });
  return lanes;
}

/** For the far end of each cable, the middle of the device at its near end. */
function endsAbove(figure: Figure, links: readonly TopologyLink[]): Map<number, number> {
  const middles = new Map(figure.chips.map((chip) => [chip.uid, centre(chip)[0]]));
  const above = new Map<number, number>();
  for (const { a, b } of links) {
    if (middles.has(a)) above.set(b, middles.get(a) as number);
    else if (middles.has(b)) above.set(a, middles.get(b) as number);
  }
  return above;
}

/** How far right a part goes so that its first cable runs straight down from a device above it. */
function under(figure: Figure, part: Figure, links: readonly TopologyLink[], width: number): number {
  const cable = cableBetween(figure, part, links);
  const wanted = cable ? centre(cable.near)[0] - centre(cable.far)[0] : (width - part.width) / 2;
  return Math.min(Math.max(0, wanted), width - part.width);
}

function cableBetween(near: Figure, far: Figure, links: readonly TopologyLink[]): { near: Chip; far: Chip } | undefined {
  for (const { a, b } of links) {
    const end = (figure: Figure): Chip | undefined => figure.chips.find(({ uid }) => uid === a || uid === b);
    const [from, to] = [end(near), end(far)];
    if (from && to) return { near: from, far: to };
  }
  return undefined;
}

/** What lies outside a single host, to its right, level with the device the cable goes to. `spare` is shared out at both ends. */
function placeAside(figure: Figure, part: Figure, links: readonly TopologyLink[], spare: number): void {
  const host = figure.boxes.find((box) => box.kind === 'host');
  if (!host) return;
  shift(figure, spare / 2 - host.x, 0);
  const cable = cableBetween(figure, part, links);
  const level = cable ? centre(cable.near)[1] - centre(cable.far)[1] : 0;
  const highest = host.y + host.height - part.height;
  shift(part, host.x + host.width + ASIDE, Math.min(Math.max(level, 0), Math.max(highest, 0)));
  absorb(figure, part);
}

function fitHost(host: TopologyHost, wide: Figure, links: readonly TopologyLink[], width: number): Figure {
  return wide.width <= width ? wide : hostWithRails(partsOf(host, links), width);
}

/** In a row, as tall as the tallest. Returns the bottom. */
function placeBeside(figure: Figure, hosts: readonly TopologyHost[], parts: readonly Figure[], left: number): number {
  const height = Math.max(0, ...parts.map((part) => part.height));
  let x = left;
  parts.forEach((part, index) => {
    part.height = height;
    frame(part, hosts[index] as TopologyHost, 'host');
    shift(part, x, 0);
    x += part.width + BETWEEN;
    absorb(figure, part);
  });
  return height;
}

function placeBelow(figure: Figure, hosts: readonly TopologyHost[], parts: readonly Figure[], width: number): number {
  let y = 0;
  parts.forEach((part, index) => {
    part.width = Math.min(width, Math.max(part.width, 0));
    frame(part, hosts[index] as TopologyHost, 'host');
    shift(part, 0, y);
    y += part.height + BETWEEN;
    absorb(figure, part);
  });
  return y - BETWEEN;
}

/** Draws the host's own box around its parts, behind everything else. */
function frame(part: Figure, host: TopologyHost, kind: 'host' | 'outside'): void {
  const title = fitted(kind === 'outside' ? (host.kind ?? '') : host.name, TITLE_SIZE, part.width - 20);
  part.boxes.unshift({ kind, title, x: 0, y: 0, width: part.width, height: part.height });
}

function connect(figure: Figure, links: readonly TopologyLink[]): void {
  const chips = new Map(figure.chips.map((chip) => [chip.uid, chip]));
  let loops = 0;
  for (const link of links) {
    const [a, b] = [chips.get(link.a), chips.get(link.b)];
    if (a && b) figure.wires.push({ kind: link.kind, a: link.a, b: link.b, points: route(a, b, figure.chips, () => loops++) });
  }
}

/** A cable's way between two chips: straight when they face each other, else with right angles. */
function route(a: Chip, b: Chip, chips: readonly Chip[], loop: () => number): Point[] {
  if (a.y > b.y + b.height || b.y > a.y + a.height) {
    const [upper, lower] = a.y < b.y ? [a, b] : [b, a];
    const points = lower.name === '' ? down(upper, lower, chips) : vertical(upper, lower);
    return upper === a ? points : points.reverse();
  }
  const [left, right] = a.x < b.x ? [a, b] : [b, a];
  const points = right.x - (left.x + left.width) < 110 ? horizontal(left, right) : around(left, right, loop());
  return left === a ? points : points.reverse();
}

/**
 * To a socket outside: straight down, or out at the device's right and down beside the hosts; below the device when another one stands
 * to its right.
 */
function down(upper: Chip, socket: Chip, chips: readonly Chip[]): Point[] {
  const [x] = centre(socket);
  if (x > upper.x && x < upper.x + upper.width) {
    return [
      [x, upper.y + upper.height],
      [x, socket.y],
    ];
  }
  if (x < upper.x) return vertical(upper, socket);
  const [middle, y] = centre(upper);
  const right = upper.x + upper.width;
  if (chips.some((chip) => chip.x >= right && chip.x < x && chip.y < y && chip.y + chip.height > y)) {
    const below = upper.y + upper.height + PAD / 2;
    return [
      [middle, upper.y + upper.height],
      [middle, below],
      [x, below],
      [x, socket.y],
    ];
  }
  return [
    [right, y],
    [x, y],
    [x, socket.y],
  ];
}

function vertical(upper: Chip, lower: Chip): Point[] {
  const from: Point = [upper.x + upper.width / 2, upper.y + upper.height];
  const overlap = Math.min(upper.x + upper.width, lower.x + lower.width) - Math.max(upper.x, lower.x);
  if (overlap > 16) {
    const x = Math.abs(upper.x + upper.width / 2 - lower.x - lower.width / 2) < 1 ? from[0] : Math.max(upper.x, lower.x) + overlap / 2;
    return [
      [x, from[1]],
      [x, lower.y],
    ];
  }
  const to: Point = [lower.x + lower.width / 2, lower.y];
  const middle = to[1] - 12;
  return [from, [from[0], middle], [to[0], middle], to];
}

function horizontal(left: Chip, right: Chip): Point[] {
  const y = Math.max(left.y, right.y) + Math.min(left.height, right.height) / 2;
  return [
    [left.x + left.width, y],
    [right.x, y],
  ];
}

/** Under both, so that what stands between them stays readable. */
function around(left: Chip, right: Chip, nth: number): Point[] {
  const y = Math.max(left.y + left.height, right.y + right.height) + 12 + (nth % 3) * 5;
  const [from, to] = [left.x + left.width / 2, right.x + right.width / 2];
  return [
    [from, left.y + left.height],
    [from, y],
    [to, y],
    [to, right.y + right.height],
  ];
}
