import { attributes, escapeHtml } from '../html.ts';
import { highlight } from '../cell/highlight.ts';

/** Something the network must do: what it is, and the commands that find out. */
export interface Goal {
  text: string;
  commands: readonly string[];
  /** Where they are typed; the page's first host if absent. */
  host?: string;
}

/** A command of a solution. */
export interface SolutionCommand {
  command: string;
  host?: string | undefined;
}

/** An exercise as it stands in the page before, or without, JavaScript: the goals and how they are checked. */
export function renderExercise(host: string, goals: readonly Goal[]): string {
  const tag = attributes({
    class: 'nd-exercise not-content',
    role: 'group',
    'aria-label': 'Exercise',
    'data-host': host,
    'data-goals': JSON.stringify(goals),
  });
  return `<nd-exercise${tag}><div class="nd-bar" data-pagefind-ignore><span class="nd-host">Exercise</span><span class="nd-status" role="status"></span><span class="nd-actions"></span></div><ol class="nd-goals">${goals
    .map(renderGoal)
    .join('')}</ol></nd-exercise>`;
}

function renderGoal(goal: Goal): string {
  const checks = goal.commands.map((command) => commandHtml({ command, host: goal.host })).join('');
  return `<li class="nd-goal"><span class="nd-mark" aria-hidden="true"></span><div><span class="nd-goal-text">${escapeHtml(
    goal.text,
  )}</span><span class="nd-goal-state"></span><details class="nd-check"><summary>how it is checked</summary>${checks}<pre class="nd-check-output" hidden></pre></details></div></li>`;
}

/** One way to do it, folded away. */
export function renderSolution(commands: readonly SolutionCommand[]): string {
  const lines = commands.map(commandHtml).join('');
  return `<details class="nd-solution not-content"><summary>One way to do it</summary><div class="nd-solution-body">${lines}</div></details>`;
}

function commandHtml({ command, host }: SolutionCommand): string {
  const prompt = host === undefined ? '' : `<span class="nd-prompt">${escapeHtml(host)}$</span> `;
  return `<pre><code>${prompt}${highlight(command)}</code></pre>`;
}
