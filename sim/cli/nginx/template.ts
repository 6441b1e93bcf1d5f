/** Text with variables: `$name`, `${name}`, `$1`. Plain strings stand for themselves, names for variables. */
export interface Template {
  readonly parts: readonly (string | { variable: string })[];
}

/** Compiles a value; `use` hears of every variable. */
export function compileTemplate(text: string, use: (name: string) => void): Template | { error: string } {
  const parts: (string | { variable: string })[] = [];
  let at = 0;
  // A capture's number has one digit: `$12` is `$1` and a 2.
  for (const match of text.matchAll(/\$(?:\{([^}]*)(\}?)|(\d|\w*))/g)) {
    const name = match[1] ?? match[3] ?? '';
    if (match[1] !== undefined && match[2] === '') return { error: `the closing bracket in "${name}" variable is missing` };
    if (name === '') return { error: 'invalid variable name' };
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push({ variable: name });
    at = match.index + match[0].length;
    if (!/^\d$/.test(name)) use(name);
  }
  if (at < text.length) parts.push(text.slice(at));
  return { parts };
}

/** The text, with each variable's value. */
export function expand(template: Template, lookUp: (name: string) => string): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : lookUp(part.variable))).join('');
}

export function hasVariables(template: Template): boolean {
  return template.parts.some((part) => typeof part !== 'string');
}
