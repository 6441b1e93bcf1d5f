/**
 * Splits a line of iptables-restore into words (add_param_to_argv): separated by spaces and tabs; between double quotes these are kept,
 * and a backslash takes away the meaning of what follows it. A quote that is never closed takes the rest of the line.
 */
export function splitWords(line: string): string[] {
  if (!line.includes('"')) return splitPlain(line);
  const words: string[] = [];
  let word = '';
  let inside = false;
  let quoted = false;
  let started = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (quoted) {
      if (c === '\\' && i + 1 < line.length) word += line[++i];
      else if (c === '"') quoted = false;
      else word += c;
      continue;
    }
    if (c === '"') {
      quoted = true;
      started = true;
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (inside || started) words.push(word);
      word = '';
      inside = false;
      started = false;
    } else {
      inside = true;
      word += c;
    }
  }
  // The newline belongs to a quote that is still open.
  if (quoted) word += '\n';
  if (inside || started) words.push(word);
  return words;
}

function splitPlain(line: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let i = 0; i < line.length; i++) {
    const c = line.charCodeAt(i);
    const space = c === 32 || c === 9 || c === 10;
    if (space && start >= 0) {
      words.push(line.slice(start, i));
      start = -1;
    } else if (!space && start < 0) start = i;
  }
  if (start >= 0) words.push(line.slice(start));
  return words;
}
