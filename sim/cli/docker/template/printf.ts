import { isArray, JsonNumber, print, typeName, type Value } from './values.ts';

/** fmt.Sprintf with the verbs that templates use: v s q d x X o b c t f e g T %, flags and widths. */
export function format(pattern: string, args: readonly Value[]): string {
  let next = 0;
  const text = pattern.replaceAll(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*))?(.)?/gsu,
    (_all, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === undefined) return '%!(NOVERB)';
      if (verb === '%') return '%';
      const star = (given: string | undefined): number | undefined =>
        given === '*' ? Number(args[next++]) : given === undefined ? undefined : Number(given);
      const columns = star(width);
      const digits = star(precision);
      if (next >= args.length) return `%!${verb}(MISSING)`;
      return pad(one(verb, args[next++], flags, digits), columns, flags);
    },
  );
  const extra = args.slice(next);
  if (extra.length === 0) return text;
  return `${text}%!(EXTRA ${extra.map((arg) => `${typeName(arg)}=${print(arg)}`).join(', ')})`;
}

function pad(text: string, columns: number | undefined, flags: string): string {
  if (columns === undefined) return text;
  if (flags.includes('-')) return text.padEnd(columns);
  if (!flags.includes('0')) return text.padStart(columns);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(columns - sign.length, '0');
}

function one(verb: string, value: Value, flags: string, digits: number | undefined): string {
  const plus = flags.includes('+') && typeof value === 'number' && value >= 0 ? '+' : '';
  if (verb === 'v' || (verb === 's' && typeof value !== 'number' && typeof value !== 'boolean')) {
    const text = value === null || value === undefined ? '<nil>' : print(value);
    return verb === 's' && digits !== undefined ? text.slice(0, digits) : plus + text;
  }
  if (verb === 'q')
    return isArray(value) ? `[${value.map((element) => one('q', element, flags, digits)).join(' ')}]` : JSON.stringify(print(value));
  if (verb === 'T') return typeName(value);
  if (verb === 't' && typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    const integer = Math.trunc(value);
    const whole: Partial<Record<string, string>> = {
      d: plus + String(integer),
      x: integer.toString(16),
      X: integer.toString(16).toUpperCase(),
      o: integer.toString(8),
      b: integer.toString(2),
      c: String.fromCodePoint(Math.max(0, integer)),
    };
    if (Number.isInteger(value) && whole[verb] !== undefined) return whole[verb] as string;
    if (!Number.isInteger(value) && verb === 'f') return value.toFixed(digits ?? 6);
    if (!Number.isInteger(value) && (verb === 'g' || verb === 'e')) return String(value);
  }
  if ((verb === 'x' || verb === 'X') && typeof value === 'string') {
    const hex = [...value].map((character) => (character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')).join('');
    return verb === 'X' ? hex.toUpperCase() : hex;
  }
  const shown =
    value === null || value === undefined ? '<nil>' : `${value instanceof JsonNumber ? 'json.Number' : typeName(value)}=${print(value)}`;
  return `%!${verb}(${shown})`;
}
