import { invalid, type Refusal } from '../refusal.ts';

/** Filters of a list request: each name with the values of which one must match. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Parses the `filters` parameter (`{"name":["a","b"]}` or `{"name":{"a":true}}`) and refuses names that the list doesn't know. */
export function parseFilters(text: string | undefined, known: readonly string[]): Filters | Refusal {
  if (text === undefined || text === '') return new Map();
  let decoded: unknown;
  try {
    decoded = JSON.parse(text);
  } catch {
    return invalid('invalid filter');
  }
  if (typeof decoded !== 'object' || decoded === null) return invalid('invalid filter');
  const filters = new Map<string, string[]>();
  for (const [name, values] of Object.entries(decoded)) {
    if (!known.includes(name)) return invalid(`invalid filter '${name}'`);
    filters.set(name, Array.isArray(values) ? values.map(String) : Object.keys(values as object));
  }
  return filters;
}

/** Whether a filter is absent or one of its values passes the test. */
export function passes(filters: Filters, name: string, test: (value: string) => boolean): boolean {
  return filters.get(name)?.some(test) ?? true;
}

/** The name filter: a regular expression as Go's, tried as text when it isn't one. */
export function matchesPattern(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return value === pattern;
  }
}

/** `label=KEY` or `label=KEY=VALUE`; all of them must match. */
export function hasLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const equals = wanted.indexOf('=');
    if (equals < 0) return wanted in labels;
    return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
  });
}
