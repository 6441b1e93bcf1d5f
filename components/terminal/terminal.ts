import { warmUp } from '../session/page.ts';
import type { Pane } from './pane.ts';

/** A terminal in the page, attached to the page's world when it is first used. */
export class TerminalElement extends HTMLElement {
  #pane: Pane | undefined;

  connectedCallback(): void {
    const start = this.#start;
    start?.addEventListener('click', () => void this.#open());
    for (const event of ['pointerenter', 'focusin']) this.addEventListener(event, prepare, { once: true });
    this.dataset.ready = '';
  }

  get #start(): HTMLButtonElement | null {
    return this.querySelector('.nd-terminal-start');
  }

  async #open(): Promise<void> {
    const start = this.#start;
    if (!start) return;
    this.#say('starting');
    const { Pane } = await import('./pane.ts');
    this.#pane?.dispose();
    this.querySelector('.nd-screen')?.remove();
    const screen = document.createElement('div');
    screen.className = 'nd-screen';
    this.append(screen);
    start.hidden = true;
    this.#pane = new Pane(screen, this.dataset.host ?? '');
    this.#pane.onEnd = () => {
      start.hidden = false;
      start.classList.add('nd-again');
      this.#say('ended');
    };
    this.#say('Esc, then Tab leaves the terminal');
    this.#pane.focus();
  }

  #say(text: string): void {
    const status = this.querySelector('.nd-status');
    if (status) status.textContent = text;
  }
}

/** Fetches the terminal's code while the pointer is still on its way. */
function prepare(): void {
  warmUp();
  void import('./pane.ts');
}
