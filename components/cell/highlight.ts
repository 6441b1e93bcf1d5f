import { escapeHtml } from '../html.ts';

/** The kinds of words a command line is coloured by. */
type Kind = 'word' | 'name' | 'option' | 'string' | 'variable' | 'operator' | 'comment' | 'keyword';

const KEYWORDS = new Set('if then else elif fi for while until do done case esac in function'.split(' '));
/** After these the next word is a command's name again. */
const OPENS = /^(?:\||\|\||&&|;|&|\(|\{|\$\(|`|!|\n|\|&)$/;
const TOKEN =
  /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>'[^']*'?|"(?:\\.|[^"\\])*"?)|(?<variable>\$(?:\{[^}]*\}?|\w+|[?#@*!$-]))|(?<operator>\$\(|\|\||&&|\|&|>>|<<-?|[|&;()<>{}\n`])|(?<space>[^\S\n]+)|(?<word>(?:\\.|[^\s'"$|&;()<>`\\])+|\\|\$)/gs;

/**
 * Colours a shell command by its look alone: no grammar, no errors. The text of the result is exactly `command`.
 */
export function highlight(command: string): string {
  let html = '';
  let expectName = true;
  for (const match of command.matchAll(TOKEN)) {
    const groups = match.groups as Record<Kind | 'space', string | undefined>;
    const text = match[0];
    const kind = kindOf(groups, text, expectName);
    html += kind === 'word' || kind === undefined ? escapeHtml(text) : `<span class="t-${kind}">${escapeHtml(text)}</span>`;
    if (groups.space !== undefined) continue;
    expectName = kind === 'keyword' ? text !== 'in' && text !== 'for' && text !== 'case' : OPENS.test(text);
  }
  return html;
}

function kindOf(groups: Record<string, string | undefined>, text: string, expectName: boolean): Kind | undefined {
  for (const kind of ['comment', 'string', 'variable', 'operator'] as const) if (groups[kind] !== undefined) return kind;
  if (groups.word === undefined) return undefined;
  if (expectName && KEYWORDS.has(text)) return 'keyword';
  if (KEYWORDS.has(text) && text === 'in') return 'keyword';
  if (expectName) return 'name';
  return /^-/.test(text) ? 'option' : 'word';
}
