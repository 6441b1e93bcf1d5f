import type { WatchChunk } from '../../sim/worker/protocol.ts';
import { decodeChunk, type Topology } from '../../sim/index.ts';
import { Packets } from '../journey/packets.ts';
import { JourneyPanel } from '../journey/panel.ts';
import { type Followed, followedOf, type Stop } from '../journey/stops.ts';
import { Animator } from './animate.ts';
import { CaptureMenu } from './capture.ts';
import { drawFigure } from './draw.ts';
import type { Figure } from './figure.ts';
import { FrameList } from './frame-list.ts';
import { isQuiet, type Moment, momentsOf } from './frames.ts';
import { peerOf } from './host.ts';
import { layOut } from './layout.ts';
import { pointAt } from './pointer.ts';
import { NARROW, WIDE } from './render.ts';
import { MOST_SHOWN, type Scene } from './scene.ts';

/** The elements that a drawing consists of. */
export interface Parts {
  canvas: HTMLElement;
  log: HTMLElement;
  journey: HTMLElement;
  words: HTMLElement;
}

/** A drawing that moves: first it can replay what was baked into the page, then it follows the world. */
export class LiveFigure {
  readonly #canvas: HTMLElement;
  readonly #list: FrameList;
  readonly #words: HTMLElement;
  readonly #texts: string[] = [];
  readonly #resize: ResizeObserver;
  readonly #animator: Animator;
  readonly #packets = new Packets();
  readonly #panel: JourneyPanel;
  readonly #baked: readonly Followed[];
  readonly #wanted: string | undefined;
  /** The next packet that the page wants followed is shown; set when the reader does something. */
  #armed = false;
  readonly #captures = new CaptureMenu();
  #stop: [Followed | undefined, Stop | undefined] = [undefined, undefined];
  /** Show housekeeping, too. */
  all = false;
  #topology: Topology;
  #figure: Figure | undefined;
  #width = 0;
  #recent: Moment[];

  constructor({ canvas, log, journey, words }: Parts, scene: Scene) {
    this.#words = words;
    this.#canvas = canvas;
    this.#topology = scene.topology;
    this.#recent = scene.moments;
    this.#baked = scene.journeys;
    this.#wanted = scene.follow;
    this.#list = new FrameList(log, scene.moments);
    this.#animator = new Animator(
      canvas,
      (moment, skipped) => (skipped ? this.#list.add(moment) : this.#list.show(moment)),
      () => this.#list.rest(),
    );
    this.#animator.skips = (moment) => !this.all && isQuiet(moment);
    this.#panel = new JourneyPanel(journey, (...stop) => this.#point(...stop));
    const [first] = scene.journeys;
    if (scene.follow !== undefined && first) this.#panel.adopt(first);
    this.#draw();
    this.#resize = new ResizeObserver(() => this.#draw());
    this.#resize.observe(canvas);
  }

  /** The reader walks through a journey, and nothing else should move. */
  get stepping(): boolean {
    return this.#stop[1] !== undefined;
  }

  get moments(): readonly Moment[] {
    return this.#recent;
  }

  /** From here on the drawing shows the world. */
  begin(): void {
    this.#animator.clear();
    this.#list.clear();
    if (this.#wanted === undefined) this.#panel.close();
    this.#packets.clear();
    this.#recent = [];
    this.#armed = true;
    this.#words.before(this.#captures.element);
  }

  /** The reader runs something: the first packet that fits what the page wants followed is shown. */
  arm(): void {
    this.#armed = true;
  }

  see({ topology, trace, flat }: WatchChunk): void {
    if (topology) {
      this.#topology = topology;
      this.#captures.update(topology);
      this.#width = 0;
      this.#draw();
    }
    if (!trace) return;
    const events = decodeChunk(trace, this.#texts);
    const moments = momentsOf(events, this.#topology);
    this.#packets.add(events);
    this.#recent = [...this.#recent, ...moments].slice(-MOST_SHOWN);
    if (flat) for (const moment of moments) this.#list.add(moment);
    else this.#animator.play(moments);
    this.#followWanted(moments);
    if (this.#panel.packet !== undefined) this.follow(this.#panel.packet);
  }

  /** Shows the journey of a packet, if it is still known. */
  follow(packet: number): void {
    const journey = this.#packets.journey(packet, (device) => peerOf(device, this.#topology.links));
    const followed = journey ? followedOf(journey, this.#topology) : this.#baked.find((each) => each.packet === packet);
    if (followed) this.#panel.show(followed);
  }

  replay(): void {
    this.#animator.clear();
    this.#animator.play(this.#recent);
  }

  /** Stops; the caller puts the baked drawing and list back. */
  end(): void {
    this.#resize.disconnect();
    this.#captures.element.remove();
    this.#animator.clear();
  }

  #followWanted(moments: readonly Moment[]): void {
    const wanted = this.#wanted;
    if (!this.#armed || wanted === undefined) return;
    const hop = moments.flat().find(({ text, housekeeping }) => !housekeeping && text.includes(wanted));
    if (!hop) return;
    this.#armed = false;
    this.follow(hop.packet);
  }

  #point(followed: Followed | undefined, stop: Stop | undefined): void {
    this.#stop = [followed, stop];
    if (stop) this.#animator.clear();
    if (this.#figure) pointAt(this.#canvas, this.#figure, followed, stop);
  }

  /** Two natural widths, as in the baked page, so that text keeps its size. */
  #draw(): void {
    const room = this.#canvas.clientWidth;
    const width = room >= 640 ? Math.min(room - 2, WIDE) : Math.max(NARROW, room - 2);
    if (width === this.#width) return;
    this.#width = width;
    const figure = layOut(this.#topology, width);
    this.#figure = figure;
    this.#canvas.innerHTML = drawFigure(figure);
    this.#animator.redraw(figure);
    pointAt(this.#canvas, figure, ...this.#stop);
  }
}
