import { Pattern, type PatternChar } from '../shell-pattern.ts';

/** A shell pattern as fnmatch(3) reads it, for `find -name` and `grep --include`: a backslash takes the next character as it is. */
export function globMatcher(pattern: string, ignoreCase = false): (text: string) => boolean {
  const chars: PatternChar[] = [];
  const source = [...pattern];
  for (let i = 0; i < source.length; i++) {
    const escaped = source[i] === '\\' && i + 1 < source.length;
    chars.push({ char: source[escaped ? ++i : i] as string, quoted: escaped });
  }
  const compiled = new Pattern(chars, { ignoreCase });
  return (text) => compiled.matches(text);
}
