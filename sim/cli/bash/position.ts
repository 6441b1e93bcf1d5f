import type { Unit } from './parse.ts';

const starts = new WeakMap<Unit, number[]>();

/** The line number of a position in a unit's source, as messages and `$LINENO` count. */
export function lineAt(unit: Unit, position: number): number {
  let lines = starts.get(unit);
  if (!lines) {
    lines = [0];
    for (let at = unit.source.indexOf('\n'); at >= 0; at = unit.source.indexOf('\n', at + 1)) lines.push(at + 1);
    starts.set(unit, lines);
  }
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return unit.line + low;
}
