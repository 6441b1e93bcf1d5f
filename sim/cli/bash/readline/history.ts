/** History expansion (`!!`, `!5`, `!-2`, `!str`, `!?str?`, `!$`, `^old^new`), the plain forms of history(3). */
export type Expansion = { text: string; changed: boolean } | { error: string };

/** @param history oldest first */
export function expandHistory(line: string, history: readonly string[]): Expansion {
  const quick = /^\^([^^]+)\^([^^]*)\^?(.*)$/.exec(line);
  if (quick) {
    const last = history.at(-1);
    const [, from = '', to = '', rest = ''] = quick;
    if (last?.includes(from)) return { text: last.replace(from, () => to) + rest, changed: true };
    return { error: `:s${line}: substitution failed` };
  }
  if (!line.includes('!')) return { text: line, changed: false };
  let out = '';
  let changed = false;
  let single = false;
  for (let i = 0; i < line.length; ) {
    const char = line[i] as string;
    if (char === '\\') {
      out += line.slice(i, i + 2);
      i += 2;
      continue;
    }
    if (char === "'") single = !single;
    const next = line[i + 1];
    if (char !== '!' || single || next === undefined || /[\s=("]/.test(next)) {
      out += char;
      i++;
      continue;
    }
    const event = /^!(?:!|(-?\d+)|\$|\*|\?([^?]*)\??|([^\s;|&()<>"':]+))/.exec(line.slice(i));
    if (!event) {
      out += char;
      i++;
      continue;
    }
    const found = lookUp(event, history);
    if (found === undefined) return { error: `${event[0]}: event not found` };
    out += found;
    changed = true;
    i += event[0].length;
  }
  return { text: out, changed };
}

function lookUp(event: RegExpExecArray, history: readonly string[]): string | undefined {
  const [whole, number, contained, prefix] = event;
  if (whole === '!!') return history.at(-1);
  if (whole === '!$') return history.at(-1)?.split(/\s+/).at(-1);
  if (whole === '!*') return history.at(-1)?.split(/\s+/).slice(1).join(' ');
  if (number !== undefined) return Number(number) < 0 ? history.at(Number(number)) : history[Number(number) - 1];
  if (contained !== undefined) return history.findLast((line) => line.includes(contained));
  return history.findLast((line) => line.startsWith(prefix ?? ''));
}
