import { escapeHtml } from '../html.ts';
import { renderJourney } from '../journey/render.ts';
import { drawFigure } from './draw.ts';
import { layOut } from './layout.ts';
import { renderHop, type Scene } from './scene.ts';
import { inWords } from './words.ts';

/** Natural widths of the two baked drawings, in CSS pixels; the style sheet shows the one that fits. */
export const WIDE = 700;
export const NARROW = 318;

/** What the list of frames says before there are any. */
export const LOG_HINT = '<li class="nd-hint">Frames are listed here as they cross a cable.</li>';

/** The topology at one place of the page, drawn when the page is built, with the frames that were sent before it. */
export function renderTopology(scene: Scene, caption: string | undefined): string {
  const { topology, moments } = scene;
  const words = inWords(topology)
    .map((line) => `<li>${escapeHtml(line)}</li>`)
    .join('');
  const frames = moments.flat().map(renderHop).join('') || LOG_HINT;
  const data = JSON.stringify(scene).replaceAll('<', '\\u003c');
  return `<nd-topology class="nd-topology not-content" data-pagefind-ignore><figure><div class="nd-canvas">${drawFigure(
    layOut(topology, WIDE),
    'nd-wide',
  )}${drawFigure(layOut(topology, NARROW), 'nd-narrow')}</div><figcaption><span class="nd-caption">${escapeHtml(
    caption ?? 'The network at this point of the page',
  )}</span><span class="nd-actions"></span></figcaption><ol class="nd-log" aria-label="The last frames" aria-live="polite" tabindex="0">${frames}</ol>${renderJourney(scene.follow === undefined ? undefined : scene.journeys[0])}<details class="nd-words"><summary>The network in words</summary><ul>${words}</ul></details></figure><script type="application/json" class="nd-scene">${data}</script></nd-topology>`;
}
