import { attributes, escapeHtml } from '../html.ts';
import { icon } from '../icons.ts';

/** A place for a terminal in the page: looks like one that waits, is a button until it is used. */
export function renderTerminal(host: string): string {
  return `<nd-terminal${attributes({ class: 'nd-terminal not-content', 'data-host': host, 'data-pagefind-ignore': true })}><div class="nd-bar"><span class="nd-host">${escapeHtml(
    host,
  )}</span><span class="nd-tag">terminal</span><span class="nd-status" role="status"></span><span class="nd-actions"></span></div><button type="button" class="nd-terminal-start"><span aria-hidden="true" class="nd-terminal-prompt">root@${escapeHtml(
    host,
  )}:~# <span class="nd-caret"></span></span><span class="nd-terminal-invite">${icon('terminal')}<span>Open a terminal on ${escapeHtml(host)}</span></span></button></nd-terminal>`;
}
