import { attributes, escapeHtml } from '../html.ts';
import { type Bar, type Box, type Chip, type Figure, LINE_SIZE, NAME_SIZE, PAD, type Point, TITLE_SIZE, type Wire } from './figure.ts';

/** The figure as SVG. Colours come from the page's style sheet (`topology.css`), so it follows the theme. */
export function drawFigure(figure: Figure, classes = ''): string {
  const { width, height } = figure;
  const bridges = new Set(figure.bars.map((bar) => bar.uid));
  const view = `-1 -1 ${round(width + 2)} ${round(height + 2)}`;
  return `<svg class="nd-figure ${classes}" viewBox="${view}" width="${round(width + 2)}" height="${round(height + 2)}" aria-hidden="true">${[
    ...figure.boxes.map(drawBox),
    ...figure.wires.map(drawWire),
    ...figure.bars.map(drawBar),
    '<g class="nd-tracks"></g>',
    ...figure.chips.map((chip) => drawChip(chip, bridges.has(chip.uid))),
    ...figure.boxes.map(drawTitle),
  ].join('')}<g class="nd-frames"></g></svg>`;
}

function drawBox(box: Box): string {
  const { x, y, width, height } = box;
  const rect = attributes({ x: round(x), y: round(y), width: round(width), height: round(height), rx: box.kind === 'host' ? 9 : 6 });
  return `<rect class="nd-box nd-box-${box.kind}"${rect}/>`;
}

/** Over the cables, with an outline of the ground's colour, so that a cable that passes behind it doesn't strike it through. */
function drawTitle({ kind, title, x, y }: Box): string {
  const at = attributes({ x: round(x + PAD + 2), y: round(y + 17), 'font-size': TITLE_SIZE });
  return `<text class="nd-title nd-title-${kind}"${at}>${escapeHtml(title)}</text>`;
}

function drawWire(wire: Wire): string {
  return `<path class="nd-wire nd-wire-${wire.kind}" data-a="${wire.a}" data-b="${wire.b}" d="${pathOf(wire.points)}"/>`;
}

function drawBar({ x, y, width, height }: Bar): string {
  return `<rect class="nd-bridge"${attributes({ x: round(x), y: round(y), width: round(width), height: round(height), rx: Math.min(5, width / 2) })}/>`;
}

function drawChip(chip: Chip, bridge: boolean): string {
  const { x, y, width, height } = chip;
  const classes = `nd-device${bridge ? ' nd-device-bridge' : ''}${chip.up ? '' : ' nd-down'}`;
  const rect = bridge ? '' : `<rect${attributes({ x: round(x), y: round(y), width: round(width), height: round(height), rx: 4 })}/>`;
  if (chip.name === '') return `<g class="nd-device nd-socket" data-uid="${chip.uid}">${rect}</g>`;
  const name = `<text class="nd-name" x="${round(x + PAD)}" y="${round(y + 16)}" font-size="${NAME_SIZE}">${escapeHtml(chip.name)}</text>`;
  const lines = chip.lines.map(
    (line, index) =>
      `<text class="nd-address" x="${round(x + PAD)}" y="${round(y + 30 + 14 * index)}" font-size="${LINE_SIZE}">${escapeHtml(line)}</text>`,
  );
  return `<g class="${classes}" data-uid="${chip.uid}">${rect}${name}${lines.join('')}</g>`;
}

export function pathOf(points: readonly Point[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
