/**
 * How different two names are (src/misspell.c). It is not quite Damerau and Levenshtein's distance: letters are compared one place
 * further on, and rows of the table overlap by a cell, which is why nft's guesses are sometimes far-fetched.
 */
function distance(a: string, b: string): number {
  const width = b.length;
  const cells = new Array<number>((a.length + 1) * (width + 1)).fill(0);
  const get = (i: number, j: number) => cells[i * width + j] as number;
  for (let i = 0; i <= a.length; i++) cells[i * width] = i;
  for (let j = 0; j <= width; j++) cells[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= width; j++) {
      const cost = (a[i] ?? '') === (b[j] ?? '') ? 0 : 1;
      let least = Math.min(get(i - 1, j) + 1, get(i, j - 1) + 1, get(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && (a[i] ?? '') === b[j - 1] && a[i - 1] === (b[j] ?? '')) least = Math.min(least, get(i - 2, j - 2) + cost);
      cells[i * width + j] = least;
    }
  }
  return get(a.length, width);
}

/** The name that was probably meant; `undefined` when none is near. */
export function nearest<T extends { name: string }>(wanted: string, candidates: Iterable<T>): T | undefined {
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const longer = Math.max(candidate.name.length, wanted.length);
    const shorter = Math.min(candidate.name.length, wanted.length);
    if (longer <= 1) continue;
    const threshold = longer - shorter <= 1 ? Math.max(Math.ceil(longer / 3), 1) : Math.ceil((longer + 2) / 3);
    const apart = distance(candidate.name, wanted);
    if (apart > threshold || apart >= least) continue;
    least = apart;
    best = candidate;
  }
  return best;
}
