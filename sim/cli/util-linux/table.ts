/** Tables as util-linux's libsmartcols draws them: columns as wide as what they hold, trees in one of them, raw text or JSON. */

export interface Column {
  name: string;
  right?: boolean;
  /** The width it has at least. */
  least?: number;
  /** The width it has at least where there are no headings. */
  bare?: number;
  /** The branches of the tree stand in front of its texts. */
  tree?: boolean;
}

export type Cell = string | number | undefined;

export interface Row {
  cells: Record<string, Cell>;
  /** What leads to it from its parents: `|-`, two spaces and a corner … */
  branch: string;
}

/** Puts what hangs on something below it, each with the branches that lead there; what hangs on nothing listed stands at the left. */
export function branches<Item>(
  items: readonly Item[],
  parent: (item: Item) => Item | undefined,
  cells: (item: Item) => Record<string, Cell>,
): Row[] {
  const listed = new Set(items);
  const above = (item: Item): Item | undefined => {
    const found = parent(item);
    return found !== undefined && found !== item && listed.has(found) ? found : undefined;
  };
  const below = (item: Item | undefined): Item[] => items.filter((each) => above(each) === item);
  const walk = (item: Item, lead: string, corner: string): Row[] => {
    const children = below(item);
    const next = corner === '' ? '' : `${lead}${corner === '`-' ? '  ' : '| '}`;
    return [
      { cells: cells(item), branch: `${lead}${corner}` },
      ...children.flatMap((child, i) => walk(child, next, i === children.length - 1 ? '`-' : '|-')),
    ];
  };
  return below(undefined).flatMap((item) => walk(item, '', ''));
}

export interface Drawing {
  /** Of the list in JSON. */
  name: string;
  json: boolean;
  raw: boolean;
  /** Without the tree. */
  flat: boolean;
  headings: boolean;
}

export function drawTable(columns: readonly Column[], rows: readonly Row[], how: Drawing): string {
  if (how.json) return drawJson(columns, rows, how.name);
  const text = ({ name, tree }: Column, { cells, branch }: Row): string => {
    const value = cells[name] ?? '';
    return `${tree && !how.flat && !how.raw ? branch : ''}${value}`;
  };
  const heads = how.headings ? [columns.map(({ name }) => name)] : [];
  const body = rows.map((row) => columns.map((column) => text(column, row)));
  if (how.raw) return [...heads, ...body.map((row) => row.map(escaped))].map((row) => `${row.join(' ')}\n`).join('');
  const lines = [...heads, ...body.flatMap(unfolded)];
  const widths = columns.map(({ least = 0, bare = 0 }, i) =>
    Math.max(least, how.headings ? 0 : bare, ...lines.map((line) => (line[i] as string).length)),
  );
  const last = columns.length - 1;
  const pad = (value: string, i: number) =>
    columns[i]?.right ? value.padStart(widths[i] as number) : i === last ? value : value.padEnd(widths[i] as number);
  return lines.map((line) => `${line.map(pad).join(' ')}\n`).join('');
}

/** A cell of several lines makes the row as many lines high. */
function unfolded(row: readonly string[]): string[][] {
  const parts = row.map((cell) => cell.split('\n'));
  const height = Math.max(...parts.map((part) => part.length));
  return Array.from({ length: height }, (_, i) => parts.map((part) => part[i] ?? ''));
}

function escaped(cell: string): string {
  return cell.replace(/[\s\\]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function drawJson(columns: readonly Column[], rows: readonly Row[], name: string): string {
  const objects = rows.map(({ cells }) => {
    const fields = columns.map((column) => `         "${column.name.toLowerCase()}": ${JSON.stringify(cells[column.name] ?? null)}`);
    return `      {\n${fields.join(',\n')}\n      }`;
  });
  const list = objects.length === 0 ? '' : `\n${objects.join(',')}\n   `;
  return `{\n   "${name}": [${list}]\n}\n`;
}
