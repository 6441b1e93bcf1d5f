/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-text}` and `${NAME:+text}` as the builder does (buildkit's shell lexer), and takes quotes
 * away: single quotes keep everything, double quotes keep blanks.
 */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return expandWords(text, values, false).join('');
}

/** As `expand`, divided into words at blanks outside quotes. */
export function splitWords(text: string, values: ReadonlyMap<string, string>): string[] {
  return expandWords(text, values, true);
}

function expandWords(text: string, values: ReadonlyMap<string, string>, split: boolean): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote === "'") {
      if (character === "'") quote = '';
      else word = (word ?? '') + character;
    } else if (character === '\\' && at + 1 < text.length) {
      const next = text[++at] as string;
      word = (word ?? '') + (quote === '"' && !'"$\\'.includes(next) ? `\\${next}` : next);
    } else if (character === '"' || (character === "'" && quote === '')) {
      quote = quote === '' ? character : '';
      word ??= '';
    } else if (character === '$') {
      const { value, length } = variable(text.slice(at), values);
      word = (word ?? '') + value;
      at += length - 1;
    } else if (split && quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function variable(text: string, values: ReadonlyMap<string, string>): { value: string; length: number } {
  const plain = /^\$(\w+)/.exec(text);
  if (plain) return { value: values.get(plain[1] as string) ?? '', length: plain[0].length };
  const braced = /^\$\{(\w+)(?:(:?[-+])([^}]*))?\}/.exec(text);
  if (!braced) return { value: '$', length: 1 };
  const [whole, name = '', operator = '', other = ''] = braced;
  const value = values.get(name);
  const there = value !== undefined && (value !== '' || !operator.startsWith(':'));
  const alternative = (): string => expand(other, values);
  if (operator.endsWith('-')) return { value: there ? (value as string) : alternative(), length: whole.length };
  if (operator.endsWith('+')) return { value: there ? alternative() : '', length: whole.length };
  return { value: value ?? '', length: whole.length };
}
