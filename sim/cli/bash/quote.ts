/** Writing text so that a shell reads it back as one word: what `printf %q`, `${x@Q}`, `declare -p` and `set` print. */

/** Characters that the shell would take for something else when unquoted (bash lib/sh/shquote.c, sh_backslash_quote). */
const SPECIAL = new Set(' \t\n|&;()<>!{}*[]?^$`\'"\\,');
const CONTROL = /[\x00-\x1f\x7f\udc80-\udcff]/;

const NAMED: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\E',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
};

/** Whether a text has characters that only `$'…'` can show. */
export function needsAnsiQuote(text: string): boolean {
  return CONTROL.test(text);
}

/** `$'a\nb'` */
export function ansiQuote(text: string): string {
  let out = '';
  for (const char of text) {
    const named = NAMED[char];
    if (named) out += named;
    else if (char < ' ' || char === '\x7f') out += `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
    else if (/^[\udc80-\udcff]$/.test(char)) out += `\\${(char.charCodeAt(0) - 0xdc00).toString(8)}`;
    else out += char;
  }
  return `$'${out}'`;
}

/** `'a b'`, with `'\''` for an apostrophe. */
export function singleQuote(text: string): string {
  return text === "'" ? "\\'" : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `a\ b`, as `printf %q` prints it. */
export function backslashQuote(text: string): string {
  if (text === '') return "''";
  if (needsAnsiQuote(text)) return ansiQuote(text);
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    const previous = text[i - 1];
    const tilde = char === '~' && (i === 0 || previous === ':' || previous === '=');
    out += SPECIAL.has(char) || tilde || (char === '#' && i === 0) ? `\\${char}` : char;
  }
  return out;
}

/** `'a b'` or `$'a\n'`, as `${x@Q}` prints it. */
export function wordQuote(text: string): string {
  return needsAnsiQuote(text) ? ansiQuote(text) : singleQuote(text);
}

/** `"a b"` or `$'a\n'`, as `declare -p` prints values. */
export function declareQuote(text: string): string {
  return needsAnsiQuote(text) ? ansiQuote(text) : `"${text.replace(/[\\"$`]/g, '\\$&')}"`;
}

/** As `set` and `alias` list values: quoted only if a shell would read something else. */
export function listQuote(text: string): string {
  if (text === '') return '';
  if (needsAnsiQuote(text)) return ansiQuote(text);
  return backslashQuote(text) === text ? text : singleQuote(text);
}
