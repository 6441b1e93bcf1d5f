import { attributes, escapeHtml } from '../html.ts';
import { highlight } from './highlight.ts';

/** A command of a cell and what it printed when the page was built. */
export interface BakedStep {
  command: string;
  output: string;
  /** Exit status; `undefined` for a command left running in a terminal. */
  status: number | undefined;
}

export interface BakedCell {
  /** Number of the cell on its page, from 1. */
  number: number;
  host: string;
  terminal?: string | undefined;
  steps: readonly BakedStep[];
  /** On a page's first cell: the parts of the simulation (sim/base/part.ts) that its world and this cell need. */
  parts?: readonly string[] | undefined;
}

/** A cell as it stands in the page before, or without, JavaScript: commands and their outputs. */
export function renderCell(cell: BakedCell): string {
  const where = cell.terminal === undefined ? cell.host : `${cell.host}, terminal “${cell.terminal}”`;
  const host = attributes({
    class: 'nd-cell not-content',
    id: `cell-${cell.number}`,
    role: 'group',
    'aria-label': `Cell ${cell.number}: commands at ${where}`,
    'data-host': cell.host,
    'data-terminal': cell.terminal,
    'data-parts': cell.parts?.join(','),
  });
  return `<nd-cell${host}><div class="nd-bar" data-pagefind-ignore><span class="nd-host">${escapeHtml(cell.host)}</span>${
    cell.terminal === undefined ? '' : `<span class="nd-tag">terminal ${escapeHtml(cell.terminal)}</span>`
  }<span class="nd-status" role="status"></span><span class="nd-actions"></span></div><div class="nd-steps">${cell.steps
    .map(renderStep)
    .join('')}</div></nd-cell>`;
}

function renderStep(step: BakedStep): string {
  return `<div class="nd-step"><div class="nd-command"><span class="nd-prompt" aria-hidden="true">$</span><div class="nd-source"><pre><code>${highlight(
    step.command,
  )}</code></pre></div></div><pre class="nd-output">${renderOutput(step.output)}</pre>${
    step.status ? `<span class="nd-exit">exit status ${step.status}</span>` : ''
  }</div>`;
}

/** A parser drops the first newline after `<pre>`; output that begins with one needs it twice. */
function renderOutput(output: string): string {
  return (output.startsWith('\n') ? '\n' : '') + escapeHtml(output);
}
