/** Columns as Go's tabwriter aligns them with docker's settings: at least 10 wide, 3 blanks between, the last cell as it is. */
export function alignColumns(lines: readonly string[], least = 10, padding = 3): string {
  const rows = lines.map((line) => line.split('\t'));
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? least, [...cell].length + padding);
    });
  }
  return rows
    .map((row) => row.map((cell, i) => (i < row.length - 1 ? cell + ' '.repeat((widths[i] ?? 0) - [...cell].length) : cell)).join(''))
    .map((line) => `${line}\n`)
    .join('');
}
