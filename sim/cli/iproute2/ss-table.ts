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
 * details come behind the last column without filling it up.
 */
export function layOut(rows: readonly Row[], show: Shown): string {
  const columns = columnsOf(show);
  const widths = columns.map(({ header, cell }) => Math.max(show.header ? header.length : 0, ...rows.map((row) => cell(row).length)));
  const line = (texts: readonly string[], details: string): string => {
    const cells = columns.map((column, i) => {
      const text = texts[i] as string;
      return column.gap + (column.right ? text.padStart(widths[i] as number) : text.padEnd(widths[i] as number));
    });
    return `${cells.join('').trimEnd()}${details}\n`;
  };
  const head = show.header
    ? line(
        columns.map(({ header }) => header),
        '',
      )
    : '';
  return (
    head +
    rows
      .map((row) =>
        line(
          columns.map(({ cell }) => cell(row)),
          row.details,
        ),
      )
      .join('')
  );
}
