import type { CellCommands } from '../../sim/worker/cell-run.ts';
import { button } from '../button.ts';
import { pageSession, warmUp } from '../session/page.ts';
import type { CellState, SessionCell } from '../session/session.ts';
import type { Goal } from './render.ts';

/**
 * An exercise: its goals are checked by what the network does, with commands typed at the host's console. To the session it is a
 * cell that runs only when it is asked to.
 */
export class ExerciseElement extends HTMLElement implements SessionCell {
  readonly optional = true;
  #goals: Goal[] = [];
  #items: HTMLElement[] = [];
  #reached: (boolean | undefined)[] = [];

  connectedCallback(): void {
    if (this.#items.length > 0) return;
    this.#goals = JSON.parse(this.dataset.goals ?? '[]') as Goal[];
    this.#items = [...this.querySelectorAll<HTMLElement>('.nd-goal')];
    const check = button({ act: 'check', icon: 'run', label: 'Check my network', worded: true });
    check.addEventListener('click', () => pageSession().run(this));
    this.querySelector('.nd-actions')?.append(check);
    for (const event of ['pointerenter', 'focusin']) this.addEventListener(event, warmUp, { once: true });
    pageSession().add(this);
    this.dataset.ready = '';
  }

  /** Each goal in a subshell of its own, so that it leaves nothing behind in the console. */
  commands(): CellCommands {
    const host = this.dataset.host ?? '';
    return {
      host,
      commands: this.#goals.map((goal) => `(\n${goal.commands.join('\n')}\n)`),
      hosts: this.#goals.map((goal) => goal.host ?? host),
    };
  }

  begin(): void {
    this.#reached = this.#goals.map(() => undefined);
    for (const item of this.#items) mark(item, undefined);
  }

  output(step: number, text: string): void {
    const output = this.#items[step]?.querySelector<HTMLElement>('.nd-check-output');
    if (!output) return;
    output.hidden = false;
    output.textContent += text;
  }

  ended(step: number, status: number | undefined): void {
    this.#reached[step] = status === 0;
    const item = this.#items[step];
    if (item) mark(item, status === 0);
  }

  state(state: CellState, note?: string): void {
    this.dataset.state = state;
    const check = this.querySelector<HTMLButtonElement>('[data-act="check"]');
    if (check) check.disabled = state === 'running' || state === 'waiting';
    const reached = this.#reached.filter((each) => each === true).length;
    const verdict = reached === this.#goals.length ? 'Done: every goal is reached.' : `${reached} of ${this.#goals.length} goals reached`;
    this.#say(note ?? { baked: '', waiting: 'waiting', running: 'checking', ran: verdict }[state]);
  }

  restore(): void {
    this.begin();
    this.#say('');
  }

  #say(text: string): void {
    const status = this.querySelector('.nd-status');
    if (status) status.textContent = text;
  }
}

function mark(item: HTMLElement, reached: boolean | undefined): void {
  item.dataset.reached = reached === undefined ? '' : String(reached);
  const state = item.querySelector('.nd-goal-state');
  if (state) state.textContent = reached === undefined ? '' : reached ? ' reached' : ' not yet';
  if (reached !== undefined) return;
  const output = item.querySelector<HTMLElement>('.nd-check-output');
  if (!output) return;
  output.hidden = true;
  output.textContent = '';
}
