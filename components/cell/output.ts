/** Characters kept of one command; what a runaway loop printed before is dropped from the front. */
const KEEP = 30_000;
/** Characters shown while a command still prints: laying out more, many times a second, would make the page sluggish. */
const STREAMED = 6_000;

/**
 * The output of one command while it streams in: collected as it comes, put into the page once a frame, so that ten thousand
 * lines a second cost the page no more than one.
 */
export class Output {
  readonly #element: HTMLElement;
  #text = '';
  #dropped = false;
  #frame = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  clear(): void {
    this.set('');
  }

  /** Puts the text in place at once, as when baked output is restored. */
  set(text: string): void {
    this.#text = text;
    this.#dropped = false;
    this.end();
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > 2 * KEEP) {
      this.#text = lastLines(this.#text, KEEP);
      this.#dropped = true;
    }
    // A hidden page draws no frames; it shows the text when it is looked at again.
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const all = this.#text.length <= 2 * STREAMED;
      const more = `… more when the command has ended${this.#dropped ? '; earlier output is not kept' : ''} …\n`;
      this.#draw(all ? this.#text : lastLines(this.#text, STREAMED), all ? '' : more);
    });
  }

  /** Nothing more comes: shows everything that was kept. */
  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#draw(this.#text, this.#dropped ? '… earlier output is not kept …\n' : '');
  }

  #draw(text: string, note: string): void {
    const element = this.#element;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
    element.textContent = note + text;
    if (atEnd) element.scrollTop = element.scrollHeight;
    keepReachable(element);
  }
}

/** The end of a text, from the beginning of a line on. */
function lastLines(text: string, characters: number): string {
  return text.slice(text.indexOf('\n', text.length - characters) + 1);
}

/** What scrolls must be reachable by keyboard; what doesn't would only be one more stop. */
export function keepReachable(element: HTMLElement): void {
  const scrolls = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  if (scrolls === element.hasAttribute('tabindex')) return;
  if (scrolls) {
    element.tabIndex = 0;
    element.setAttribute('role', 'group');
    element.setAttribute('aria-label', 'Output');
  } else for (const name of ['tabindex', 'role', 'aria-label']) element.removeAttribute(name);
}
