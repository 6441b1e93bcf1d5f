import { textWidth } from './figure.ts';
import { pathOf } from './draw.ts';
import { protocolClass, shapeOf } from './shapes.ts';
import { farEnd, type Hop, type Moment, wayOf } from './frames.ts';
import { centre, type Figure, type Point } from './figure.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** How long one hop takes, in milliseconds, when nothing waits behind it. */
const HOP = 380;
/** With this many waiting, hops get faster; beyond the second number the oldest are only listed. */
const HURRY = 14;
const MOST = 60;

/**
 * Shows frames one after another, much slower than they were: virtual time between hops is microseconds. Moments queue; with
 * reduced motion nothing moves, the cable lights up instead.
 */
export class Animator {
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #shown: (moment: Moment, skipped: boolean) => void;
  readonly #canvas: HTMLElement;
  readonly #rested: () => void;
  /** Moments that are listed in their turn but not shown. */
  skips: (moment: Moment) => boolean = () => false;
  #figure: Figure | undefined;
  #queue: Moment[] = [];
  #playing = false;
  #entered = new Map<number, number>();
  #generation = 0;

  /**
   * @param canvas what holds the drawing
   * @param shown called when a moment's turn has come, to list it
   * @param rested called when no more are waiting
   */
  constructor(canvas: HTMLElement, shown: (moment: Moment, skipped: boolean) => void, rested: () => void) {
    this.#canvas = canvas;
    this.#shown = shown;
    this.#rested = rested;
  }

  /** A new drawing of the same or a changed network; frames on their way are drawn into it from the next hop on. */
  redraw(figure: Figure): void {
    this.#figure = figure;
  }

  play(moments: readonly Moment[]): void {
    this.#queue.push(...moments);
    while (this.#queue.length > MOST) {
      const skipped = this.#queue.shift();
      if (skipped) this.#arrive(skipped);
    }
    if (!this.#playing) void this.#run(this.#generation);
  }

  clear(): void {
    this.#generation++;
    this.#queue = [];
    this.#playing = false;
    this.#entered.clear();
    for (const layer of ['tracks', 'frames'] as const) this.#layer(layer)?.replaceChildren();
    this.#rested();
  }

  /** Tracks lie under the devices' names, marks over everything. */
  #layer(name: 'tracks' | 'frames'): SVGGElement | null {
    return this.#canvas.querySelector(`.nd-${name}`);
  }

  async #run(generation: number): Promise<void> {
    this.#playing = true;
    for (let moment = this.#queue.shift(); moment; moment = this.#queue.shift()) {
      this.#shown(moment, this.skips(moment));
      if (this.skips(moment)) continue;
      const duration = this.#queue.length > HURRY ? HOP / 3 : HOP;
      const figure = this.#figure;
      if (figure) await Promise.all(moment.map((hop) => this.#move(hop, wayOf(figure, hop, this.#entered), duration)));
      if (generation !== this.#generation) return;
      this.#remember(moment);
    }
    this.#playing = false;
    this.#rested();
  }

  /** A moment that is not shown for lack of time still counts for where its packet is. */
  #arrive(moment: Moment): void {
    this.#shown(moment, true);
    this.#remember(moment);
  }

  #remember(moment: Moment): void {
    for (const hop of moment) {
      const end = this.#figure && farEnd(this.#figure, hop.from);
      if (end !== undefined) this.#entered.set(hop.packet, end);
    }
    if (this.#entered.size > 500) this.#entered.clear();
  }

  async #move(hop: Hop, points: Point[], duration: number): Promise<void> {
    if (hop.dropped) return this.#cross(hop, duration);
    if (points.length < 2) return;
    const track = element('path', { class: `nd-track nd-${protocolClass(hop.protocol)}`, d: pathOf(points) });
    this.#layer('tracks')?.append(track);
    if (this.#still.matches || document.hidden) {
      await new Promise((resolve) => setTimeout(resolve, duration));
    } else {
      const mark = markOf(hop);
      this.#layer('frames')?.append(mark);
      await travel(mark, points, duration);
      mark.remove();
    }
    track.classList.add('nd-gone');
    setTimeout(() => track.remove(), 500);
  }

  /** A packet that ends: a cross over the device, for as long as a hop takes. */
  async #cross(hop: Hop, duration: number): Promise<void> {
    const chip = this.#figure?.chips.find(({ uid }) => uid === hop.from);
    if (!chip) return;
    const mark = crossAt(centre(chip));
    this.#layer('frames')?.append(mark);
    await new Promise((resolve) => setTimeout(resolve, duration * 1.5));
    mark.remove();
  }
}

/** The sign for a packet that was dropped. */
export function crossAt([x, y]: Point): SVGElement {
  const mark = element('g', { class: 'nd-cross', transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
  mark.append(element('circle', { r: 11 }), element('path', { d: 'M-5-5 5 5M5-5-5 5' }));
  return mark;
}

/** What travels along a cable: a protocol's shape with its name. */
export function markOf(hop: { protocol: string }): SVGGElement {
  const group = element('g', { class: `nd-mark nd-${protocolClass(hop.protocol)}` }) as SVGGElement;
  const width = textWidth(hop.protocol, 10) + 8;
  group.append(
    element('rect', { class: 'nd-flag', x: 10, y: -8, width, height: 16, rx: 3 }),
    Object.assign(element('text', { x: 14, y: 3.5, 'font-size': 10 }), { textContent: hop.protocol }),
    element('path', { d: shapeOf(hop.protocol) }),
  );
  return group;
}

export function element(name: string, values: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(values)) made.setAttribute(attribute, String(value));
  return made;
}

/** Moves a group along a line at an even speed, easing at both ends. */
function travel(group: SVGGElement, points: Point[], duration: number): Promise<void> {
  const lengths = points
    .slice(1)
    .map((point, index) => Math.hypot(point[0] - (points[index] as Point)[0], point[1] - (points[index] as Point)[1]));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return new Promise((resolve) => {
    let began: number | undefined;
    const step = (now: number): void => {
      began ??= now;
      const time = Math.min(1, (now - began) / duration);
      const [x, y] = along(points, lengths, total * (time * time * (3 - 2 * time)));
      group.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      if (time < 1 && group.isConnected) requestAnimationFrame(step);
      else resolve();
    };
    step(performance.now());
    began = undefined;
    requestAnimationFrame(step);
  });
}

function along(points: readonly Point[], lengths: readonly number[], distance: number): Point {
  let left = distance;
  for (let index = 0; index < lengths.length; index++) {
    const length = lengths[index] as number;
    const [a, b] = [points[index] as Point, points[index + 1] as Point];
    if (left <= length) {
      const share = length === 0 ? 0 : left / length;
      return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    }
    left -= length;
  }
  return points.at(-1) as Point;
}
