import type { WatchChunk } from '../../sim/worker/protocol.ts';
import { decodeChunk, type Topology } from '../../sim/index.ts';
import { Animator } from './animate.ts';
import { drawFigure } from './draw.ts';
import { FrameList } from './frame-list.ts';
import { isQuiet, type Moment, momentsOf } from './frames.ts';
import { layOut } from './layout.ts';
import { NARROW, WIDE } from './render.ts';
import { MOST_SHOWN, type Scene } from './scene.ts';

/** A drawing that moves: first it can replay what was baked into the page, then it follows the world. */
export class LiveFigure {
  readonly #canvas: HTMLElement;
  readonly #list: FrameList;
  readonly #texts: string[] = [];
  readonly #resize: ResizeObserver;
  readonly #animator: Animator;
  /** Show housekeeping, too. */
  all = false;
  #topology: Topology;
  #width = 0;
  #recent: Moment[];

  constructor(canvas: HTMLElement, log: HTMLElement, scene: Scene) {
    this.#canvas = canvas;
    this.#topology = scene.topology;
    this.#recent = scene.moments;
    this.#list = new FrameList(log, scene.moments);
    this.#animator = new Animator(
      canvas,
      (moment, skipped) => (skipped ? this.#list.add(moment) : this.#list.show(moment)),
      () => this.#list.rest(),
    );
    this.#animator.skips = (moment) => !this.all && isQuiet(moment);
    this.#draw();
    this.#resize = new ResizeObserver(() => this.#draw());
    this.#resize.observe(canvas);
  }

  get moments(): readonly Moment[] {
    return this.#recent;
  }

  /** From here on the drawing shows the world. */
  begin(): void {
    this.#animator.clear();
    this.#list.clear();
    this.#recent = [];
  }

  see({ topology, trace, flat }: WatchChunk): void {
    if (topology) {
      this.#topology = topology;
      this.#width = 0;
      this.#draw();
    }
    if (!trace) return;
    const moments = momentsOf(decodeChunk(trace, this.#texts), this.#topology);
    this.#recent = [...this.#recent, ...moments].slice(-MOST_SHOWN);
    if (flat) for (const moment of moments) this.#list.add(moment);
    else this.#animator.play(moments);
  }

  replay(): void {
    this.#animator.clear();
    this.#animator.play(this.#recent);
  }

  /** Stops; the caller puts the baked drawing and list back. */
  end(): void {
    this.#resize.disconnect();
    this.#animator.clear();
  }

  /** Two natural widths, as in the baked page, so that text keeps its size. */
  #draw(): void {
    const room = this.#canvas.clientWidth;
    const width = room >= 640 ? Math.min(room - 2, WIDE) : Math.max(NARROW, room - 2);
    if (width === this.#width) return;
    this.#width = width;
    const figure = layOut(this.#topology, width);
    this.#canvas.innerHTML = drawFigure(figure);
    this.#animator.redraw(figure);
  }
}
