import { boxOf } from './bars.ts';
import { type Chip, chipOf, emptyFigure, type Figure, PAD, type Point } from './figure.ts';
import type { HostParts, Inner } from './host.ts';

const GAP = 10;
const TITLE = 24;
const LANE = 16;
const CABLE = 18;
const RAIL = 6;

/** Where a bridge's rail runs, and how far down its ports reach. */
interface Rail {
  uid: number;
  x: number;
  top: number;
  bottom: number;
}

/**
 * A host laid out for narrow pages, or for many containers: bridges as rails down the left side, one row for each device that
 * hangs on them, so that the drawing grows downwards and never sideways.
 */
export function hostWithRails(parts: HostParts, width: number): Figure {
  const figure = emptyFigure();
  const rails: Rail[] = [];
  let y = TITLE + 6;
  parts.bridges.forEach((bridge, index) => {
    const x = PAD + 3 + index * LANE;
    const label = Object.assign(chipOf(bridge, width - x - PAD - 3), { x, y });
    figure.chips.push(label);
    figure.bars.push({ uid: bridge.uid, x: label.x, y: label.y, width: label.width, height: label.height });
    rails.push({ uid: bridge.uid, x: x + 8, top: y + label.height, bottom: y + label.height });
    y += label.height + GAP;
  });
  const left = PAD + 3 + (rails.length > 0 ? rails.length * LANE + 8 : 0);
  for (const inner of parts.inner) y = placeInner(figure, inner, rails, left, y, width - PAD - 3) + GAP;
  for (const port of parts.otherPorts) {
    const chip = Object.assign(chipOf(port, width - left - PAD - 3), { x: left, y });
    figure.chips.push(chip);
    hang(figure, chip, rails);
    y += chip.height + GAP;
  }
  for (const rail of rails) {
    const height = Math.max(0, rail.bottom - rail.top + RAIL / 2);
    if (height > 0) figure.bars.push({ uid: rail.uid, x: rail.x - RAIL / 2, y: rail.top, width: RAIL, height });
  }
  let x = PAD + 3;
  for (const device of parts.others) {
    const chip = chipOf(device, width - 2 * (PAD + 3));
    if (x > PAD + 3 && x + chip.width > width - PAD - 3) {
      x = PAD + 3;
      y += chip.height + GAP;
    }
    figure.chips.push(Object.assign(chip, { x, y }));
    x += chip.width + GAP;
  }
  if (parts.others.length > 0) y += Math.max(...figure.chips.slice(-parts.others.length).map((chip) => chip.height)) + GAP;
  figure.width = width;
  figure.height = y - GAP + PAD + 3;
  return figure;
}

/** One container: its box at the right, each device in a row with the host's end of its cable. Returns the bottom. */
function placeInner(figure: Figure, inner: Inner, rails: Rail[], left: number, top: number, right: number): number {
  const ports = inner.attachments.map(({ port }) => port && chipOf(port, (right - left) * 0.45, port.master === undefined));
  const portWidth = Math.max(0, ...ports.map((port) => port?.width ?? 0));
  const boxLeft = portWidth > 0 ? left + portWidth + CABLE : left;
  const chips = inner.attachments.map(({ device }) => chipOf(device, right - boxLeft - 2 * PAD));
  let y = top + TITLE;
  chips.forEach((chip, index) => {
    figure.chips.push(Object.assign(chip, { x: boxLeft + PAD, y }));
    const port = ports[index];
    if (port) {
      figure.chips.push(Object.assign(port, { x: left + portWidth - port.width, y: y + (chip.height - port.height) / 2 }));
      hang(figure, port, rails);
    }
    y += chip.height + PAD;
  });
  figure.boxes.push(boxOf(inner.namespace, boxLeft, top, right - boxLeft, y - top));
  return y;
}

/** Connects a port to its bridge's rail. */
function hang(figure: Figure, port: Chip, rails: Rail[]): void {
  const rail = rails.find(({ uid }) => uid === port.master);
  if (!rail) return;
  const y = port.y + port.height / 2;
  rail.bottom = Math.max(rail.bottom, y);
  const points: Point[] = [
    [port.x, y],
    [rail.x, y],
  ];
  figure.wires.push({ kind: 'port', a: port.uid, b: rail.uid, points });
}
