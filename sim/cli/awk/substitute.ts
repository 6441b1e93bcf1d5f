/** What a replacement of `sub` and `gsub` says: texts, with `undefined` where the match itself goes. */
export function parseReplacement(text: string): (string | undefined)[] {
  if (!text.includes('&') && !text.includes('\\')) return [text];
  const parts: (string | undefined)[] = [];
  let current = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    const next = text[i + 1];
    if (char === '\\' && (next === '&' || next === '\\')) {
      current += next;
      i++;
    } else if (char === '&') {
      parts.push(current, undefined);
      current = '';
    } else current += char;
  }
  parts.push(current);
  return parts;
}

/** Replaces the first match, or every one; how many, and the new text. An empty match right after another doesn't count. */
export function substitute(text: string, regex: RegExp, replacement: string, all: boolean): { text: string; count: number } {
  const parts = parseReplacement(replacement);
  let result = '';
  let copied = 0;
  let count = 0;
  let previousEnd = -1;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    const [matched] = match;
    const end = match.index + matched.length;
    if (matched !== '' || match.index !== previousEnd) {
      result += text.slice(copied, match.index);
      for (const part of parts) result += part ?? matched;
      copied = end;
      previousEnd = end;
      count++;
      if (!all) break;
    }
    if (matched === '') regex.lastIndex = end + 1;
    if (regex.lastIndex > text.length) break;
  }
  return { text: result + text.slice(copied), count };
}
