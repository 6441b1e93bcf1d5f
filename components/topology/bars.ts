import type { TopologyNamespace } from '../../sim/index.ts';
import { type Box, type Chip, chipOf, emptyFigure, type Figure, fitted, PAD, type Point, TITLE_SIZE, textWidth } from './figure.ts';
import type { HostParts } from './host.ts';

const GAP = 18;
const TITLE = 26;
const CABLE = 34;
const STUB = 20;
const LANE = 12;

/** One column: a device of an inner namespace above the host's end of its cable; either may be missing. */
interface Column {
  top: Chip | undefined;
  port: Chip | undefined;
  width: number;
}

interface Group {
  namespace: TopologyNamespace | undefined;
  columns: Column[];
  width: number;
}

/**
 * A host laid out for wide pages: containers in a row, the host's ends of their cables under them, bridges as bars below.
 * It may come out wider than the page; then `rails.ts` is used.
 */
export function hostWithBars(parts: HostParts): Figure {
  const figure = emptyFigure();
  const groups = groupsOf(parts);
  const tops = groups.flatMap((group) => group.columns.map((column) => column.top?.height ?? 0));
  const nsTop = TITLE + 4;
  const nsHeight = tops.length > 0 && groups.some((group) => group.namespace) ? TITLE + Math.max(...tops) + PAD : 0;
  const portTop = nsHeight > 0 ? nsTop + nsHeight + CABLE : nsTop;
  const hasPorts = groups.some((group) => group.columns.some((column) => column.port));
  let x = PAD + 3;
  for (const group of groups) {
    placeGroup(figure, group, x, nsTop, nsHeight, portTop);
    x += group.width + GAP;
  }
  let y = hasPorts ? portTop + 24 : nsHeight > 0 ? nsTop + nsHeight : nsTop;
  const right = Math.max(x - GAP, 0);
  const [barsBottom, barsRight] = placeBridges(figure, parts, PAD + 3, right, y + (parts.bridges.length > 0 ? STUB : 0));
  y = parts.bridges.length > 0 ? barsBottom : y;
  const widest = Math.max(right, barsRight);
  const fewOthers = parts.others.length > 0 && parts.bridges.length > 0 && parts.others.length <= 2;
  const othersRight = fewOthers
    ? placeOthers(figure, parts, widest + GAP + 10, y)
    : placeOthers(figure, parts, PAD + 3, undefined, y + GAP);
  y = Math.max(y, ...figure.chips.map((chip) => chip.y + chip.height));
  figure.width = Math.max(widest, othersRight, textWidth(parts.host.name, TITLE_SIZE) + 20) + PAD + 3;
  figure.height = y + PAD + 3;
  return figure;
}

function groupsOf(parts: HostParts): Group[] {
  const groups: Group[] = parts.inner.map(({ namespace, attachments }) => {
    const columns = attachments.map(({ device, port }) =>
      column(chipOf(device, 240), port && chipOf(port, 240, port.master === undefined)),
    );
    const inside = columns.reduce((sum, each) => sum + each.width, 0) + (columns.length - 1) * PAD + 2 * PAD;
    return { namespace, columns, width: Math.max(inside, textWidth(namespace.name, TITLE_SIZE) + 2 * PAD + 4) };
  });
  for (const port of parts.otherPorts) {
    const only = column(undefined, chipOf(port, 240));
    groups.push({ namespace: undefined, columns: [only], width: only.width });
  }
  return groups;
}

function column(top: Chip | undefined, port: Chip | undefined): Column {
  return { top, port, width: Math.max(top?.width ?? 0, port?.width ?? 0) };
}

function placeGroup(figure: Figure, group: Group, x: number, nsTop: number, nsHeight: number, portTop: number): void {
  if (group.namespace) figure.boxes.push(boxOf(group.namespace, x, nsTop, group.width, nsHeight));
  const used = group.columns.reduce((sum, each) => sum + each.width, 0) + (group.columns.length - 1) * PAD;
  let left = x + (group.width - used) / 2;
  for (const { top, port, width } of group.columns) {
    if (top) figure.chips.push(Object.assign(top, { x: left + (width - top.width) / 2, y: nsTop + TITLE }));
    if (port) figure.chips.push(Object.assign(port, { x: left + (width - port.width) / 2, y: portTop }));
    left += width + PAD;
  }
}

export function boxOf(namespace: TopologyNamespace, x: number, y: number, width: number, height: number): Box {
  const kind = namespace.kind === 'container' ? 'container' : 'netns';
  return { kind, title: fitted(namespace.name, TITLE_SIZE, width - 2 * PAD), x, y, width, height };
}

/**
 * Bridges as bars, each as wide as its ports reach and its name needs; bars that would overlap go below one another. Those without ports
 * come last, so that they stand in nobody's way.
 */
function placeBridges(figure: Figure, parts: HostParts, left: number, right: number, top: number): [bottom: number, right: number] {
  const rows: number[] = [];
  let bottom = top;
  let widest = right;
  const portsOf = (uid: number) => figure.chips.filter((chip) => chip.master === uid);
  const bridges = [...parts.bridges].sort((a, b) => Number(portsOf(a.uid).length === 0) - Number(portsOf(b.uid).length === 0));
  for (const bridge of bridges) {
    const label = chipOf(bridge, 320);
    const height = label.height;
    const ports = portsOf(bridge.uid);
    const alone = parts.bridges.length === 1;
    const from = alone || ports.length === 0 ? left : Math.min(...ports.map((port) => port.x)) - 4;
    const to = alone ? right : Math.max(from, ...ports.map((port) => port.x + port.width)) + 4;
    const width = Math.max(to - from, label.width);
    let row = rows.findIndex((end) => end + LANE <= from);
    if (row < 0) row = rows.length;
    rows[row] = from + width;
    const y = top + row * (height + LANE);
    figure.bars.push({ uid: bridge.uid, x: from, y, width, height });
    figure.chips.push(Object.assign(label, { x: from, y, width }));
    for (const port of ports) {
      const at = port.x + port.width / 2;
      const points: Point[] = [
        [at, port.y + port.height],
        [at, y],
      ];
      figure.wires.push({ kind: 'port', a: port.uid, b: bridge.uid, points });
    }
    bottom = Math.max(bottom, y + height);
    widest = Math.max(widest, from + width);
  }
  return [bottom, widest];
}

/** The host's other devices in a row: beside the bridges, standing on the same ground, or below everything. */
function placeOthers(figure: Figure, parts: HostParts, left: number, ground: number | undefined, top = 0): number {
  let x = left;
  for (const device of parts.others) {
    const chip = chipOf(device, 240);
    figure.chips.push(Object.assign(chip, { x, y: ground === undefined ? top : ground - chip.height }));
    x += chip.width + GAP;
  }
  return parts.others.length > 0 ? x - GAP : 0;
}
