/** One socket as `ss` shows it. */
export interface Row {
  protocol: string;
  state: string;
  received: number;
  sent: number;
  local: { address: string; port: string };
  peer: { address: string; port: string };
  users: string;
}

interface Column {
  header: string;
  right: boolean;
  /** What stands before it. */
  gap: string;
  cell: (row: Row) => string;
}

/** Columns as wide as their widest cell; addresses to the right of their column, ports to the left, with the colon between. */
export function layOut(rows: readonly Row[], show: { header: boolean; protocol: boolean; state: boolean; processes: boolean }): string {
  const columns: Column[] = [
    ...(show.protocol ? [{ header: 'Netid', right: false, gap: '', cell: (row: Row) => row.protocol }] : []),
    ...(show.state ? [{ header: 'State', right: false, gap: show.protocol ? ' ' : '', cell: (row: Row) => row.state }] : []),
    { header: 'Recv-Q', right: false, gap: show.protocol || show.state ? ' ' : '', cell: (row) => String(row.received) },
    { header: 'Send-Q', right: false, gap: ' ', cell: (row) => String(row.sent) },
    { header: 'Local Address:', right: true, gap: ' ', cell: (row) => `${row.local.address}:` },
    { header: 'Port', right: false, gap: '', cell: (row) => row.local.port },
    { header: 'Peer Address:', right: true, gap: ' ', cell: (row) => `${row.peer.address}:` },
    { header: 'Port', right: false, gap: '', cell: (row) => row.peer.port },
    ...(show.processes ? [{ header: 'Process', right: false, gap: '', cell: (row: Row) => row.users }] : []),
  ];
  const widths = columns.map(({ header, cell }) => Math.max(show.header ? header.length : 0, ...rows.map((row) => cell(row).length)));
  const line = (texts: readonly string[]): string => {
    const text = columns
      .map(
        (column, i) =>
          column.gap +
          (column.right ? (texts[i] as string).padStart(widths[i] as number) : (texts[i] as string).padEnd(widths[i] as number)),
      )
      .join('');
    return `${text.trimEnd()}\n`;
  };
  return (
    (show.header ? line(columns.map(({ header }) => header)) : '') + rows.map((row) => line(columns.map(({ cell }) => cell(row)))).join('')
  );
}
