import type { NftTable } from '../../kernel/netfilter/nftables/table.ts';
import { nearest } from './misspell.ts';
import type { Complaint, Span } from './source.ts';
import type { Target } from './syntax.ts';

function* namesIn<T extends { name: string }>(
  tables: Iterable<NftTable>,
  of: (table: NftTable) => Iterable<T>,
): Generator<{ name: string; table: NftTable; what: T }> {
  for (const table of tables) for (const what of of(table)) yield { name: what.name, table, what };
}

const NOT_FOUND = 'No such file or directory';

/** Another table that the name may be a slip for (nft_cmd_enoent_table). */
export function tableHint(tables: readonly NftTable[], target: Target): Complaint | undefined {
  const { family, table } = target;
  const same = tables.filter((one) => one.name === table?.text);
  const found = table && (same.find((one) => one.family === family) ?? same[0] ?? nearest(table.text, tables));
  if (!found || (found.family === family && found.name === table.text)) return undefined;
  return { message: `${NOT_FOUND}; did you mean table '${found.name}' in family ${found.family}?`, at: table.at };
}

/** nft_cmd_enoent_chain. */
export function chainHint(tables: readonly NftTable[], target: Target, at: Span): Complaint | undefined {
  const { family, table, name } = target;
  const found =
    name &&
    nearest(
      name.text,
      namesIn(tables, (one) => one.chains.values()),
    );
  if (!found || (found.name === name.text && found.table.family === family && found.table.name === table?.text)) return undefined;
  return { message: `${NOT_FOUND}; did you mean chain '${found.name}' in table ${found.table.family} '${found.table.name}'?`, at };
}

/** nft_cmd_enoent_set, set_not_found. */
export function setHint(tables: readonly NftTable[], target: Target, name: string, at: Span): Complaint {
  const sets = namesIn(tables, (one) => [...one.sets.values()].filter((set) => !set.anonymous));
  const found = nearest(name, sets);
  if (!found || (found.name === name && found.table.family === target.family && found.table.name === target.table?.text))
    return { message: NOT_FOUND, at };
  const what = found.what.isMap ? 'map' : 'set';
  return { message: `${NOT_FOUND}; did you mean ${what} '${found.name}' in table ${found.table.family} '${found.table.name}'?`, at };
}
