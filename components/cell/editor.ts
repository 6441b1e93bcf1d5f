import { highlight } from './highlight.ts';

/**
 * A command that can be edited where it stands. A transparent text area lies over the coloured text, letter on letter, so that
 * there is no mode to enter: click into the command, or tab to it, and type. Tab leaves it, as anywhere on the page.
 */
export class CommandEditor {
  readonly #original: string;
  readonly #area: HTMLTextAreaElement;
  readonly #code: HTMLElement;
  onChange: () => void = () => {};

  /** @param element the `.nd-command` that `renderCell` wrote; @param label its name for assistive technology */
  constructor(element: HTMLElement, label: string) {
    const source = element.querySelector<HTMLElement>('.nd-source') as HTMLElement;
    this.#code = source.querySelector('code') as HTMLElement;
    this.#original = this.#code.textContent ?? '';
    this.#area = document.createElement('textarea');
    Object.assign(this.#area, { value: this.#original, rows: 1, spellcheck: false, autocomplete: 'off', className: 'nd-edit' });
    for (const [name, value] of [
      ['aria-label', label],
      ['aria-keyshortcuts', 'Control+Enter'],
      ['autocapitalize', 'off'],
      ['autocorrect', 'off'],
      ['data-gramm', 'false'],
    ] as const)
      this.#area.setAttribute(name, value);
    this.#code.parentElement?.setAttribute('aria-hidden', 'true');
    this.#area.addEventListener('input', () => this.#changed());
    source.append(this.#area);
    element.insertAdjacentHTML('beforeend', '<span class="nd-keys" aria-hidden="true">Ctrl+Enter runs</span>');
  }

  get value(): string {
    return this.#area.value;
  }

  get edited(): boolean {
    return this.value !== this.#original;
  }

  restore(): void {
    this.#area.value = this.#original;
    this.#changed();
  }

  #changed(): void {
    // A last empty line has no height of its own in the coloured text.
    this.#code.innerHTML = highlight(this.value) + (this.value === '' || this.value.endsWith('\n') ? '\u200b' : '');
    this.onChange();
  }
}
