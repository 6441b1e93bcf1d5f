import { strerror } from '../../base/errno.ts';
import type { Nftables } from '../../kernel/netfilter/nftables/nftables.ts';
import type { NftTable } from '../../kernel/netfilter/nftables/table.ts';
import { validateTable } from '../../kernel/netfilter/nftables/validate.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Lookup } from '../iptables/lookup.ts';
import { execute } from './execute.ts';
import { chainHint, setHint, tableHint } from './hint.ts';
import { type Complaint, Rejected, wholeCommand } from './source.ts';
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
  const meant: Complaint[] = [];
  const refused: Complaint[] = [];
  for (const command of commands) {
    try {
      execute(transaction, command);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      for (const complaint of error.complaints) {
        if (complaint.errno === undefined) meant.push(complaint);
        else refused.push(explain(transaction.before, command, complaint));
      }
      if (meant.length >= MAX_COMPLAINTS) break;
    }
  }
  if (meant.length === 0 && refused.length === 0) refused.push(...misplaced(transaction));
  const complaints = meant.length > 0 ? meant : refused;
  if (complaints.length > 0 || check) transaction.rollBack();
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

/** What the kernel said, with a guess where a name is not there (src/cmd.c). */
function explain(tables: readonly NftTable[], command: Command, complaint: Complaint): Complaint {
  const said = { ...complaint, message: `Could not process rule: ${complaint.message}` };
  const { target, what } = command;
  if (complaint.errno !== 'ENOENT' || command.op === 'list' || !complaint.at) return said;
  if (command.op === 'flush' && what === 'table') return said;
  if (complaint.at.start === command.at.start) return said;
  const hint = tableHint(tables, target);
  if (hint) return hint;
  if (what === 'chain' || what === 'rule') return chainHint(tables, target, complaint.at) ?? said;
  if ((what === 'set' || what === 'map' || what === 'element') && target.name && complaint.at.start === target.name.at.start) {
    const found = setHint(tables, target, target.name.text, target.name.at);
    return found.message.includes(';') ? found : said;
  }
  return said;
}
