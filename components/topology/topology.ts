import { type ButtonOf, button } from '../button.ts';
import type { WatchChunk } from '../../sim/worker/protocol.ts';
import { pageSession } from '../session/page.ts';
import { makeFollowable } from './followable.ts';
import type { Moment } from './frames.ts';
import type { LiveFigure } from './live.ts';
import type { Scene } from './scene.ts';

const REPLAY: ButtonOf = { act: 'replay', icon: 'replay', label: 'Replay', worded: true };
const ALL: ButtonOf = { act: 'all', icon: 'more', label: 'All frames', worded: true };
/** A drawing plays by itself once, when it is first seen and this few moments take under five seconds. */
const BRIEF = 12;

/** A drawing of the page's network: baked until the world starts, then live. */
export class TopologyElement extends HTMLElement {
  readonly #replay = button(REPLAY);
  readonly #all = button(ALL);
  #baked: { canvas: string; log: string; journey: string; hidden: boolean } | undefined;
  #figure: LiveFigure | undefined;

  connectedCallback(): void {
    if (this.#baked) return;
    const journey = this.#part('journey');
    this.#makeFollowable();
    this.#baked = {
      canvas: this.#part('canvas').innerHTML,
      log: this.#part('log').innerHTML,
      journey: journey.innerHTML,
      hidden: journey.hidden === true,
    };
    this.#offer(this.#scene.moments);
    this.#all.title = 'Also list what kernels send by themselves: multicast reports, router solicitations …';
    this.#all.setAttribute('aria-pressed', 'false');
    this.#all.addEventListener('click', () => void this.#toggleAll());
    this.#part('actions').append(this.#all, this.#replay);
    this.#replay.addEventListener('click', () => void this.#come().then((figure) => figure.replay()));
    this.#part('log').addEventListener('click', (event) => this.#clicked(event));
    pageSession().listen({
      world: (running) => (running ? void this.#follow() : this.#rest()),
      run: () => this.#figure?.arm(),
    });
    if (!journey.hidden) void this.#come();
    this.#playWhenSeen();
    this.dataset.ready = '';
  }

  #part(name: string): HTMLElement {
    return this.querySelector(`.nd-${name}`) as HTMLElement;
  }

  get #scene(): Scene {
    return JSON.parse(this.#part('scene').textContent ?? '') as Scene;
  }

  /** The engine behind the drawing; loaded when something is to move. */
  async #come(): Promise<LiveFigure> {
    const { LiveFigure } = await import('./live.ts');
    const parts = { canvas: this.#part('canvas'), log: this.#part('log'), journey: this.#part('journey'), words: this.#part('words') };
    this.#figure ??= new LiveFigure(parts, this.#scene);
    this.#figure.all = this.hasAttribute('data-all');
    return this.#figure;
  }

  /** Lines whose packets' journeys are in the page can be followed before there is a world. */
  #makeFollowable(): void {
    const known = new Set(this.#scene.journeys.map(({ packet }) => packet));
    for (const line of this.#part('log').querySelectorAll<HTMLElement>('li[data-packet]'))
      if (known.has(Number(line.dataset.packet))) makeFollowable(line);
  }

  #clicked(event: Event): void {
    const line = (event.target as Element).closest('.nd-follow')?.closest<HTMLElement>('[data-packet]');
    if (line) void this.#come().then((figure) => figure.follow(Number(line.dataset.packet)));
  }

  /** Watches from the world's first moment on; what comes before the engine has loaded waits for it. */
  async #follow(): Promise<void> {
    const early: WatchChunk[] = [];
    let see = (chunk: WatchChunk): void => {
      early.push(chunk);
    };
    const session = pageSession();
    const stream = session.watch((chunk) => see(chunk));
    const figure = await this.#come();
    if (!session.watches(stream)) return;
    this.dataset.live = '';
    figure.begin();
    this.#caption('The network as it is now');
    see = (chunk) => {
      figure.see(chunk);
      this.#offer(figure.moments);
    };
    early.forEach(see);
  }

  #rest(): void {
    this.#figure?.end();
    this.#figure = undefined;
    delete this.dataset.live;
    this.#part('canvas').innerHTML = this.#baked?.canvas ?? '';
    this.#part('log').innerHTML = this.#baked?.log ?? '';
    const journey = this.#part('journey');
    journey.innerHTML = this.#baked?.journey ?? '';
    journey.hidden = this.#baked?.hidden ?? true;
    this.#offer(this.#scene.moments);
    this.#caption(undefined);
  }

  /** Shows the buttons that have something to do. */
  #offer(moments: readonly Moment[]): void {
    const quiet = moments.filter((moment) => moment.every((hop) => hop.housekeeping)).length;
    this.#all.hidden = quiet === 0;
    this.#replay.hidden = moments.length === (this.hasAttribute('data-all') ? 0 : quiet);
  }

  async #toggleAll(): Promise<void> {
    const all = this.toggleAttribute('data-all');
    this.#all.setAttribute('aria-pressed', String(all));
    const figure = await this.#come();
    figure.all = all;
    this.#offer(figure.moments);
  }

  #caption(text: string | undefined): void {
    const caption = this.#part('caption');
    caption.dataset.baked ??= caption.textContent ?? '';
    caption.textContent = text ?? caption.dataset.baked;
  }

  #playWhenSeen(): void {
    const count = this.#scene.moments.filter((moment) => moment.some((hop) => !hop.housekeeping)).length;
    const first = document.querySelector('nd-topology') === this;
    if (!first || count === 0 || count > BRIEF || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        setTimeout(() => {
          if (!pageSession().started) void this.#come().then((figure) => figure.stepping || figure.replay());
        }, 900);
      },
      { threshold: 0.6 },
    );
    observer.observe(this.#part('canvas'));
  }
}
