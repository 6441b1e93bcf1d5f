/**
 * How GNU tools quote names in messages and listings.
 * @see gnulib quotearg.c, styles shell_quoting_style, shell_escape_quoting_style and locale_quoting_style in the C locale
 */

const ESCAPE_NAMES: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** Characters that a shell would act on, so that a name with one of them is quoted. */
const SPECIAL = /[\s"'`$&*()<>?[\\;|!=^]|^[#~{}]$|^[~#]/;
const UNPRINTABLE = /[\x00-\x1f\x7f\udc80-\udcff]/;

/** Always quoted (`quoteaf`): `'x'`, `"it's"`, `'a'$'\n''b'`. */
export function quoteAlways(name: string): string {
  if (UNPRINTABLE.test(name)) return escaped(name);
  if (name.includes("'")) return /["$`\\!]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`;
  return `'${name}'`;
}

/** Quoted only where a shell would need it (`quotef`, and names that `ls` prints on a terminal). */
export function quoteIfNeeded(name: string): string {
  return name === '' || SPECIAL.test(name) || UNPRINTABLE.test(name) ? quoteAlways(name) : name;
}

/** C-like quoting in single quotes (`quote` in the C locale): `'a\nb'`, `'it\'s'`. */
export function quoteText(text: string): string {
  return `'${[...text.replace(/['\\]/g, '\\$&')].map((char) => (UNPRINTABLE.test(char) ? backslashed(char) : char)).join('')}'`;
}

/** `'a'$'\n''b'`: printable stretches in quotes, the rest as `$'…'`. */
function escaped(name: string): string {
  let out = "'";
  let inEscape = false;
  for (const char of name) {
    const special = UNPRINTABLE.test(char);
    if (special !== inEscape) {
      out += special ? "'$'" : "''";
      inEscape = special;
    }
    out += special ? backslashed(char) : char === "'" ? "'\\''" : char;
  }
  return `${out}'`;
}

function backslashed(char: string): string {
  const code = char.charCodeAt(0);
  const byte = code >= 0xdc80 ? code - 0xdc00 : code;
  return ESCAPE_NAMES[char] ?? `\\${byte.toString(8).padStart(3, '0')}`;
}
