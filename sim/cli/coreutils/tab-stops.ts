/** Tab stops of `expand` and `unexpand`: a list of columns, then perhaps every so many. */
export interface TabStops {
  columns: number[];
  every: number;
}

/** `8`, `2,6,10`, `2,6,/4`, `2,6,+4`; an error is coreutils' words. */
export function parseTabStops(lists: readonly string[]): TabStops | string {
  const columns: number[] = [];
  let every = 0;
  for (const list of lists) {
    for (const item of list.split(/[,\s]+/).filter((part) => part !== '')) {
      const match = /^([/+]?)(\d+)$/.exec(item);
      if (!match) return `tab size contains invalid character(s): '${item}'`;
      const value = Number(match[2]);
      if (value === 0) return 'tab size cannot be 0';
      if (match[1] !== '') every = value;
      else if (value <= (columns.at(-1) ?? 0)) return 'tab sizes must be ascending';
      else columns.push(value);
    }
  }
  if (columns.length === 0) return { columns, every: every || 8 };
  return columns.length === 1 && every === 0 ? { columns: [], every: columns[0] as number } : { columns, every };
}

/** The first stop right of a column; `undefined` behind the last. */
export function nextStop(stops: TabStops, column: number): number | undefined {
  const listed = stops.columns.find((stop) => stop > column);
  if (listed !== undefined) return listed;
  return stops.every > 0 ? column + stops.every - (column % stops.every) : undefined;
}
