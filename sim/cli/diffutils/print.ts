import type { ByteString } from '../tool/byte-string.ts';
import type { Change } from './edit-script.ts';

/** A file's lines, and whether the last one ended with a newline. */
export interface Lines {
  lines: ByteString[];
  terminated: boolean;
}

/** A line behind its mark; a last line without newline says so. */
function marked(mark: string, file: Lines, index: number): string {
  const missing = index === file.lines.length - 1 && !file.terminated;
  return `${mark}${file.lines[index]}\n${missing ? '\\ No newline at end of file\n' : ''}`;
}

function range(start: number, end: number): string {
  return end - start <= 1 ? String(end - start === 1 ? start + 1 : start) : `${start + 1},${end}`;
}

/** The normal format: `2,3c2`, then `<` and `>` lines. */
export function* normalFormat(a: Lines, b: Lines, changes: readonly Change[]): Generator<string> {
  for (const change of changes) {
    const { aStart, aEnd, bStart, bEnd } = change;
    const letter = aStart === aEnd ? 'a' : bStart === bEnd ? 'd' : 'c';
    yield `${range(aStart, aEnd)}${letter}${range(bStart, bEnd)}\n`;
    for (let i = aStart; i < aEnd; i++) yield marked('< ', a, i);
    if (letter === 'c') yield '---\n';
    for (let i = bStart; i < bEnd; i++) yield marked('> ', b, i);
  }
}

/** Changes that stand close enough to share their context. */
function hunks(changes: readonly Change[], context: number): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last && change.aStart - (last.at(-1) as Change).aEnd <= 2 * context) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function unifiedRange(start: number, end: number): string {
  const count = end - start;
  return count === 1 ? String(start + 1) : `${count === 0 ? start : start + 1},${count}`;
}

/** The unified format, without the two lines that name the files. */
export function* unifiedFormat(a: Lines, b: Lines, changes: readonly Change[], context: number): Generator<string> {
  for (const hunk of hunks(changes, context)) {
    const [first, last] = [hunk[0] as Change, hunk.at(-1) as Change];
    const aFrom = Math.max(0, first.aStart - context);
    const bFrom = Math.max(0, first.bStart - context);
    const aTo = Math.min(a.lines.length, last.aEnd + context);
    const bTo = Math.min(b.lines.length, last.bEnd + context);
    yield `@@ -${unifiedRange(aFrom, aTo)} +${unifiedRange(bFrom, bTo)} @@\n`;
    let at = aFrom;
    for (const change of hunk) {
      for (; at < change.aStart; at++) yield marked(' ', a, at);
      for (; at < change.aEnd; at++) yield marked('-', a, at);
      for (let i = change.bStart; i < change.bEnd; i++) yield marked('+', b, i);
    }
    for (; at < aTo; at++) yield marked(' ', a, at);
  }
}
