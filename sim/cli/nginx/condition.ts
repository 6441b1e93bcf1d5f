import type { Template } from './template.ts';

/** The test of an `if`. */
export type Condition =
  | { kind: 'variable'; name: string }
  | { kind: 'equal'; name: string; value: Template; negated: boolean }
  | { kind: 'match'; name: string; regex: RegExp; negated: boolean }
  | { kind: 'file'; test: 'f' | 'd' | 'e' | 'x'; path: Template; negated: boolean };

/** PCRE's pattern as one of ours: named groups lose their P. Undefined when it can't be compiled. */
export function compileRegex(pattern: string, ignoreCase: boolean): RegExp | undefined {
  try {
    return new RegExp(pattern.replaceAll('(?P<', '(?<').replace(/^\(\?i\)/, ''), ignoreCase || pattern.startsWith('(?i)') ? 'is' : 's');
  } catch {
    return undefined;
  }
}
