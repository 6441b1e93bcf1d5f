import type { Topology } from '../../sim/index.ts';
import { escapeHtml } from '../html.ts';
import type { Hop, Moment } from './frames.ts';
import { keyOf } from './shapes.ts';

/** A network at one moment, and the frames that crossed its cables before it: what one drawing shows. */
export interface Scene {
  topology: Topology;
  moments: Moment[];
}

/** Moments that one drawing keeps for its list and its replay. */
export const MOST_SHOWN = 60;

/** One line of the list of frames. */
export function renderHop(hop: Hop): string {
  return `<li${hop.housekeeping ? ' class="nd-housekeeping"' : ''}>${keyOf(hop.protocol)}<span><b>${escapeHtml(hop.protocol)}</b> ${escapeHtml(hop.text)}</span></li>`;
}
