import { escapeHtml } from '../html.ts';
import { keyOf } from '../topology/shapes.ts';
import type { Followed, Stop } from './stops.ts';

const OUTCOMES = { delivered: 'arrived', dropped: 'dropped', open: 'under way' } as const;

/** The journey of one packet, or its empty place in the page. */
export function renderJourney(followed: Followed | undefined): string {
  const inner = followed ? journeyHtml(followed) : '';
  return `<section class="nd-journey" aria-label="The journey of a packet"${followed ? '' : ' hidden'}>${inner}</section>`;
}

/** What stands inside the section; numbers of stops are places in `followed.stops`. */
export function journeyHtml({ protocol, title, outcome, stops }: Followed): string {
  const head = `${keyOf(protocol)}<span class="nd-journey-title"><b>${escapeHtml(protocol)}</b> ${escapeHtml(title)}</span><span class="nd-outcome nd-outcome-${outcome}">${OUTCOMES[outcome]}</span>`;
  return `<p class="nd-journey-head">${head}</p><ol class="nd-stops" tabindex="0" aria-label="What happened to it, in order">${stops.map(stopHtml).join('')}</ol>`;
}

function stopHtml(stop: Stop, index: number): string {
  return `<li class="nd-stop nd-stop-${stop.kind}${verdict(stop)}" data-stop="${index}">${stop.rule ? ruleHtml(stop) : plainHtml(stop)}</li>`;
}

function verdict({ rule }: Stop): string {
  return rule ? (rule.matched ? ' nd-match' : ' nd-miss') : '';
}

const LABELS: Partial<Record<Stop['kind'], string>> = {
  hook: 'netfilter hook ',
  route: 'route ',
  rewrite: 'rewritten: ',
  drop: 'dropped: ',
};

function plainHtml({ kind, where, text, detail }: Stop): string {
  const label = LABELS[kind] ?? '';
  const fine = detail ? ` <span class="nd-fine">${escapeHtml(detail)}</span>` : '';
  return `<span class="nd-where">${escapeHtml(where)}</span><span>${label ? `<b>${label}</b>` : ''}${escapeHtml(text)}${fine}</span>`;
}

function ruleHtml({ rule }: Stop): string {
  if (!rule) return '';
  const why = rule.matched ? 'match' : `no match: ${rule.mismatch ?? ''}`;
  const text = rule.text === '' ? '' : `<code>${escapeHtml(rule.text)}</code> `;
  return `<span class="nd-where">${escapeHtml(`${rule.table} ${rule.chain} ${rule.number}`)}</span><span>${text}<span class="nd-why">${escapeHtml(why)}</span></span>`;
}
