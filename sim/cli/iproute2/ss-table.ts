export interface Endpoint {
  address: string;
  port: string;
  /** What stands between them, a colon unless told. */
  between?: string;
}

/** One socket as `ss` shows it; `users` and `details` begin with a space. */
export interface Row {
  protocol: string;
  state: string;
  received: number;
  sent: number;
  local: Endpoint;
  peer: Endpoint;
  users: string;
  details: string;
}

/** What is shown beside the addresses. */
export interface Shown {
  header: boolean;
  protocol: boolean;
  state: boolean;
  queues: boolean;
  processes: boolean;
}

interface Column {
  header: string;
  right: boolean;
  /** What stands before it. */
  gap: string;
  cell: (row: Row) => string;
}

function columnsOf(show: Shown): Column[] {
  const columns: Column[] = [];
  const left = (header: string, cell: (row: Row) => string) =>
    columns.push({ header, right: false, gap: columns.length > 0 ? ' ' : '', cell });
  if (show.protocol) left('Netid', (row) => row.protocol);
  if (show.state) left('State', (row) => row.state);
  if (show.queues) {
    left('Recv-Q', (row) => String(row.received).padEnd(6));
    left('Send-Q', (row) => String(row.sent).padEnd(6));
  }
  const ends = [
    ['Local', (row: Row) => row.local],
    ['Peer', (row: Row) => row.peer],
  ] as const;
  for (const [name, end] of ends) {
    const gap = columns.length > 0 ? ' ' : '';
    columns.push({ header: `${name} Address:`, right: true, gap, cell: (row) => `${end(row).address}${end(row).between ?? ':'}` });
    columns.push({ header: 'Port', right: false, gap: '', cell: (row) => end(row).port });
  }
  if (show.processes) columns.push({ header: 'Process', right: false, gap: '', cell: (row) => row.users });
  return columns;
}

/**
 * Columns as wide as their widest cell; addresses to the right of their column, ports to the left, with the colon between. The
 * details come behind the last column without filling it up; on a terminal all columns share its width (render_calc_width).
 *
 * @param screen columns of the terminal
 */
export function layOut(rows: readonly Row[], show: Shown, screen?: number): string {
  const columns = columnsOf(show);
  const lines = rows.map((row) => ({ cells: columns.map(({ cell }) => cell(row)), details: row.details }));
  if (show.header) lines.unshift({ cells: columns.map(({ header }) => header), details: '' });
  const gaps = columns.map(({ gap }) => gap.length);
  const widths = columns.map((_, i) => (gaps[i] as number) + Math.max(0, ...lines.map(({ cells }) => (cells[i] as string).length)));
  // Details that begin a line of their own take no room.
  const last = Math.max(0, ...lines.map(({ details }) => details.split('\n', 1)[0]?.length ?? 0));
  const shared = screen === undefined ? widths : share([...widths, last], screen);
  return lines
    .map(({ cells, details }) => {
      const texts = columns.map(({ right }, i) => {
        const text = right ? (cells[i] as string) : ' '.repeat(gaps[i] as number) + cells[i];
        return right ? text.padStart(shared[i] as number) : text.padEnd(shared[i] as number);
      });
      if (screen === undefined) return `${texts.join('').trimEnd()}${details}\n`;
      return `${texts.join('')}${details.padEnd(shared[columns.length] as number)}\n`;
    })
    .join('');
}

/** Widths that fill a screen: as many columns to a line as fit, what is left over spread among them, the rest of it from the last on. */
function share(widths: readonly number[], screen: number): number[] {
  const shared = widths.map((width) => Math.min(width, screen));
  const spread = (line: readonly number[]): void => {
    const left = screen - line.reduce((sum, i) => sum + (shared[i] as number), 0);
    const more = Math.floor(left / line.length);
    for (const [k, i] of line.toReversed().entries()) shared[i] = (shared[i] as number) + more + (k < left % line.length ? 1 : 0);
  };
  let line: number[] = [];
  let length = 0;
  for (const [i, width] of shared.entries()) {
    if (width === 0) continue;
    if (length + width > screen) {
      spread(line);
      [line, length] = [[], 0];
    }
    line.push(i);
    length += width;
  }
  if (line.length > 0) spread(line);
  return shared;
}
