import type { Moment } from './frames.ts';
import { MOST_SHOWN, renderHop } from './scene.ts';
import { makeFollowable } from './followable.ts';
import { LOG_HINT } from './render.ts';

/** The list of frames under a drawing: the same facts as the moving marks, as text that can be read at leisure. */
export class FrameList {
  readonly #element: HTMLElement;
  readonly #items = new Map<Moment, HTMLElement[]>();

  /** @param moments those the list was baked with, in its order */
  constructor(element: HTMLElement, moments: readonly Moment[]) {
    this.#element = element;
    const items = [...element.querySelectorAll<HTMLElement>('li:not(.nd-hint)')];
    for (const moment of moments) this.#items.set(moment, items.splice(0, moment.length));
  }

  /** Marks a moment as the one that happens now, and adds it when it is new. */
  show(moment: Moment): void {
    this.add(moment);
    for (const [each, items] of this.#items) for (const item of items) item.classList.toggle('nd-now', each === moment);
    const item = this.#items.get(moment)?.at(-1);
    if (!item) return;
    const log = this.#element;
    const below = item.offsetTop + item.offsetHeight - log.scrollTop - log.clientHeight;
    if (below > 0) log.scrollTop += below + 6;
    else if (item.offsetTop < log.scrollTop) log.scrollTop = item.offsetTop - 6;
  }

  /** Adds a moment, if it is new, without pointing at it. */
  add(moment: Moment): void {
    if (this.#items.has(moment)) return;
    this.#element.querySelector('.nd-hint')?.remove();
    const template = document.createElement('template');
    template.innerHTML = moment.map(renderHop).join('');
    const items = [...template.content.children] as HTMLElement[];
    items.forEach(makeFollowable);
    this.#element.append(...items);
    this.#items.set(moment, items);
    for (const [oldest, gone] of this.#items) {
      if (this.#items.size <= MOST_SHOWN) break;
      for (const item of gone) item.remove();
      this.#items.delete(oldest);
    }
  }

  /** Nothing happens now. */
  rest(): void {
    for (const item of this.#element.querySelectorAll('.nd-now')) item.classList.remove('nd-now');
  }

  clear(): void {
    this.#items.clear();
    this.#element.innerHTML = LOG_HINT;
  }
}
