import type { Topology } from '../../sim/index.ts';
import { escapeHtml } from '../html.ts';
import type { Followed } from '../journey/stops.ts';
import type { Hop, Moment } from './frames.ts';
import { keyOf } from './shapes.ts';

/** A network at one moment, and the frames that crossed its cables before it: what one drawing shows. */
export interface Scene {
  topology: Topology;
  moments: Moment[];
  /** The journeys of some of the packets, the one that the page shows first. */
  journeys: Followed[];
  /** What the page wants followed: text of a frame's line. */
  follow?: string;
}

/** Moments that one drawing keeps for its list and its replay. */
export const MOST_SHOWN = 60;

/** One line of the list of frames. */
export function renderHop(hop: Hop): string {
  const classes = [hop.housekeeping ? 'nd-housekeeping' : '', hop.dropped ? 'nd-dropped' : ''].filter((name) => name !== '').join(' ');
  return `<li data-packet="${hop.packet}"${classes === '' ? '' : ` class="${classes}"`}>${keyOf(hop.protocol)}<span><b>${escapeHtml(hop.protocol)}</b> ${escapeHtml(hop.text)}</span></li>`;
}
