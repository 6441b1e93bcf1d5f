import type { Followed, Stop } from '../journey/stops.ts';
import { crossAt, element, markOf } from './animate.ts';
import { pathOf } from './draw.ts';
import { centre, type Figure } from './figure.ts';
import { farEnd, wayOf } from './frames.ts';
import { protocolClass } from './shapes.ts';

/** Points at one stop of a journey in the drawing: the way so far in thin lines, the last cable and the device that is at work. */
export function pointAt(canvas: HTMLElement, figure: Figure, followed: Followed | undefined, stop: Stop | undefined): void {
  for (const old of canvas.querySelectorAll('.nd-here, .nd-trail')) {
    if (old.classList.contains('nd-trail')) old.remove();
    else old.classList.remove('nd-here');
  }
  if (!followed || !stop) return;
  const tracks = canvas.querySelector('.nd-tracks');
  const frames = canvas.querySelector('.nd-frames');
  const entered = new Map<number, number>();
  for (const each of followed.stops.slice(0, followed.stops.indexOf(stop) + 1)) {
    if (each.kind !== 'send') continue;
    const hop = { packet: followed.packet, from: each.device };
    const points = wayOf(figure, hop, entered);
    const end = farEnd(figure, each.device);
    if (end !== undefined) entered.set(followed.packet, end);
    const last = points.at(-1);
    if (points.length < 2 || !last) continue;
    const classes = `nd-track nd-trail nd-${protocolClass(each.protocol ?? '')}${each === stop ? '' : ' nd-past'}`;
    tracks?.append(element('path', { class: classes, d: pathOf(points) }));
    if (each !== stop) continue;
    const mark = markOf({ protocol: each.protocol ?? '' });
    mark.classList.add('nd-trail');
    mark.setAttribute('transform', `translate(${last[0].toFixed(1)} ${last[1].toFixed(1)})`);
    frames?.append(mark);
  }
  const chip = figure.chips.find(({ uid }) => uid === stop.device);
  if (!chip) return;
  if (stop.kind === 'drop') {
    const cross = crossAt(centre(chip));
    cross.classList.add('nd-trail');
    frames?.append(cross);
  }
  canvas.querySelector(`.nd-device[data-uid="${stop.device}"]`)?.classList.add('nd-here');
}
