import { icon } from '../icons.ts';
import { pageSession } from '../session/page.ts';
import type { Pane } from './pane.ts';

/** A drawer at the foot of the window, with a tab for each terminal that was opened in it. It stays while the reader reads on. */
class Dock {
  readonly #element = document.createElement('section');
  readonly #tabs: HTMLElement;
  readonly #screens: HTMLElement;
  readonly #panes: { tab: HTMLButtonElement; screen: HTMLElement; pane: Pane }[] = [];
  #returnTo: HTMLElement | null = null;

  constructor() {
    this.#element.className = 'nd-dock not-content';
    this.#element.setAttribute('aria-label', 'Terminals');
    this.#element.innerHTML = `<div class="nd-bar"><div class="nd-tabs" role="tablist" aria-label="Open terminals"></div><span class="nd-status">Esc, then Tab leaves</span><span class="nd-actions"><button type="button" class="nd-button" data-act="more">${icon(
      'terminal',
    )}<span>New</span></button><button type="button" class="nd-button" data-act="hide" aria-label="Close the terminals" title="Close the terminals">${icon('close')}</button></span></div><div class="nd-screens"></div>`;
    this.#tabs = this.#element.querySelector('.nd-tabs') as HTMLElement;
    this.#screens = this.#element.querySelector('.nd-screens') as HTMLElement;
    this.#element.addEventListener('click', (event) => this.#clicked(event));
    this.#tabs.addEventListener('keydown', (event) => this.#arrow(event));
    document.body.append(this.#element);
    pageSession().listen({
      // After the world broke they still tell why.
      world: (running, broke) => {
        if (!running && !broke) this.#closeAll();
      },
    });
  }

  /** Shows a terminal on `host`: one that is open there already, unless another is asked for. */
  async open(host: string, another: boolean): Promise<void> {
    const over = this.#panes.find(({ tab, pane }) => tab.dataset.host === host && pane.ended);
    if (over) this.#close(over.tab);
    this.#returnTo ??= document.activeElement as HTMLElement | null;
    this.#element.hidden = false;
    document.documentElement.dataset.dock = '';
    const shown = this.#panes.find(({ tab }) => tab.dataset.host === host);
    if (shown && !another) return this.#show(shown.tab);
    const { Pane } = await import('./pane.ts');
    const number = this.#panes.filter(({ tab }) => tab.dataset.host === host).length + 1;
    const screen = document.createElement('div');
    const tab = document.createElement('button');
    const id = `nd-screen-${this.#panes.length + 1}`;
    Object.assign(tab, { type: 'button', className: 'nd-tab', textContent: number > 1 ? `${host} (${number})` : host });
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', id);
    tab.dataset.host = host;
    Object.assign(screen, { className: 'nd-screen', id });
    screen.setAttribute('role', 'tabpanel');
    screen.setAttribute('aria-label', tab.textContent ?? host);
    this.#tabs.append(tab);
    this.#screens.append(screen);
    for (const other of this.#panes) other.screen.hidden = true;
    const pane = new Pane(screen, host);
    this.#panes.push({ tab, screen, pane });
    pane.onEnd = (why) => {
      if (why === 'exit') this.#close(tab);
    };
    this.#show(tab);
  }

  #show(tab: HTMLButtonElement): void {
    for (const each of this.#panes) {
      const shown = each.tab === tab;
      each.screen.hidden = !shown;
      each.tab.setAttribute('aria-selected', String(shown));
      each.tab.tabIndex = shown ? 0 : -1;
      if (shown) each.pane.focus();
    }
  }

  #close(tab: HTMLButtonElement): void {
    const index = this.#panes.findIndex((each) => each.tab === tab);
    const [closed] = this.#panes.splice(index, 1);
    closed?.pane.dispose();
    closed?.tab.remove();
    closed?.screen.remove();
    const next = this.#panes[Math.max(0, index - 1)];
    if (next) this.#show(next.tab);
    else this.#hide();
  }

  #closeAll(): void {
    for (const { tab } of [...this.#panes]) this.#close(tab);
  }

  #hide(): void {
    this.#element.hidden = true;
    delete document.documentElement.dataset.dock;
    this.#returnTo?.focus();
    this.#returnTo = null;
  }

  #clicked(event: Event): void {
    const button = (event.target as Element).closest<HTMLButtonElement>('button');
    if (!button) return;
    if (button.dataset.act === 'hide') this.#hide();
    else if (button.dataset.act === 'more') {
      const current = this.#panes.find(({ screen }) => !screen.hidden);
      void this.open(current?.tab.dataset.host ?? '', true);
    } else if (button.classList.contains('nd-tab')) this.#show(button);
  }

  #arrow(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const at = this.#panes.findIndex(({ tab }) => tab === document.activeElement);
    const next = this.#panes[(at + step + this.#panes.length) % this.#panes.length];
    if (!next) return;
    this.#show(next.tab);
    next.tab.focus();
  }
}

let dock: Dock | undefined;

/** Opens the page's terminals at a host. */
export function openDock(host: string, another = false): void {
  dock ??= new Dock();
  void dock.open(host, another);
}
