/** A stretch where two sequences differ: `a[aStart, aEnd)` becomes `b[bStart, bEnd)`. */
export interface Change {
  aStart: number;
  aEnd: number;
  bStart: number;
  bEnd: number;
}

/**
 * The changes that turn one sequence into another, as few as possible (Myers, "An O(ND) Difference Algorithm", 1986, in
 * linear space: the middle of a shortest path is found from both ends, then both halves are solved).
 *
 * @param equal lines as numbers: equal numbers are equal lines
 */
export function editScript(a: readonly number[], b: readonly number[]): Change[] {
  const removed = new Uint8Array(a.length);
  const added = new Uint8Array(b.length);
  divide(a, b, { aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length }, removed, added);
  shiftLater(a, removed, added);
  shiftLater(b, added, removed);
  return collect(removed, added);
}

interface Box {
  aLow: number;
  aHigh: number;
  bLow: number;
  bHigh: number;
}

function divide(a: readonly number[], b: readonly number[], box: Box, removed: Uint8Array, added: Uint8Array): void {
  let { aLow, aHigh, bLow, bHigh } = box;
  while (aLow < aHigh && bLow < bHigh && a[aLow] === b[bLow]) {
    aLow++;
    bLow++;
  }
  while (aLow < aHigh && bLow < bHigh && a[aHigh - 1] === b[bHigh - 1]) {
    aHigh--;
    bHigh--;
  }
  if (aLow === aHigh) added.fill(1, bLow, bHigh);
  else if (bLow === bHigh) removed.fill(1, aLow, aHigh);
  else {
    const middle = middlePoint(a, b, { aLow, aHigh, bLow, bHigh });
    divide(a, b, { aLow, aHigh: middle.x, bLow, bHigh: middle.y }, removed, added);
    divide(a, b, { aLow: middle.x, aHigh, bLow: middle.y, bHigh }, removed, added);
  }
}

/**
 * A point on a shortest path, about half way, found by searching from both corners at once. Diagonals (x - y) are tried from
 * the highest down and stay inside the box, as in gnulib's diffseq.h, so that of several shortest paths the same one is found.
 */
function middlePoint(a: readonly number[], b: readonly number[], box: Box): { x: number; y: number } {
  const { aLow, aHigh, bLow, bHigh } = box;
  const lowest = aLow - bHigh;
  const highest = aHigh - bLow;
  const forward = new Frontier(lowest, highest, aLow - bLow, aLow, -1);
  const backward = new Frontier(lowest, highest, aHigh - bHigh, aHigh, Number.MAX_SAFE_INTEGER);
  const odd = ((aLow - bLow - (aHigh - bHigh)) & 1) !== 0;
  for (;;) {
    forward.widen();
    for (let k = forward.high; k >= forward.low; k -= 2) {
      const [below, above] = [forward.at(k - 1), forward.at(k + 1)];
      let x = below < above ? above : below + 1;
      while (x < aHigh && x - k < bHigh && a[x] === b[x - k]) x++;
      forward.set(k, x);
      if (odd && backward.covers(k) && backward.at(k) <= x) return { x, y: x - k };
    }
    backward.widen();
    for (let k = backward.high; k >= backward.low; k -= 2) {
      const [below, above] = [backward.at(k - 1), backward.at(k + 1)];
      let x = below < above ? below : above - 1;
      while (x > aLow && x - k > bLow && a[x - 1] === b[x - k - 1]) x--;
      backward.set(k, x);
      if (!odd && forward.covers(k) && x <= forward.at(k)) return { x, y: x - k };
    }
  }
}

/** How far a search has come on each diagonal. */
class Frontier {
  low: number;
  high: number;
  readonly #lowest: number;
  readonly #highest: number;
  readonly #far = new Map<number, number>();
  readonly #unreached: number;

  constructor(lowest: number, highest: number, start: number, x: number, unreached: number) {
    this.#lowest = lowest;
    this.#highest = highest;
    this.low = start;
    this.high = start;
    this.#unreached = unreached;
    this.#far.set(start, x);
  }

  at(diagonal: number): number {
    return this.#far.get(diagonal) ?? this.#unreached;
  }

  set(diagonal: number, x: number): void {
    this.#far.set(diagonal, x);
  }

  covers(diagonal: number): boolean {
    return diagonal >= this.low && diagonal <= this.high;
  }

  /** One edit more: a diagonal further on either side, or one less where the box ends. */
  widen(): void {
    this.low += this.low > this.#lowest ? -1 : 1;
    this.high += this.high < this.#highest ? 1 : -1;
  }
}

/**
 * Moves each run of changed lines down as far as it can go, joining runs that touch on the way, so that of several equally
 * short scripts the one that GNU diff prints is chosen (analyze.c shift_boundaries).
 */
function shiftLater(lines: readonly number[], changed: Uint8Array, other: Uint8Array): void {
  let i = 0;
  let j = 0;
  const end = lines.length;
  for (;;) {
    while (i < end && !changed[i]) {
      while (other[j]) j++;
      j++;
      i++;
    }
    if (i === end) return;
    let start = i;
    while (changed[i]) i++;
    while (other[j]) j++;
    let runLength: number;
    let corresponding: number;
    do {
      runLength = i - start;
      while (start > 0 && lines[start - 1] === lines[i - 1]) {
        changed[--start] = 1;
        changed[--i] = 0;
        while (changed[start - 1]) start--;
        while (other[--j]);
      }
      corresponding = other[j - 1] ? i : end;
      while (i < end && lines[start] === lines[i]) {
        changed[start++] = 0;
        changed[i++] = 1;
        while (changed[i]) i++;
        while (other[++j]) corresponding = i;
      }
    } while (runLength !== i - start);
    while (corresponding < i) {
      changed[--start] = 1;
      changed[--i] = 0;
      while (other[--j]);
    }
  }
}

function collect(removed: Uint8Array, added: Uint8Array): Change[] {
  const changes: Change[] = [];
  let [x, y] = [0, 0];
  while (x < removed.length || y < added.length) {
    if (!removed[x] && !added[y]) {
      x++;
      y++;
      continue;
    }
    const [aStart, bStart] = [x, y];
    while (removed[x]) x++;
    while (added[y]) y++;
    changes.push({ aStart, aEnd: x, bStart, bEnd: y });
  }
  return changes;
}
