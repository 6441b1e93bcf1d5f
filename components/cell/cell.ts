import { type ButtonOf, button } from '../button.ts';
import type { CellCommands } from '../../sim/worker/cell-run.ts';
import { pageSession, warmUp } from '../session/page.ts';
import type { CellState, SessionCell } from '../session/session.ts';
import { CommandEditor } from './editor.ts';
import { keepReachable, Output } from './output.ts';

const BUTTONS: readonly ButtonOf[] = [
  { act: 'run', icon: 'run', label: 'Run', worded: true },
  { act: 'stop', icon: 'stop', label: 'Stop', worded: true },
  { act: 'restore', icon: 'restore', label: 'Restore', worded: true },
  { act: 'copy', icon: 'copy', label: 'Copy the commands' },
  { act: 'terminal', icon: 'terminal', label: 'Open a terminal' },
  { act: 'reset', icon: 'reset', label: 'Reset the page’s world' },
];

/** One command of a cell in the page. */
interface Step {
  editor: CommandEditor;
  output: Output;
  pre: HTMLElement;
  element: HTMLElement;
  baked: { text: string; exit: string | undefined };
}

/** A notebook cell: what `renderCell` wrote, brought to life. */
export class CellElement extends HTMLElement implements SessionCell {
  #steps: Step[] = [];
  #state: CellState = 'baked';
  #startedAt = 0;

  connectedCallback(): void {
    if (this.#steps.length > 0) return;
    const number = this.id.replace('cell-', '');
    this.#steps = [...this.querySelectorAll<HTMLElement>('.nd-step')].map((element, index) => this.#adopt(element, number, index));
    this.querySelector('.nd-actions')?.append(...BUTTONS.map(button));
    this.#button('stop').hidden = true;
    this.#button('restore').hidden = true;
    this.addEventListener('click', this.#clicked);
    this.addEventListener('keydown', this.#pressed);
    for (const event of ['pointerenter', 'focusin']) this.addEventListener(event, warmUp, { once: true });
    pageSession().add(this);
    this.dataset.ready = '';
  }

  commands(): CellCommands {
    return {
      host: this.dataset.host ?? '',
      commands: this.#steps.map((step) => step.editor.value),
      terminal: this.dataset.terminal,
    };
  }

  begin(): void {
    this.#startedAt = performance.now();
    for (const step of this.#steps) {
      // Room for what was there, so that the page below doesn't jump up and down again.
      step.pre.style.minHeight = `${step.pre.offsetHeight}px`;
      step.output.clear();
      showExit(step.element, undefined);
    }
  }

  output(step: number, text: string): void {
    this.#steps[step]?.output.add(text);
  }

  ended(step: number, status: number | undefined): void {
    const at = this.#steps[step];
    at?.output.end();
    if (at && status) showExit(at.element, `exit status ${status}`);
  }

  state(state: CellState, note?: string): void {
    const was = this.#state;
    this.#state = state;
    this.dataset.state = state;
    const busy = state === 'running' || state === 'waiting';
    if (!busy) for (const step of this.#steps) step.pre.style.minHeight = '';
    const focused = this.contains(document.activeElement) ? document.activeElement : null;
    const [run, stop] = [this.#button('run'), this.#button('stop')];
    run.hidden = busy;
    stop.hidden = !busy;
    if (focused === run && busy) stop.focus();
    if (focused === stop && !busy) run.focus();
    this.#say(note ?? this.#describe(state, was));
  }

  restore(): void {
    for (const step of this.#steps) {
      step.output.set(step.baked.text);
      showExit(step.element, step.baked.exit);
    }
  }

  /** What the cell's commands are, for the clipboard and the terminal. */
  get #text(): string {
    return this.#steps.map((step) => step.editor.value).join('\n');
  }

  #adopt(element: HTMLElement, number: string, index: number): Step {
    const pre = element.querySelector<HTMLElement>('.nd-output') as HTMLElement;
    const editor = new CommandEditor(
      element.querySelector<HTMLElement>('.nd-command') as HTMLElement,
      `Command ${index + 1} of cell ${number}`,
    );
    editor.onChange = () => this.#edited();
    keepReachable(pre);
    const exit = element.querySelector('.nd-exit')?.textContent ?? undefined;
    return { editor, output: new Output(pre), pre, element, baked: { text: pre.textContent ?? '', exit } };
  }

  #edited(): void {
    for (const step of this.#steps) step.element.toggleAttribute('data-edited', step.editor.edited);
    const edited = this.#steps.some((step) => step.editor.edited);
    this.toggleAttribute('data-edited', edited);
    this.#button('restore').hidden = !edited;
  }

  #describe(state: CellState, was: CellState): string {
    if (state === 'running') return 'running';
    if (state === 'waiting') return 'waiting';
    if (state === 'baked') return '';
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return was === 'running' ? `ran here in ${seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`}` : 'ran here';
  }

  #say(text: string): void {
    const status = this.querySelector<HTMLElement>('.nd-status');
    if (status) status.textContent = text;
  }

  #button(act: string): HTMLButtonElement {
    return this.querySelector(`[data-act="${act}"]`) as HTMLButtonElement;
  }

  readonly #clicked = (event: Event): void => {
    const act = (event.target as Element).closest<HTMLElement>('[data-act]')?.dataset.act;
    if (act) this.#act(act);
  };

  #act(act: string): void {
    const session = pageSession();
    if (act === 'run') session.run(this);
    else if (act === 'stop') session.stop(this);
    else if (act === 'reset') this.#reset();
    else if (act === 'copy') this.#copy();
    else if (act === 'terminal') void import('../terminal/dock.ts').then(({ openDock }) => openDock(this.dataset.host ?? ''));
    else if (act === 'restore') {
      for (const step of this.#steps) step.editor.restore();
      this.#edited();
      this.#button('run').focus();
    }
  }

  #copy(): void {
    navigator.clipboard.writeText(this.#text).then(
      () => this.#say('copied'),
      () => this.#say('the browser doesn’t allow copying here'),
    );
  }

  #reset(): void {
    pageSession().reset();
    this.#say('the page’s world is back at its start');
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      pageSession().run(this);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.#button(this.#state === 'running' || this.#state === 'waiting' ? 'stop' : 'run').focus();
    } else if (event.key === 'c' && event.ctrlKey && this.#state === 'running' && nothingSelected(event.target)) {
      event.preventDefault();
      pageSession().stop(this);
    }
  };
}

function nothingSelected(area: HTMLTextAreaElement): boolean {
  return area.selectionStart === area.selectionEnd;
}

function showExit(step: HTMLElement, text: string | undefined): void {
  step.querySelector('.nd-exit')?.remove();
  if (text === undefined) return;
  const exit = document.createElement('span');
  exit.className = 'nd-exit';
  exit.textContent = text;
  step.append(exit);
}
