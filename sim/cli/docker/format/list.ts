import { compile, execute } from '../template/execute.ts';
import type { Fields, Value } from '../template/values.ts';
import { alignColumns } from './table.ts';

/** One column that a list can show: its heading and its value for a row. */
export interface Column<T> {
  heading: string;
  value(row: T): string;
  /** A column with an argument, as `{{.Label "key"}}`. */
  argument?: (row: T, name: string) => string;
}

/** What a list is a list of. */
export interface ListKind<T> {
  /** The type in messages: `*formatter.ContainerContext`. */
  typeName: string;
  columns: Readonly<Record<string, Column<T>>>;
  /** Left out of `--format json`. */
  hidden?: readonly string[];
}

/**
 * Prints rows by `--format`: a template, `table TEMPLATE`, or `json` (docker/cli, cli/command/formatter).
 *
 * @returns the text, or the whole error message
 */
export function formatList<T>(kind: ListKind<T>, rows: readonly T[], format: string): { text: string } | { error: string } {
  const isTable = format === 'table' || format.startsWith('table ');
  const source = format === 'json' ? '{{json .}}' : fromShell(isTable ? format.slice('table'.length).trim() : format);
  const compiled = compile(source);
  if ('error' in compiled) return { error: `failed to parse template: ${compiled.error}` };
  const lines: string[] = [];
  if (isTable) {
    const headings = execute(compiled, new Headings(kind), false);
    if ('error' in headings) return { error: `failed to execute template: ${headings.error}` };
    lines.push(headings.text);
  }
  for (const row of rows) {
    const line = execute(compiled, new Row(kind, row), false);
    if ('error' in line) return { error: `failed to execute template: ${line.error}` };
    lines.push(line.text);
  }
  return { text: isTable ? alignColumns(lines.flatMap((line) => line.split('\n'))) : lines.map((line) => `${line}\n`).join('') };
}

/** Formats are typed in shells, where `\t` is two characters. */
function fromShell(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

class Row<T> implements Fields {
  readonly typeName: string;
  readonly #kind: ListKind<T>;
  readonly #row: T;

  constructor(kind: ListKind<T>, row: T) {
    this.typeName = kind.typeName;
    this.#kind = kind;
    this.#row = row;
  }

  field(name: string, args: readonly Value[]): Value {
    const column = this.#kind.columns[name];
    if (!column) return undefined;
    return column.argument ? column.argument(this.#row, String(args[0] ?? '')) : column.value(this.#row);
  }

  toJson(): Record<string, unknown> {
    const names = Object.keys(this.#kind.columns).filter(
      (name) => !this.#kind.columns[name]?.argument && !this.#kind.hidden?.includes(name),
    );
    return Object.fromEntries(names.sort().map((name) => [name, JSON_NULLS.has(name) ? null : this.#kind.columns[name]?.value(this.#row)]));
  }
}

/** Columns whose value is null where there is nothing to say. */
const JSON_NULLS = new Set(['Platform']);

class Headings<T> implements Fields {
  readonly typeName: string;
  readonly #kind: ListKind<T>;

  constructor(kind: ListKind<T>) {
    this.typeName = kind.typeName;
    this.#kind = kind;
  }

  field(name: string, args: readonly Value[]): Value {
    const column = this.#kind.columns[name];
    return column?.argument ? String(args[0] ?? '') : column?.heading;
  }

  toJson(): Record<string, unknown> {
    return {};
  }
}
