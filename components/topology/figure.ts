import type { TopologyDevice } from '../../sim/index.ts';

/** A place in the drawing, in its own units (CSS pixels when it is shown at its natural width). */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Point = readonly [x: number, y: number];

/** A host, container or network namespace. */
export interface Box extends Rect {
  kind: 'host' | 'container' | 'netns' | 'outside';
  title: string;
}

/** A network device: its name and addresses in a box of their size. */
export interface Chip extends Rect {
  uid: number;
  name: string;
  lines: string[];
  /** Administratively up and with a carrier. */
  up: boolean;
  /** The bridge it is a port of, as a device uid. */
  master: number | undefined;
}

/** A bridge: a bar or a rail that its ports hang on. Its own chip carries the name. */
export interface Bar extends Rect {
  uid: number;
}

/** A cable between two devices, or the stub from a port to its bridge (`b` is the bridge's uid then). */
export interface Wire {
  kind: 'veth' | 'wire' | 'port' | 'stacked';
  a: number;
  b: number;
  points: Point[];
}

/** A topology, laid out. Everything fits in `width` by `height`. */
export interface Figure {
  width: number;
  height: number;
  boxes: Box[];
  bars: Bar[];
  chips: Chip[];
  wires: Wire[];
}

/** Sizes in the drawing's units. Monospaced letters are at most 0.62 em wide in the fonts the page asks for. */
export const NAME_SIZE = 12;
export const LINE_SIZE = 11;
export const TITLE_SIZE = 12.5;
const EM = 0.62;
export const PAD = 9;
const LINE_HEIGHT = 14;

export function textWidth(text: string, size: number): number {
  return text.length * size * EM;
}

/** The text, cut to what fits in `width`. */
export function fitted(text: string, size: number, width: number): string {
  const room = Math.floor(width / (size * EM));
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}

/** Addresses a reader looks for: IPv4 and global IPv6, no link-local ones, two at most. */
export function shownAddresses(device: TopologyDevice): string[] {
  const wanted = device.addresses.filter((address) => !address.startsWith('fe80:') && address !== '::1/128');
  const shown = wanted.slice(0, 2);
  if (wanted.length > 2) shown.push(`and ${wanted.length - 2} more`);
  return shown;
}

/** A device's chip, placed later; `maxWidth` cuts its texts. */
export function chipOf(device: TopologyDevice, maxWidth: number, withAddresses = true): Chip {
  const room = maxWidth - 2 * PAD;
  const name = fitted(device.name, NAME_SIZE, room);
  const lines = withAddresses ? shownAddresses(device).map((line) => fitted(line, LINE_SIZE, room)) : [];
  const width = Math.max(textWidth(name, NAME_SIZE), ...lines.map((line) => textWidth(line, LINE_SIZE))) + 2 * PAD;
  const height = 10 + LINE_HEIGHT * (1 + lines.length);
  const up = device.up && device.running;
  return { x: 0, y: 0, width, height, uid: device.uid, name, lines, up, master: device.master };
}

export function centre(rect: Rect): Point {
  return [rect.x + rect.width / 2, rect.y + rect.height / 2];
}

/** Moves everything by (dx, dy). */
export function shift(figure: Figure, dx: number, dy: number): void {
  for (const rect of [...figure.boxes, ...figure.bars, ...figure.chips]) {
    rect.x += dx;
    rect.y += dy;
  }
  for (const wire of figure.wires) wire.points = wire.points.map(([x, y]): Point => [x + dx, y + dy]);
}

/** Puts the parts of `other` into `figure`; sizes are the caller's business. */
export function absorb(figure: Figure, other: Figure): void {
  figure.boxes.push(...other.boxes);
  figure.bars.push(...other.bars);
  figure.chips.push(...other.chips);
  figure.wires.push(...other.wires);
}

export function emptyFigure(): Figure {
  return { width: 0, height: 0, boxes: [], bars: [], chips: [], wires: [] };
}
