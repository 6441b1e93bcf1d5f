import { type ButtonOf, button } from '../button.ts';
import { journeyHtml } from './render.ts';
import type { Followed, Stop } from './stops.ts';

const PREVIOUS: ButtonOf = { act: 'previous', icon: 'previous', label: 'Back', worded: true };
const NEXT: ButtonOf = { act: 'next', icon: 'next', label: 'Step', worded: true };
const CLOSE: ButtonOf = { act: 'close', icon: 'close', label: 'Stop following this packet' };

/** The journey of one packet under its drawing: a list that is walked step by step, with buttons or with the arrow keys. */
export class JourneyPanel {
  readonly #section: HTMLElement;
  readonly #point: (followed: Followed | undefined, stop: Stop | undefined) => void;
  readonly #actions = document.createElement('span');
  readonly #previous = button(PREVIOUS);
  readonly #next = button(NEXT);
  readonly #close = button(CLOSE);
  #followed: Followed | undefined;
  #at = -1;

  /** @param point shows a stop in the drawing; nothing when none is followed, no stop before the first step */
  constructor(section: HTMLElement, point: (followed: Followed | undefined, stop: Stop | undefined) => void) {
    this.#section = section;
    this.#point = point;
    this.#actions.className = 'nd-actions';
    this.#actions.append(this.#previous, this.#next, this.#close);
    this.#previous.addEventListener('click', () => this.#go(this.#at - 1));
    this.#next.addEventListener('click', () => this.#go(this.#at + 1));
    this.#close.addEventListener('click', () => this.close());
    section.addEventListener('keydown', (event) => this.#key(event));
    section.addEventListener('click', (event) => {
      const item = (event.target as Element).closest<HTMLElement>('[data-stop]');
      if (item) this.#go(Number(item.dataset.stop));
    });
  }

  /** The packet that is followed. */
  get packet(): number | undefined {
    return this.#followed?.packet;
  }

  /** Shows a journey from before its first step; one of the same packet that has grown keeps its place. */
  show(followed: Followed): void {
    const same = this.#followed?.packet === followed.packet;
    if (same && this.#followed?.stops.length === followed.stops.length) return;
    this.#followed = followed;
    this.#section.innerHTML = journeyHtml(followed);
    this.#section.hidden = false;
    this.#section.querySelector('.nd-journey-head')?.append(this.#actions);
    this.#go(same ? this.#at : -1);
  }

  /** Takes over a journey that the page was built with. */
  adopt(followed: Followed): void {
    this.#followed = followed;
    this.#section.querySelector('.nd-journey-head')?.append(this.#actions);
    this.#mark();
  }

  close(): void {
    this.#followed = undefined;
    this.#at = -1;
    this.#section.hidden = true;
    this.#section.replaceChildren();
    this.#point(undefined, undefined);
  }

  #key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    const by = steps[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#go(this.#at + by);
  }

  #go(to: number): void {
    const stops = this.#followed?.stops ?? [];
    this.#at = Math.max(-1, Math.min(to, stops.length - 1));
    this.#mark();
    this.#point(this.#followed, stops[this.#at]);
  }

  #mark(): void {
    const list = this.#section.querySelector<HTMLElement>('.nd-stops');
    this.#previous.disabled = this.#at < 0;
    this.#next.disabled = this.#at >= (this.#followed?.stops.length ?? 0) - 1;
    if (!list) return;
    for (const item of list.querySelectorAll<HTMLElement>('[data-stop]')) {
      const now = Number(item.dataset.stop) === this.#at;
      item.classList.toggle('nd-now', now);
      if (now) {
        item.setAttribute('aria-current', 'step');
        scrollInto(list, item);
      } else item.removeAttribute('aria-current');
    }
  }
}

/** Scrolls the list, which is what its items' places are counted from, and never the page. */
function scrollInto(list: HTMLElement, item: HTMLElement): void {
  const top = item.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top - 8;
  else if (top + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + item.offsetHeight - list.clientHeight + 8;
}
