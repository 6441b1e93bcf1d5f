import { strerror } from '../../base/errno.ts';
import type { Nftables } from '../../kernel/netfilter/nftables/nftables.ts';
import type { NftTable } from '../../kernel/netfilter/nftables/table.ts';
import { validateTable } from '../../kernel/netfilter/nftables/validate.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Lookup } from '../iptables/lookup.ts';
import { execute } from './execute.ts';
import { chainHint, setHint, tableHint } from './hint.ts';
import { type Complaint, INTERNAL, Rejected, wholeCommand } from './source.ts';
import type { Command } from './syntax.ts';

/** What a command has done, for `--echo`. */
export interface Change {
  command: Command;
  /** What came to be: a rule, a chain and so on. */
  made: unknown;
}

/** Where a transaction is: what undoes it, and what it has done. */
export class Transaction {
  readonly net: NetNamespace;
  readonly nftables: Nftables;
  readonly lookup: Lookup;
  readonly changes: Change[] = [];
  /** The tables as they were: what nft guesses from when a name is not there. */
  readonly before: readonly NftTable[];
  /** Tables whose rules must be looked at in their places before all is done. */
  readonly unchecked = new Set<NftTable>();
  readonly #undo: (() => void)[] = [];

  constructor(net: NetNamespace, lookup: Lookup) {
    this.net = net;
    this.nftables = net.netfilter.nftables;
    this.lookup = lookup;
    this.before = this.nftables.list();
  }

  /** Remembers how to take back what was just done. */
  done(undo: () => void): void {
    this.#undo.push(undo);
  }

  rollBack(): void {
    for (const undo of this.#undo.toReversed()) undo();
    this.#undo.length = 0;
  }
}

/** Enough is enough (src/libnftables.c `max_errors`). */
const MAX_COMPLAINTS = 10;

/**
 * Carries out commands, all of them or none.
 * @param check only looks whether it could be done (`-c`)
 * @returns what was wrong with them, or what they have changed
 */
export function commit(net: NetNamespace, commands: readonly Command[], lookup: Lookup, check = false): readonly Complaint[] | Transaction {
  const transaction = new Transaction(net, lookup);
  const { lastTableHandle } = net.netfilter;
  const meant: Complaint[] = [];
  const refused: Complaint[] = [];
  for (const command of commands) {
    try {
      execute(transaction, command);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      for (const complaint of error.complaints) {
        const said = explain(transaction.before, command, complaint);
        (complaint.errno === undefined || isCached(command, complaint) ? meant : refused).push(said);
      }
      if (meant.length >= MAX_COMPLAINTS) break;
    }
  }
  if (meant.length === 0 && refused.length === 0) refused.push(...misplaced(transaction));
  const complaints = meant.length > 0 ? meant : refused;
  if (complaints.length > 0 || check) transaction.rollBack();
  // The kernel has numbered nothing when it was never asked.
  if (meant.length > 0) net.netfilter.lastTableHandle = lastTableHandle;
  if (complaints.length > 0) return complaints;
  if (!check) transaction.nftables.commit();
  return transaction;
}

/** Rules that can't stand where packets reach them, found when everything is in place. */
function misplaced({ unchecked, changes }: Transaction): Complaint[] {
  for (const table of unchecked) {
    const found = validateTable(table);
    if (!found) continue;
    const change = changes.find(({ made }) => made === found.rule) ?? changes.at(-1);
    const command = change?.command;
    const text = found.errno === 'EOPNOTSUPP' ? 'Operation not supported' : strerror(found.errno);
    return [{ message: `Could not process rule: ${text}`, at: command && wholeCommand(command.at), errno: found.errno }];
  }
  return [];
}

/** Tables of chains, sets and elements are missed by nft itself, which asks the kernel no more then (`table_not_found`). */
function isCached({ op, what, target }: Command, { at, errno }: Complaint): boolean {
  const made = (op === 'add' || op === 'create') && (what === 'chain' || what === 'set' || what === 'map');
  return (made || what === 'element') && errno === 'ENOENT' && at !== undefined && at.start === target.table?.at.start;
}

/** What the kernel said, with a guess where a name is not there (src/cmd.c). */
function explain(tables: readonly NftTable[], command: Command, complaint: Complaint): Complaint {
  if (complaint.errno === undefined) return complaint;
  if (isCached(command, complaint)) return tableHint(tables, command.target) ?? complaint;
  const said = { ...complaint, message: `Could not process rule: ${complaint.message}` };
  const { target, what } = command;
  if (complaint.errno !== 'ENOENT' || command.op === 'list' || !complaint.at) return said;
  if (command.op === 'flush' && what === 'table') return said;
  if (complaint.at.start === command.at.start) return said;
  // Of a chain that is to be jumped to nothing is guessed, unless nobody knows where it stands.
  const known = complaint.at.source !== INTERNAL && what === 'rule' && complaint.at.start > (target.name?.at.start ?? 0);
  const hint = known ? undefined : tableHint(tables, target);
  if (hint) return hint;
  if (what === 'chain' || what === 'rule') return chainHint(tables, target, complaint.at) ?? said;
  if ((what === 'set' || what === 'map' || what === 'element') && target.name && complaint.at.start === target.name.at.start) {
    const found = setHint(tables, target, target.name.text, target.name.at);
    return found.message.includes(';') ? found : said;
  }
  return said;
}
