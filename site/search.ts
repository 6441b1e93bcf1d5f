/** The part of Pagefind's script that is used here; it and the index are fetched when the search is first opened. */
interface Pagefind {
  options(options: { baseUrl: string; excerptLength: number }): Promise<void>;
  init(): Promise<void>;
  /** `null` when a newer search overtook this one. */
  debouncedSearch(text: string): Promise<{ results: { data(): Promise<Found> }[] } | null>;
}

interface Passage {
  title: string;
  url: string;
  /** HTML with `<mark>` around what was found; the rest is escaped. */
  excerpt: string;
}

interface Found extends Passage {
  meta: { title: string };
  sub_results: Passage[];
}

/** Pages shown, and passages of each. */
const PAGES = 8;
const PASSAGES = 3;

/** Searches the whole book, what commands printed included, in the reader's browser. */
class Search extends HTMLElement {
  #pagefind: Promise<Pagefind> | undefined;
  /** The search for what stands in the field. */
  #searching: Promise<void> = Promise.resolve();

  connectedCallback(): void {
    this.#part('.nd-search-open').addEventListener('click', () => this.#open());
    window.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      if (this.#dialog.open) this.#dialog.close();
      else this.#open();
    });
    this.#dialog.addEventListener('click', (event) => {
      const target = event.target as Element;
      if (target === this.#dialog || target.closest('a')) this.#dialog.close();
    });
    this.#input.addEventListener('input', () => {
      this.#searching = this.#search(this.#input.value.trim());
    });
    this.#dialog.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === 'Enter' && event.target === this.#input) void this.#openFirst();
      else if (step) this.#move(step);
      else return;
      event.preventDefault();
    });
  }

  get #links(): HTMLAnchorElement[] {
    return [...this.querySelectorAll<HTMLAnchorElement>('ol a')];
  }

  /** What Enter opens is about what was typed, also when it was typed faster than it is found. */
  async #openFirst(): Promise<void> {
    await this.#searching;
    this.#links[0]?.click();
  }

  /** Moves the focus along the field and what was found below it. */
  #move(step: number): void {
    const stops = [this.#input, ...this.#links];
    stops[stops.indexOf(document.activeElement as HTMLInputElement) + step]?.focus();
  }

  #part<E extends HTMLElement>(selector: string): E {
    return this.querySelector(selector) as E;
  }

  get #dialog(): HTMLDialogElement {
    return this.#part('dialog');
  }

  get #input(): HTMLInputElement {
    return this.#part('input');
  }

  #open(): void {
    this.#dialog.showModal();
    this.#input.select();
    this.#pagefind ??= this.#load();
    this.#pagefind.catch(() => this.#say('There is no search index here; it is made when the book is built.'));
  }

  async #load(): Promise<Pagefind> {
    const base = this.dataset.base ?? '/';
    const pagefind = (await import(/* @vite-ignore */ `${base}pagefind/pagefind.js`)) as Pagefind;
    await pagefind.options({ baseUrl: base, excerptLength: 16 });
    await pagefind.init();
    return pagefind;
  }

  async #search(text: string): Promise<void> {
    if (text === '') return this.#show([], '');
    this.#pagefind ??= this.#load();
    const answer = await (await this.#pagefind).debouncedSearch(text);
    if (!answer) return;
    const found = await Promise.all(answer.results.slice(0, PAGES).map((result) => result.data()));
    if (text !== this.#input.value.trim()) return;
    const count = answer.results.length;
    this.#show(found, count === 0 ? `Nothing about “${text}”` : `${count} ${count === 1 ? 'page' : 'pages'}`);
  }

  #say(text: string): void {
    this.#part('.nd-search-said').textContent = text;
  }

  /** Replaces what is listed. A reader who is already down in the list stays there. */
  #show(found: Found[], said: string): void {
    const list = this.#part('ol');
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLAnchorElement).href : undefined;
    this.#say(said);
    list.replaceChildren(
      ...found.map((page) => {
        const item = document.createElement('li');
        item.append(link(page.url, page.meta.title, 'nd-search-page'));
        for (const passage of page.sub_results.slice(0, PASSAGES)) {
          const text = document.createElement('p');
          text.innerHTML = passage.excerpt;
          if (passage.title !== page.meta.title) item.append(link(passage.url, passage.title, 'nd-search-section'));
          item.append(text);
        }
        return item;
      }),
    );
    if (focused === undefined) return;
    const links = this.#links;
    (links.find((found) => found.href === focused) ?? links[0] ?? this.#input).focus();
  }
}

function link(url: string, text: string, className: string): HTMLAnchorElement {
  return Object.assign(document.createElement('a'), { href: url, textContent: text, className });
}

customElements.define('nd-search', Search);
